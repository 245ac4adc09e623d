// Tables that stand for functions: what the lowering computes so that no kernel has to.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "graph/graph.h"

namespace teff {

using RealFunction = std::function<float(float)>;

// f of each byte, in the order of the bytes 0 to 255; bytes are signed where `type` is.
std::vector<uint8_t> byte_table(Type type, const std::function<int32_t(int32_t)>& f);

// f between quantized int8 tensors: dequantized, computed in float, quantized, as TFLite's tables are.
std::vector<uint8_t> byte_table(const Tensor& x, const Tensor& y, const RealFunction& f);

// f between quantized int16 tensors at 513 points; kernels draw lines between them. Each entry is moved by
// half of the line's error in the middle.
std::vector<int16_t> int16_table(const Tensor& x, const Tensor& y, const RealFunction& f);

// The logistic function at i/24 for i < 256 in units of 1/65536: what int16 logistic, tanh and LSTM read.
std::vector<uint16_t> sigmoid_table();

}  // namespace teff
