// Weights, biases and scales of convolutions and matrix products in the form that kernels take.
#pragma once

#include <cstdint>

#include "kernels/c/requantize.h"
#include "plan/lowering.h"

namespace teff {

// An extent, a stride or a padding as a kernel's parameter; infer() has seen to it that it fits.
int32_t int32_of(int64_t n);

// Input `i` as int8: packed 4-bit constants are unpacked.
Operand weights_s8(Lowering& node, int i);

// Input `i` as float: constants of any other type are converted and, where quantized, dequantized.
Operand weights_f32(Lowering& node, int i);

// Input `i` as the int64 biases of int16 kernels (none where it is left out): narrower constants are widened.
Operand bias_s64(Lowering& node, int i);

// How sums of products become the output: the struct, and the factors that it speaks of.
struct Requantization {
  teff_requantize params;
  Operand factors;
};

// For inputs `x`, `weights` (scaled as a whole or by each of `channels`) and `bias` of the node. The bias'
// type says how wide int16 networks add up; without a bias, `bias_type` does. Throws where this quantization
// cannot be computed with.
Requantization requantization(Lowering& node, int x, int weights, int bias, int64_t channels,
                              Activation activation, Type bias_type = Type::s64);

}  // namespace teff
