// Picking by index, and shapes as data.
#include <algorithm>

#include "graph/rules.h"
#include "kernels/c/index.h"

namespace teff {

void infer(const Gather& op, Inference& node) {
  node.expect(2, 2);
  const Shape &x = node.shape(0), &indices = node.shape(1);
  const int axis = Inference::axis(op.axis, x.rank());
  const int batch = op.batch_dims < 0 ? op.batch_dims + indices.rank() : op.batch_dims;
  check(batch >= 0 && batch <= axis && batch <= indices.rank(),
        "{} batch dimensions with axis {} and indices {}", op.batch_dims, op.axis, to_string(indices));
  std::vector<int64_t> out;
  for (int i = 0; i < batch; ++i)
    check(x[i] == indices[i], "input {} and indices {} have different batches", to_string(x),
          to_string(indices));
  out.insert(out.end(), x.begin(), x.begin() + axis);
  out.insert(out.end(), indices.begin() + batch, indices.end());
  out.insert(out.end(), x.begin() + axis + 1, x.end());
  node.set(0, Shape::checked(std::span<const int64_t>(out)));
}

void infer(const GatherNd&, Inference& node) {
  node.expect(2, 2);
  node.expect_rank_between(1, 1, kMaxRank);
  const Shape &x = node.shape(0), &indices = node.shape(1);
  check(indices.back() <= x.rank(), "{} indices into {}", indices.back(), to_string(x));
  std::vector<int64_t> out(indices.begin(), indices.end() - 1);
  out.insert(out.end(), x.begin() + indices.back(), x.end());
  node.set(0, Shape::checked(std::span<const int64_t>(out)));
}

void infer(const ShapeOf&, Inference& node) {
  node.expect(1, 1);
  node.set(0, {node.shape(0).rank()});
}

void infer(const Rank&, Inference& node) {
  node.expect(1, 1);
  node.set(0, {});
}

void infer(const BroadcastArgs&, Inference& node) {
  node.expect(2, 2);
  node.expect_rank(0, 1), node.expect_rank(1, 1);
  node.set(0, {std::max(node.shape(0)[0], node.shape(1)[0])});
}

namespace {

int64_t sequence_length(const Inference& node) {
  if (node.in(0).type != Type::f32)
    return teff_sequence_count_s64(node.integers(0)[0], node.integers(1)[0], node.integers(2)[0]);
  const auto value = [&](int i) { return node.in(i).value().as<float>()[0]; };
  return teff_sequence_count_f32(value(0), value(1), value(2));
}

}  // namespace

void infer(const RangeOf&, Inference& node) {
  node.expect(3, 3);
  bool known = true;
  for (int i = 0; i < 3; ++i) {
    check(node.shape(i).elements() == 1, "input {} is not a single number", i);
    check(node.in(i).type == node.in(0).type, "start, limit and delta are of different types");
    known = known && node.knows(i);
  }
  if (!known) {
    node.keep(0);
    return check(node.out().shape.rank() == 1, "the result is not a list");
  }
  const int64_t count = sequence_length(node);
  check(count >= 0, "start, limit and delta do not make a sequence that ends");
  node.set(0, {count});
}

// What the result is, infer_shapes works out too: whatever takes it as a constant may do so.
void infer(const Densify&, Inference& node) {
  node.expect(1, 1);
  check(node.in(0).is_constant(), "the input has to be a constant");
  check(node.in(0).type == node.out().type, "a constant of type {} becomes one of {}",
        name_of(node.in(0).type), name_of(node.out().type));
  node.set(0, node.shape(0));
}

}  // namespace teff
