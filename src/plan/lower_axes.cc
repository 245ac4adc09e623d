// Operators that work along axes.
#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/c/along_axis.h"
#include "kernels/c/reduce.h"
#include "plan/lower.h"
#include "plan/quantize.h"
#include "plan/tables.h"

namespace teff {
namespace {

// A tensor seen as [outer, extent, inner] around one axis.
struct Around {
  int32_t outer, extent, inner;
};

Around around(const Shape& shape, int axis) {
  const auto small = [](int64_t n) { return static_cast<int32_t>(n); };
  return {small(shape.product(0, axis)), small(shape[axis]), small(shape.product(axis + 1, shape.rank()))};
}

Around rows_of(const Tensor& tensor) { return around(tensor.shape, tensor.shape.rank() - 1); }

int axis_of(const Lowering& node, int rank) {
  const int64_t axis = node.integers(1).at(0);
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

// --- reductions ---

// Neighbouring axes that are all reduced, or all kept, become one. Strides of a tensor without elements are
// 0: its address may be null, to which nothing may be added.
teff_reduce_params reduction(const Shape& shape, const std::vector<bool>& reduced) {
  struct Axis {
    int64_t extent, stride;
    bool reduced;
  };
  std::vector<Axis> axes;
  const auto strides = strides_of(shape);
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] == 1) continue;
    if (!axes.empty() && axes.back().reduced == reduced[static_cast<size_t>(i)])
      axes.back().extent *= shape[i], axes.back().stride = strides[static_cast<size_t>(i)];
    else
      axes.push_back({shape[i], strides[static_cast<size_t>(i)], reduced[static_cast<size_t>(i)]});
  }
  teff_reduce_params p{};
  std::fill(std::begin(p.kept.extent), std::end(p.kept.extent), 1);
  std::fill(std::begin(p.reduced.extent), std::end(p.reduced.extent), 1);
  int kept = TEFF_REDUCE_AXES, gone = TEFF_REDUCE_AXES;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    teff_reduce_axes& side = axis->reduced ? p.reduced : p.kept;
    const int at = axis->reduced ? --gone : --kept;
    side.extent[at] = static_cast<int32_t>(axis->extent);
    side.stride[at] = shape.elements() == 0 ? 0 : static_cast<int32_t>(axis->stride);
  }
  return p;
}

struct Reduction {
  teff_reduce_params params;
  int64_t units, count;  // results; elements in each
};

Reduction reduction_of(const Lowering& node) {
  const Shape& shape = node.in(0).shape;
  std::vector<bool> reduced(static_cast<size_t>(shape.rank()));
  int64_t count = 1;
  for (int64_t named : node.integers(1)) {
    if (shape.rank() == 0) break;
    const auto axis = static_cast<size_t>(named < 0 ? named + shape.rank() : named);
    if (!reduced[axis]) count *= shape[static_cast<int>(axis)];
    reduced[axis] = true;
  }
  return {reduction(shape, reduced), node.out().shape.elements(), count};
}

template <class Tag>
void reduce(Tag tag, Lowering& node) {
  const auto [p, units, count] = reduction_of(node);
  node.step(tag, p, units, static_cast<double>(count), node.input(0), node.output());
}

// A mean divides the factor by the number of elements, keeping as many bits as there is room for.
teff_factor divided(teff_factor factor, int64_t count) {
  int shift = 63 - std::countl_zero(static_cast<uint64_t>(count));
  shift = std::min({shift, 32, 31 + factor.shift});
  return {static_cast<int32_t>((int64_t{factor.q} * (int64_t{1} << shift)) / count), factor.shift - shift};
}

