// A layer whose weights are a sum of `rank` products of a vector over features and one over time: each filter
// keeps what its features gave in the last `memory` calls, newest last. y[b][u] = activation(bias[u] + sum
// over the unit's `rank` filters and over time of w_time * kept). A unit is one of these.
#ifndef TEFF_KERNELS_C_SVDF_H
#define TEFF_KERNELS_C_SVDF_H

#include "fully_connected.h"

typedef struct teff_svdf_f32_params {
  int32_t inputs, outputs, rank, memory;
  float lo, hi;  // activation
} teff_svdf_f32_params;

typedef struct teff_svdf_integer_params {
  int32_t inputs, outputs, rank, memory;
  int32_t x_zero, state_zero;
  teff_factor to_state;  // from sums of products of x
  teff_requantize result;
  teff_factor to_result;
} teff_svdf_integer_params;

TEFF_KERNEL void teff_svdf_f32(teff_svdf_f32_params p, const float* x, const float* w_feature,
                               const float* w_time, const float* bias, float* state, float* y, teff_range r) {
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    const int32_t b = unit / p.outputs, first = unit % p.outputs * p.rank;
    float sum = bias ? bias[unit % p.outputs] : 0;
    for (int32_t f = first; f < first + p.rank; ++f) {
      float* kept = state + ((ptrdiff_t)b * p.outputs * p.rank + f) * p.memory;
      for (int32_t t = 0; t + 1 < p.memory; ++t) kept[t] = kept[t + 1];
      kept[p.memory - 1] =
          teff_dot_f32(x + (ptrdiff_t)b * p.inputs, w_feature + (ptrdiff_t)f * p.inputs, p.inputs);
      sum += teff_dot_f32(kept, w_time + (ptrdiff_t)f * p.memory, p.memory);
    }
    y[unit] = teff_clamp_f32(sum, p.lo, p.hi);
  }
}

// State and weights over time are of one type. Scratch: x with its zero point taken off.
#define TEFF_SVDF(name, T, lo, hi)                                                                        \
  TEFF_KERNEL void teff_svdf_##name(teff_svdf_integer_params p, const int8_t* x, const int8_t* w_feature, \
                                    const T* w_time, const int32_t* bias, T* state, int8_t* y,            \
                                    int16_t* centred, teff_range r) {                                     \
    for (int32_t unit = r.begin; unit < r.end; ++unit) {                                                  \
      const int32_t b = unit / p.outputs, u = unit % p.outputs;                                           \
      if (unit == r.begin || u == 0)                                                                      \
        teff_centre_s8(x + (ptrdiff_t)b * p.inputs, p.inputs, p.x_zero, centred);                         \
      uint32_t sum = bias ? (uint32_t)bias[u] : 0;                                                        \
      for (int32_t f = u * p.rank; f < (u + 1) * p.rank; ++f) {                                           \
        const int8_t* row = w_feature + (ptrdiff_t)f * p.inputs;                                          \
        const T* over_time = w_time + (ptrdiff_t)f * p.memory;                                            \
        T* kept = state + ((ptrdiff_t)b * p.outputs * p.rank + f) * p.memory;                             \
        uint32_t products = 0;                                                                            \
        for (int32_t i = 0; i < p.inputs; ++i) products += (uint32_t)(centred[i] * row[i]);               \
        for (int32_t t = 0; t + 1 < p.memory; ++t) kept[t] = kept[t + 1];                                 \
        const int32_t newest = teff_clamp_s32(teff_scale((int32_t)products, p.to_state), lo, hi);         \
        kept[p.memory - 1] = (T)(newest + p.state_zero);                                                  \
        for (int32_t t = 0; t < p.memory; ++t)                                                            \
          sum += (uint32_t)over_time[t] * (uint32_t)(kept[t] - p.state_zero);                             \
      }                                                                                                   \
      y[unit] = teff_requantize_s8(&p.result, sum, p.to_result);                                          \
    }                                                                                                     \
  }
TEFF_SVDF(s8, int8_t, -128, 127)
TEFF_SVDF(s16, int16_t, -32768, 32767)
#undef TEFF_SVDF

#endif
