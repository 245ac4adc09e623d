// Zeroed memory of a fixed size at an aligned address: arenas, packed weights, scratch.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace teff {

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  // `alignment`: a power of two. Throws Error naming `size` where that much memory cannot be had.
  explicit AlignedBuffer(size_t size, size_t alignment = 64);
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  size_t size() const { return size_; }
  std::span<std::byte> span() { return {data(), size_}; }
  std::span<const std::byte> span() const { return {data(), size_}; }

 private:
  struct Free {
    void operator()(std::byte* memory) const;
  };
  std::unique_ptr<std::byte, Free> data_;
  size_t size_ = 0;
};

}  // namespace teff
