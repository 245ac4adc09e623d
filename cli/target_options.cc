#include "target_options.h"

#include <fmt/format.h>

#include <algorithm>

namespace teff::cli {
namespace {

std::string names() {
  std::string names;
  for (const Target& target : targets()) names += fmt::format(" {}", target.name);
  return names;
}

}  // namespace

std::optional<int64_t> bytes_option(const Arguments& arguments, const char* option) {
  const auto text = arguments.value(option);
  if (!text) return {};
  size_t digits = 0;
  while (digits < text->size() && std::isdigit(static_cast<unsigned char>((*text)[digits]))) ++digits;
  const std::string unit = text->substr(digits);
  const int64_t factor = unit.empty()                 ? 1
                         : unit == "K" || unit == "k" ? 1024
                         : unit == "M" || unit == "m" ? 1 << 20
                                                      : 0;
  if (digits == 0 || digits > 10 || factor == 0)
    throw UsageError(
        fmt::format("{} takes a number of bytes, like 65536, 64K or 1M, not '{}'", option, *text));
  return std::stoll(text->substr(0, digits)) * factor;
}

std::string one_of(const Arguments& arguments, const char* option, const char* otherwise,
                   std::initializer_list<std::string_view> words) {
  const std::string word = arguments.value(option).value_or(otherwise);
  if (std::find(words.begin(), words.end(), word) == words.end())
    throw UsageError(fmt::format("{} is one of {}, not '{}'", option, fmt::join(words, ", "), word));
  return word;
}

const Target& target_named(const std::string& name) {
  const Target* target = find_target(name);
  if (!target) throw UsageError(fmt::format("there is no target '{}'; there are{}", name, names()));
  return *target;
}

CompilationOptions compilation_options(const Arguments& arguments) {
  const auto target = arguments.value("--target");
  if (!target) throw UsageError("--target NAME says for which machine:" + names());
  CompilationOptions options{.target = &target_named(*target)};
  options.optimize = one_of(arguments, "--optimize", "speed", {"speed", "sram", "flash"});
  options.sram = bytes_option(arguments, "--sram");
  if (!options.sram && options.target->sram_bytes() > 0) options.sram = options.target->sram_bytes();
  options.flash = bytes_option(arguments, "--flash");
  if (!options.flash && options.target->flash > 0) options.flash = options.target->flash;
  options.int8_io = one_of(arguments, "--io", "model", {"model", "int8"}) == "int8";
  options.input_rows = arguments.has("--input-rows");
  const std::string layout = one_of(arguments, "--layout", "plain", {"plain", "arduino", "zephyr"});
  options.layout = layout == "arduino"  ? EmitLayout::arduino
                   : layout == "zephyr" ? EmitLayout::zephyr
                                        : EmitLayout::plain;
  return options;
}

}  // namespace teff::cli
