// Operators of one operand.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "kernels/c/unary.h"
#include "plan/lower.h"
#include "plan/quantize.h"
#include "plan/tables.h"

namespace teff {
namespace {

constexpr double kFunctionCost = 30;  // about what an exponential takes
constexpr teff_no_params kNoParams{};

int64_t elements(Lowering& node) { return node.out().shape.elements(); }

void expect_quantized(Lowering& node) {
  expect_per_tensor(node.in(0), "input");
  expect_per_tensor(node.out(), "output");
}

void expect_no_zero_points(Lowering& node) {
  check(node.in(0).quant.zero() == 0 && node.out().quant.zero() == 0,
        "int16 input and output need zero points of 0");
}

// The factor from the input's scale to the output's.
teff_factor scale_quotient(Lowering& node) {
  return factor_of(static_cast<double>(node.in(0).quant.scale()) /
                   static_cast<double>(node.out().quant.scale()));
}

// --- ReLUs: what remains of a number is between two others ---

std::optional<FloatRange> relu_range(UnaryKind kind) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  switch (kind) {
    case UnaryKind::relu: return FloatRange{0, kInfinity};
    case UnaryKind::relu6: return FloatRange{0, 6};
    case UnaryKind::relu_n1_to_1: return FloatRange{-1, 1};
    case UnaryKind::relu_0_to_1: return FloatRange{0, 1};
    default: return std::nullopt;
  }
}

teff_rescale_params rescaling(Lowering& node, teff_factor factor, QuantizedRange range) {
  return {.to = node.out().type == Type::s8 ? TEFF_S8 : TEFF_S16,
          .x_zero = node.in(0).quant.zero(),
          .y_zero = node.out().quant.zero(),
          .factor = factor,
          .lo = range.lo,
          .hi = range.hi};
}

// RELU6 cuts off what is stored: TFLite Micro takes the scales of input and output to be the same there.
teff_rescale_params relu6(Lowering& node) {
  const Quant& x = node.in(0).quant;
  const QuantizedRange type = range_of(node.in(0).type);
  auto p = rescaling(node, factor_of(1), {x.zero(), std::clamp(quantized(6, x), type.lo, type.hi)});
  p.y_zero = p.x_zero;
  return p;
}

teff_rescale_params quantized_relu(Lowering& node, UnaryKind kind) {
  if (kind == UnaryKind::relu6) return relu6(node);
  const Tensor& y = node.out();
  const FloatRange real = *relu_range(kind);
  QuantizedRange range = range_of(y.type);
  range.lo = std::max(range.lo, quantized(real.lo, y.quant));
  if (std::isfinite(real.hi)) range.hi = std::min(range.hi, quantized(real.hi, y.quant));
  // TFLite Micro has RELU only, and takes the quotient of the scales in double; TFLite, which has the others,
  // in float.
  if (kind == UnaryKind::relu) return rescaling(node, scale_quotient(node), range);
  return rescaling(node, factor_of(static_cast<double>(node.in(0).quant.scale() / y.quant.scale())), range);
}

// --- functions of reals ---

// A logarithm where there is none is the least that the result holds.
RealFunction logarithm(const Tensor& y) {
  const float least = y.quant.scale() * static_cast<float>(range_of(y.type).lo - y.quant.zero());
  return [least](float x) { return x > 0 ? teff_log_of(x) : least; };
}

// Empty: there is no such table.
RealFunction real_function(UnaryKind kind, const Tensor& y) {
  switch (kind) {
    case UnaryKind::abs: return [](float x) { return teff_abs_of(x); };
    case UnaryKind::ceil: return [](float x) { return teff_ceil_of(x); };
    case UnaryKind::cos: return [](float x) { return teff_cos_of(x); };
    case UnaryKind::elu: return [](float x) { return x < 0 ? std::exp(x) - 1 : x; };  // TFLite's, for tables
    case UnaryKind::exp: return [](float x) { return teff_exp_of(x); };
    case UnaryKind::floor: return [](float x) { return teff_floor_of(x); };
    case UnaryKind::hard_swish: return [](float x) { return teff_hard_swish_of(x); };
    case UnaryKind::log: return logarithm(y);
    case UnaryKind::neg: return [](float x) { return teff_neg_of(x); };
    case UnaryKind::round: return [](float x) { return teff_round_of(x); };
    case UnaryKind::rsqrt: return [](float x) { return teff_rsqrt_of(x); };
    case UnaryKind::sign: return [](float x) { return teff_sign_of(x); };
    case UnaryKind::sin: return [](float x) { return teff_sin_of(x); };
    case UnaryKind::sqrt: return [](float x) { return teff_sqrt_of(x); };
    case UnaryKind::square: return [](float x) { return teff_square_of(x); };
    default: return {};
  }
}

void lower_f32(UnaryKind kind, Lowering& node) {
  const auto map = [&](auto tag, double cost = 1) {
    node.step(tag, kNoParams, elements(node), cost, node.input(0), node.output());
  };
  if (const auto range = relu_range(kind))
    return node.step(KERNEL_ID(relu_f32), teff_relu_params{range->lo, range->hi}, elements(node), 1,
                     node.input(0), node.output());
  switch (kind) {
    case UnaryKind::abs: return map(KERNEL_ID(abs_f32));
    case UnaryKind::ceil: return map(KERNEL_ID(ceil_f32));
    case UnaryKind::cos: return map(KERNEL_ID(cos_f32), kFunctionCost);
    case UnaryKind::elu: return map(KERNEL_ID(elu_f32), kFunctionCost);
    case UnaryKind::exp: return map(KERNEL_ID(exp_f32), kFunctionCost);
    case UnaryKind::floor: return map(KERNEL_ID(floor_f32));
    case UnaryKind::hard_swish: return map(KERNEL_ID(hard_swish_f32), 4);
    case UnaryKind::log: return map(KERNEL_ID(log_f32), kFunctionCost);
    case UnaryKind::logistic: return map(KERNEL_ID(logistic_f32), kFunctionCost);
    case UnaryKind::neg: return map(KERNEL_ID(neg_f32));
    case UnaryKind::round: return map(KERNEL_ID(round_f32));
    case UnaryKind::rsqrt: return map(KERNEL_ID(rsqrt_f32), 8);
    case UnaryKind::sign: return map(KERNEL_ID(sign_f32));
    case UnaryKind::sin: return map(KERNEL_ID(sin_f32), kFunctionCost);
    case UnaryKind::sqrt: return map(KERNEL_ID(sqrt_f32), 4);
    case UnaryKind::square: return map(KERNEL_ID(square_f32));
    case UnaryKind::tanh: return map(KERNEL_ID(tanh_f32), kFunctionCost);
    default: node.unsupported("this operator does not take float32");
  }
}

// --- int8: one table each ---

void look_up_bytes(Lowering& node, const std::vector<uint8_t>& table) {
  node.step(KERNEL_ID(lut_8), kNoParams, elements(node), 1, node.input(0), node.constant(table),
            node.output());
}

// How logistic and tanh take their input: as Q4, where what lies beyond 15 is cut off.
struct Q4Input {
  int32_t zero, radius;
  teff_factor factor;
};

Q4Input q4_input(const Quant& x) {
  const double real = static_cast<double>(x.scale()) * (1 << 27);
  int shift = 0;
  std::frexp(real, &shift);
  const double radius = std::floor(std::ldexp(15.0 * (1 << 27), -shift));
  return {x.zero(), static_cast<int32_t>(std::min(radius, 2147483647.0)), factor_of(real)};
}

// f of Q4 in Q0, of which the result keeps `bits`, above y_zero.
std::vector<uint8_t> fixed_point_table(const Quant& x, int32_t (*f)(int32_t), int bits, int32_t y_zero) {
  const Q4Input in = q4_input(x);
  return byte_table(Type::s8, [=](int32_t value) {
    const int32_t centered = teff_wrap_sub(value, in.zero);
    if (centered <= -in.radius) return -128;
    if (centered >= in.radius) return 127;
    const int32_t result = f(teff_scale(centered, in.factor));
    return teff_clamp_s32(teff_rounding_shift_right(result, 31 - bits) + y_zero, -128, 127);
  });
}

std::vector<uint8_t> logistic_table(Lowering& node) {
  check(node.out().quant.zero() == -128, "an int8 output needs the zero point -128");
  return fixed_point_table(
      node.in(0).quant, [](int32_t x) { return teff_logistic_q4(x); }, 8, -128);
}

std::vector<uint8_t> tanh_table(Lowering& node) {
  return fixed_point_table(
      node.in(0).quant, [](int32_t x) { return teff_tanh_q4(x); }, 7, 0);
}

// The upper 16 bits of a factor, rounded.
int32_t upper_half(int32_t q) { return q >= INT32_MAX - (1 << 15) ? INT16_MAX : (q + (1 << 15)) >> 16; }

// 16-bit fixed point: the high half of 2ab, rounded to nearest (ties up) or cut off. b is not negative.
int32_t high_rounded(int32_t a, int32_t b) { return (a * b + (1 << 14)) >> 15; }
int32_t high_cut(int32_t a, int32_t b) { return a * b / (1 << 15); }

// Shifts of more than 15 bits leave 1 or -1: TFLite's mask of the bits that go has only 16.
int32_t shifted_right(int32_t x, int n) {
  if (n > 15) return x < 0 ? -1 : 1;
  return teff_rounding_shift_right(x, n);
}
int32_t shifted_left(int32_t x, int n) {
  return static_cast<int32_t>(std::clamp<int64_t>(int64_t{x} << std::min(n, 32), INT16_MIN, INT16_MAX));
}

// Hard swish is x * relu6(x + 3) / 6. With seven more bits x is brought to the output's scale (not yet
// shifted), and to a scale on which 3 is 2^15, where saturation is relu6; the product is shifted at last.
std::vector<uint8_t> hard_swish_table(Lowering& node) {
  const Quant &x = node.in(0).quant, &y = node.out().quant;
  const float fine_scale = 1.0f / 128 * x.scale();
  const teff_factor to_y = factor_of(static_cast<double>(fine_scale / y.scale()));
  const teff_factor to_gate = factor_of(static_cast<double>(fine_scale / (3.0f / 32768.0f)));
  check(to_y.shift <= 0, "the output's scale has to be larger than 1/128 of the input's");
  const auto gate = [&](int32_t fine) {
    const int left = std::max(to_gate.shift, 0);
    int32_t value = left > 0 ? shifted_left(fine, left - 1) : fine;
    value = high_rounded(value, upper_half(to_gate.q));
    value = left > 0 ? shifted_left(value, 1) : shifted_right(value, -to_gate.shift);
    return (value + (1 << 15)) >> 1;
  };
  return byte_table(Type::s8, [&](int32_t value) {
    const auto fine = static_cast<int16_t>(teff_wrap_mul(teff_wrap_sub(value, x.zero()), 128));
    const int32_t product = high_cut(gate(fine), high_rounded(fine, upper_half(to_y.q)));
    const auto result = static_cast<int16_t>(shifted_right(product, -to_y.shift) + y.zero());
    return teff_clamp_s32(result, -128, 127);
  });
}

teff_rsqrt_params rsqrt_params(Lowering& node) {
  const Quant &x = node.in(0).quant, &y = node.out().quant;
  const QuantizedRange range = range_of(node.out().type);
  teff_rsqrt_params p{.x_zero = x.zero(),
                      .y_zero = y.zero(),
                      .factor = factor_of(1.0 / static_cast<double>(std::sqrt(x.scale()) * y.scale())),
                      .lo = range.lo,
                      .hi = range.hi};
  p.factor.shift -= TEFF_RSQRT_FRACTION_BITS;
  if (p.factor.shift < -31) p.factor = {0, 0};
  return p;
}

std::vector<uint8_t> table_s8(UnaryKind kind, Lowering& node) {
  if (relu_range(kind)) {
    const auto p = quantized_relu(node, kind);
    return byte_table(Type::s8, [&](int32_t x) { return teff_rescale(&p, x); });
  }
  switch (kind) {
    case UnaryKind::logistic: return logistic_table(node);
    case UnaryKind::tanh: return tanh_table(node);
    case UnaryKind::hard_swish: return hard_swish_table(node);
    case UnaryKind::rsqrt: {
      const auto p = rsqrt_params(node);
      return byte_table(Type::s8, [&](int32_t x) { return teff_quantized_rsqrt(&p, x); });
    }
    case UnaryKind::abs: {
      const auto p = rescaling(node, scale_quotient(node), range_of(Type::s8));
      return byte_table(Type::s8, [&](int32_t x) { return teff_quantized_abs(&p, x); });
    }
    default: break;
  }
  const RealFunction f = real_function(kind, node.out());
  if (!f) node.unsupported("this operator does not take int8");
  return byte_table(node.in(0), node.out(), f);
}

void lower_s8(UnaryKind kind, Lowering& node) {
  if (node.out().type != Type::s8) node.unsupported("an int8 input needs an int8 output");
  expect_quantized(node);
  look_up_bytes(node, table_s8(kind, node));
}

// --- int16 ---

// The input in units of 1/(3 * 4096), of which 512 lie between two entries of the table: the factor to them
// as multiplier and right shift. Scales that are a power of two, up to 2^(most_left - 12), have an exact one.
teff_sigmoid_s16_params sigmoid_input(const Quant& x, int most_left) {
  const float log2 = std::log(x.scale()) * (1.0f / std::log(2.0f)), rounded = std::round(log2);
  const bool is_power = std::abs(log2 - rounded) < 1e-3f;
  const int left = 12 + static_cast<int>(rounded);
  if (is_power && left >= 0 && left <= most_left) return {3 << left, 0};
  double multiplier = static_cast<double>(x.scale()) * 4096.0 * 3.0;
  check(multiplier < 32768, "an input scale of {} is too large", x.scale());
  int shift = 0;
  for (; multiplier <= 32767.0 / 2.0 && shift <= 30; ++shift) multiplier *= 2;
  return {static_cast<int32_t>(multiplier), shift};
}

void lower_sigmoid_s16(UnaryKind kind, Lowering& node) {
  expect_no_zero_points(node);
  const float scale = node.out().quant.scale();
  check(std::abs(std::log2(scale) + 15) < 1e-3f, "an int16 output needs the scale 1/32768 (it has {})",
        scale);
  const auto add = [&](auto tag, int most_left) {
    node.step(tag, sigmoid_input(node.in(0).quant, most_left), elements(node), 6, node.input(0),
              node.constant(sigmoid_table()), node.output());
  };
  kind == UnaryKind::logistic ? add(KERNEL_ID(logistic_s16), 0) : add(KERNEL_ID(tanh_s16), 1);
}

void look_up_s16(Lowering& node, const RealFunction& f) {
  node.step(KERNEL_ID(lut_s16), kNoParams, elements(node), 3, node.input(0),
            node.constant(int16_table(node.in(0), node.out(), f)), node.output());
}

void lower_s16(UnaryKind kind, Lowering& node) {
  if (kind == UnaryKind::abs && node.in(0).quant.empty())
    return node.step(KERNEL_ID(abs_s16), kNoParams, elements(node), 1, node.input(0), node.output());
  if (node.out().type != Type::s16) node.unsupported("an int16 input needs an int16 output");
  expect_quantized(node);
  if (relu_range(kind)) {
    if (kind != UnaryKind::relu6) expect_no_zero_points(node);
    return node.step(KERNEL_ID(rescale_s16), quantized_relu(node, kind), elements(node), 6, node.input(0),
                     node.output());
  }
  if (kind == UnaryKind::logistic || kind == UnaryKind::tanh) return lower_sigmoid_s16(kind, node);
  if (kind == UnaryKind::rsqrt) {
    expect_no_zero_points(node);
    return node.step(KERNEL_ID(rsqrt_s16), rsqrt_params(node), elements(node), 40, node.input(0),
                     node.output());
  }
  if (kind == UnaryKind::abs) {
    expect_no_zero_points(node);
    return node.step(KERNEL_ID(quantized_abs_s16), rescaling(node, scale_quotient(node), range_of(Type::s16)),
                     elements(node), 6, node.input(0), node.output());
  }
  const RealFunction f = real_function(kind, node.out());
  if (!f) node.unsupported("this operator does not take int16");
  look_up_s16(node, f);
}

// --- plain integers and truth ---

template <class Abs, class Neg, class Sign, class Square>
void lower_integers(UnaryKind kind, Lowering& node, Abs abs, Neg neg, Sign sign, Square square) {
  const auto map = [&](auto tag) {
    node.step(tag, kNoParams, elements(node), 1, node.input(0), node.output());
  };
  switch (kind) {
    case UnaryKind::abs: return map(abs);
    case UnaryKind::neg: return map(neg);
    case UnaryKind::sign: return map(sign);
    case UnaryKind::square: return map(square);
    default: node.unsupported("of integers only ABS, NEG, SIGN and SQUARE are supported");
  }
}

void lower_bool(UnaryKind kind, Lowering& node) {
  if (kind != UnaryKind::logical_not || node.out().type != Type::boolean)
    node.unsupported("of truth values only LOGICAL_NOT is supported");
  look_up_bytes(node, byte_table(Type::boolean, [](int32_t x) { return x == 0 ? 1 : 0; }));
}

void lower_zeros(Lowering& node) {
  const auto bytes = bytes_for(node.out().type, elements(node));
  node.step(KERNEL_ID(zero), kNoParams, bytes, 0.1, node.output());
}

}  // namespace

