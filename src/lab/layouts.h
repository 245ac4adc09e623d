// Where the channels of a pixel lie (NHWC: together; NCHW: a plane for each), and what that does to the two
// halves of a separable convolution; and a depthwise convolution in place.
#pragma once

#include <cstdint>
#include <span>

namespace teff::lab {

struct Image {
  int64_t height, width, channels;
  int64_t pixels() const { return height * width; }
  int64_t numbers() const { return pixels() * channels; }
};

// As many output channels as input channels; weights [out][in], or [3][3] for each channel, with a border of
// zeros.
struct LayoutStep {
  const char* name;
  const char* words;
  bool depthwise, planes;  // planes: x and y are NCHW
  void (*run)(const Image& image, const float* x, const float* weights, float* y);
};
std::span<const LayoutStep> layout_steps();

// NCHW. `memory` holds an empty plane and then x; afterwards y lies at its beginning. That is all the memory
// there is.
void depthwise_in_place(const Image& image, float* memory, const float* weights);
inline int64_t in_place_numbers(const Image& image) { return (1 + image.channels) * image.pixels(); }

}  // namespace teff::lab
