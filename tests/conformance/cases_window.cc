#include <algorithm>

#include "graph/infer.h"
#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

// The types and scales of a convolution, drawn.
struct Convolution {
  Type type, weights, bias;
  Quant x, w;
};

Convolution draw_convolution(CaseBuilder& c, int64_t outputs, int channel_axis, bool four_bits, bool narrow) {
  Convolution v;
  v.type = c.random.pick({Type::f32, Type::s8, Type::s8, Type::s8, Type::s16});
  v.weights = v.type == Type::f32 ? Type::f32 : Type::s8;
  if (v.type == Type::s8 && four_bits && c.chance(0.25)) v.weights = Type::s4;
  v.bias = v.type == Type::f32 ? Type::f32 : Type::s32;
  if (v.type == Type::s16 && !(narrow && c.chance(0.3))) v.bias = Type::s64;
  v.x = c.quant(v.type);
  if (v.type != Type::f32)
    v.w = c.chance(0.6) ? c.per_channel(outputs, channel_axis) : c.symmetric(v.weights);
  return v;
}

TensorId draw_bias(CaseBuilder& c, const Convolution& v, int64_t outputs) {
  if (v.type == Type::f32) return c.constant(v.bias, {outputs});
  return c.constant(v.bias, {outputs}, CaseBuilder::bias_quant(v.x, v.w), {-30000, 30000});
}

TensorId draw_output(CaseBuilder& c, const Convolution& v, int64_t terms, const Shape& shape = {}) {
  const Quant y = c.product_quant(v.type, v.x, v.w, static_cast<double>(terms), v.weights);
  return c.output(v.type, y, shape);
}

template <class Op>
void draw_window(CaseBuilder& c, Op& op) {
  op.padding = c.random.pick({Padding::same, Padding::valid});
  op.stride_h = c.integer(1, 3), op.stride_w = c.chance(0.7) ? op.stride_h : c.integer(1, 3);
  op.activation = c.activation();
}

template <class Op>
void draw_dilation(CaseBuilder& c, Op& op) {
  if (c.chance(0.3)) op.dilation_h = c.integer(1, 3), op.dilation_w = c.integer(1, 3);
}

// An extent that a window of `kernel` fits into, or not.
int64_t image_extent(CaseBuilder& c, int64_t kernel) {
  return c.extent(12) + (c.chance(0.8) ? kernel - 1 : 0);
}
int64_t batch(CaseBuilder& c) { return c.random.pick<int64_t>({1, 1, 1, 2, 3}); }
int64_t kernel_extent(CaseBuilder& c) { return c.random.pick<int64_t>({1, 1, 2, 3, 3, 4, 5, 7}); }

void conv_2d(CaseBuilder& c) {
  const int64_t groups = c.chance(0.8) ? 1 : c.extent(5), channels = c.extent(20),
                outputs = c.extent(20) * groups;
  const int64_t kh = kernel_extent(c), kw = kernel_extent(c);
  const Convolution v = draw_convolution(c, outputs, 0, true, true);
  Conv2D op;
  draw_window(c, op), draw_dilation(c, op);
  op.quantized_bias_type = c.random.pick({Type::s32, Type::s64});
  const Shape x = {batch(c), image_extent(c, kh), image_extent(c, kw), channels * groups};
  std::vector<TensorId> in = {c.input(v.type, x, v.x),
                              c.constant(v.weights, {outputs, kh, kw, channels}, v.w)};
  if (c.chance(0.7)) in.push_back(draw_bias(c, v, outputs));
  c.node(op, in, {draw_output(c, v, kh * kw * channels)});
}

void depthwise_conv_2d(CaseBuilder& c) {
  const int64_t channels = c.extent(33), kh = kernel_extent(c), kw = kernel_extent(c);
  DepthwiseConv2D op;
  draw_window(c, op), draw_dilation(c, op);
  op.depth_multiplier = c.random.pick({1, 1, 1, 2, 3, 8});
  const int64_t outputs = channels * op.depth_multiplier;
  const Convolution v = draw_convolution(c, outputs, 3, true, false);
  const Shape x = {batch(c), image_extent(c, kh), image_extent(c, kw), channels};
  std::vector<TensorId> in = {c.input(v.type, x, v.x), c.constant(v.weights, {1, kh, kw, outputs}, v.w)};
  in.push_back(draw_bias(c, v, outputs));
  c.node(op, in, {draw_output(c, v, kh * kw)});
}

// The extent whose forward convolution gives `in`: with a stride there are several; one is drawn.
int32_t grown(CaseBuilder& c, int64_t in, int64_t kernel, int stride, Padding padding) {
  const int64_t slack = c.integer(0, stride - 1);
  if (padding == Padding::same) return static_cast<int32_t>(std::max<int64_t>(in * stride - slack, 1));
  return static_cast<int32_t>((in - 1) * stride + kernel + slack);
}

template <class Op>
Op draw_transpose_conv(CaseBuilder& c) {
  Op op;
  op.padding = c.random.pick({Padding::same, Padding::valid});
  op.stride_h = c.integer(1, 3), op.stride_w = c.chance(0.7) ? op.stride_h : c.integer(1, 3);
  return op;
}

void transpose_conv(CaseBuilder& c) {
  const int64_t channels = c.extent(12), outputs = c.extent(9), kh = kernel_extent(c), kw = kernel_extent(c);
  auto op = draw_transpose_conv<TransposeConv>(c);
  const Convolution v = draw_convolution(c, outputs, 0, false, false);
  op.activation = c.activation();
  const Shape x = {batch(c), c.extent(7), c.extent(7), channels};
  const int32_t height = grown(c, x[1], kh, op.stride_h, op.padding);
  const int32_t width = grown(c, x[2], kw, op.stride_w, op.padding);
  std::vector<TensorId> in = {
      c.constant({static_cast<int32_t>(x[0]), height, width, static_cast<int32_t>(outputs)}),
      c.constant(v.weights, {outputs, kh, kw, channels}, v.w), c.input(v.type, x, v.x)};
  if (c.chance(0.6)) in.push_back(draw_bias(c, v, outputs));
  c.node(op, in, {draw_output(c, v, channels * kh * kw / (op.stride_h * op.stride_w) + 1)});
}

template <PoolKind kind>
void pool_2d(CaseBuilder& c) {
  const Type type =
      kind == PoolKind::l2 ? Type::f32 : c.random.pick({Type::f32, Type::s8, Type::s8, Type::s16});
  Pool2D op{.kind = kind};
  draw_window(c, op);
  op.filter_height = static_cast<int>(kernel_extent(c)), op.filter_width = static_cast<int>(kernel_extent(c));
  const Quant quant = c.quant(type);
  const Shape x = {batch(c), image_extent(c, op.filter_height), image_extent(c, op.filter_width),
                   c.extent(40)};
  c.node(op, {c.input(type, x, quant)}, {c.output(type, quant)});
}

}  // namespace

void cases_window(Registry& registry) {
  // Sums of large products may cancel, and an activation cuts off what is large.
  constexpr double kOfSums = 5e-4;
  registry.add("CONV_2D", conv_2d, kOfSums);
  registry.add("DEPTHWISE_CONV_2D", depthwise_conv_2d, kOfSums);
  registry.add("TRANSPOSE_CONV", transpose_conv, kOfSums);
  registry.add("AVERAGE_POOL_2D", pool_2d<PoolKind::average>);
  registry.add("MAX_POOL_2D", pool_2d<PoolKind::max>);
  registry.add("L2_POOL_2D", pool_2d<PoolKind::l2>);
}

}  // namespace teff::conformance