template <class Tag>
void reduce_scaled(Tag tag, bool mean, Lowering& node) {
  const Tensor &x = node.in(0), &y = node.out();
  expect_per_tensor(x, "input");
  expect_per_tensor(y, "output");
  const auto [over, units, count] = reduction_of(node);
  teff_reduce_scaled_params p{.over = over};
  if (count > 0) {  // the result of nothing is a stored 0
    p.zero_sum = static_cast<int32_t>(static_cast<uint32_t>(x.quant.zero()) * static_cast<uint32_t>(count));
    p.factor = factor_of(static_cast<double>(x.quant.scale()) / static_cast<double>(y.quant.scale()));
    p.y_zero = y.quant.zero();
    if (mean) p.factor = divided(p.factor, count);
  }
  node.step(tag, p, units, static_cast<double>(count), node.input(0), node.output());
}

void expect_same_quantization(const Lowering& node) {
  check(
      node.in(0).quant.scales == node.out().quant.scales && node.in(0).quant.zeros == node.out().quant.zeros,
      "input and output have to have one scale and zero point");
}

void reduce_mean(Lowering& node) {
  if (node.in(0).type == Type::s8) return reduce_scaled(KERNEL_ID(reduce_scaled_s8), true, node);
  if (node.in(0).type == Type::s16) return reduce_scaled(KERNEL_ID(reduce_scaled_s16), true, node);
  if (node.in(0).type != Type::f32) node.unsupported("a mean is taken of float32, int8 or int16");
  const auto [over, units, count] = reduction_of(node);
  const teff_reduce_mean_f32_params p{.over = over, .count = static_cast<float>(count)};
  node.step(KERNEL_ID(reduce_mean_f32), p, units, static_cast<double>(count), node.input(0), node.output());
}

void reduce_sum(Lowering& node) {
  switch (node.in(0).type) {
    case Type::f32: return reduce(KERNEL_ID(reduce_sum_f32), node);
    case Type::s8: return reduce_scaled(KERNEL_ID(reduce_scaled_s8), false, node);
    case Type::s16: return reduce_scaled(KERNEL_ID(reduce_scaled_s16), false, node);
    case Type::s32: return reduce(KERNEL_ID(reduce_sum_s32), node);
    case Type::s64: return reduce(KERNEL_ID(reduce_sum_s64), node);
    default: node.unsupported("a sum is taken of float32, int8, int16, int32 or int64");
  }
}

void reduce_product(Lowering& node) {
  switch (node.in(0).type) {
    case Type::f32: return reduce(KERNEL_ID(reduce_prod_f32), node);
    case Type::s32: return reduce(KERNEL_ID(reduce_prod_s32), node);
    case Type::s64: return reduce(KERNEL_ID(reduce_prod_s64), node);
    default: node.unsupported("a product is taken of float32, int32 or int64");
  }
}

void reduce_max(Lowering& node) {
  expect_same_quantization(node);
  switch (node.in(0).type) {
    case Type::f32: return reduce(KERNEL_ID(reduce_max_f32), node);
    case Type::s8: return reduce(KERNEL_ID(reduce_max_s8), node);
    case Type::s16: return reduce(KERNEL_ID(reduce_max_s16), node);
    case Type::s32: return reduce(KERNEL_ID(reduce_max_s32), node);
    case Type::s64: return reduce(KERNEL_ID(reduce_max_s64), node);
    default: node.unsupported("a maximum is taken of float32, int8, int16, int32 or int64");
  }
}

void reduce_min(Lowering& node) {
  expect_same_quantization(node);
  switch (node.in(0).type) {
    case Type::f32: return reduce(KERNEL_ID(reduce_min_f32), node);
    case Type::s8: return reduce(KERNEL_ID(reduce_min_s8), node);
    case Type::s16: return reduce(KERNEL_ID(reduce_min_s16), node);
    case Type::s32: return reduce(KERNEL_ID(reduce_min_s32), node);
    case Type::s64: return reduce(KERNEL_ID(reduce_min_s64), node);
    default: node.unsupported("a minimum is taken of float32, int8, int16, int32 or int64");
  }
}

}  // namespace

