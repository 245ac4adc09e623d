#include "emit/c_headers.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "core/crc32.h"
#include "core/error.h"

namespace teff {
namespace {

const std::vector<EmbeddedText>& kernel_headers() {
  static const std::vector<EmbeddedText> texts = {
#include "kernel_headers.inc"
  };
  return texts;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Without comments, lines that go on joined.
std::string plain(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (text.substr(i, 2) == "/*") {
      i = std::min(text.find("*/", i), text.size() - 2) + 1;
    } else if (text.substr(i, 2) == "\\\n") {
      ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\n") - first + 1));
}

// The word that begins at i.
std::string word_at(const std::string& text, size_t i) {
  size_t end = i;
  while (end < text.size() && is_word(text[end])) ++end;
  return text.substr(i, end - i);
}

bool begins_word(const std::string& text, size_t i) {
  return (std::isalpha(static_cast<unsigned char>(text[i])) || text[i] == '_') &&
         (i == 0 || !is_word(text[i - 1]));
}

size_t skip_space(const std::string& text, size_t i) {
  while (i < text.size() && std::isspace(static_cast<unsigned char>(text[i]))) ++i;
  return i;
}

// Of "const int8_t* x": "x".
std::string last_word(const std::string& text) { return text.substr(text.find_last_of(" *\n") + 1); }

// What stands between the parenthesis at i and its partner, split at commas; i moves behind the partner.
std::vector<std::string> arguments_at(const std::string& text, size_t& i) {
  std::vector<std::string> arguments(1);
  int depth = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(' && depth++ == 0) continue;
    if (c == ')' && --depth == 0) break;
    if (c == ',' && depth == 1)
      arguments.emplace_back();
    else
      arguments.back() += c;
  }
  i = std::min(i + 1, text.size());
  for (std::string& argument : arguments) argument = trimmed(argument);
  return arguments;
}

std::string paste(const std::string& text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "##") != 0) {
      result += text[i];
      continue;
    }
    while (!result.empty() && std::isspace(static_cast<unsigned char>(result.back()))) result.pop_back();
    i = skip_space(text, i + 2) - 1;
  }
  return result;
}

std::string expand(const std::vector<std::string>& parameters, const std::string& body,
                   const std::vector<std::string>& arguments) {
  std::string result;
  for (size_t i = 0; i < body.size();) {
    if (!begins_word(body, i)) {
      result += body[i++];
      continue;
    }
    const std::string word = word_at(body, i);
    const auto found = std::find(parameters.begin(), parameters.end(), word);
    const auto index = static_cast<size_t>(found - parameters.begin());
    result += index < arguments.size() && index < parameters.size() ? arguments[index] : word;
    i += word.size();
  }
  return paste(result);
}

struct Number {
  std::string_view name;
  size_t bytes;
};
constexpr Number kNumbers[] = {{"int8_t", 1},   {"uint8_t", 1},  {"int16_t", 2}, {"uint16_t", 2},
                               {"int32_t", 4},  {"uint32_t", 4}, {"float", 4},   {"int64_t", 8},
                               {"uint64_t", 8}, {"double", 8}};

const Number* number_named(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kNumbers), std::end(kNumbers), [&](const Number& n) { return n.name == name; });
  return found == std::end(kNumbers) ? nullptr : found;
}

}  // namespace

const CHeaders& CHeaders::kernels() {
  static const CHeaders headers(kernel_headers());
  return headers;
}

CHeaders::CHeaders(const std::vector<EmbeddedText>& headers) {
  for (const EmbeddedText& header : headers) texts_[std::string(header.name)] = header.text;
  for (const EmbeddedText& header : headers)
    if (header.name != "all.h") read(std::string(header.name));
}

const CStruct* CHeaders::find_struct(std::string_view name) const {
  const auto found = structs_.find(name);
  return found == structs_.end() ? nullptr : &found->second;
}

size_t CHeaders::bytes_of(std::string_view type) const {
  if (const Number* number = number_named(type)) return number->bytes;
  const CStruct* known = find_struct(type);
  check(known != nullptr, "no header of the kernels defines {}", type);
  return known->bytes;
}

size_t CHeaders::alignment_of(std::string_view type) const {
  if (const Number* number = number_named(type)) return number->bytes;
  const CStruct* known = find_struct(type);
  check(known != nullptr, "no header of the kernels defines {}", type);
  return known->alignment;
}

std::string_view CHeaders::header_of_kernel(std::string_view name) const {
  const auto found = functions_.find("teff_" + std::string(name));
  return found == functions_.end() ? std::string_view() : found->second.header;
}

const std::vector<std::string>& CHeaders::parameters_of_kernel(std::string_view name) const {
  const auto found = functions_.find("teff_" + std::string(name));
  check(found != functions_.end(), "no header defines the kernel {}", name);
  return found->second.parameters;
}

std::string_view CHeaders::header_of_struct(std::string_view name) const {
  const auto found = struct_headers_.find(name);
  return found == struct_headers_.end() ? std::string_view() : found->second;
}

std::string_view CHeaders::text(std::string_view header) const {
  const auto found = texts_.find(header);
  check(found != texts_.end(), "there is no kernel header {}", header);
  return found->second;
}

std::vector<std::string> CHeaders::with_includes(const std::vector<std::string>& headers) const {
  std::vector<std::string> result;
  for (const std::string& header : headers) {
    if (std::find(result.begin(), result.end(), header) != result.end()) continue;
    const auto found = includes_.find(header);
    check(found != includes_.end(), "there is no kernel header {}", header);
    for (const std::string& inner : with_includes(found->second))
      if (std::find(result.begin(), result.end(), inner) == result.end()) result.push_back(inner);
    result.push_back(header);
  }
  return result;
}

