#include "plan/products.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace teff {
namespace {

template <class T>
std::span<const T> as(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

// A sum that starts at the bias and takes its products in any order stays within 32 bits.
bool sums_fit(const Products& p, int32_t output, int64_t start) {
  int64_t magnitude = 0;
  for (int32_t t = 0; t < p.taps; ++t) magnitude += std::abs(int64_t{p.weight(output, t)});
  return std::abs(start) + 128 * magnitude <= std::numeric_limits<int32_t>::max();
}

// The kernels read x as it is stored: sum (x - x_zero) w = sum x w - x_zero sum w.
int64_t start_of(const Products& p, int32_t output) {
  int64_t weights = 0;
  for (int32_t t = 0; t < p.taps; ++t) weights += p.weight(output, t);
  return p.bias_of(output) - p.x_zero * weights;
}

}  // namespace

std::optional<std::span<const std::byte>> constant_value(const Plan& plan, const Operand& operand) {
  int64_t index = operand.index;
  if (operand.kind == Operand::Kind::tensor) {
    const Location& where = plan.tensors[static_cast<size_t>(operand.index)].location;
    if (where.place != Location::Place::constant) return {};
    index = where.offset;
  } else if (operand.kind != Operand::Kind::constant) {
    return {};
  }
  return plan.constants[static_cast<size_t>(index)].span();
}

std::vector<int8_t> Products::by_output() const {
  std::vector<int8_t> result;
  result.reserve(weights.size());
  for (int32_t o = 0; o < outputs; ++o)
    for (int32_t t = 0; t < taps; ++t) result.push_back(weight(o, t));
  return result;
}

std::optional<Products> products_of(const Plan& plan, const Step& step, int32_t x_zero,
                                    const teff_requantize& result, int32_t outputs, int32_t taps,
                                    bool depthwise) {
  const auto weights = constant_value(plan, step.operands[1]),
             factors = constant_value(plan, step.operands[3]);
  if (!weights || !factors) return {};
  Products p{.x = step.operands[0],
             .y = step.operands[4],
             .weights = as<int8_t>(*weights),
             .bias = {},
             .factors = as<teff_factor>(*factors),
             .x_zero = x_zero,
             .result = result,
             .outputs = outputs,
             .taps = taps,
             .depthwise = depthwise};
  if (step.operands[2].kind != Operand::Kind::none) {
    const auto bias = constant_value(plan, step.operands[2]);
    if (!bias) return {};
    p.bias = as<int32_t>(*bias);
  }
  return p;
}

std::optional<Scaling> scaling_of(const Products& p, bool stepwise) {
  std::vector<ChannelSums> sums;
  for (int32_t o = 0; o < p.outputs; ++o) {
    if (!sums_fit(p, o, start_of(p, o))) return {};
    const int8_t* weights = p.weights.data() + (p.depthwise ? o : int64_t{o} * p.taps);
    sums.push_back(reachable_sums(weights, p.taps, p.depthwise ? p.outputs : 1, p.bias_of(o), p.factor_of(o),
                                  {.zero = p.x_zero}));
  }
  const auto choose = stepwise ? stepwise_scaling : choose_scaling;
  Scaling scaling = choose(sums, p.result.zero, p.result.lo, p.result.hi);
  for (int32_t o = 0; o < p.outputs; ++o) {
    int32_t& bias = scaling.channels[static_cast<size_t>(o)].bias;
    if (!sums_fit(p, o, start_of(p, o) + bias)) return {};
    bias += static_cast<int32_t>(start_of(p, o));
  }
  return scaling;
}

Scaling scaling_of_products(const teff_product_params& p) {
  ChannelSums products{.factor = p.factor, .lo = 0, .hi = 0};
  for (const int64_t a : {-128 - p.a_zero, 127 - p.a_zero})
    for (const int64_t b : {-128 - p.b_zero, 127 - p.b_zero})
      products.lo = std::min(products.lo, a * b), products.hi = std::max(products.hi, a * b);
  return choose_scaling(std::span(&products, 1), p.y_zero, p.lo, p.hi);
}

Scaling scaling_of_means(const teff_reduce_scaled_params& p, int64_t count) {
  const ChannelSums sums{.factor = p.factor, .lo = -128 * count - p.zero_sum, .hi = 127 * count - p.zero_sum};
  Scaling scaling = choose_scaling(std::span(&sums, 1), p.y_zero, -128, 127);
  scaling.channels[0].bias -= p.zero_sum;
  return scaling;
}

teff_window pixels_in_a_row(int32_t count, int32_t channels) {
  return {.in_h = 1,
          .in_w = count,
          .channels = channels,
          .out_h = 1,
          .out_w = count,
          .kernel_h = 1,
          .kernel_w = 1,
          .stride_h = 1,
          .stride_w = 1,
          .dilation_h = 1,
          .dilation_w = 1};
}

}  // namespace teff