void lower(const Unary& op, Lowering& node) {
  if (op.kind == UnaryKind::zeros_like) return lower_zeros(node);
  switch (node.in(0).type) {
    case Type::f32: return lower_f32(op.kind, node);
    case Type::s8: return lower_s8(op.kind, node);
    case Type::s16: return lower_s16(op.kind, node);
    case Type::s32:
      return lower_integers(op.kind, node, KERNEL_ID(abs_s32), KERNEL_ID(neg_s32), KERNEL_ID(sign_s32),
                            KERNEL_ID(square_s32));
    case Type::s64:
      return lower_integers(op.kind, node, KERNEL_ID(abs_s64), KERNEL_ID(neg_s64), KERNEL_ID(sign_s64),
                            KERNEL_ID(square_s64));
    case Type::boolean: return lower_bool(op.kind, node);
    default: node.unsupported("the input has to be float32, int8, int16, int32, int64 or bool");
  }
}

namespace {

teff_leaky_relu_params leaky_relu(const LeakyRelu& op, Lowering& node) {
  expect_quantized(node);
  const Quant &x = node.in(0).quant, &y = node.out().quant;
  const double slope =
      static_cast<double>(x.scale()) * static_cast<double>(op.alpha) / static_cast<double>(y.scale());
  const QuantizedRange range = range_of(node.out().type);
  return {.x_zero = x.zero(),
          .y_zero = y.zero(),
          .above = scale_quotient(node),
          .below = factor_of(std::abs(slope)),
          .below_sign = slope < 0 ? -1 : 1,
          .lo = range.lo,
          .hi = range.hi};
}

}  // namespace

