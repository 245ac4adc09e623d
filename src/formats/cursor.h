// The little-endian fields of a file: read, never past its end, and written.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// Little-endian fields, appended.
class Output {
 public:
  size_t size() const { return out_.size(); }
  Output& u16(uint16_t value) { return put(&value, sizeof(value)); }
  Output& u32(uint32_t value) { return put(&value, sizeof(value)); }
  Output& bytes(std::span<const std::byte> data) { return put(data.data(), data.size()); }
  Output& text(std::string_view text) { return put(text.data(), text.size()); }
  std::vector<std::byte> take() { return std::move(out_); }

 private:
  Output& put(const void* data, size_t size) {
    const auto* begin = static_cast<const std::byte*>(data);
    out_.insert(out_.end(), begin, begin + size);
    return *this;
  }

  std::vector<std::byte> out_;
};

// Text of a file that nobody has checked, fit for a message.
inline std::string printable(std::string_view text) {
  std::string out(text.substr(0, 40));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace teff
