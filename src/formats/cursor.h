// Walks over the little-endian fields of a file and never past its end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"

namespace teff {

// Every read that the bytes cannot satisfy throws an Error naming `what` and the offset. Offsets count from
// the first of the bytes that the cursor was given.
class Cursor {
 public:
  Cursor(std::span<const std::byte> bytes, const char* what) : bytes_(bytes), what_(what) {}

  size_t at() const { return at_; }
  size_t left() const { return bytes_.size() - at_; }
  std::span<const std::byte> take(size_t count) {
    check(count <= left(), "the {} ends at byte {}, {} more are needed", what_, bytes_.size(),
          count - left());
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }
  std::string_view text(size_t count) {
    const auto bytes = take(count);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  void skip(size_t count) { take(count); }
  uint16_t u16() { return number<uint16_t>(); }
  uint32_t u32() { return number<uint32_t>(); }

 private:
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  std::span<const std::byte> bytes_;
  const char* what_;
  size_t at_ = 0;
};

// Text of a file that nobody has checked, fit for a message.
inline std::string printable(std::string_view text) {
  std::string out(text.substr(0, 40));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace teff