// --- reading ---

// Once, after what it includes: macros of those are known then.
void CHeaders::read(const std::string& header) {
  if (includes_.contains(header) || !texts_.contains(header)) return;
  includes_[header];
  std::string code;
  const std::string text = plain(texts_[header]);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = trimmed(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
    if (line.starts_with("#"))
      read_directive(header, line);
    else
      code += line + "\n";
  }
  find_structs(header, code);
  find_functions(header, code, 0);
}

void CHeaders::read_directive(const std::string& header, const std::string& line) {
  const std::string directive = trimmed(std::string_view(line).substr(1));
  if (directive.starts_with("include \"")) {
    const std::string name = directive.substr(9, directive.find('"', 9) - 9);
    includes_[header].push_back(name);
    read(name);
  }
  if (!directive.starts_with("define ")) return;
  size_t i = skip_space(directive, 7);
  const std::string name = word_at(directive, i);
  i += name.size();
  if (i < directive.size() && directive[i] == '(') {
    Macro macro{.parameters = arguments_at(directive, i), .body = {}};
    macro.body = directive.substr(i);
    macros_[name] = macro;
    return;
  }
  if (const auto value = number_of(trimmed(std::string_view(directive).substr(i)))) numbers_[name] = *value;
}

// What extents of arrays are: 8, NAME, (2 * NAME - 2).
std::optional<int> CHeaders::number_of(const std::string& expression) const {
  int sum = 0, product = 0;
  char operation = '+';
  for (size_t i = 0; i < expression.size();) {
    const char c = expression[i];
    if (!is_word(c)) {
      if (std::string_view(" ()+-*").find(c) == std::string_view::npos) return {};
      if (c == '+' || c == '-' || c == '*') operation = c;
      ++i;
      continue;
    }
    const std::string word = word_at(expression, i);
    i += word.size();
    const auto known = numbers_.find(word);
    const bool digits = word.size() < 10 && std::all_of(word.begin(), word.end(), ::isdigit);
    if (!digits && known == numbers_.end()) return {};
    const int number = digits ? std::stoi(word) : known->second;
    if (operation != '*') sum += product;
    product = operation == '*' ? product * number : operation == '-' ? -number : number;
  }
  return expression.empty() ? std::nullopt : std::optional(sum + product);
}

void CHeaders::find_functions(const std::string& header, const std::string& text, int depth) {
  constexpr int kDeepest = 20;  // macros that use each other
  check(depth < kDeepest, "macros of {} use each other too deeply", header);
  for (size_t i = 0; i < text.size();) {
    if (!begins_word(text, i)) {
      ++i;
      continue;
    }
    const std::string word = word_at(text, i);
    i += word.size();
    if (word == "TEFF_KERNEL") {
      // A type, perhaps of several words, and the name before the parenthesis.
      size_t open = std::min(text.find('(', i), text.size());
      Function function{.header = header, .parameters = arguments_at(text, open)};
      for (std::string& parameter : function.parameters) parameter = last_word(parameter);
      functions_.emplace(last_word(trimmed(std::string_view(text).substr(i, text.find('(', i) - i))),
                         function);
      continue;
    }
    const auto macro = macros_.find(word);
    if (macro == macros_.end() || skip_space(text, i) >= text.size() || text[skip_space(text, i)] != '(')
      continue;
    const auto arguments = arguments_at(text, i);
    find_functions(header, expand(macro->second.parameters, macro->second.body, arguments), depth + 1);
  }
}

// typedef struct NAME { TYPE a, b[N]; ... } NAME; those with pointers and the like are of no interest:
// parameters and constants have none.
void CHeaders::find_structs(const std::string& header, const std::string& text) {
  constexpr std::string_view kBegin = "typedef struct ";
  for (size_t at = text.find(kBegin); at != std::string::npos; at = text.find(kBegin, at + 1)) {
    const std::string name = word_at(text, at + kBegin.size());
    const size_t open = text.find('{', at), close = text.find('}', at);
    CStruct result;
    bool plain = true;
    for (size_t i = skip_space(text, open + 1); i < close; i = skip_space(text, i)) {
      const size_t end = text.find(';', i);
      std::string type = word_at(text, i);
      i += type.size();
      if (type == "struct") i = skip_space(text, i), type = word_at(text, i), i += type.size();
      plain = (number_named(type) || find_struct(type)) && text.find('*', i) > end;
      if (!plain) break;
      while (i < end) {
        i = skip_space(text, i);
        CField field{.type = type, .name = word_at(text, i)};
        i = skip_space(text, i + field.name.size());
        if (text[i] == '[') {
          const std::string extent = text.substr(i + 1, text.find(']', i) - i - 1);
          const auto number = number_of(extent);
          check(number.has_value(), "{}: what is '{}', the extent of {}?", header, extent, field.name);
          field.elements = *number;
          field.is_array = true;
          i = text.find(']', i) + 1;
        }
        const size_t alignment = alignment_of(type);
        result.bytes = (result.bytes + alignment - 1) / alignment * alignment +
                       bytes_of(type) * static_cast<size_t>(field.elements);
        result.alignment = std::max(result.alignment, alignment);
        result.fields.push_back(field);
        i = std::min(text.find_first_of(",;", i), end) + 1;
      }
    }
    if (!plain) continue;
    result.bytes = (result.bytes + result.alignment - 1) / result.alignment * result.alignment;
    structs_[name] = result;
    struct_headers_[name] = header;
  }
}

uint32_t CHeaders::version() const {
  uint32_t crc = 0;
  for (const auto& [name, text] : texts_) crc = crc32(std::as_bytes(std::span(text)), crc);
  return crc;
}

}  // namespace teff
