// The network that the program carries, so that it can show something real without any file: models/fashion,
// which tells what it is, how it was trained, and how good it is.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace teff::cli {

// All views last as long as the program; `tflite` is aligned to 16 bytes, as the constants in it are.
struct EmbeddedModel {
  std::string_view name;
  std::span<const std::byte> tflite;
  std::string_view labels;  // one class a line, in the order of the network's outputs

  // Records of `sample_bytes` each: the class, then the picture's pixels row by row. The network's int8 input
  // is the pixel minus 128.
  std::span<const std::byte> samples;
  std::size_t sample_bytes;

  // What TensorFlow's reference kernels answer to the samples, int8, one row of classes a sample: an engine
  // that is exact gives these bytes.
  std::span<const std::byte> outputs;
};

const EmbeddedModel& embedded_fashion();

}  // namespace teff::cli
