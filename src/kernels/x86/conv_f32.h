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
  // Elements from an output pixel to the next and from a row to the next; 0: side by side. Only for one
  // image.
  int32_t y_step = 0, y_row_step = 0;
};

// `weights` are those of conv2d_f32: [groups, kernel_h, kernel_w, channels / groups, outputs / groups].
int64_t conv_f32_packed_floats(const ConvF32& p);
void conv_f32_pack(const ConvF32& p, const float* weights, float* packed);

// The pieces of work of so many images that may be divided among threads.
int32_t conv_f32_units(const ConvF32& p, int32_t images);
void conv_f32(const ConvF32& p, const float* x, const float* packed, const float* bias, float* y,
              teff_range units);

// Transposed convolution whose taps never meet: kernel and stride are the same, so that each input pixel has
// an output of stride_h x stride_w pixels of its own, and a row of inputs makes stride_h rows.
struct SpreadF32 {
  int32_t in_h, in_w, channels, outputs, stride_h, stride_w;  // of all images together
  float lo = -std::numeric_limits<float>::infinity(), hi = std::numeric_limits<float>::infinity();
  const TilesF32* tiles = nullptr;
};

// `weights` are those of transpose_conv2d_f32: [stride_h, stride_w, channels, outputs].
int64_t spread_f32_packed_floats(const SpreadF32& p);
void spread_f32_pack(const SpreadF32& p, const float* weights, const float* bias, float* packed);
int32_t spread_f32_units(const SpreadF32& p);
void spread_f32(const SpreadF32& p, const float* x, const float* packed, float* y, teff_range units);

}  // namespace teff::x86
