// For tests of teff compile: networks as C, and the flags that they are compiled with.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "board_run.h"
#include "compilation.h"
#include "core/file.h"
#include "process.h"

namespace teff::cli {

constexpr int kSeconds = 300;  // that a compiler or a network may take
inline const std::vector<std::string> kStrict{"-Wall", "-Wextra", "-pedantic", "-Werror", "-I."};

inline std::string shared() {
  const char* named = std::getenv("TEFF_SHARED");
  return named ? named : TEFF_ROOT "/../shared";
}

inline Compilation compiled(const std::string& model, const char* target, const char* optimize,
                            bool int8_io = false, bool input_rows = false) {
  return compile_for(model, {.target = find_target(target),
                             .optimize = optimize,
                             .sram = {},
                             .int8_io = int8_io,
                             .input_rows = input_rows});
}

// What compiles a written network with its self-test for this machine, under the sanitizers: clang where it
// is there, in half of gcc's time.
inline std::vector<std::string> sanitized_build(const std::string& name) {
  std::vector<std::string> command =
      has_program("clang-19")
          ? std::vector<std::string>{"clang-19", "-mllvm", "-asan-instrumentation-with-call-threshold=0"}
          : std::vector<std::string>{"cc", "--param", "asan-instrumentation-with-call-threshold=0"};
  command.insert(command.end(), {"-std=c99", "-O1", "-ffp-contract=off", "-DTEFF_HOOKED",
                                 "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
                                 // What AddressSanitizer sees too.
                                 "-fno-sanitize=null,object-size,pointer-overflow"});
  command.insert(command.end(), kStrict.begin(), kStrict.end());
  command.insert(command.end(), {"test/test.c", name + ".c", name + "_weights.c", "-lm", "-o", "run"});
  return command;
}

// Builds and runs the self-test, whose arena has exactly its bytes, so that every access outside of it shows.
// Empty: all is well.
inline std::string self_test(const Emitted& emitted) {
  TemporaryDirectory folder;
  write_files(emitted.files, folder.path());
  const Finished built = run_process(sanitized_build(emitted.name), folder.path(), kSeconds);
  if (built.status != 0) return built.err;
  const Finished ran = run_process({folder.path() + "/run"}, folder.path(), kSeconds);
  return ran.status == 0 ? "" : ran.out + ran.err;
}

}  // namespace teff::cli
