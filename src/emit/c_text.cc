#include "emit/c_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.h"

namespace teff {
namespace {

template <class T>
T value_at(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// Words of the language, headers of its library (a folder that is searched for headers would offer ours in
// their place), and what an application calls its own.
bool is_taken(std::string_view name) {
  constexpr std::string_view kTaken[] = {
      "assert",  "auto",    "bool",    "break",     "case",   "char",    "class",    "const",    "continue",
      "ctype",   "default", "delete",  "do",        "double", "else",    "enum",     "errno",    "extern",
      "float",   "for",     "goto",    "if",        "inline", "int",     "iso646",   "limits",   "locale",
      "long",    "main",    "math",    "namespace", "new",    "private", "public",   "register", "return",
      "setjmp",  "short",   "signal",  "signed",    "sizeof", "static",  "stdarg",   "stddef",   "stdint",
      "stdio",   "stdlib",  "string",  "struct",    "switch", "teff",    "template", "test",     "this",
      "time",    "typedef", "union",   "unsigned",  "using",  "virtual", "void",     "volatile", "while",
      "complex", "fenv",    "stdbool", "inttypes",  "wchar",  "tgmath",  "unistd"};
  return std::find(std::begin(kTaken), std::end(kTaken), name) != std::end(kTaken);
}

// Digits that read back as the same number, as a floating literal.
template <class T>
std::string real(T value, const char* suffix) {
  std::string text = fmt::format("{:.{}g}", value, std::numeric_limits<T>::max_digits10);
  if (fmt::format("{}", value).size() < text.size()) text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + suffix;
}

}  // namespace

std::string c_integer(int64_t value) {
  if (value == std::numeric_limits<int32_t>::min()) return "(-2147483647 - 1)";
  if (value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max())
    return std::to_string(value);
  if (value == std::numeric_limits<int64_t>::min()) return "(-INT64_C(9223372036854775807) - 1)";
  return value < 0 ? fmt::format("-INT64_C({})", -value) : fmt::format("INT64_C({})", value);
}

std::string c_float(float value) {
  if (std::isnan(value)) return "__builtin_nanf(\"\")";
  if (std::isinf(value)) return value < 0 ? "-__builtin_inff()" : "__builtin_inff()";
  return real(value, "f");
}

std::string c_double(double value) {
  if (std::isnan(value)) return "__builtin_nan(\"\")";
  if (std::isinf(value)) return value < 0 ? "-__builtin_inf()" : "__builtin_inf()";
  return real(value, "");
}

std::string c_identifier(std::string_view words) {
  std::string name;
  for (char c : words) {
    const bool fine = std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 128;
    if (fine)
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty()) return "model";
  if (std::isdigit(static_cast<unsigned char>(name[0])) || is_taken(name)) return "model_" + name;
  return name;
}

std::string upper(std::string_view words) {
  std::string result;
  for (char c : words) result += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

std::string c_comment(std::string_view words) {
  std::string result;
  for (char c : words) {
    const bool closes = c == '/' && !result.empty() && result.back() == '*';
    const bool opens = c == '*' && !result.empty() && result.back() == '/';
    result += closes || opens ? ' ' : (static_cast<unsigned char>(c) < 32 || c == '\\' || c == '?') ? '.' : c;
  }
  return result;
}

std::string_view c_type(Type type) {
  switch (type) {
    case Type::f32: return "float";
    case Type::f64: return "double";
    case Type::s8: return "int8_t";
    case Type::s16: return "int16_t";
    case Type::u16:
    case Type::f16:
    case Type::bf16: return "uint16_t";
    case Type::s32: return "int32_t";
    case Type::u32: return "uint32_t";
    case Type::s64: return "int64_t";
    case Type::u64: return "uint64_t";
    default: return "uint8_t";
  }
}

std::string c_number(std::string_view type, const std::byte* bytes) {
  if (type == "float") return c_float(value_at<float>(bytes));
  if (type == "double") return c_double(value_at<double>(bytes));
  if (type == "int8_t") return std::to_string(value_at<int8_t>(bytes));
  if (type == "uint8_t") return std::to_string(value_at<uint8_t>(bytes));
  if (type == "int16_t") return std::to_string(value_at<int16_t>(bytes));
  if (type == "uint16_t") return std::to_string(value_at<uint16_t>(bytes));
  if (type == "int32_t") return c_integer(value_at<int32_t>(bytes));
  if (type == "uint32_t") return fmt::format("{}u", value_at<uint32_t>(bytes));
  if (type == "int64_t") return c_integer(value_at<int64_t>(bytes));
  if (type == "uint64_t") return fmt::format("UINT64_C({})", value_at<uint64_t>(bytes));
  fail("{} is not a number in C", type);
}

}  // namespace teff
