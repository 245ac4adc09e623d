// Quantization parameters as the integers that kernels take.
#pragma once

#include <utility>
#include <vector>

#include "graph/graph.h"
#include "kernels/c/base.h"

namespace teff {

// A real factor as TFLite's fixed point: 31 bits and a shift; flushed to 0 below 2^-32.
teff_factor factor_of(double real);

// x_scale * w_scale / y_scale for each scale of the weights (one, or one a channel).
std::vector<teff_factor> product_factors(const Quant& x, const Quant& weights, const Quant& y);

// What an activation leaves of a quantized type's range, and of the reals.
struct QuantizedRange {
  int32_t lo, hi;
};
QuantizedRange activation_range(Activation activation, Type type, const Quant& quant);
QuantizedRange range_of(Type type);
// round(real / scale) + zero point, ties away from zero; not cut off at a type's range.
int32_t quantized(float real, const Quant& quant);
struct FloatRange {
  float lo, hi;
};
FloatRange activation_range(Activation activation);

// Throws Error unless the tensor is of a quantized type with one scale (positive and finite) and a zero point
// that the type holds.
void expect_per_tensor(const Tensor& tensor, const char* what);

}  // namespace teff
