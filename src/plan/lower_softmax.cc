// Softmax and its logarithm.
#include <algorithm>
#include <cmath>

#include "kernels/c/softmax.h"
#include "plan/lower.h"
#include "plan/quantize.h"
#include "plan/tables.h"

namespace teff {
namespace {

struct Rows {
  int64_t units;
  int32_t depth;
};

Rows rows_of(const Shape& shape) {
  const int64_t depth = shape.back();
  return {depth > 0 ? shape.elements() / depth : 0, static_cast<int32_t>(depth)};
}

// How differences of stored values become Q5, and below which they are as good as minus infinity.
struct DifferenceScale {
  teff_factor factor;
  int32_t least;
};

DifferenceScale difference_scale(double beta, double x_scale) {
  constexpr int kFractionBits = 31 - TEFF_SOFTMAX_DIFF_BITS;
  const double real = std::min(beta * x_scale * (1 << kFractionBits), 2147483647.0);
  check(real > 1, "a scale of {} times beta {} is too small", x_scale, beta);
  const teff_factor factor = factor_of(real);
  const double largest = ((1 << TEFF_SOFTMAX_DIFF_BITS) - 1) * std::ldexp(1.0, kFractionBits - factor.shift);
  return {factor, -static_cast<int32_t>(std::floor(largest))};
}

// e^(-i * scale) for each difference i that int8 has.
std::vector<int32_t> exp_table(const DifferenceScale& scale) {
  std::vector<int32_t> table;
  for (int32_t i = 0; i < 256; ++i) table.push_back(teff_softmax_exp(-i, scale.factor, scale.least));
  return table;
}

void expect_quantized(const Tensor& y, float scale, int32_t zero) {
  check(!y.quant.empty() && std::abs(y.quant.scale() - scale) <= scale * 1e-3f && y.quant.zero() == zero,
        "the output has to have scale {} and zero point {}", scale, zero);
}

void lower_s8(const Softmax& op, Lowering& node) {
  const Tensor &x = node.in(0), &y = node.out();
  expect_per_tensor(x, "input");
  const auto [units, depth] = rows_of(x.shape);
  const Operand exps = node.constant(
      exp_table(difference_scale(static_cast<double>(op.beta), static_cast<double>(x.quant.scale()))));
  const teff_softmax_s8_params p{.depth = depth};
  const auto step = [&](auto kernel) {
    node.step(kernel, p, units, 20.0 * depth, node.input(0), exps, node.output());
  };
  if (y.type == Type::s16) {
    expect_quantized(y, 0x1p-16f, -32768);
    step(KERNEL_ID(softmax_s8_s16));
  } else {
    expect_quantized(y, 0x1p-8f, -128);
    step(KERNEL_ID(softmax_s8));
  }
}

// A tensor that stands for int16 numbers of a scale.
Tensor int16_numbers(float scale, int32_t zero) {
  Tensor tensor;
  tensor.type = Type::s16;
  tensor.quant = {{scale}, {zero}};
  return tensor;
}

void lower_s16(const Softmax& op, Lowering& node) {
  const Tensor& x = node.in(0);
  expect_per_tensor(x, "input");
  check(x.quant.zero() == 0, "the input has to have zero point 0");
  expect_quantized(node.out(), 0x1p-15f, 0);
  const auto [units, depth] = rows_of(x.shape);
  const double scale = static_cast<double>(x.quant.scale()) * static_cast<double>(op.beta) / (10.0 / 65535.0);
  const teff_softmax_s16_params p{.depth = depth, .scale = factor_of(scale)};
  const Tensor unit = int16_numbers(2.0f / 65535, 0);
  const auto exps =
      int16_table(int16_numbers(10.0f / 65535, 32767), unit, [](float v) { return std::exp(v); });
  const auto reciprocals =
      int16_table(int16_numbers(1.0f / 65535, -32768), unit, [](float v) { return 1.0f / (1.0f + v); });
  node.step(KERNEL_ID(softmax_s16), p, units, 20.0 * depth, node.input(0), node.constant(exps),
            node.constant(reciprocals), node.output());
}

}  // namespace

void lower(const Softmax& op, Lowering& node) {
  const auto [units, depth] = rows_of(node.in(0).shape);
  switch (node.in(0).type) {
    case Type::f32:
      return node.step(KERNEL_ID(softmax_f32), teff_softmax_f32_params{.depth = depth, .beta = op.beta},
                       units, 20.0 * depth, node.input(0), node.output());
    case Type::s8: return lower_s8(op, node);
    case Type::s16: return lower_s16(op, node);
    default: node.unsupported("the input has to be float32, int8 or int16");
  }
}

void lower(const LogSoftmax&, Lowering& node) {
  const Tensor &x = node.in(0), &y = node.out();
  const auto [units, depth] = rows_of(x.shape);
  if (x.type == Type::f32)
    return node.step(KERNEL_ID(log_softmax_f32), teff_softmax_f32_params{.depth = depth, .beta = 1}, units,
                     20.0 * depth, node.input(0), node.output());
  if (x.type != Type::s8) node.unsupported("the input has to be float32 or int8");
  expect_per_tensor(x, "input");
  expect_quantized(y, 1.0f / 16, 127);
  const DifferenceScale scale = difference_scale(1.0, static_cast<double>(x.quant.scale()));
  const double unscale = std::ldexp(1.0, 31 - scale.factor.shift) / scale.factor.q;
  const teff_log_softmax_s8_params p{
      .depth = depth, .scale = scale.factor, .unscale = factor_of(unscale), .least = scale.least};
  node.step(KERNEL_ID(log_softmax_s8), p, units, 20.0 * depth, node.input(0), node.constant(exp_table(scale)),
            node.output());
}

}  // namespace teff
