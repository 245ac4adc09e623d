// Block-wise quantization: TFLite keeps the scales and zero points of blocks in tensors of the subgraph, teff
// keeps them in Quant.
#pragma once

#include <cstdint>
#include <vector>

#include "formats/tflite.h"

namespace teff::tflite {

// The values of a constant tensor that holds scales or zero points. Throw Error for other types.
std::vector<float> block_scales(const Tensor& tensor);
std::vector<int64_t> block_zeros(const Tensor& tensor);

// The index of a constant tensor that holds the scales or zero points of tensors[index]: the first that there
// is, or else a new one at the end of `tensors`. -1: all zero points are 0.
int32_t scales_tensor(std::vector<Tensor>& tensors, size_t index);
int32_t zeros_tensor(std::vector<Tensor>& tensors, size_t index);

}  // namespace teff::tflite
