// Convolution of float32 images as a matrix product without a matrix: the tiles of gemm_f32.h read the pixels
// of the image where they lie, and taps outside of it are left out, not multiplied by zero.
//
// Any window, dilation and number of groups; the weights are packed once, before. What is promised about
// memory and threads is what gemm_f32.h promises.
#pragma once

#include <limits>

#include "kernels/c/window.h"
#include "kernels/x86/gemm_f32.h"

namespace teff::x86 {

struct ConvF32 {
  teff_window window;
  int32_t groups = 1, outputs = 0;  // outputs of all groups together
  float lo = -std::numeric_limits<float>::infinity(), hi = std::numeric_limits<float>::infinity();
  const TilesF32* tiles = nullptr;  // null: the best that this processor has
};

// `weights` are those of conv2d_f32: [groups, kernel_h, kernel_w, channels / groups, outputs / groups].
int64_t conv_f32_packed_floats(const ConvF32& p);
void conv_f32_pack(const ConvF32& p, const float* weights, float* packed);

// The pieces of work of so many images that may be divided among threads.
int32_t conv_f32_units(const ConvF32& p, int32_t images);
void conv_f32(const ConvF32& p, const float* x, const float* packed, const float* bias, float* y,
              teff_range units);

}  // namespace teff::x86
