// Pooling: y[pixel][c] is the average, the greatest, or the root of the mean square of what the window sees
// of channel c. Taps outside of the image do not count; every window sees something. A unit is one output
// pixel.
#ifndef TEFF_KERNELS_C_POOL2D_H
#define TEFF_KERNELS_C_POOL2D_H

#include <math.h>

#include "window.h"

typedef struct teff_pool2d_params {
  teff_window window;
  int32_t lo, hi;
} teff_pool2d_params;

typedef struct teff_pool2d_f32_params {
  teff_window window;
  float lo, hi;
} teff_pool2d_f32_params;

// sums[c] = TAKE(sums[c], x) over the taps inside, from `start` on; returns their number.
#define TEFF_POOL_TAPS(name, T, Sum, TAKE)                                                                   \
  TEFF_KERNEL int32_t teff_pool_taps_##name(const teff_window* window, int32_t pixel, Sum start, const T* x, \
                                            Sum* __restrict sums) {                                          \
    const teff_view v = teff_view_at(window, pixel);                                                         \
    for (int32_t c = 0; c < window->channels; ++c) sums[c] = start;                                          \
    for (int32_t i = v.rows.begin; i < v.rows.end; ++i)                                                      \
      for (int32_t j = v.columns.begin; j < v.columns.end; ++j) {                                            \
        const T* from = x + teff_tap_offset(window, v, i, j);                                                \
        for (int32_t c = 0; c < window->channels; ++c) sums[c] = TAKE(sums[c], from[c]);                     \
      }                                                                                                      \
    return (v.rows.end - v.rows.begin) * (v.columns.end - v.columns.begin);                                  \
  }
#define TEFF_WRAPPING_PLUS(sum, x) (sum) + (uint32_t)(x)
#define TEFF_GREATER(sum, x) (x) > (sum) ? (x) : (sum)
TEFF_POOL_TAPS(sum_s8, int8_t, uint32_t, TEFF_WRAPPING_PLUS)
TEFF_POOL_TAPS(sum_s16, int16_t, uint32_t, TEFF_WRAPPING_PLUS)
TEFF_POOL_TAPS(max_s8, int8_t, int8_t, TEFF_GREATER)
TEFF_POOL_TAPS(max_s16, int16_t, int16_t, TEFF_GREATER)
TEFF_POOL_TAPS(max_f32, float, float, TEFF_GREATER)
#undef TEFF_POOL_TAPS
#undef TEFF_WRAPPING_PLUS
#undef TEFF_GREATER

// sum / count rounded to nearest, halves away from zero.
TEFF_KERNEL int32_t teff_mean_s32(int32_t sum, int32_t count) {
  return teff_wrap_add(sum, sum > 0 ? count / 2 : -(count / 2)) / count;
}

// `sums` is scratch for one sum per channel.
#define TEFF_AVERAGE_POOL2D(name, T)                                                                  \
  TEFF_KERNEL void teff_average_pool2d_##name(teff_pool2d_params p, const T* x, T* y, uint32_t* sums, \
                                              teff_range r) {                                         \
    for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {                                           \
      T* result = y + (ptrdiff_t)pixel * p.window.channels;                                           \
      const int32_t count = teff_pool_taps_sum_##name(&p.window, pixel, 0, x, sums);                  \
      for (int32_t c = 0; c < p.window.channels; ++c)                                                 \
        result[c] = (T)teff_clamp_s32(teff_mean_s32((int32_t)sums[c], count), p.lo, p.hi);            \
    }                                                                                                 \
  }
TEFF_AVERAGE_POOL2D(s8, int8_t)
TEFF_AVERAGE_POOL2D(s16, int16_t)
#undef TEFF_AVERAGE_POOL2D

// Pools that gather in the result itself and finish it with FINISH(gathered, count).
#define TEFF_POOL2D(pool, type, Params, T, taps, start, clamp, FINISH)                     \
  TEFF_KERNEL void teff_##pool##_pool2d_##type(Params p, const T* x, T* y, teff_range r) { \
    for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {                                \
      T* result = y + (ptrdiff_t)pixel * p.window.channels;                                \
      const int32_t count = teff_pool_taps_##taps(&p.window, pixel, start, x, result);     \
      (void)count;                                                                         \
      for (int32_t c = 0; c < p.window.channels; ++c)                                      \
        result[c] = (T)clamp(FINISH(result[c], count), p.lo, p.hi);                        \
    }                                                                                      \
  }
#define TEFF_AS_IS(gathered, count) (gathered)
#define TEFF_MEAN(gathered, count) (gathered) / (float)(count)
#define TEFF_ROOT_OF_MEAN(gathered, count) sqrtf((gathered) / (float)(count))
TEFF_POOL2D(max, s8, teff_pool2d_params, int8_t, max_s8, INT8_MIN, teff_clamp_s32, TEFF_AS_IS)
TEFF_POOL2D(max, s16, teff_pool2d_params, int16_t, max_s16, INT16_MIN, teff_clamp_s32, TEFF_AS_IS)
TEFF_POOL2D(max, f32, teff_pool2d_f32_params, float, max_f32, -3.402823466e+38f, teff_clamp_f32, TEFF_AS_IS)
#undef TEFF_POOL2D
#undef TEFF_AS_IS

// Sums of floats: each row of the window on its own in `row`, scratch for one sum per channel, then the rows.
// The error grows with height + width of the window, and not with its area, which may be a whole image.
#define TEFF_SUM_POOL2D(pool, VALUE, FINISH)                                                        \
  TEFF_KERNEL void teff_##pool##_pool2d_f32(teff_pool2d_f32_params p, const float* x, float* y,     \
                                            float* __restrict row, teff_range r) {                  \
    const int32_t channels = p.window.channels;                                                     \
    for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {                                         \
      const teff_view v = teff_view_at(&p.window, pixel);                                           \
      float* __restrict result = y + (ptrdiff_t)pixel * channels;                                   \
      for (int32_t c = 0; c < channels; ++c) result[c] = 0;                                         \
      for (int32_t i = v.rows.begin; i < v.rows.end; ++i) {                                         \
        for (int32_t c = 0; c < channels; ++c) row[c] = 0;                                          \
        for (int32_t j = v.columns.begin; j < v.columns.end; ++j) {                                 \
          const float* from = x + teff_tap_offset(&p.window, v, i, j);                              \
          for (int32_t c = 0; c < channels; ++c) row[c] += VALUE(from[c]);                          \
        }                                                                                           \
        for (int32_t c = 0; c < channels; ++c) result[c] += row[c];                                 \
      }                                                                                             \
      const float count = (float)((v.rows.end - v.rows.begin) * (v.columns.end - v.columns.begin)); \
      for (int32_t c = 0; c < channels; ++c)                                                        \
        result[c] = teff_clamp_f32(FINISH(result[c] / count), p.lo, p.hi);                          \
    }                                                                                               \
  }
#define TEFF_AS_IS(value) (value)
#define TEFF_SQUARE(value) (value) * (value)
TEFF_SUM_POOL2D(average, TEFF_AS_IS, TEFF_AS_IS)
TEFF_SUM_POOL2D(l2, TEFF_SQUARE, sqrtf)
#undef TEFF_SUM_POOL2D
#undef TEFF_AS_IS
#undef TEFF_SQUARE

#endif
