#include "plan/quantize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace teff {
namespace {

bool usable(float scale) { return std::isfinite(scale) && scale > 0; }

}  // namespace

QuantizedRange range_of(Type type) {
  switch (type) {
    case Type::s8: return {-128, 127};
    case Type::u8: return {0, 255};
    case Type::s16: return {-32768, 32767};
    case Type::s32: return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
    default: fail("type {} has no quantized range", name_of(type));
  }
}

int32_t quantized(float real, const Quant& quant) {
  const double q = quant.zero() + std::round(static_cast<double>(real / quant.scale()));
  return static_cast<int32_t>(std::clamp(q, -2147483648.0, 2147483647.0));
}

teff_factor factor_of(double real) {
  if (real == 0 || !std::isfinite(real)) return {0, 0};
  int shift = 0;
  int64_t q = std::llround(std::frexp(real, &shift) * 2147483648.0);
  if (q == int64_t{1} << 31) q /= 2, ++shift;
  if (shift < -31) return {0, 0};
  if (shift > 30) return {std::numeric_limits<int32_t>::max(), 30};
  return {static_cast<int32_t>(q), shift};
}

std::vector<teff_factor> product_factors(const Quant& x, const Quant& weights, const Quant& y) {
  std::vector<teff_factor> factors;
  for (float w : weights.scales) {
    // In this order and these precisions TFLite multiplies.
    const double real =
        static_cast<double>(x.scale()) * static_cast<double>(w) / static_cast<double>(y.scale());
    factors.push_back(factor_of(real));
  }
  return factors;
}

QuantizedRange activation_range(Activation activation, Type type, const Quant& quant) {
  QuantizedRange range = range_of(type);
  const auto at_least = [&](float real) { range.lo = std::max(range.lo, quantized(real, quant)); };
  const auto at_most = [&](float real) { range.hi = std::min(range.hi, quantized(real, quant)); };
  switch (activation) {
    case Activation::none: break;
    case Activation::relu: at_least(0); break;
    case Activation::relu6: at_least(0), at_most(6); break;
    case Activation::relu_n1_to_1: at_least(-1), at_most(1); break;
    case Activation::tanh:
    case Activation::sign_bit: fail("this activation cannot be fused into a quantized operator");
  }
  return range;
}

FloatRange activation_range(Activation activation) {
  constexpr float kMost = std::numeric_limits<float>::max();
  switch (activation) {
    case Activation::none: return {-kMost, kMost};
    case Activation::relu: return {0, kMost};
    case Activation::relu6: return {0, 6};
    case Activation::relu_n1_to_1: return {-1, 1};
    case Activation::tanh:
    case Activation::sign_bit: break;
  }
  fail("this activation cannot be fused");
}

void expect_per_tensor(const Tensor& tensor, const char* what) {
  check(tensor.quant.scales.size() == 1 && usable(tensor.quant.scale()),
        "the {} ('{}') needs one positive scale for the whole tensor", what, tensor.name);
  if (tensor.quant.zeros.empty()) return;
  const int64_t zero = tensor.quant.zeros[0];
  const QuantizedRange range = range_of(tensor.type);
  check(zero >= range.lo && zero <= range.hi, "the {} ('{}') has a zero point of {}, which {} does not hold",
        what, tensor.name, zero, name_of(tensor.type));
}

}  // namespace teff
