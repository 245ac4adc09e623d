// Fully connected: y[b][o] = activation(sum over i of x[b][i] * w[o][i] + bias[o]). A unit is one output,
// counted b * outputs + o.
#ifndef TEFF_KERNELS_C_FULLY_CONNECTED_H
#define TEFF_KERNELS_C_FULLY_CONNECTED_H

#include "products.h"
#include "requantize.h"

typedef struct teff_fully_connected_f32_params {
  int32_t inputs, outputs;
  float lo, hi;  // activation
} teff_fully_connected_f32_params;

typedef struct teff_fully_connected_params {
  int32_t inputs, outputs;
  int32_t x_zero, w_zero;
  teff_requantize result;
} teff_fully_connected_params;

TEFF_KERNEL void teff_fully_connected_f32(teff_fully_connected_f32_params p, const float* x, const float* w,
                                          const float* bias, float* y, teff_range r) {
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    const int32_t o = unit % p.outputs;
    const float* row = x + (ptrdiff_t)(unit / p.outputs) * p.inputs;
    const float sum = teff_dot_f32(row, w + (ptrdiff_t)o * p.inputs, p.inputs);
    y[unit] = teff_clamp_f32(sum + (bias ? bias[o] : 0), p.lo, p.hi);
  }
}

// A row of x is written down once as `centred` numbers x - x_zero, in scratch, for all outputs o in turn; for
// weights with a zero point, sum (x - x_zero)(w - w_zero) = sum (x - x_zero) w - w_zero * sum (x - x_zero).
// The row goes with outputs in pairs, and at the end with the last one twice. 16-bit results take biases of
// 64 bits.
#define TEFF_FULLY_CONNECTED(name, T, Bias, Sum)                                                           \
  TEFF_KERNEL Sum teff_centre_##name(const T* x, int32_t n, int32_t zero, int16_t* __restrict centred) {   \
    Sum sum = 0;                                                                                           \
    for (int32_t i = 0; i < n; ++i) {                                                                      \
      centred[i] = (int16_t)(x[i] - (T)zero);                                                              \
      sum += (Sum)centred[i];                                                                              \
    }                                                                                                      \
    return sum;                                                                                            \
  }                                                                                                        \
  TEFF_KERNEL void teff_fully_connected_##name(teff_fully_connected_params p, const T* x, const int8_t* w, \
                                               const Bias* bias, const teff_factor* factors, T* y,         \
                                               int16_t* centred, teff_range r) {                           \
    for (int32_t unit = r.begin; unit < r.end;) {                                                          \
      const int32_t b = unit / p.outputs, first = unit % p.outputs;                                        \
      const int32_t last = teff_min_s32(p.outputs, first + (r.end - unit));                                \
      const Sum shift =                                                                                    \
          (Sum)p.w_zero * teff_centre_##name(x + (ptrdiff_t)b * p.inputs, p.inputs, p.x_zero, centred);    \
      for (int32_t o = first; o < last; o += 2) {                                                          \
        const int32_t pair = teff_min_s32(last - o, 2);                                                    \
        const int8_t* row = w + (ptrdiff_t)o * p.inputs;                                                   \
        Sum sums[4];                                                                                       \
        teff_dots_##name(centred, centred, row, row + (ptrdiff_t)(pair - 1) * p.inputs, p.inputs, sums);   \
        for (int32_t k = 0; k < pair; ++k)                                                                 \
          y[(ptrdiff_t)b * p.outputs + o + k] =                                                            \
              teff_requantize_##name(&p.result, sums[k] - shift + (bias ? (Sum)bias[o + k] : 0),           \
                                     factors[(o + k) * p.result.factor_step]);                             \
      }                                                                                                    \
      unit += last - first;                                                                                \
    }                                                                                                      \
  }
TEFF_FULLY_CONNECTED(s8, int8_t, int32_t, uint32_t)
TEFF_FULLY_CONNECTED(s16, int16_t, int64_t, uint64_t)
#undef TEFF_FULLY_CONNECTED

#endif
