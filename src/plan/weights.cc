#include "plan/weights.h"

#include <algorithm>
#include <limits>

#include "plan/quantize.h"

namespace teff {
namespace {

// Sums of 64 bits are scaled by 15 bits of factor and a shift to the right.
constexpr int kMostShift = 14;

bool usable(const Quant& quant, int64_t channels) {
  return quant.scales.size() == 1 || static_cast<int64_t>(quant.scales.size()) == channels;
}

void expect_int16(const Tensor& x, const Tensor& y, const std::vector<teff_factor>& factors, bool narrow) {
  check(x.quant.zero() == 0 && y.quant.zero() == 0, "int16 input and output need zero points of 0");
  check(narrow || std::all_of(factors.begin(), factors.end(), [](auto f) { return f.shift <= kMostShift; }),
        "the scale of the output is too small beside those of input and weights");
}

}  // namespace

int32_t int32_of(int64_t n) {
  check(n >= std::numeric_limits<int32_t>::min() && n <= std::numeric_limits<int32_t>::max(),
        "a size of {} is too large", n);
  return static_cast<int32_t>(n);
}

Operand weights_s8(Lowering& node, int i) {
  const Type type = node.in(i).type;
  if (type == Type::s8) return node.input(i);
  if (type != Type::s4) node.unsupported("weights have to be int8 or int4");
  const auto packed = node.bytes(i);
  std::vector<int8_t> values(static_cast<size_t>(node.in(i).shape.elements()));
  for (size_t k = 0; k < values.size(); ++k) {
    const int nibble = static_cast<int>(packed[k / 2]) >> (k % 2 * 4) & 15;
    values[k] = static_cast<int8_t>((nibble ^ 8) - 8);
  }
  return node.constant(values);
}

Operand weights_f32(Lowering& node, int i) {
  if (!node.has(i)) return Lowering::none();
  return node.in(i).type == Type::f32 ? node.input(i) : node.constant(node.floats(i));
}

Operand bias_s64(Lowering& node, int i) {
  if (!node.has(i) || node.in(i).type == Type::s64) return node.input(i);
  return node.constant(node.integers(i));
}

Requantization requantization(Lowering& node, int x, int weights, int bias, int64_t channels,
                              Activation activation, Type bias_type) {
  const Tensor &from = node.in(x), &w = node.in(weights), &y = node.out();
  expect_per_tensor(from, "input");
  expect_per_tensor(y, "output");
  check(usable(w.quant, channels), "the weights ('{}') have {} scales for {} channels", w.name,
        w.quant.scales.size(), channels);
  const auto factors = product_factors(from.quant, w.quant, y.quant);
  const Type sums = node.has(bias) ? node.in(bias).type : bias_type;
  const bool narrow = y.type == Type::s16 && sums == Type::s32;
  if (y.type == Type::s16) expect_int16(from, y, factors, narrow);
  const auto [lo, hi] = activation_range(activation, y.type, y.quant);
  return {{.zero = y.quant.zero(), .lo = lo, .hi = hi, .factor_step = factors.size() > 1, .narrow = narrow},
          node.constant(factors)};
}

}  // namespace teff
