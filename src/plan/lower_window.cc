#include <algorithm>
#include <cmath>

#include "graph/infer.h"
#include "kernels/c/conv2d.h"
#include "kernels/c/depthwise_conv2d.h"
#include "kernels/c/pool2d.h"
#include "kernels/c/transpose_conv2d.h"
#include "plan/copy.h"
#include "plan/lower.h"
#include "plan/quantize.h"
#include "plan/weights.h"

namespace teff {
namespace {

int64_t pixels_of(const Shape& y) { return y[0] * y[1] * y[2]; }

template <class Op>
teff_window window_of(const Op& op, const Shape& x, const Shape& y, int64_t kernel_h, int64_t kernel_w,
                      int64_t dilation_h = 1, int64_t dilation_w = 1) {
  const auto pad = [&op](int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int before,
                         int after) {
    return int32_of(window_axis(in, kernel, stride, dilation, op.padding, before, after).pad_before);
  };
  const Pads& p = op.pads;
  return {.in_h = int32_of(x[1]),
          .in_w = int32_of(x[2]),
          .channels = int32_of(x[3]),
          .out_h = int32_of(y[1]),
          .out_w = int32_of(y[2]),
          .kernel_h = int32_of(kernel_h),
          .kernel_w = int32_of(kernel_w),
          .stride_h = int32_of(op.stride_h),
          .stride_w = int32_of(op.stride_w),
          .dilation_h = int32_of(dilation_h),
          .dilation_w = int32_of(dilation_w),
          .pad_top = pad(x[1], kernel_h, op.stride_h, dilation_h, p.top, p.bottom),
          .pad_left = pad(x[2], kernel_w, op.stride_w, dilation_w, p.left, p.right)};
}

void expect_same_type(Lowering& node, int x, const char* what) {
  if (node.in(x).type != node.out().type) node.unsupported(what);
}

// --- convolution ---

constexpr const char* kConvolutionTypes =
    "supported are float32 (weights of any type), int8 with int8 or int4 weights, int16 with int8 weights";

teff_conv2d_params conv2d_params(const Conv2D& op, Lowering& node, const teff_requantize& result) {
  const Shape &x = node.in(0).shape, &w = node.in(1).shape, &y = node.out().shape;
  return {.window = window_of(op, x, y, w[1], w[2], op.dilation_h, op.dilation_w),
          .groups = int32_of(x[3] / w[3]),
          .outputs = int32_of(w[0]),
          .x_zero = node.in(0).quant.zero(),
          .result = result};
}

void lower_integer(const Conv2D& op, Lowering& node) {
  const Shape &w = node.in(1).shape, &y = node.out().shape;
  const auto [result, factors] = requantization(node, 0, 1, 2, w[0], op.activation, op.quantized_bias_type);
  const teff_conv2d_params p = conv2d_params(op, node, result);
  const int64_t taps = w.product(1, 4);
  const Operand weights = weights_s8(node, 1), patches = node.scratch(2 * 2 * taps);
  const double cost = static_cast<double>(taps * w[0]);
  if (node.in(0).type == Type::s8) {
    node.step(KERNEL_ID(conv2d_s8), p, pixels_of(y), cost, node.input(0), weights, node.input(2), factors,
              node.output(), patches);
  } else {
    node.step(KERNEL_ID(conv2d_s16), p, pixels_of(y), cost, node.input(0), weights, bias_s64(node, 2),
              factors, node.output(), patches);
  }
}

// Float weights [outputs, taps] as [groups, taps, outputs of a group]: rearranged now where they are known,
// or else by a step.
Operand outputs_innermost(Lowering& node, int i, int64_t groups, int64_t outputs, int64_t taps) {
  if (node.in(i).type == Type::f32 && !node.in(i).value().owned()) {
    const Operand result = node.temporary(Type::f32, groups * outputs * taps);
    const Box box{.axes = {{.extent = groups, .from = outputs * taps, .to = outputs * taps},
                           {.extent = taps, .from = 1, .to = outputs},
                           {.extent = outputs, .from = taps, .to = 1}}};
    add_copy(node, Type::f32, box, node.input(i), result);
    return result;
  }
  const std::vector<float> w = node.floats(i);
  std::vector<float> result(w.size());
  auto to = result.begin();
  for (int64_t g = 0; g < groups; ++g)
    for (int64_t t = 0; t < taps; ++t)
      for (int64_t o = 0; o < outputs; ++o) *to++ = w[static_cast<size_t>((g * outputs + o) * taps + t)];
  return node.constant(result);
}

void lower_f32(const Conv2D& op, Lowering& node) {
  const Shape &x = node.in(0).shape, &w = node.in(1).shape, &y = node.out().shape;
  const auto [lo, hi] = activation_range(op.activation);
  const int64_t groups = x[3] / w[3], taps = w.product(1, 4);
  const teff_conv2d_f32_params p{.window = window_of(op, x, y, w[1], w[2], op.dilation_h, op.dilation_w),
                                 .groups = int32_of(groups),
                                 .outputs = int32_of(w[0]),
                                 .lo = lo,
                                 .hi = hi};
  const Operand weights = outputs_innermost(node, 1, groups, w[0] / groups, taps);
  node.step(KERNEL_ID(conv2d_f32), p, pixels_of(y), static_cast<double>(taps * w[0]), node.input(0), weights,
            weights_f32(node, 2), node.output(), node.scratch(4 * taps));
}

// --- depthwise convolution ---

void lower_integer(const DepthwiseConv2D& op, Lowering& node) {
  const Tensor& x = node.in(0);
  const Shape &w = node.in(1).shape, &y = node.out().shape;
  const auto [result, factors] = requantization(node, 0, 1, 2, w[3], op.activation);
  const teff_depthwise_conv2d_params p{
      .window = window_of(op, x.shape, y, w[1], w[2], op.dilation_h, op.dilation_w),
      .multiplier = int32_of(w[3] / x.shape[3]),
      .x_zero = x.quant.zero(),
      .result = result};
  const Operand weights = weights_s8(node, 1);
  const double cost = static_cast<double>(w.elements());
  if (x.type == Type::s8) {
    node.step(KERNEL_ID(depthwise_conv2d_s8), p, pixels_of(y), cost, node.input(0), weights, node.input(2),
              factors, node.output(), node.scratch(4 * w[3]));
  } else {
    node.step(KERNEL_ID(depthwise_conv2d_s16), p, pixels_of(y), cost, node.input(0), weights,
              bias_s64(node, 2), factors, node.output(), node.scratch(8 * w[3]));
  }
}

void lower_f32(const DepthwiseConv2D& op, Lowering& node) {
  const Shape &x = node.in(0).shape, &w = node.in(1).shape, &y = node.out().shape;
  const auto [lo, hi] = activation_range(op.activation);
  const teff_depthwise_conv2d_f32_params p{
      .window = window_of(op, x, y, w[1], w[2], op.dilation_h, op.dilation_w),
      .multiplier = int32_of(w[3] / x[3]),
      .lo = lo,
      .hi = hi};
  node.step(KERNEL_ID(depthwise_conv2d_f32), p, pixels_of(y), static_cast<double>(w.elements()),
            node.input(0), weights_f32(node, 1), weights_f32(node, 2), node.output());
}

// --- transposed convolution ---

// The padding is that of a window which would make the input out of the output.
template <class Op>
teff_spread spread_of(const Op& op, const Shape& x, const Shape& w, const Shape& y) {
  const auto pad = [&op](int64_t out, int64_t kernel, int64_t stride) {
    return int32_of(window_axis(out, kernel, stride, 1, op.padding).pad_before);
  };
  return {.in_h = int32_of(x[1]),
          .in_w = int32_of(x[2]),
          .channels = int32_of(x[3]),
          .out_h = int32_of(y[1]),
          .out_w = int32_of(y[2]),
          .outputs = int32_of(y[3]),
          .kernel_h = int32_of(w[1]),
          .kernel_w = int32_of(w[2]),
          .stride_h = op.stride_h,
          .stride_w = op.stride_w,
          .pad_top = pad(y[1], w[1], op.stride_h),
          .pad_left = pad(y[2], w[2], op.stride_w)};
}

double spread_cost(const teff_spread& s) {
  return static_cast<double>(s.channels) * s.outputs * (s.kernel_h / s.stride_h + 1) *
         (s.kernel_w / s.stride_w + 1);
}

void lower_integer(const TransposeConv& op, Lowering& node) {
  const Tensor& x = node.in(2);
  const Shape &w = node.in(1).shape, &y = node.out().shape;
  const auto [result, factors] = requantization(node, 2, 1, 3, w[0], op.activation);
  const teff_transpose_conv2d_params p{
      .spread = spread_of(op, x.shape, w, y), .x_zero = x.quant.zero(), .result = result};
  const Operand weights = weights_s8(node, 1), centred = node.scratch(2 * w[3]);
  if (x.type == Type::s8) {
    node.step(KERNEL_ID(transpose_conv2d_s8), p, pixels_of(y), spread_cost(p.spread), node.input(2), weights,
              node.input(3), factors, node.output(), centred, node.scratch(4 * w[0]));
  } else {
    node.step(KERNEL_ID(transpose_conv2d_s16), p, pixels_of(y), spread_cost(p.spread), node.input(2), weights,
              bias_s64(node, 3), factors, node.output(), centred, node.scratch(8 * w[0]));
  }
}

template <class Op>
void lower_spread_f32(const Op& op, Lowering& node, int x, int bias, Activation activation) {
  const Shape &w = node.in(1).shape, &y = node.out().shape;
  const auto [lo, hi] = activation_range(activation);
  const teff_transpose_conv2d_f32_params p{
      .spread = spread_of(op, node.in(x).shape, w, y), .lo = lo, .hi = hi};
  node.step(KERNEL_ID(transpose_conv2d_f32), p, pixels_of(y), spread_cost(p.spread), node.input(x),
            outputs_innermost(node, 1, 1, w[0], w.product(1, 4)), weights_f32(node, bias), node.output());
}

void lower_f32(const TransposeConv& op, Lowering& node) { lower_spread_f32(op, node, 2, 3, op.activation); }

template <class Op>
void lower_convolution(const Op& op, Lowering& node, int x) {
  expect_same_type(node, x, kConvolutionTypes);
  switch (node.in(x).type) {
    case Type::f32: return lower_f32(op, node);
    case Type::s8:
    case Type::s16: return lower_integer(op, node);
    default: node.unsupported(kConvolutionTypes);
  }
}

// --- pooling ---

constexpr const char* kPoolTypes =
    "supported are float32, and for average and maximum int8 and int16 too, the output like the input";

// Nothing is rescaled, so what comes in has to mean what goes out.
void expect_same_quantization(const Tensor& x, const Tensor& y) {
  expect_per_tensor(x, "input");
  expect_per_tensor(y, "output");
  check(std::abs(x.quant.scale() - y.quant.scale()) <= 1e-6f && x.quant.zero() == y.quant.zero(),
        "input and output of a pooling operator need the same scale and zero point");
}

void lower_f32(const Pool2D& op, Lowering& node, const teff_window& window, int64_t units, double cost) {
  const auto [lo, hi] = activation_range(op.activation);
  const teff_pool2d_f32_params p{.window = window, .lo = lo, .hi = hi};
  const auto sum = [&](auto kernel) {
    node.step(kernel, p, units, cost, node.input(0), node.output(), node.scratch(4 * node.out().shape[3]));
  };
  switch (op.kind) {
    case PoolKind::average: return sum(KERNEL_ID(average_pool2d_f32));
    case PoolKind::max:
      return node.step(KERNEL_ID(max_pool2d_f32), p, units, cost, node.input(0), node.output());
    case PoolKind::l2: return sum(KERNEL_ID(l2_pool2d_f32));
  }
}

void lower_integer(const Pool2D& op, Lowering& node, const teff_window& window, int64_t units, double cost) {
  const Tensor &x = node.in(0), &y = node.out();
  if (op.kind == PoolKind::l2) node.unsupported(kPoolTypes);
  expect_same_quantization(x, y);
  const auto [lo, hi] = activation_range(op.activation, y.type, y.quant);
  const teff_pool2d_params p{.window = window, .lo = lo, .hi = hi};
  const auto max = [&](auto kernel) { node.step(kernel, p, units, cost, node.input(0), node.output()); };
  const auto average = [&](auto kernel) {
    node.step(kernel, p, units, cost, node.input(0), node.output(), node.scratch(4 * y.shape[3]));
  };
  const bool s8 = x.type == Type::s8;
  if (op.kind == PoolKind::max)
    s8 ? max(KERNEL_ID(max_pool2d_s8)) : max(KERNEL_ID(max_pool2d_s16));
  else
    s8 ? average(KERNEL_ID(average_pool2d_s8)) : average(KERNEL_ID(average_pool2d_s16));
}

}  // namespace

void lower(const Conv2D& op, Lowering& node) { lower_convolution(op, node, 0); }
void lower(const DepthwiseConv2D& op, Lowering& node) { lower_convolution(op, node, 0); }
void lower(const TransposeConv& op, Lowering& node) { lower_convolution(op, node, 2); }

void lower(const TransposeConvBias& op, Lowering& node) {
  if (node.in(0).type != Type::f32) node.unsupported("supported is float32 (weights of any type)");
  lower_spread_f32(op, node, 0, 2, Activation::none);
}

void lower(const Pool2D& op, Lowering& node) {
  expect_same_type(node, 0, kPoolTypes);
  const Shape &x = node.in(0).shape, &y = node.out().shape;
  const teff_window window = window_of(op, x, y, op.filter_height, op.filter_width);
  const double cost = static_cast<double>(y[3]) * std::min<int64_t>(op.filter_height, x[1]) *
                      static_cast<double>(std::min<int64_t>(op.filter_width, x[2]));
  switch (node.in(0).type) {
    case Type::f32: return lower_f32(op, node, window, pixels_of(y), cost);
    case Type::s8:
    case Type::s16: return lower_integer(op, node, window, pixels_of(y), cost);
    default: node.unsupported(kPoolTypes);
  }
}

}  // namespace teff
