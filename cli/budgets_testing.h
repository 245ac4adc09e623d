// For tests of budgets: a compilation for a board, why one is refused, and the least that the refusal names.
#pragma once

#include <cstdint>
#include <regex>
#include <string>

#include "budgets.h"
#include "compilation.h"
#include "core/error.h"

namespace teff::cli {

inline CompilationOptions options_for(const char* optimize) {
  return {.target = find_target("m7"), .optimize = optimize, .sram = {}, .flash = {}};
}

inline std::string refusal(CompilationOptions options) {
  try {
    compile_within("fashion", options);
  } catch (const Error& error) {
    return error.what();
  }
  return "not refused";
}

inline int64_t least_in(const std::string& message) {
  std::smatch match;
  return std::regex_search(message, match, std::regex("the least is ([0-9]+)")) ? std::stoll(match[1]) : -1;
}

}  // namespace teff::cli
