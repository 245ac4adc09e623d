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

// Runs the self-test, under the sanitizers (which see every access outside of an arena that has exactly its
// bytes) where the network is small.
inline std::string self_test(const Emitted& emitted) {
  TemporaryDirectory folder;
  write_files(emitted.files, folder.path());
  std::vector<std::string> command{
      "cc", "-std=c99", "-O1", "-DTEFF_HOOKED", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
      // What AddressSanitizer sees too, and checks by calls: compiled in a third of the time.
      "-fno-sanitize=null,object-size,pointer-overflow", "--param",
      "asan-instrumentation-with-call-threshold=0"};
  command.insert(command.end(), kStrict.begin(), kStrict.end());
  command.insert(command.end(),
                 {"test/test.c", emitted.name + ".c", emitted.name + "_weights.c", "-lm", "-o", "run"});
  const Finished built = run_process(command, folder.path(), kSeconds);
  if (built.status != 0) return built.err;
  const Finished ran = run_process({folder.path() + "/run"}, folder.path(), kSeconds);
  return ran.status == 0 ? "" : ran.out + ran.err;
}

}  // namespace teff::cli
