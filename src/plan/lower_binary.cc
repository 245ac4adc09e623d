// Operators of two operands, and choices between them, over broadcast shapes.
#include <algorithm>
#include <limits>

#include "core/view.h"
#include "kernels/c/arithmetic.h"
#include "kernels/c/compare.h"
#include "kernels/c/convert.h"
#include "kernels/c/numbers.h"
#include "plan/broadcast.h"
#include "plan/lower.h"
#include "plan/quantize.h"

namespace teff {
namespace {

constexpr double kQuantizedCost = 10;

teff_broadcast pair(Lowering& node) {
  return broadcast_over(node.out().shape, {node.in(0).shape, node.in(1).shape});
}

template <class Tag, class P>
void add_pair(Lowering& node, Tag tag, const P& p, double cost = 1) {
  node.step(tag, p, node.out().shape.elements(), cost, node.input(0), node.input(1), node.output());
}

[[noreturn]] void refuse(Lowering& node) {
  node.unsupported(
      "inputs have to be of one type, and of one that this operator takes: float32, int8, int16, "
      "int32 and int64 for arithmetic and comparisons, bool for logic and equality");
}

void expect_one_type(Lowering& node) {
  if (node.in(0).type != node.in(1).type) refuse(node);
}

// --- plain numbers ---

bool takes_activation(BinaryKind kind) {
  return kind == BinaryKind::add || kind == BinaryKind::sub || kind == BinaryKind::mul ||
         kind == BinaryKind::div;
}

FloatRange real_range(const Binary& op) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return takes_activation(op.kind) ? activation_range(op.activation) : FloatRange{-kInfinity, kInfinity};
}

template <class T>
struct WholeRange {
  T lo = std::numeric_limits<T>::min(), hi = std::numeric_limits<T>::max();
};

// TFLite Micro leaves the activation of a sum of int32 out.
template <class T>
WholeRange<T> whole_range(const Binary& op) {
  if (!takes_activation(op.kind) || (op.kind == BinaryKind::add && sizeof(T) == 4)) return {};
  switch (op.activation) {
    case Activation::none: return {};
    case Activation::relu: return {.lo = 0};
    case Activation::relu6: return {0, 6};
    case Activation::relu_n1_to_1: return {-1, 1};
    default: fail("this activation cannot be fused");
  }
}

void lower_f32(const Binary& op, Lowering& node) {
  const auto [lo, hi] = real_range(op);
  const teff_numbers_f32_params p{pair(node), lo, hi};
  switch (op.kind) {
    case BinaryKind::add: return add_pair(node, KERNEL_ID(add_f32), p);
    case BinaryKind::sub: return add_pair(node, KERNEL_ID(sub_f32), p);
    case BinaryKind::mul: return add_pair(node, KERNEL_ID(mul_f32), p);
    case BinaryKind::div: return add_pair(node, KERNEL_ID(div_f32), p, 4);
    case BinaryKind::maximum: return add_pair(node, KERNEL_ID(maximum_f32), p);
    case BinaryKind::minimum: return add_pair(node, KERNEL_ID(minimum_f32), p);
    case BinaryKind::squared_difference: return add_pair(node, KERNEL_ID(squared_difference_f32), p, 2);
    case BinaryKind::floor_div: return add_pair(node, KERNEL_ID(floor_div_f32), p, 10);
    case BinaryKind::floor_mod: return add_pair(node, KERNEL_ID(floor_mod_f32), p, 20);
    case BinaryKind::pow: return add_pair(node, KERNEL_ID(pow_f32), p, 50);
    case BinaryKind::atan2: return add_pair(node, KERNEL_ID(atan2_f32), p, 50);
    default: refuse(node);
  }
}

// TFLite Micro takes int32 sums, differences and quotients for plain numbers and refuses quantized ones.
void expect_plain(const Binary& op, Lowering& node) {
  if (!takes_activation(op.kind) || op.kind == BinaryKind::mul) return;
  check(node.in(0).quant.empty() && node.in(1).quant.empty(), "quantized {} operands are not supported",
        name_of(node.in(0).type));
}

void lower_s32(const Binary& op, Lowering& node) {
  expect_plain(op, node);
  const auto [lo, hi] = whole_range<int32_t>(op);
  const teff_numbers_s32_params p{pair(node), lo, hi};
  switch (op.kind) {
    case BinaryKind::add: return add_pair(node, KERNEL_ID(add_s32), p);
    case BinaryKind::sub: return add_pair(node, KERNEL_ID(sub_s32), p);
    case BinaryKind::mul: return add_pair(node, KERNEL_ID(mul_s32), p);
    case BinaryKind::div: return add_pair(node, KERNEL_ID(div_s32), p, 10);
    case BinaryKind::maximum: return add_pair(node, KERNEL_ID(maximum_s32), p);
    case BinaryKind::minimum: return add_pair(node, KERNEL_ID(minimum_s32), p);
    case BinaryKind::squared_difference: return add_pair(node, KERNEL_ID(squared_difference_s32), p, 2);
    case BinaryKind::floor_div: return add_pair(node, KERNEL_ID(floor_div_s32), p, 10);
    case BinaryKind::floor_mod: return add_pair(node, KERNEL_ID(floor_mod_s32), p, 10);
    case BinaryKind::pow: return add_pair(node, KERNEL_ID(pow_s32), p, 20);
    default: refuse(node);
  }
}

void lower_s64(const Binary& op, Lowering& node) {
  expect_plain(op, node);
  const auto [lo, hi] = whole_range<int64_t>(op);
  const teff_numbers_s64_params p{pair(node), lo, hi};
  switch (op.kind) {
    case BinaryKind::add: return add_pair(node, KERNEL_ID(add_s64), p);
    case BinaryKind::sub: return add_pair(node, KERNEL_ID(sub_s64), p);
    case BinaryKind::mul: return add_pair(node, KERNEL_ID(mul_s64), p);
    case BinaryKind::div: return add_pair(node, KERNEL_ID(div_s64), p, 10);
    case BinaryKind::maximum: return add_pair(node, KERNEL_ID(maximum_s64), p);
    case BinaryKind::minimum: return add_pair(node, KERNEL_ID(minimum_s64), p);
    case BinaryKind::squared_difference: return add_pair(node, KERNEL_ID(squared_difference_s64), p, 2);
    case BinaryKind::floor_div: return add_pair(node, KERNEL_ID(floor_div_s64), p, 10);
    case BinaryKind::floor_mod: return add_pair(node, KERNEL_ID(floor_mod_s64), p, 10);
    case BinaryKind::pow: return add_pair(node, KERNEL_ID(pow_s64), p, 20);
    default: refuse(node);
  }
}

// --- quantized numbers ---

void expect_quantized_pair(Lowering& node) {
  expect_per_tensor(node.in(0), "first input");
  expect_per_tensor(node.in(1), "second input");
  expect_per_tensor(node.out(), "output");
}

void expect_no_zero_points(Lowering& node) {
  check(node.in(0).quant.zero() == 0 && node.in(1).quant.zero() == 0 && node.out().quant.zero() == 0,
        "int16 inputs and output need zero points of 0");
}

// The real factors that bring both operands to a common scale, and what comes out to the result's.
struct SumFactors {
  double a, b, y;
};

SumFactors sum_factors(Lowering& node, int shift) {
  const double a = node.in(0).quant.scale(), b = node.in(1).quant.scale(), y = node.out().quant.scale();
  const double twice_largest = 2 * std::max(a, b);
  return {a / twice_largest, b / twice_largest, twice_largest / ((1 << shift) * y)};
}

SumFactors squared_difference_factors(Lowering& node, int shift) {
  SumFactors factors = sum_factors(node, shift);
  const float unit = static_cast<float>(1 << (2 * shift)) * node.out().quant.scale();
  const double twice_largest =
      2 * static_cast<double>(std::max(node.in(0).quant.scale(), node.in(1).quant.scale()));
  factors.y = twice_largest * twice_largest / static_cast<double>(unit);
  return factors;
}

teff_sum_params sum_params(Lowering& node, int shift, const SumFactors& factors, QuantizedRange range) {
  return {.over = pair(node),
          .a_zero = node.in(0).quant.zero(),
          .b_zero = node.in(1).quant.zero(),
          .y_zero = node.out().quant.zero(),
          .shift = shift,
          .a_factor = factor_of(factors.a),
          .b_factor = factor_of(factors.b),
          .y_factor = factor_of(factors.y),
          .lo = range.lo,
          .hi = range.hi};
}

teff_product_params product_params(Lowering& node, double factor, QuantizedRange range) {
  return {.over = pair(node),
          .a_zero = node.in(0).quant.zero(),
          .b_zero = node.in(1).quant.zero(),
          .y_zero = node.out().quant.zero(),
          .factor = factor_of(factor),
          .lo = range.lo,
          .hi = range.hi};
}

teff_product_params mul_params(const Binary& op, Lowering& node) {
  const Tensor& y = node.out();
  if (y.type == Type::s16) expect_no_zero_points(node);
  const double factor = static_cast<double>(node.in(0).quant.scale()) *
                        static_cast<double>(node.in(1).quant.scale()) / static_cast<double>(y.quant.scale());
  return product_params(node, factor, activation_range(op.activation, y.type, y.quant));
}

teff_product_params div_params(const Binary& op, Lowering& node) {
  const Tensor& y = node.out();
  const float factor = node.in(0).quant.scale() / (node.in(1).quant.scale() * y.quant.scale());
  return product_params(node, static_cast<double>(factor), activation_range(op.activation, y.type, y.quant));
}

// A kernel for int8 and its twin for int16.
template <class S8, class S16, class P>
void add_quantized(Lowering& node, S8 s8, S16 s16, const P& p, double cost = kQuantizedCost) {
  node.in(0).type == Type::s8 ? add_pair(node, s8, p, cost) : add_pair(node, s16, p, cost);
}

void lower_quantized(const Binary& op, Lowering& node) {
  const Tensor& y = node.out();
  if (op.kind == BinaryKind::maximum)
    return add_quantized(node, KERNEL_ID(maximum_s8), KERNEL_ID(maximum_s16), teff_pair_params{pair(node)},
                         1);
  if (op.kind == BinaryKind::minimum)
    return add_quantized(node, KERNEL_ID(minimum_s8), KERNEL_ID(minimum_s16), teff_pair_params{pair(node)},
                         1);
  expect_quantized_pair(node);
  const bool wide = y.type == Type::s16;
  const int shift = wide ? 15 : 20;  // as far up as the sum still fits 32 bits
  const auto range = [&] { return activation_range(op.activation, y.type, y.quant); };
  switch (op.kind) {
    case BinaryKind::add:
      return add_quantized(node, KERNEL_ID(add_s8), KERNEL_ID(add_s16),
                           sum_params(node, shift, sum_factors(node, shift), range()));
    case BinaryKind::sub:
      return add_quantized(node, KERNEL_ID(sub_s8), KERNEL_ID(sub_s16),
                           sum_params(node, shift, sum_factors(node, shift), range()));
    case BinaryKind::mul:
      return add_quantized(node, KERNEL_ID(mul_s8), KERNEL_ID(mul_s16), mul_params(op, node));
    case BinaryKind::div:
      return add_quantized(node, KERNEL_ID(div_s8), KERNEL_ID(div_s16), div_params(op, node), 40);
    case BinaryKind::squared_difference: {
      if (wide) expect_no_zero_points(node);
      const int up = wide ? 0 : 7;  // the square has twice as many bits more
      return add_quantized(node, KERNEL_ID(squared_difference_s8), KERNEL_ID(squared_difference_s16),
                           sum_params(node, up, squared_difference_factors(node, up), range_of(y.type)));
    }
    default: refuse(node);
  }
}

// --- comparisons ---

bool is_comparison(BinaryKind kind) { return kind >= BinaryKind::equal && kind <= BinaryKind::less_equal; }

// Greater is less with the operands changed over.
bool is_changed_over(BinaryKind kind) {
  return kind == BinaryKind::greater || kind == BinaryKind::greater_equal;
}

template <class P, class Equal, class NotEqual, class Less, class LessEqual>
void compare(BinaryKind kind, Lowering& node, P p, Equal equal, NotEqual not_equal, Less less,
             LessEqual less_equal) {
  const int first = is_changed_over(kind) ? 1 : 0, second = 1 - first;
  p.over = broadcast_over(node.out().shape, {node.in(first).shape, node.in(second).shape});
  const auto add = [&](auto tag) {
    node.step(tag, p, node.out().shape.elements(), 1, node.input(first), node.input(second), node.output());
  };
  switch (kind) {
    case BinaryKind::equal: return add(equal);
    case BinaryKind::not_equal: return add(not_equal);
    case BinaryKind::less:
    case BinaryKind::greater: return add(less);
    default: return add(less_equal);
  }
}

teff_compare_quantized_params compare_params(BinaryKind kind, Lowering& node) {
  const Tensor &a = node.in(is_changed_over(kind) ? 1 : 0), &b = node.in(is_changed_over(kind) ? 0 : 1);
  expect_per_tensor(a, "input");
  expect_per_tensor(b, "input");
  return {.over = {},
          .a_zero = a.quant.zero(),
          .b_zero = b.quant.zero(),
          .a_factor = factor_of(a.quant.scale()),
          .b_factor = factor_of(b.quant.scale())};
}

void lower_comparison(BinaryKind kind, Lowering& node) {
  constexpr teff_pair_params kPlain{};
  switch (node.in(0).type) {
    case Type::f32:
      return compare(kind, node, kPlain, KERNEL_ID(equal_f32), KERNEL_ID(not_equal_f32), KERNEL_ID(less_f32),
                     KERNEL_ID(less_equal_f32));
    case Type::s32:
      return compare(kind, node, kPlain, KERNEL_ID(equal_s32), KERNEL_ID(not_equal_s32), KERNEL_ID(less_s32),
                     KERNEL_ID(less_equal_s32));
    case Type::s64:
      return compare(kind, node, kPlain, KERNEL_ID(equal_s64), KERNEL_ID(not_equal_s64), KERNEL_ID(less_s64),
                     KERNEL_ID(less_equal_s64));
    case Type::s8:
      return compare(kind, node, compare_params(kind, node), KERNEL_ID(equal_s8), KERNEL_ID(not_equal_s8),
                     KERNEL_ID(less_s8), KERNEL_ID(less_equal_s8));
    case Type::s16:
      return compare(kind, node, compare_params(kind, node), KERNEL_ID(equal_s16), KERNEL_ID(not_equal_s16),
                     KERNEL_ID(less_s16), KERNEL_ID(less_equal_s16));
    default: refuse(node);
  }
}

void lower_bool(BinaryKind kind, Lowering& node) {
  const teff_pair_params p{pair(node)};
  switch (kind) {
    case BinaryKind::equal: return add_pair(node, KERNEL_ID(equal_bool), p);
    case BinaryKind::not_equal: return add_pair(node, KERNEL_ID(not_equal_bool), p);
    case BinaryKind::logical_and: return add_pair(node, KERNEL_ID(logical_and_bool), p);
    case BinaryKind::logical_or: return add_pair(node, KERNEL_ID(logical_or_bool), p);
    default: refuse(node);
  }
}

}  // namespace

