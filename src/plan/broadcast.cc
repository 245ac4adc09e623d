#include "plan/broadcast.h"

#include <cassert>
#include <vector>

namespace teff {
namespace {

constexpr size_t kMostOperands = 3;

// Along one axis of the result.
struct Axis {
  int64_t extent = 1;
  int64_t strides[kMostOperands] = {};
};

// From an operand's element to its next one along the result's `axis`.
int64_t stride_along(const Shape& out, const Shape& operand, int axis) {
  const int own = axis - (out.rank() - operand.rank());
  if (own < 0 || (operand[own] == 1 && out[axis] != 1)) return 0;
  return operand.product(own + 1, operand.rank());
}

// Whether every operand goes on from the end of `inner` as `outer` does: the two are one axis.
bool is_continued(const Axis& outer, const Axis& inner) {
  for (size_t k = 0; k < kMostOperands; ++k)
    if (outer.strides[k] != inner.strides[k] * inner.extent) return false;
  return true;
}

std::vector<Axis> merged_axes(const Shape& out, std::initializer_list<Shape> operands) {
  std::vector<Axis> axes;  // innermost first
  for (int i = out.rank() - 1; i >= 0; --i) {
    if (out[i] == 1) continue;
    Axis axis{.extent = out[i]};
    size_t k = 0;
    for (const Shape& operand : operands) axis.strides[k++] = stride_along(out, operand, i);
    if (!axes.empty() && is_continued(axis, axes.back()))
      axes.back().extent *= axis.extent;
    else
      axes.push_back(axis);
  }
  if (axes.empty()) axes.emplace_back();
  return axes;
}

}  // namespace

teff_broadcast broadcast_over(const Shape& out, std::initializer_list<Shape> operands) {
  assert(operands.size() <= kMostOperands);
  const std::vector<Axis> axes = merged_axes(out, operands);
  teff_broadcast result{};
  result.axes = static_cast<int32_t>(axes.size());
  for (size_t i = 0; i < axes.size(); ++i) {
    const Axis& axis = axes[axes.size() - 1 - i];
    result.extent[i] = static_cast<int32_t>(axis.extent);
    result.a[i] = static_cast<int32_t>(axis.strides[0]);
    result.b[i] = static_cast<int32_t>(axis.strides[1]);
    result.c[i] = static_cast<int32_t>(axis.strides[2]);
  }
  return result;
}

}  // namespace teff