void lower(const Reduce& op, Lowering& node) {
  switch (op.kind) {
    case ReduceKind::mean: return reduce_mean(node);
    case ReduceKind::sum: return reduce_sum(node);
    case ReduceKind::prod: return reduce_product(node);
    case ReduceKind::max: return reduce_max(node);
    case ReduceKind::min: return reduce_min(node);
    case ReduceKind::any:
    case ReduceKind::all:
      if (node.in(0).type != Type::boolean) node.unsupported("the input has to be bool");
      return op.kind == ReduceKind::any ? reduce(KERNEL_ID(reduce_any), node)
                                        : reduce(KERNEL_ID(reduce_all), node);
  }
}

void lower(const ArgReduce& op, Lowering& node) {
  const Shape& shape = node.in(0).shape;
  const auto [outer, extent, inner] = around(shape, axis_of(node, shape.rank()));
  const teff_along_axis_params p{.extent = extent, .inner = inner, .flag_a = op.kind == ArgKind::min};
  const auto arg = [&](auto narrow, auto wide) {
    const auto step = [&](auto kernel) {
      node.step(kernel, p, node.out().shape.elements(), p.extent, node.input(0), node.output());
    };
    node.out().type == Type::s64 ? step(wide) : step(narrow);
  };
  switch (node.in(0).type) {
    case Type::f32: return arg(KERNEL_ID(arg_f32), KERNEL_ID(arg_f32_s64));
    case Type::s8: return arg(KERNEL_ID(arg_s8), KERNEL_ID(arg_s8_s64));
    case Type::s16: return arg(KERNEL_ID(arg_s16), KERNEL_ID(arg_s16_s64));
    case Type::s32: return arg(KERNEL_ID(arg_s32), KERNEL_ID(arg_s32_s64));
    default: node.unsupported("the input has to be float32, int8, int16 or int32");
  }
}

void lower(const CumSum& op, Lowering& node) {
  const Tensor &x = node.in(0), &y = node.out();
  const auto [outer, extent, inner] = around(x.shape, axis_of(node, x.shape.rank()));
  const teff_along_axis_params along{
      .extent = extent, .inner = inner, .flag_a = op.exclusive, .flag_b = op.reverse};
  const int64_t lines = x.shape.elements() > 0 ? int64_t{outer} * inner : 0;
  const auto plain = [&](auto kernel) {
    node.step(kernel, along, lines, extent, node.input(0), node.output());
  };
  if (x.type == Type::f32) return plain(KERNEL_ID(cumsum_f32));
  if (x.type == Type::s32) return plain(KERNEL_ID(cumsum_s32));
  if (x.type == Type::s64) return plain(KERNEL_ID(cumsum_s64));
  if (x.type != Type::s8) node.unsupported("the input has to be float32, int8, int32 or int64");
  expect_per_tensor(x, "input");
  expect_per_tensor(y, "output");
  const double twice = 2 * static_cast<double>(x.quant.scale());
  const double out = twice / ((1 << 20) * static_cast<double>(y.quant.scale()));
  const teff_cumsum_s8_params p{.along = along,
                                .x_zero = x.quant.zero(),
                                .y_zero = y.quant.zero(),
                                .in = factor_of(static_cast<double>(x.quant.scale()) / twice),
                                .out = factor_of(out)};
  node.step(KERNEL_ID(cumsum_s8), p, lines, extent, node.input(0), node.output());
}

void lower(const L2Normalization& op, Lowering& node) {
  if (op.activation != Activation::none) fail("an activation cannot be fused into this operator");
  const auto [rows, depth, inner] = rows_of(node.in(0));
  const teff_along_axis_params p{.extent = depth, .inner = 1, .flag_a = node.in(0).quant.zero()};
  const auto step = [&](auto kernel) {
    node.step(kernel, p, depth > 0 ? rows : 0, depth, node.input(0), node.output());
  };
  if (node.in(0).type == Type::f32) return step(KERNEL_ID(l2_normalize_f32));
  if (node.in(0).type == Type::s8) return step(KERNEL_ID(l2_normalize_s8));
  node.unsupported("the input has to be float32 or int8");
}

}  // namespace teff
