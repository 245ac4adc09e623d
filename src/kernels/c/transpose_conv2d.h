// Transposed convolution: input pixel (iy, ix) adds its product with tap (i, j) of the weights to output
// pixel (iy * stride_h - pad_top + i, ix * stride_w - pad_left + j), where there is one. Weights are
// [outputs, kernel_h, kernel_w, channels]; the float kernel takes them as [kernel_h, kernel_w, channels,
// outputs]. A unit is one output pixel, which looks up the inputs that reach it.
#ifndef TEFF_KERNELS_C_TRANSPOSE_CONV2D_H
#define TEFF_KERNELS_C_TRANSPOSE_CONV2D_H

#include <stddef.h>

#include "products.h"
#include "requantize.h"

typedef struct teff_spread {
  int32_t in_h, in_w, channels;
  int32_t out_h, out_w, outputs;
  int32_t kernel_h, kernel_w, stride_h, stride_w;
  int32_t pad_top, pad_left;
} teff_spread;

typedef struct teff_transpose_conv2d_params {
  teff_spread spread;
  int32_t x_zero;
  teff_requantize result;
} teff_transpose_conv2d_params;

typedef struct teff_transpose_conv2d_f32_params {
  teff_spread spread;
  float lo, hi;  // activation
} teff_transpose_conv2d_f32_params;

// Along one axis, output `at` (padding counted) is reached by tap i from input (at - i) / stride where that
// is whole: tap `tap` from input `source`, tap + stride from source - 1, and so on, while both exist.
typedef struct teff_reach {
  int32_t tap, source;
} teff_reach;

TEFF_KERNEL teff_reach teff_first_reach(int32_t at, int32_t stride, int32_t extent) {
  teff_reach reach = {at % stride, at / stride};
  const int32_t beyond = teff_max_s32(reach.source - (extent - 1), 0);
  reach.tap += beyond * stride;
  reach.source -= beyond;
  return reach;
}

// Where an output pixel stands: its image, and along both axes the first tap that reaches it.
typedef struct teff_spread_view {
  int32_t image;
  teff_reach row, column;
} teff_spread_view;

TEFF_KERNEL teff_spread_view teff_spread_view_at(const teff_spread* s, int32_t pixel) {
  const int32_t row = pixel / s->out_w;
  teff_spread_view v;
  v.image = row / s->out_h;
  v.row = teff_first_reach(row % s->out_h + s->pad_top, s->stride_h, s->in_h);
  v.column = teff_first_reach(pixel % s->out_w + s->pad_left, s->stride_w, s->in_w);
  return v;
}

// Runs BODY for each tap (i, j) that reaches the view, with `from` the index of the input pixel's first
// channel.
#define TEFF_FOR_REACHING_TAPS(s, v, BODY)                                                                 \
  for (int32_t i = (v).row.tap, iy = (v).row.source; i < (s).kernel_h && iy >= 0; i += (s).stride_h, --iy) \
    for (int32_t j = (v).column.tap, ix = (v).column.source; j < (s).kernel_w && ix >= 0;                  \
         j += (s).stride_w, --ix) {                                                                        \
      const ptrdiff_t from = (((ptrdiff_t)(v).image * (s).in_h + iy) * (s).in_w + ix) * (s).channels;      \
      BODY                                                                                                 \
    }

// `centred` is scratch for the channels of one pixel, `all` for a sum per output. Outputs go in pairs, the
// last one maybe with itself. 16-bit results take biases of 64 bits.
#define TEFF_TRANSPOSE_CONV2D(name, T, Bias, Sum)                                                            \
  TEFF_KERNEL void teff_add_tap_##name(const teff_spread* s, const int16_t* centred, const int8_t* w,        \
                                       Sum* all) {                                                           \
    const ptrdiff_t apart = (ptrdiff_t)s->kernel_h * s->kernel_w * s->channels;                              \
    for (int32_t o = 0; o < s->outputs; o += 2) {                                                            \
      const int32_t pair = teff_min_s32(s->outputs - o, 2);                                                  \
      const int8_t* row = w + o * apart;                                                                     \
      Sum sums[4];                                                                                           \
      teff_dots_##name(centred, centred, row, row + (pair - 1) * apart, s->channels, sums);                  \
      for (int32_t k = 0; k < pair; ++k) all[o + k] += sums[k];                                              \
    }                                                                                                        \
  }                                                                                                          \
  TEFF_KERNEL void teff_transpose_conv2d_##name(teff_transpose_conv2d_params p, const T* x, const int8_t* w, \
                                                const Bias* bias, const teff_factor* factors, T* y,          \
                                                int16_t* centred, Sum* all, teff_range r) {                  \
    const teff_spread s = p.spread;                                                                          \
    for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {                                                  \
      const teff_spread_view v = teff_spread_view_at(&s, pixel);                                             \
      T* result = y + (ptrdiff_t)pixel * s.outputs;                                                          \
      for (int32_t o = 0; o < s.outputs; ++o) all[o] = bias ? (Sum)bias[o] : 0;                              \
      TEFF_FOR_REACHING_TAPS(s, v, {                                                                         \
        for (int32_t c = 0; c < s.channels; ++c) centred[c] = (int16_t)(x[from + c] - (T)p.x_zero);          \
        teff_add_tap_##name(&s, centred, w + (ptrdiff_t)(i * s.kernel_w + j) * s.channels, all);             \
      })                                                                                                     \
      for (int32_t o = 0; o < s.outputs; ++o)                                                                \
        result[o] = teff_requantize_##name(&p.result, all[o], factors[o * p.result.factor_step]);            \
    }                                                                                                        \
  }
TEFF_TRANSPOSE_CONV2D(s8, int8_t, int32_t, uint32_t)
TEFF_TRANSPOSE_CONV2D(s16, int16_t, int64_t, uint64_t)
#undef TEFF_TRANSPOSE_CONV2D

TEFF_KERNEL void teff_transpose_conv2d_f32(teff_transpose_conv2d_f32_params p, const float* x, const float* w,
                                           const float* bias, float* y, teff_range r) {
  const teff_spread s = p.spread;
  const ptrdiff_t tap = (ptrdiff_t)s.channels * s.outputs;
  for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {
    const teff_spread_view v = teff_spread_view_at(&s, pixel);
    float* result = y + (ptrdiff_t)pixel * s.outputs;
    for (int32_t o = 0; o < s.outputs; ++o) result[o] = 0;
    TEFF_FOR_REACHING_TAPS(s, v, {
      teff_add_products_f32(x + from, s.channels, w + (i * s.kernel_w + j) * tap, s.outputs, result);
    })
    for (int32_t o = 0; o < s.outputs; ++o)
      result[o] = teff_clamp_f32(result[o] + (bias ? bias[o] : 0), p.lo, p.hi);
  }
}
#undef TEFF_FOR_REACHING_TAPS

#endif