void lower(const Binary& op, Lowering& node) {
  expect_one_type(node);
  const Type type = node.in(0).type;
  if (type == Type::boolean) return lower_bool(op.kind, node);
  if (is_comparison(op.kind)) return lower_comparison(op.kind, node);
  switch (type) {
    case Type::f32: return lower_f32(op, node);
    case Type::s32: return lower_s32(op, node);
    case Type::s64: return lower_s64(op, node);
    case Type::s8:
    case Type::s16: return lower_quantized(op, node);
    default: refuse(node);
  }
}

// --- PReLU ---

namespace {

teff_prelu_params prelu_params(Lowering& node) {
  expect_quantized_pair(node);
  const Quant &x = node.in(0).quant, &alpha = node.in(1).quant, &y = node.out().quant;
  const auto x_scale = static_cast<double>(x.scale()), y_scale = static_cast<double>(y.scale());
  const QuantizedRange range = range_of(node.out().type);
  return {.over = pair(node),
          .x_zero = x.zero(),
          .alpha_zero = alpha.zero(),
          .y_zero = y.zero(),
          .above = factor_of(x_scale / y_scale),
          .below = factor_of(x_scale * static_cast<double>(alpha.scale()) / y_scale),
          .lo = range.lo,
          .hi = range.hi};
}

}  // namespace

