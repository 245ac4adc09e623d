// For tests of teff compile: networks as C, and the flags that they are compiled with.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "compilation.h"

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

}  // namespace teff::cli
