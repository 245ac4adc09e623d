// Operators that work along axes.
#include "graph/rules.h"

namespace teff {
namespace {

void same_shape(Inference& node) { node.set(0, node.shape(0)); }

}  // namespace

void infer(const Softmax&, Inference& node) {
  node.expect(1, 1);
  node.expect_rank_between(0, 1, kMaxRank);
  same_shape(node);
}

void infer(const LogSoftmax&, Inference& node) {
  node.expect(1, 1);
  node.expect_rank_between(0, 1, kMaxRank);
  same_shape(node);
}

void infer(const L2Normalization&, Inference& node) {
  node.expect(1, 1);
  node.expect_rank_between(0, 1, kMaxRank);
  same_shape(node);
}

void infer(const Reduce& op, Inference& node) {
  node.expect(2, 2);
  const Shape& in = node.shape(0);
  bool reduced[kMaxRank] = {};
  for (int64_t axis : node.integers(1))
    if (in.rank() > 0) reduced[Inference::axis(axis, in.rank())] = true;
  Shape out;
  for (int axis = 0; axis < in.rank(); ++axis) {
    if (!reduced[axis])
      out.push_back(in[axis]);
    else if (op.keep_dims)
      out.push_back(1);
  }
  node.set(0, out);
}

void infer(const ArgReduce&, Inference& node) {
  node.expect(2, 2);
  const Shape& in = node.shape(0);
  const auto axes = node.integers(1);
  check(axes.size() == 1, "{} axes where one is expected", axes.size());
  const int axis = Inference::axis(axes[0], in.rank());
  check(in[axis] > 0, "axis {} of shape {} has no elements", axis, to_string(in));
  Shape out;
  for (int i = 0; i < in.rank(); ++i)
    if (i != axis) out.push_back(in[i]);
  node.set(0, out);
}

void infer(const CumSum&, Inference& node) {
  node.expect(2, 2);
  const auto axes = node.integers(1);
  check(axes.size() == 1, "{} axes where one is expected", axes.size());
  Inference::axis(axes[0], node.shape(0).rank());
  same_shape(node);
}

}  // namespace teff