void lower(const LeakyRelu& op, Lowering& node) {
  const Type type = node.in(0).type;
  if (node.out().type != type) node.unsupported("input and output have to be of one type");
  if (type == Type::f32)
    return node.step(KERNEL_ID(leaky_relu_f32), teff_alpha_params{op.alpha}, elements(node), 1, node.input(0),
                     node.output());
  if (type != Type::s8 && type != Type::s16) node.unsupported("the input has to be float32, int8 or int16");
  const auto p = leaky_relu(op, node);
  if (type == Type::s16)
    return node.step(KERNEL_ID(leaky_relu_s16), p, elements(node), 6, node.input(0), node.output());
  look_up_bytes(node, byte_table(type, [&](int32_t x) { return teff_quantized_leaky_relu(&p, x); }));
}

void lower(const Gelu& op, Lowering& node) {
  const auto map = [&](auto tag) {
    node.step(tag, kNoParams, elements(node), 2 * kFunctionCost, node.input(0), node.output());
  };
  const Type type = node.in(0).type;
  if (node.out().type != type) node.unsupported("input and output have to be of one type");
  if (type == Type::f32) return op.approximate ? map(KERNEL_ID(gelu_tanh_f32)) : map(KERNEL_ID(gelu_f32));
  if (type != Type::s8 && type != Type::s16) node.unsupported("the input has to be float32, int8 or int16");
  expect_quantized(node);
  const RealFunction f = op.approximate ? RealFunction([](float x) { return teff_gelu_tanh_of(x); })
                                        : RealFunction([](float x) { return teff_gelu_of(x); });
  type == Type::s8 ? look_up_bytes(node, byte_table(node.in(0), node.out(), f)) : look_up_s16(node, f);
}

}  // namespace teff
