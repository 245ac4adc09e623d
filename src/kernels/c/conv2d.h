// Convolution: y[pixel][o] = activation(sum over the window's taps t and channels c of x[t][c] * w[o][t][c] +
// bias[o]). Channels fall into `groups`: the outputs of a group see the inputs of that group only. A unit is
// one output pixel. `patches` is scratch for what two windows see: two pixels go together because every
// weight that is loaded serves both.
#ifndef TEFF_KERNELS_C_CONV2D_H
#define TEFF_KERNELS_C_CONV2D_H

#include "products.h"
#include "requantize.h"
#include "window.h"

typedef struct teff_conv2d_params {
  teff_window window;
  int32_t groups, outputs;  // outputs of all groups together
  int32_t x_zero;
  teff_requantize result;
} teff_conv2d_params;

typedef struct teff_conv2d_f32_params {
  teff_window window;
  int32_t groups, outputs;
  float lo, hi;  // activation
} teff_conv2d_f32_params;

// Weights are [outputs, kernel_h, kernel_w, channels / groups]; Sum is unsigned because hostile sums wrap. An
// odd pixel or output at the end goes together with itself. 16-bit results take biases of 64 bits.
#define TEFF_CONV2D(name, T, Bias, Sum)                                                                    \
  TEFF_KERNEL void teff_conv2d_##name(teff_conv2d_params p, const T* x, const int8_t* w, const Bias* bias, \
                                      const teff_factor* factors, T* y, int16_t* patches, teff_range r) {  \
    const int32_t channels = p.window.channels / p.groups, outputs = p.outputs / p.groups;                 \
    const int32_t taps = p.window.kernel_h * p.window.kernel_w * channels;                                 \
    for (int32_t pixel = r.begin; pixel < r.end; pixel += 2) {                                             \
      const int32_t pixels = teff_min_s32(r.end - pixel, 2);                                               \
      const int16_t* patch[2] = {patches, patches + (ptrdiff_t)(pixels - 1) * taps};                       \
      for (int32_t g = 0; g < p.groups; ++g) {                                                             \
        for (int32_t i = 0; i < pixels; ++i)                                                               \
          teff_see_##name(&p.window, pixel + i, g * channels, channels, p.x_zero, x,                       \
                          patches + (ptrdiff_t)i * taps);                                                  \
        for (int32_t o = g * outputs; o < (g + 1) * outputs; o += 2) {                                     \
          const int32_t pair = teff_min_s32((g + 1) * outputs - o, 2);                                     \
          const int8_t* row = w + (ptrdiff_t)o * taps;                                                     \
          Sum sums[4];                                                                                     \
          teff_dots_##name(patch[0], patch[1], row, row + (ptrdiff_t)(pair - 1) * taps, taps, sums);       \
          for (int32_t i = 0; i < pixels; ++i)                                                             \
            for (int32_t k = 0; k < pair; ++k)                                                             \
              y[(ptrdiff_t)(pixel + i) * p.outputs + o + k] =                                              \
                  teff_requantize_##name(&p.result, sums[2 * i + k] + (bias ? (Sum)bias[o + k] : 0),       \
                                         factors[(o + k) * p.result.factor_step]);                         \
        }                                                                                                  \
      }                                                                                                    \
    }                                                                                                      \
  }
TEFF_CONV2D(s8, int8_t, int32_t, uint32_t)
TEFF_CONV2D(s16, int16_t, int64_t, uint64_t)
#undef TEFF_CONV2D

// Weights are [groups, kernel_h, kernel_w, channels / groups, outputs / groups].
TEFF_KERNEL void teff_conv2d_f32(teff_conv2d_f32_params p, const float* x, const float* w, const float* bias,
                                 float* y, float* patch, teff_range r) {
  const int32_t channels = p.window.channels / p.groups, outputs = p.outputs / p.groups;
  const int32_t taps = p.window.kernel_h * p.window.kernel_w * channels;
  for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {
    for (int32_t g = 0; g < p.groups; ++g) {
      float* result = y + (ptrdiff_t)pixel * p.outputs + g * outputs;
      teff_see_f32(&p.window, pixel, g * channels, channels, 0, x, patch);
      for (int32_t o = 0; o < outputs; ++o) result[o] = 0;
      teff_add_products_f32(patch, taps, w + (ptrdiff_t)g * taps * outputs, outputs, result);
      for (int32_t o = 0; o < outputs; ++o)
        result[o] = teff_clamp_f32(result[o] + (bias ? bias[g * outputs + o] : 0), p.lo, p.hi);
    }
  }
}

#endif
