// Constant bytes with shared ownership: a slice of a mapped file, or a vector of their own.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace teff {

class Bytes {
 public:
  Bytes() = default;
  // A slice of something that `owner` keeps alive (a mapped file).
  Bytes(std::shared_ptr<const void> owner, std::span<const std::byte> bytes)
      : owner_(std::move(owner)), bytes_(bytes) {}

  static Bytes own(std::vector<std::byte> data);
  static Bytes copy(std::span<const std::byte> data);
  template <class T>
  static Bytes of(std::span<const T> values) {
    return copy(std::as_bytes(values));
  }
  template <class T>
  static Bytes of(const std::vector<T>& values) {
    return of(std::span<const T>(values));
  }

  std::span<const std::byte> span() const { return bytes_; }
  const std::byte* data() const { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }
  // False: there are no bytes at all (an empty slice is owned).
  bool owned() const { return owner_ != nullptr; }

  // The same bytes; no bytes at all are not an empty slice.
  friend bool operator==(const Bytes& a, const Bytes& b) {
    return a.owned() == b.owned() && a.size() == b.size() &&
           (a.size() == 0 || std::memcmp(a.data(), b.data(), a.size()) == 0);
  }

  template <class T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }

 private:
  std::shared_ptr<const void> owner_;
  std::span<const std::byte> bytes_;
};

}  // namespace teff