void lower(const Prelu&, Lowering& node) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  switch (node.in(0).type) {
    case Type::f32:
      return add_pair(node, KERNEL_ID(prelu_f32), teff_numbers_f32_params{pair(node), -kInfinity, kInfinity});
    case Type::s8: return add_pair(node, KERNEL_ID(prelu_s8), prelu_params(node), kQuantizedCost);
    case Type::s16: return add_pair(node, KERNEL_ID(prelu_s16), prelu_params(node), kQuantizedCost);
    default: node.unsupported("the input has to be float32, int8 or int16 (with int8 slopes)");
  }
}

// --- sums of many ---

namespace {

void add_n_f32(Lowering& node) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Shape& shape = node.out().shape;
  const teff_numbers_f32_params p{broadcast_over(shape, {shape, shape}), -kInfinity, kInfinity};
  for (int i = 1; i < node.inputs(); ++i)
    node.step(KERNEL_ID(add_f32), p, shape.elements(), 1, i == 1 ? node.input(0) : node.output(),
              node.input(i), node.output());
}

// TFLite starts the sum from the stored value 0 (not from the real 0, the zero point).
void add_n_s8(Lowering& node) {
  constexpr int kShift = 20;
  const Quant &x = node.in(0).quant, &y = node.out().quant;
  for (int i = 0; i < node.inputs(); ++i) {
    expect_per_tensor(node.in(i), "input");
    check(node.in(i).quant.scale() == x.scale() && node.in(i).quant.zero() == x.zero(),
          "the inputs need one scale and zero point");
  }
  expect_per_tensor(node.out(), "output");
  const int64_t elements = node.out().shape.elements();
  const Operand sum = node.temporary(Type::s32, elements);
  teff_add_n_params p{.zero = x.zero(), .shift = kShift, .factor = factor_of(0.5), .first = 1};
  p.start = teff_on_common_scale(0, p.zero, p.shift, p.factor);
  for (int i = 0; i < node.inputs(); ++i, p.first = 0)
    node.step(KERNEL_ID(add_n_s8), p, elements, 4, node.input(i), sum);
  const double to_y = 2 * static_cast<double>(x.scale()) / ((1 << kShift) * static_cast<double>(y.scale()));
  const teff_rescale_params result{
      .to = TEFF_S8, .x_zero = 0, .y_zero = y.zero(), .factor = factor_of(to_y), .lo = -128, .hi = 127};
  node.step(KERNEL_ID(rescale_s32), result, elements, 6, sum, node.output());
}

}  // namespace

