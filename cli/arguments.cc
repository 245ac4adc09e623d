#include "arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace teff::cli {
namespace {

const Option* find(const CommandSpec& spec, std::string_view name) {
  for (const Option& option : spec.options)
    if (option.name == name) return &option;
  return nullptr;
}

template <class... Args>
[[noreturn]] void wrong(fmt::format_string<Args...> format, Args&&... args) {
  throw UsageError(fmt::format(format, std::forward<Args>(args)...));
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Arguments::Arguments(const CommandSpec& spec, std::span<const char* const> words) {
  bool options_ended = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (options_ended || word.size() < 2 || word[0] != '-') {
      operands_.emplace_back(word);
      continue;
    }
    if (word == "--") {
      options_ended = true;
      continue;
    }
    if (word == "--help" || word == "-h") {
      help_ = true;
      return;
    }
    const size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const Option* option = find(spec, name);
    if (!option) wrong("unknown option {}", name);
    std::string value;
    if (option->value.empty()) {
      if (equals != std::string_view::npos) wrong("{} takes no value", name);
    } else if (equals != std::string_view::npos) {
      value = word.substr(equals + 1);
    } else {
      if (++i == words.size()) wrong("{} needs a value: {} {}", name, name, option->value);
      value = words[i];
    }
    given_.push_back({std::string(name), value});
  }
  if (operands_.size() < spec.least_operands) wrong("{} is missing", spec.operands);
  if (operands_.size() > spec.most_operands)
    wrong("'{}' is one argument too many", operands_[spec.most_operands]);
}

bool Arguments::has(std::string_view option) const { return value(option).has_value(); }

std::optional<std::string> Arguments::value(std::string_view option) const {
  for (auto it = given_.rbegin(); it != given_.rend(); ++it)
    if (it->name == option) return it->value;
  return std::nullopt;
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  std::vector<std::string> all;
  for (const Given& given : given_)
    if (given.name == option) all.push_back(given.value);
  return all;
}

int64_t Arguments::number(std::string_view option, int64_t otherwise, int64_t least, int64_t most) const {
  const auto text = value(option);
  if (!text) return otherwise;
  const auto number = number_in<int64_t>(*text);
  if (!number || *number < least || *number > most)
    wrong("{} {}: a whole number from {} to {} is expected", option, *text, least, most);
  return *number;
}

double Arguments::real(std::string_view option, double otherwise, double least, double most) const {
  const auto text = value(option);
  if (!text) return otherwise;
  const auto number = number_in<double>(*text);
  if (!number || !(*number >= least && *number <= most))
    wrong("{} {}: a number from {} to {} is expected", option, *text, least, most);
  return *number;
}

std::string help_text(const CommandSpec& spec) {
  std::string text = fmt::format("usage: teff {}{}{}{}\n\n{}\n", spec.name, spec.operands.empty() ? "" : " ",
                                 spec.operands, spec.options.empty() ? "" : " [options]", spec.summary);
  size_t width = 0;
  const auto left = [](const Option& o) { return fmt::format("{} {}", o.name, o.value); };
  for (const Option& option : spec.options) width = std::max(width, left(option).size());
  if (!spec.options.empty()) text += "\noptions:\n";
  for (const Option& option : spec.options)
    text += fmt::format("  {:<{}}  {}\n", left(option), width, option.help);
  if (!spec.details.empty()) text += fmt::format("\n{}\n", spec.details);
  return text;
}

std::vector<int64_t> parse_shape(const std::string& text) {
  std::vector<int64_t> shape;
  if (text.empty() || text == "scalar") return shape;
  size_t start = 0;
  while (start <= text.size()) {
    const size_t end = std::min(text.find_first_of("x,", start), text.size());
    const auto extent = number_in<int64_t>(std::string_view(text).substr(start, end - start));
    if (!extent || *extent < 0) wrong("'{}' is not a shape (1x16000 is one)", text);
    shape.push_back(*extent);
    start = end + 1;
  }
  return shape;
}

}  // namespace teff::cli
