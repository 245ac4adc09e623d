// Picking by index, and shapes as data.
#include "graph/infer.h"
#include "kernels/c/index.h"
#include "plan/copy.h"
#include "plan/lower.h"

namespace teff {
namespace {

void expect_moved_type(const Lowering& node) {
  if (node.in(0).type != node.out().type) node.unsupported("input and output have to be of one type");
  if (bits_of(node.out().type) < 8) node.unsupported("only types of whole bytes can be picked");
}

void add_gather(Lowering& node, teff_gather_params p) {
  const Shape& out = node.out().shape;
  if (out.elements() == 0) return;
  p.element = bits_of(node.out().type) / 8;
  const int64_t units = out.elements() / p.run;
  const double cost = 8 + p.run * p.element / 16.0;
  if (node.in(1).type == Type::s64)
    node.step(KERNEL_ID(gather_s64), p, units, cost, node.input(0), node.input(1), node.output());
  else
    node.step(KERNEL_ID(gather_s32), p, units, cost, node.input(0), node.input(1), node.output());
}

// The value of the output is known: it is copied from a constant.
void add_known(Lowering& node) {
  const Tensor& out = node.out();
  if (!out.known.owned()) node.unsupported("the output has to be int32 or int64");
  add_copy(node, out.type, box_of(out.shape, out.shape, out.shape), node.constant(out.known), node.output());
}

}  // namespace

void lower(const Gather& op, Lowering& node) {
  expect_moved_type(node);
  const Shape &x = node.in(0).shape, &indices = node.in(1).shape;
  const int axis = Inference::axis(op.axis, x.rank());
  const int batch = op.batch_dims < 0 ? op.batch_dims + indices.rank() : op.batch_dims;
  teff_gather_params p{};
  p.run = static_cast<int32_t>(x.product(axis + 1, x.rank()));
  p.outer = static_cast<int32_t>(x.product(batch, axis));
  p.positions = static_cast<int32_t>(indices.product(batch, indices.rank()));
  p.depth = 1;
  p.block = static_cast<int32_t>(x.product(axis, x.rank()));
  p.extent[0] = static_cast<int32_t>(x[axis]), p.stride[0] = p.run;
  add_gather(node, p);
}

void lower(const GatherNd&, Lowering& node) {
  expect_moved_type(node);
  const Shape &x = node.in(0).shape, &indices = node.in(1).shape;
  const auto depth = static_cast<int>(indices.back());
  const auto strides = strides_of(x);
  teff_gather_params p{};
  p.run = static_cast<int32_t>(x.product(depth, x.rank()));
  p.outer = 1;
  p.positions = static_cast<int32_t>(indices.product(0, indices.rank() - 1));
  p.depth = depth;
  for (int i = 0; i < depth; ++i) {
    p.extent[i] = static_cast<int32_t>(x[i]);
    p.stride[i] = static_cast<int32_t>(strides[static_cast<size_t>(i)]);
  }
  add_gather(node, p);
}

void lower(const ShapeOf&, Lowering& node) { add_known(node); }
void lower(const Rank&, Lowering& node) { add_known(node); }
void lower(const Densify&, Lowering& node) { add_known(node); }

void lower(const BroadcastArgs&, Lowering& node) {
  const teff_broadcast_args_params p{.a_rank = static_cast<int32_t>(node.in(0).shape[0]),
                                     .b_rank = static_cast<int32_t>(node.in(1).shape[0])};
  const auto add = [&](auto kernel) {
    node.step(kernel, p, node.out().shape[0], 1, node.input(0), node.input(1), node.output());
  };
  return node.out().type == Type::s64 ? add(KERNEL_ID(broadcast_args_s64))
                                      : add(KERNEL_ID(broadcast_args_s32));
}

void lower(const RangeOf&, Lowering& node) {
  const teff_sequence_params p{.count = static_cast<int32_t>(node.out().shape[0])};
  const auto add = [&](auto kernel) {
    node.step(kernel, p, p.count, 1, node.input(0), node.input(1), node.input(2), node.output());
  };
  switch (node.out().type) {
    case Type::s32: return add(KERNEL_ID(sequence_s32));
    case Type::s64: return add(KERNEL_ID(sequence_s64));
    case Type::f32: return add(KERNEL_ID(sequence_f32));
    default: node.unsupported("start, limit and delta have to be float32, int32 or int64");
  }
}

}  // namespace teff
