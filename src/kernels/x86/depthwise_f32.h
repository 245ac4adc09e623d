// Depthwise convolution of float32 images, one output a channel: any window and dilation, sixteen channels of
// up to eight pixels at a time. What is promised about memory and threads is what gemm_f32.h promises.
#pragma once

#include <limits>

#include "kernels/c/window.h"

namespace teff::x86 {

struct StripsF32;  // strip_f32.h

struct DepthwiseF32 {
  teff_window window;
  float lo = -std::numeric_limits<float>::infinity(), hi = std::numeric_limits<float>::infinity();
  const StripsF32* strips = nullptr;  // null: the best that this processor has
};

// Weights are [kernel_h, kernel_w, channels]; a unit is a row of output pixels, counted through all images.
void depthwise_f32(const DepthwiseF32& p, const float* x, const float* weights, const float* bias, float* y,
                   teff_range rows);

}  // namespace teff::x86
