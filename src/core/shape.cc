#include "core/shape.h"

#include <algorithm>

#include "core/error.h"

namespace teff {
namespace {

template <class T>
Shape checked_from(std::span<const T> extents) {
  check(extents.size() <= kMaxRank, "a shape of {} dimensions (at most {} are supported)", extents.size(),
        kMaxRank);
  Shape shape;
  int64_t elements = 1;
  for (T extent : extents) {
    check(extent >= 0, "a dimension of {}", extent);
    shape.push_back(extent);
    // An empty tensor may have other extents of any size: their product must stay representable too.
    bool overflow = __builtin_mul_overflow(elements, std::max<int64_t>(extent, 1), &elements);
    check(!overflow && elements < int64_t{1} << 62, "shape {} has more elements than can be counted",
          to_string(shape));
  }
  return shape;
}

}  // namespace

Shape Shape::checked(std::span<const int64_t> extents) { return checked_from(extents); }
Shape Shape::checked(std::span<const int32_t> extents) { return checked_from(extents); }

std::string to_string(const Shape& shape) {
  if (shape.rank() == 0) return "scalar";
  return fmt::format("{}", fmt::join(shape.begin(), shape.end(), "x"));
}

std::array<int64_t, kMaxRank> strides_of(const Shape& shape) {
  std::array<int64_t, kMaxRank> strides{};
  int64_t step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

Shape broadcast(const Shape& a, const Shape& b) {
  Shape result;
  result.resize(std::max(a.rank(), b.rank()));
  for (int axis = 0; axis < result.rank(); ++axis) {
    const int in_a = axis - (result.rank() - a.rank()), in_b = axis - (result.rank() - b.rank());
    const int64_t x = in_a < 0 ? 1 : a[in_a], y = in_b < 0 ? 1 : b[in_b];
    check(x == y || x == 1 || y == 1, "shapes {} and {} cannot be broadcast together", to_string(a),
          to_string(b));
    result[axis] = x == 1 ? y : x;
  }
  return result;
}

}  // namespace teff