void lower(const AddN&, Lowering& node) {
  for (int i = 0; i < node.inputs(); ++i)
    if (node.in(i).type != node.out().type) refuse(node);
  switch (node.out().type) {
    case Type::f32: return add_n_f32(node);
    case Type::s8: return add_n_s8(node);
    default: node.unsupported("the inputs have to be float32 or int8");
  }
}

// --- choices ---

namespace {

void lower_select(Lowering& node, const Shape& condition) {
  const Tensor& a = node.in(1);
  if (node.in(0).type != Type::boolean || a.type != node.in(2).type || a.type != node.out().type)
    node.unsupported("the condition has to be bool, the others of one type");
  const teff_pair_params p{broadcast_over(node.out().shape, {condition, a.shape, node.in(2).shape})};
  const auto add = [&](auto tag) {
    node.step(tag, p, node.out().shape.elements(), 1, node.input(0), node.input(1), node.input(2),
              node.output());
  };
  switch (bits_of(a.type)) {
    case 8: return add(KERNEL_ID(select_8));
    case 16: return add(KERNEL_ID(select_16));
    case 32: return add(KERNEL_ID(select_32));
    case 64: return add(KERNEL_ID(select_64));
    default: node.unsupported("elements have to have 8, 16, 32 or 64 bits");
  }
}

}  // namespace

void lower(const Select&, Lowering& node) { lower_select(node, node.in(0).shape); }

// A condition of one dimension is that of the rows.
void lower(const SelectV1&, Lowering& node) {
  Shape condition = node.in(0).shape;
  if (condition.rank() == 1) condition.resize(std::max(1, node.out().shape.rank()), 1);
  lower_select(node, condition);
}

}  // namespace teff
