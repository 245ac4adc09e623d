// A fully connected layer in plain C (teff_dense of rows.h).
//
// Packed: a teff_channel for every output, then the weights [outputs][inputs]. Two outputs go together, so
// that an input that is loaded serves both.
#ifndef TEFF_KERNELS_C_DENSE_C_H
#define TEFF_KERNELS_C_DENSE_C_H

#include "result.h"

TEFF_KERNEL int32_t teff_dense_c_scratch(const teff_dense* p) {
  (void)p;
  return 0;
}

TEFF_KERNEL void teff_dense_c(teff_dense p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                              teff_range r) {
  const teff_channel* channels = (const teff_channel*)packed;
  const int8_t* weights = (const int8_t*)(channels + p.outputs);
  (void)scratch;
  for (int32_t o = r.begin; o < r.end; o += 2) {
    const int32_t second = o + 1 < r.end ? o + 1 : o;
    const int8_t *w0 = weights + (ptrdiff_t)o * p.inputs, *w1 = weights + (ptrdiff_t)second * p.inputs;
    int32_t sum0 = channels[o].bias, sum1 = channels[second].bias;
    for (int32_t i = 0; i < p.inputs; ++i) {
      sum0 += x[i] * w0[i];
      sum1 += x[i] * w1[i];
    }
    y[o] = teff_result_of_sum(&p.result, channels + o, sum0);
    y[second] = teff_result_of_sum(&p.result, channels + second, sum1);
  }
}

#endif
