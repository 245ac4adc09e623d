// What runs along one axis of a tensor seen as [outer, extent, inner]: where the largest is, running sums,
// lengths.
#ifndef TEFF_KERNELS_C_ALONG_AXIS_H
#define TEFF_KERNELS_C_ALONG_AXIS_H

#include <math.h>

#include "base.h"
#include "fixed_point.h"

typedef struct teff_along_axis_params {
  int32_t extent, inner;
  int32_t flag_a, flag_b;  // what they mean stands beside each kernel
} teff_along_axis_params;

// The index of the largest (flag_a: of the smallest) element, the first of equals; NaN is less than anything
// (greater). A unit is one result.
#define TEFF_ARG(name, T, Index, is_nan)                                                           \
  TEFF_KERNEL void name(teff_along_axis_params p, const T* x, Index* y, teff_range r) {            \
    for (int32_t unit = r.begin; unit < r.end; ++unit) {                                           \
      const T* line = x + (unit / p.inner) * p.extent * p.inner + unit % p.inner;                  \
      T best = line[0];                                                                            \
      int32_t index = 0;                                                                           \
      for (int32_t i = 1; i < p.extent; ++i) {                                                     \
        const T v = line[i * p.inner];                                                             \
        if ((p.flag_a ? v < best : v > best) || (is_nan(best) && !is_nan(v))) best = v, index = i; \
      }                                                                                            \
      y[unit] = index;                                                                             \
    }                                                                                              \
  }
#define TEFF_IS_NAN(v) ((v) != (v))
#define TEFF_NEVER(v) 0
TEFF_ARG(teff_arg_f32, float, int32_t, TEFF_IS_NAN)
TEFF_ARG(teff_arg_s8, int8_t, int32_t, TEFF_NEVER)
TEFF_ARG(teff_arg_s16, int16_t, int32_t, TEFF_NEVER)
TEFF_ARG(teff_arg_s32, int32_t, int32_t, TEFF_NEVER)
TEFF_ARG(teff_arg_f32_s64, float, int64_t, TEFF_IS_NAN)
TEFF_ARG(teff_arg_s8_s64, int8_t, int64_t, TEFF_NEVER)
TEFF_ARG(teff_arg_s16_s64, int16_t, int64_t, TEFF_NEVER)
TEFF_ARG(teff_arg_s32_s64, int32_t, int64_t, TEFF_NEVER)

// Running sums; flag_a: without the element itself, flag_b: from the end. A unit is one line along the axis.
#define TEFF_CUMSUM(name, T, Sum)                                                   \
  TEFF_KERNEL void name(teff_along_axis_params p, const T* x, T* y, teff_range r) { \
    for (int32_t unit = r.begin; unit < r.end; ++unit) {                            \
      const int32_t start = (unit / p.inner) * p.extent * p.inner + unit % p.inner; \
      Sum sum = 0;                                                                  \
      for (int32_t i = 0; i < p.extent; ++i) {                                      \
        const int32_t at = start + (p.flag_b ? p.extent - 1 - i : i) * p.inner;     \
        const Sum before = sum;                                                     \
        sum += (Sum)x[at];                                                          \
        y[at] = (T)(p.flag_a ? before : sum);                                       \
      }                                                                             \
    }                                                                               \
  }
TEFF_CUMSUM(teff_cumsum_f32, float, float)
TEFF_CUMSUM(teff_cumsum_s32, int32_t, uint32_t)
TEFF_CUMSUM(teff_cumsum_s64, int64_t, uint64_t)

typedef struct teff_cumsum_s8_params {
  teff_along_axis_params along;
  int32_t x_zero, y_zero;
  teff_factor in, out;  // to the accumulator, which is finer by 2^20, and from it
} teff_cumsum_s8_params;

// The sum begins with what the stored value 0 stands for, as TFLite has it.
TEFF_KERNEL void teff_cumsum_s8(teff_cumsum_s8_params p, const int8_t* x, int8_t* y, teff_range r) {
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    const int32_t inner = p.along.inner, extent = p.along.extent;
    const int32_t start = (unit / inner) * extent * inner + unit % inner;
    int32_t sum = teff_scale(-p.x_zero * (1 << 20), p.in);
    for (int32_t i = 0; i < extent; ++i) {
      const int32_t at = start + (p.along.flag_b ? extent - 1 - i : i) * inner;
      const int32_t before = sum;
      sum = teff_wrap_add(sum, teff_scale((x[at] - p.x_zero) * (1 << 20), p.in));
      const int32_t scaled = teff_scale(p.along.flag_a ? before : sum, p.out);
      y[at] = (int8_t)teff_clamp_s32(teff_wrap_add(scaled, p.y_zero), -128, 127);
    }
  }
}

// --- L2 normalization: rows of `extent` elements divided by their length; a unit is a row ---

TEFF_KERNEL void teff_l2_normalize_f32(teff_along_axis_params p, const float* x, float* y, teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    const float* in = x + row * p.extent;
    float squares = 0;
    for (int32_t i = 0; i < p.extent; ++i) squares += in[i] * in[i];
    const float length = sqrtf(squares), divisor = length > 1e-6f ? length : 1e-6f;
    for (int32_t i = 0; i < p.extent; ++i) y[row * p.extent + i] = in[i] / divisor;
  }
}

// flag_a: the input's zero point. The result's scale is 1/128, its zero point 0.
TEFF_KERNEL void teff_l2_normalize_s8(teff_along_axis_params p, const int8_t* x, int8_t* y, teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    const int8_t* in = x + row * p.extent;
    uint32_t squares = 0;
    for (int32_t i = 0; i < p.extent; ++i) squares += (uint32_t)((in[i] - p.flag_a) * (in[i] - p.flag_a));
    teff_factor factor = teff_inverse_square_root((int32_t)squares);
    factor.shift += 7;
    for (int32_t i = 0; i < p.extent; ++i)
      y[row * p.extent + i] = (int8_t)teff_clamp_s32(teff_scale(in[i] - p.flag_a, factor), -128, 127);
  }
}

#endif
