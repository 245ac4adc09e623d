// One number from many along some axes; a unit is one result. The caller merges neighbouring axes of one
// kind, so that few are left: `kept` ones that the results run over, `reduced` ones that each result gathers,
// outermost first.
#ifndef TEFF_KERNELS_C_REDUCE_H
#define TEFF_KERNELS_C_REDUCE_H

#include "base.h"

#define TEFF_REDUCE_AXES 4  // of one kind, after merging: they alternate, and there are at most TEFF_MAX_RANK

typedef struct teff_reduce_axes {
  int32_t extent[TEFF_REDUCE_AXES], stride[TEFF_REDUCE_AXES];  // unused axes in front: extent 1
} teff_reduce_axes;

typedef struct teff_reduce_params {
  teff_reduce_axes kept, reduced;
} teff_reduce_params;

// Where the unit-th result's first element lies.
TEFF_KERNEL int32_t teff_reduce_start(teff_reduce_axes kept, int32_t unit) {
  int32_t offset = 0;
  for (int axis = TEFF_REDUCE_AXES - 1; axis >= 0; --axis) {
    offset += unit % kept.extent[axis] * kept.stride[axis];
    unit /= kept.extent[axis];
  }
  return offset;
}

// Runs `step` with `v` each element of a result, in the order of memory.
#define TEFF_REDUCE_EACH(T, axes, first, step)                                                       \
  for (int32_t a = 0; a < (axes).extent[0]; ++a)                                                     \
    for (int32_t b = 0; b < (axes).extent[1]; ++b)                                                   \
      for (int32_t c = 0; c < (axes).extent[2]; ++c) {                                               \
        const T* row = (first) + a * (axes).stride[0] + b * (axes).stride[1] + c * (axes).stride[2]; \
        for (int32_t d = 0; d < (axes).extent[3]; ++d) {                                             \
          const T v = row[d * (axes).stride[3]];                                                     \
          step;                                                                                      \
        }                                                                                            \
      }

#define TEFF_REDUCE(name, T, Sum, start, step)                                  \
  TEFF_KERNEL void name(teff_reduce_params p, const T* x, T* y, teff_range r) { \
    for (int32_t unit = r.begin; unit < r.end; ++unit) {                        \
      Sum sum = start;                                                          \
      TEFF_REDUCE_EACH(T, p.reduced, x + teff_reduce_start(p.kept, unit), step) \
      y[unit] = (T)sum;                                                         \
    }                                                                           \
  }

// Integers wrap around.
TEFF_REDUCE(teff_reduce_sum_f32, float, float, 0, sum += v)
TEFF_REDUCE(teff_reduce_prod_f32, float, float, 1, sum *= v)
TEFF_REDUCE(teff_reduce_max_f32, float, float, -3.402823466e+38f, sum = v > sum ? v : sum)
TEFF_REDUCE(teff_reduce_min_f32, float, float, 3.402823466e+38f, sum = v < sum ? v : sum)
TEFF_REDUCE(teff_reduce_max_s8, int8_t, int8_t, INT8_MIN, sum = v > sum ? v : sum)
TEFF_REDUCE(teff_reduce_min_s8, int8_t, int8_t, INT8_MAX, sum = v < sum ? v : sum)
TEFF_REDUCE(teff_reduce_max_s16, int16_t, int16_t, INT16_MIN, sum = v > sum ? v : sum)
TEFF_REDUCE(teff_reduce_min_s16, int16_t, int16_t, INT16_MAX, sum = v < sum ? v : sum)
TEFF_REDUCE(teff_reduce_sum_s32, int32_t, uint32_t, 0, sum += (uint32_t)v)
TEFF_REDUCE(teff_reduce_prod_s32, int32_t, uint32_t, 1, sum *= (uint32_t)v)
TEFF_REDUCE(teff_reduce_max_s32, int32_t, int32_t, INT32_MIN, sum = v > sum ? v : sum)
TEFF_REDUCE(teff_reduce_min_s32, int32_t, int32_t, INT32_MAX, sum = v < sum ? v : sum)
TEFF_REDUCE(teff_reduce_sum_s64, int64_t, uint64_t, 0, sum += (uint64_t)v)
TEFF_REDUCE(teff_reduce_prod_s64, int64_t, uint64_t, 1, sum *= (uint64_t)v)
TEFF_REDUCE(teff_reduce_max_s64, int64_t, int64_t, INT64_MIN, sum = v > sum ? v : sum)
TEFF_REDUCE(teff_reduce_min_s64, int64_t, int64_t, INT64_MAX, sum = v < sum ? v : sum)
TEFF_REDUCE(teff_reduce_any, uint8_t, uint8_t, 0, sum |= v != 0)
TEFF_REDUCE(teff_reduce_all, uint8_t, uint8_t, 1, sum &= v != 0)

typedef struct teff_reduce_mean_f32_params {
  teff_reduce_params over;
  float count;
} teff_reduce_mean_f32_params;

TEFF_KERNEL void teff_reduce_mean_f32(teff_reduce_mean_f32_params p, const float* x, float* y, teff_range r) {
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    float sum = 0;
    TEFF_REDUCE_EACH(float, p.over.reduced, x + teff_reduce_start(p.over.kept, unit), sum += v)
    y[unit] = p.count > 0 ? sum / p.count : 0;
  }
}

typedef struct teff_reduce_scaled_params {
  teff_reduce_params over;
  int32_t zero_sum;    // the zero point times the number of elements: what a sum of zeros is
  teff_factor factor;  // a sum to the result; divided by the number of elements for a mean
  int32_t y_zero;
} teff_reduce_scaled_params;

// Sum and mean of quantized numbers.
#define TEFF_REDUCE_SCALED(name, T, lo, hi)                                                             \
  TEFF_KERNEL void name(teff_reduce_scaled_params p, const T* x, T* y, teff_range r) {                  \
    for (int32_t unit = r.begin; unit < r.end; ++unit) {                                                \
      uint32_t sum = 0u - (uint32_t)p.zero_sum;                                                         \
      TEFF_REDUCE_EACH(T, p.over.reduced, x + teff_reduce_start(p.over.kept, unit), sum += (uint32_t)v) \
      y[unit] = (T)teff_clamp_s32(teff_wrap_add(teff_scale((int32_t)sum, p.factor), p.y_zero), lo, hi); \
    }                                                                                                   \
  }
TEFF_REDUCE_SCALED(teff_reduce_scaled_s8, int8_t, INT8_MIN, INT8_MAX)
TEFF_REDUCE_SCALED(teff_reduce_scaled_s16, int16_t, INT16_MIN, INT16_MAX)

#endif
