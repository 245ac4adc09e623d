#include "core/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>

namespace teff {
namespace {

// Length of the well-formed UTF-8 sequence at the front of `text`; 0 where there is none. Overlong forms,
// surrogates and what lies above U+10FFFF are ruled out by the range of the second byte (Unicode, table 3-7).
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  return length;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      if (static_cast<unsigned char>(c) < 0x20)
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
      else
        out += c;
  }
}

// Names come from strangers' files: what is not UTF-8 becomes U+FFFD, so that the output always parses.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0)
      out += "\\ufffd";
    else if (length == 1)
      append_escaped(out, text[0]);
    else
      out += text.substr(0, length);
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  out += '"';
}

}  // namespace

void Json::separate() {
  assert(after_key_ || closing_.empty() || closing_.back() == ']');  // a member of an object needs a key
  assert(!closing_.empty() || text_.empty());                        // one value
  if (!first_ && !after_key_) text_ += ',';
  first_ = after_key_ = false;
}

Json& Json::open(char left, char right) {
  separate();
  text_ += left;
  closing_.push_back(right);
  first_ = true;
  return *this;
}

Json& Json::end() {
  assert(!closing_.empty() && !after_key_);
  text_ += closing_.back();
  closing_.pop_back();
  first_ = false;
  return *this;
}

Json& Json::key(std::string_view name) {
  assert(!closing_.empty() && closing_.back() == '}' && !after_key_);
  if (!first_) text_ += ',';
  append_quoted(text_, name);
  text_ += ':';
  after_key_ = true;
  return *this;
}

Json& Json::value(std::string_view text) {
  separate();
  append_quoted(text_, text);
  return *this;
}

Json& Json::value(double number) { return std::isfinite(number) ? raw(fmt::format("{}", number)) : null(); }

Json& Json::raw(std::string_view token) {
  separate();
  text_ += token;
  return *this;
}

}  // namespace teff
