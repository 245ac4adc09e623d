// Depthwise convolution: every channel c has `multiplier` outputs o = c * multiplier + m of its own,
// y[pixel][o] = activation(sum over the window's taps t of x[t][c] * w[t][o] + bias[o]). Weights are
// [kernel_h, kernel_w, outputs]. A unit is one output pixel. Loops go along the channels, which lie side by
// side in x, w and y.
#ifndef TEFF_KERNELS_C_DEPTHWISE_CONV2D_H
#define TEFF_KERNELS_C_DEPTHWISE_CONV2D_H

#include "requantize.h"
#include "window.h"

typedef struct teff_depthwise_conv2d_params {
  teff_window window;
  int32_t multiplier;
  int32_t x_zero;
  teff_requantize result;
} teff_depthwise_conv2d_params;

typedef struct teff_depthwise_conv2d_f32_params {
  teff_window window;
  int32_t multiplier;
  float lo, hi;  // activation
} teff_depthwise_conv2d_f32_params;

// sums[o] = sum over the taps inside of factor(x) * w. Product is wide enough for one product of two of type
// U, to which x - zero is narrowed: 9 bits times 8 for int8.
#define TEFF_DEPTHWISE_SUMS(name, T, U, W, Sum)                                                             \
  TEFF_KERNEL void teff_depthwise_sums_##name(const teff_window* window, int32_t pixel, int32_t multiplier, \
                                              int32_t zero, const T* x, const W* w, Sum* __restrict sums) { \
    const teff_view v = teff_view_at(window, pixel);                                                        \
    const int32_t channels = window->channels, outputs = channels * multiplier;                             \
    for (int32_t o = 0; o < outputs; ++o) sums[o] = 0;                                                      \
    for (int32_t i = v.rows.begin; i < v.rows.end; ++i)                                                     \
      for (int32_t j = v.columns.begin; j < v.columns.end; ++j) {                                           \
        const T* from = x + teff_tap_offset(window, v, i, j);                                               \
        const W* weights = w + (ptrdiff_t)(i * window->kernel_w + j) * outputs;                             \
        if (multiplier == 1) {                                                                              \
          for (int32_t c = 0; c < channels; ++c) sums[c] += (Sum)((U)(from[c] - (T)zero) * (U)weights[c]);  \
          continue;                                                                                         \
        }                                                                                                   \
        for (int32_t c = 0; c < channels; ++c) {                                                            \
          const U value = (U)(from[c] - (T)zero);                                                           \
          for (int32_t o = c * multiplier; o < (c + 1) * multiplier; ++o)                                   \
            sums[o] += (Sum)(value * (U)weights[o]);                                                        \
        }                                                                                                   \
      }                                                                                                     \
  }
TEFF_DEPTHWISE_SUMS(s8, int8_t, int16_t, int8_t, uint32_t)
TEFF_DEPTHWISE_SUMS(s16, int16_t, int16_t, int8_t, uint64_t)
TEFF_DEPTHWISE_SUMS(f32, float, float, float, float)
#undef TEFF_DEPTHWISE_SUMS

// `sums` is scratch for one sum per output.
#define TEFF_DEPTHWISE_CONV2D(name, T, Bias, Sum)                                                            \
  TEFF_KERNEL void teff_depthwise_conv2d_##name(teff_depthwise_conv2d_params p, const T* x, const int8_t* w, \
                                                const Bias* bias, const teff_factor* factors, T* y,          \
                                                Sum* sums, teff_range r) {                                   \
    const int32_t outputs = p.window.channels * p.multiplier;                                                \
    for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {                                                  \
      T* result = y + (ptrdiff_t)pixel * outputs;                                                            \
      teff_depthwise_sums_##name(&p.window, pixel, p.multiplier, p.x_zero, x, w, sums);                      \
      for (int32_t o = 0; o < outputs; ++o)                                                                  \
        result[o] = teff_requantize_##name(&p.result, sums[o] + (bias ? (Sum)bias[o] : 0),                   \
                                           factors[o * p.result.factor_step]);                               \
    }                                                                                                        \
  }
TEFF_DEPTHWISE_CONV2D(s8, int8_t, int32_t, uint32_t)
TEFF_DEPTHWISE_CONV2D(s16, int16_t, int64_t, uint64_t)
#undef TEFF_DEPTHWISE_CONV2D

// Floats whose multiplier is 1: the sums of this many channels stay in registers while all taps pass.
#define TEFF_DEPTHWISE_BLOCK 16

TEFF_KERNEL void teff_depthwise_block_f32(const teff_window* window, teff_view v, const float* x,
                                          const float* w, float* __restrict y) {
  float sums[TEFF_DEPTHWISE_BLOCK] = {0};
  for (int32_t i = v.rows.begin; i < v.rows.end; ++i)
    for (int32_t j = v.columns.begin; j < v.columns.end; ++j) {
      const float* from = x + teff_tap_offset(window, v, i, j);
      const float* weights = w + (ptrdiff_t)(i * window->kernel_w + j) * window->channels;
      for (int k = 0; k < TEFF_DEPTHWISE_BLOCK; ++k) sums[k] += from[k] * weights[k];
    }
  for (int k = 0; k < TEFF_DEPTHWISE_BLOCK; ++k) y[k] = sums[k];
}

TEFF_KERNEL void teff_depthwise_pixel_f32(const teff_depthwise_conv2d_f32_params* p, int32_t pixel,
                                          const float* x, const float* w, float* y) {
  if (p->multiplier != 1 || p->window.channels % TEFF_DEPTHWISE_BLOCK != 0) {
    teff_depthwise_sums_f32(&p->window, pixel, p->multiplier, 0, x, w, y);
    return;
  }
  const teff_view v = teff_view_at(&p->window, pixel);
  for (int32_t c = 0; c < p->window.channels; c += TEFF_DEPTHWISE_BLOCK)
    teff_depthwise_block_f32(&p->window, v, x + c, w + c, y + c);
}

TEFF_KERNEL void teff_depthwise_conv2d_f32(teff_depthwise_conv2d_f32_params p, const float* x, const float* w,
                                           const float* bias, float* y, teff_range r) {
  const int32_t outputs = p.window.channels * p.multiplier;
  for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {
    float* result = y + (ptrdiff_t)pixel * outputs;
    teff_depthwise_pixel_f32(&p, pixel, x, w, result);
    for (int32_t o = 0; o < outputs; ++o)
      result[o] = teff_clamp_f32(result[o] + (bias ? bias[o] : 0), p.lo, p.hi);
  }
}

#endif
