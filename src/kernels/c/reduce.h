// One number from many along some axes; a unit is one result. The caller merges neighbouring axes of one
// kind, so that few are left: `kept` ones that the results run over, `reduced` ones that each result gathers,
// outermost first.
#ifndef TEFF_KERNELS_C_REDUCE_H
#define TEFF_KERNELS_C_REDUCE_H

#include <stddef.h>

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

// --- sums of floats ---

// Results that lie side by side go together, up to this many: one pass through memory serves them all.
#define TEFF_SUM_WIDTH 16
// Elements of a result are summed in parts of this many, and then the parts: the error grows with the larger
// of the part's length and the number of parts.
#define TEFF_SUM_PART 64

// sums[k] += the sum of x[i * apart + k] over n elements i, for `width` k.
TEFF_KERNEL void teff_add_part_f32(const float* x, int32_t n, int32_t apart, int32_t width, float* sums) {
  float part[TEFF_SUM_WIDTH] = {0};
  if (width == TEFF_SUM_WIDTH) {
    for (int32_t i = 0; i < n; ++i)
      for (int k = 0; k < TEFF_SUM_WIDTH; ++k) part[k] += x[(ptrdiff_t)i * apart + k];
  } else {
    for (int32_t i = 0; i < n; ++i)
      for (int k = 0; k < width; ++k) part[k] += x[(ptrdiff_t)i * apart + k];
  }
  for (int k = 0; k < width; ++k) sums[k] += part[k];
}

// The same of one sum of neighbours, in sums that run side by side.
TEFF_KERNEL void teff_add_neighbours_f32(const float* x, int32_t n, float* sum) {
  const int32_t even = n / TEFF_SUM_WIDTH * TEFF_SUM_WIDTH;
  float sums[TEFF_SUM_WIDTH] = {0};
  teff_add_part_f32(x, n / TEFF_SUM_WIDTH, TEFF_SUM_WIDTH, TEFF_SUM_WIDTH, sums);
  teff_add_part_f32(x + even, n - even, 1, 1, sums);
  teff_add_part_f32(sums, TEFF_SUM_WIDTH, 1, 1, sum);
}

TEFF_KERNEL void teff_sums_f32(teff_reduce_axes axes, const float* x, int32_t width, float* sums) {
  for (int k = 0; k < width; ++k) sums[k] = 0;
  for (int32_t a = 0; a < axes.extent[0]; ++a)
    for (int32_t b = 0; b < axes.extent[1]; ++b)
      for (int32_t c = 0; c < axes.extent[2]; ++c) {
        const float* row = x + a * axes.stride[0] + b * axes.stride[1] + c * axes.stride[2];
        for (int32_t d = 0; d < axes.extent[3]; d += TEFF_SUM_PART) {
          const int32_t n = teff_min_s32(axes.extent[3] - d, TEFF_SUM_PART);
          const float* from = row + (ptrdiff_t)d * axes.stride[3];
          if (width == 1 && axes.stride[3] == 1 && n >= TEFF_SUM_WIDTH)
            teff_add_neighbours_f32(from, n, sums);
          else
            teff_add_part_f32(from, n, axes.stride[3], width, sums);
        }
      }
}

// How many of the next `most` results may go together.
TEFF_KERNEL int32_t teff_sums_width(const teff_reduce_axes* kept, int32_t unit, int32_t most) {
  const int32_t last = kept->extent[TEFF_REDUCE_AXES - 1];
  if (kept->stride[TEFF_REDUCE_AXES - 1] != 1) return 1;
  return teff_min_s32(teff_min_s32(last - unit % last, most), TEFF_SUM_WIDTH);
}

TEFF_KERNEL void teff_reduce_sum_f32(teff_reduce_params p, const float* x, float* y, teff_range r) {
  for (int32_t unit = r.begin, width; unit < r.end; unit += width) {
    width = teff_sums_width(&p.kept, unit, r.end - unit);
    teff_sums_f32(p.reduced, x + teff_reduce_start(p.kept, unit), width, y + unit);
  }
}

typedef struct teff_reduce_mean_f32_params {
  teff_reduce_params over;
  float count;
} teff_reduce_mean_f32_params;

TEFF_KERNEL void teff_reduce_mean_f32(teff_reduce_mean_f32_params p, const float* x, float* y, teff_range r) {
  teff_reduce_sum_f32(p.over, x, y, r);
  for (int32_t unit = r.begin; unit < r.end; ++unit) y[unit] = p.count > 0 ? y[unit] / p.count : 0;
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
