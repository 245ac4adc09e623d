// The options that say for which machine a network is written, and what there is room for.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "arguments.h"
#include "compilation.h"

namespace teff::cli {

// "320K", "1M", "4096". Throws UsageError, as all of these do.
std::optional<int64_t> bytes_option(const Arguments& arguments, const char* option);

std::string one_of(const Arguments& arguments, const char* option, const char* otherwise,
                   std::initializer_list<std::string_view> words);

const Target& target_named(const std::string& name);

// --target, --optimize, --sram, --flash, --io and --layout; what a board has is its budget.
CompilationOptions compilation_options(const Arguments& arguments);

}  // namespace teff::cli
