// Operators that give the same elements another shape.
#include <algorithm>

#include "graph/rules.h"

namespace teff {
namespace {

// One extent may be -1: what is left over.
Shape complete(const std::vector<int64_t>& wanted, int64_t elements) {
  Shape shape;
  int open = -1;
  int64_t rest = 1;
  check(wanted.size() <= kMaxRank, "{} dimensions (at most {} are supported)", wanted.size(), kMaxRank);
  for (int64_t extent : wanted) {
    check(extent >= -1 && (extent != -1 || open < 0), "the new shape has an extent of {}", extent);
    if (extent == -1)
      open = shape.rank();
    else
      check(!__builtin_mul_overflow(rest, extent, &rest), "the new shape has too many elements");
    shape.push_back(extent);
  }
  if (open >= 0) {
    check(rest > 0 && elements % rest == 0, "{} elements do not fill the new shape", elements);
    shape[open] = elements / rest;
  }
  check(shape.elements() == elements, "{} elements become {} ({})", elements, shape.elements(),
        to_string(shape));
  return shape;
}

}  // namespace

void infer(const Reshape& op, Inference& node) {
  node.expect(1, 2);
  const int64_t elements = node.shape(0).elements();
  if (node.has(1) && node.knows(1)) return node.set(0, complete(node.integers(1), elements));
  if (node.has(1) || op.new_shape.empty()) {
    node.keep(0);
    return check(node.out().shape.elements() == elements, "{} elements become {}", elements,
                 node.out().shape.elements());
  }
  node.set(0, complete(op.new_shape, elements));
}

void infer(const Squeeze& op, Inference& node) {
  node.expect(1, 1);
  const Shape& in = node.shape(0);
  bool named[kMaxRank] = {};
  for (int64_t dim : op.squeeze_dims) {
    const int axis = Inference::axis(dim, in.rank());
    check(in[axis] == 1, "axis {} of shape {} is to be dropped", axis, to_string(in));
    named[axis] = true;
  }
  Shape out;
  for (int axis = 0; axis < in.rank(); ++axis)
    if (op.squeeze_dims.empty() ? in[axis] != 1 : !named[axis]) out.push_back(in[axis]);
  node.set(0, out);
}

void infer(const ExpandDims&, Inference& node) {
  node.expect(2, 2);
  const Shape& in = node.shape(0);
  const auto axes = node.integers(1);
  check(axes.size() == 1 && in.rank() < kMaxRank, "one axis is expected");
  const int axis = Inference::axis(axes[0], in.rank() + 1);
  Shape out;
  for (int i = 0; i <= in.rank(); ++i) {
    if (i == axis) out.push_back(1);
    if (i < in.rank()) out.push_back(in[i]);
  }
  node.set(0, out);
}

}  // namespace teff
