// Constants read as numbers.
#pragma once

#include <span>
#include <vector>

#include "graph/graph.h"

namespace teff {

// The elements of a tensor whose bytes are known as floats: of any float type, or integers, dequantized where
// the tensor is quantized (per tensor or per channel). Throws for types that are no numbers.
std::vector<float> floats_of(const Tensor& tensor, std::span<const std::byte> bytes);

}  // namespace teff
