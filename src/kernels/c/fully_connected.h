// Fully connected: y[b][o] = activation(sum over i of x[b][i] * w[o][i] + bias[o]). A unit is one output,
// counted b * outputs + o.
#ifndef TEFF_KERNELS_C_FULLY_CONNECTED_H
#define TEFF_KERNELS_C_FULLY_CONNECTED_H

#include "base.h"

typedef struct teff_fully_connected_f32_params {
  int32_t inputs, outputs;
  float lo, hi;  // activation
} teff_fully_connected_f32_params;

typedef struct teff_fully_connected_s8_params {
  int32_t inputs, outputs;
  int32_t x_zero, w_zero, y_zero;
  int32_t lo, hi;       // of the quantized result
  int32_t per_channel;  // factors has one entry per output; otherwise one for all
} teff_fully_connected_s8_params;

TEFF_KERNEL void teff_fully_connected_f32(teff_fully_connected_f32_params p, const float* x, const float* w,
                                          const float* bias, float* y, teff_range r) {
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    const int32_t o = unit % p.outputs;
    const float *row = x + (unit / p.outputs) * p.inputs, *weights = w + o * p.inputs;
    float sum = 0;
    for (int32_t i = 0; i < p.inputs; ++i) sum += row[i] * weights[i];
    if (bias) sum += bias[o];
    y[unit] = teff_clamp_f32(sum, p.lo, p.hi);
  }
}

TEFF_KERNEL void teff_fully_connected_s8(teff_fully_connected_s8_params p, const int8_t* x, const int8_t* w,
                                         const int32_t* bias, const teff_factor* factors, int8_t* y,
                                         teff_range r) {
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    const int32_t o = unit % p.outputs;
    const int8_t *row = x + (unit / p.outputs) * p.inputs, *weights = w + o * p.inputs;
    uint32_t sum = bias ? (uint32_t)bias[o] : 0;  // wraps on hostile weights, as the sum's bits would
    for (int32_t i = 0; i < p.inputs; ++i) sum += (uint32_t)((row[i] - p.x_zero) * (weights[i] - p.w_zero));
    const int32_t scaled = teff_scale((int32_t)sum, factors[p.per_channel ? o : 0]);
    y[unit] = (int8_t)teff_clamp_s32(teff_wrap_add(scaled, p.y_zero), p.lo, p.hi);
  }
}

#endif
