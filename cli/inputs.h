// Files that people have, as inputs of a network: arrays, pictures, sound, raw bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "formats/array.h"
#include "teff/teff.h"

namespace teff::cli {

// How the 0..255 of a picture become numbers. Not given: from the input's quantization, which tells what the
// network was trained on (0..255, 0..1 or -1..1), and 0..1 for a float input.
struct PixelRange {
  float lo = 0, hi = 1;
};

// What fills `tensor`, call by call: most files hold one input, a .bin may hold several in a row. Throws
// Error naming the file where its type, size or shape does not fit the tensor.
std::vector<Bytes> read_input(const std::string& path, const TensorInfo& tensor,
                              std::optional<PixelRange> range = std::nullopt);

// A picture as the input of a network: resized to its height and width, its channels, its numbers.
Bytes picture_input(const Array& picture, const TensorInfo& tensor,
                    std::optional<PixelRange> range = std::nullopt);

// Numbers as the elements of a tensor: quantized where the tensor is. As many as it has elements.
Bytes elements_from(std::span<const float> values, const TensorInfo& tensor);

// Repeatable noise over the whole range of integers, or [-1, 1) for floats; integer inputs of 32 and 64 bits
// (indices, lengths) are 0 or 1.
Bytes random_input(const TensorInfo& tensor, uint32_t seed);

// The elements of a tensor as numbers: dequantized where it is quantized.
std::vector<float> as_floats(std::span<const std::byte> bytes, const TensorInfo& tensor);

}  // namespace teff::cli
