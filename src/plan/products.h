// Steps that are sums of products of int8 (convolutions, depthwise ones, fully connected layers), taken apart
// for whoever exchanges them for kernels with packed constants.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "kernels/c/arithmetic.h"
#include "kernels/c/reduce.h"
#include "kernels/c/requantize.h"
#include "kernels/c/window.h"
#include "plan/plan.h"
#include "plan/staircase.h"

namespace teff {

// The value of an operand that is a constant.
std::optional<std::span<const std::byte>> constant_value(const Plan& plan, const Operand& operand);

// What conv2d_s8, depthwise_conv2d_s8 and fully_connected_s8 have in common: the operands x, weights, bias,
// factors, y.
struct Products {
  Operand x, y;
  std::span<const int8_t> weights;
  std::span<const int32_t> bias;  // may be empty
  std::span<const teff_factor> factors;
  int32_t x_zero;
  teff_requantize result;
  int32_t outputs, taps;  // products that make one output
  bool depthwise;         // weights are [taps][outputs], not [outputs][taps]

  int8_t weight(int32_t output, int32_t tap) const {
    return weights[static_cast<size_t>(depthwise ? tap * outputs + output : output * taps + tap)];
  }
  int64_t bias_of(int32_t output) const { return bias.empty() ? 0 : bias[static_cast<size_t>(output)]; }
  teff_factor factor_of(int32_t output) const {
    return factors[static_cast<size_t>(output * result.factor_step)];
  }
  // Weights as [outputs][taps].
  std::vector<int8_t> by_output() const;
};

// A step of one of those kernels; nothing where weights, bias or factors are not constant.
std::optional<Products> products_of(const Plan& plan, const Step& step, int32_t x_zero,
                                    const teff_requantize& result, int32_t outputs, int32_t taps,
                                    bool depthwise);

// The cheapest arithmetic for the sums that the layer's weights allow (`stepwise`: TFLite's own); its
// channels start at the whole bias, for kernels that read x as it is stored. Nothing where sums might leave
// 32 bits.
std::optional<Scaling> scaling_of(const Products& p, bool stepwise);

// Of products of two numbers, which start at the channel's bias.
Scaling scaling_of_products(const teff_product_params& p);

// Of sums of `count` numbers as they are stored, which start at the channel's bias.
Scaling scaling_of_means(const teff_reduce_scaled_params& p, int64_t count);

// A row of `count` pixels, seen one by one.
teff_window pixels_in_a_row(int32_t count, int32_t channels);

}  // namespace teff
