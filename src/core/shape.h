// The shape of a tensor: up to kMaxRank extents, outermost first, stored in place.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>

namespace teff {

inline constexpr int kMaxRank = 8;

class Shape {
 public:
  Shape() = default;  // a scalar
  Shape(std::initializer_list<int64_t> extents) {
    for (int64_t e : extents) push_back(e);
  }

  // Throws Error where there are more than kMaxRank extents, a negative one, or more elements than fit in 62
  // bits.
  static Shape checked(std::span<const int64_t> extents);
  static Shape checked(std::span<const int32_t> extents);

  int rank() const { return rank_; }
  int64_t operator[](int axis) const {
    assert(axis >= 0 && axis < rank_);
    return extents_[axis];
  }
  int64_t& operator[](int axis) {
    assert(axis >= 0 && axis < rank_);
    return extents_[axis];
  }
  int64_t back() const { return (*this)[rank_ - 1]; }
  void push_back(int64_t extent) {
    assert(rank_ < kMaxRank);
    extents_[rank_++] = extent;
  }
  void resize(int rank, int64_t fill = 1) {
    assert(rank >= 0 && rank <= kMaxRank);
    for (int i = rank_; i < rank; ++i) extents_[i] = fill;
    rank_ = rank;
  }

  const int64_t* begin() const { return extents_.data(); }
  const int64_t* end() const { return extents_.data() + rank_; }

  int64_t elements() const { return product(0, rank_); }
  // Product of the extents in [first, last): elements before an axis, after it, ...
  int64_t product(int first, int last) const {
    int64_t n = 1;
    for (int i = first; i < last; ++i) n *= extents_[i];
    return n;
  }

  bool operator==(const Shape& other) const {
    if (rank_ != other.rank_) return false;
    for (int i = 0; i < rank_; ++i)
      if (extents_[i] != other.extents_[i]) return false;
    return true;
  }

 private:
  std::array<int64_t, kMaxRank> extents_{};
  int rank_ = 0;
};

std::string to_string(const Shape& shape);  // "1x49x10x1"; "scalar" for rank 0

// Row-major strides in elements.
std::array<int64_t, kMaxRank> strides_of(const Shape& shape);

// numpy's rule; throws Error naming both shapes where they do not fit.
Shape broadcast(const Shape& a, const Shape& b);

}  // namespace teff
