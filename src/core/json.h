// Writes one JSON value; commas, quotes and escapes are this class's business.
//
//   Json json;
//   json.object();
//   json.key("total").value(500);
//   json.key("layers").array();  ...  json.end();
//   json.end();
//   json.text();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace teff {

class Json {
 public:
  Json& object() { return open('{', '}'); }
  Json& array() { return open('[', ']'); }
  Json& end();
  Json& key(std::string_view name);

  Json& value(std::string_view text);
  Json& value(const char* text) { return value(std::string_view(text)); }
  Json& value(const std::string& text) { return value(std::string_view(text)); }
  Json& value(bool flag) { return raw(flag ? "true" : "false"); }
  Json& value(double number);  // null where JSON has no word for it (infinity, NaN)
  template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) Json& value(T number) {
    return raw(std::to_string(number));
  }
  Json& null() { return raw("null"); }
  template <class T>
  Json& member(std::string_view name, const T& v) {
    return key(name).value(v);
  }

  const std::string& text() const { return text_; }

 private:
  Json& open(char left, char right);
  Json& raw(std::string_view token);
  void separate();

  std::string text_;
  std::vector<char> closing_;
  bool first_ = true, after_key_ = false;
};

}  // namespace teff
