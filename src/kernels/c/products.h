// Sums of products, the inside of every convolution and matrix product.
#ifndef TEFF_KERNELS_C_PRODUCTS_H
#define TEFF_KERNELS_C_PRODUCTS_H

#include <stddef.h>

#include "base.h"

// The four inner products of two vectors x and two vectors w of n elements: x0 w0, x0 w1, x1 w0, x1 w1. Two
// by two, so that an element that was loaded is used twice. Sums wrap: they are meant to fit, but nothing
// holds a file to that. 16-bit factors make this a multiply-add of pairs on every machine that has one.
TEFF_KERNEL void teff_dots_s8(const int16_t* x0, const int16_t* x1, const int8_t* w0, const int8_t* w1,
                              int32_t n, uint32_t* sums) {
  uint32_t s00 = 0, s01 = 0, s10 = 0, s11 = 0;
  for (int32_t i = 0; i < n; ++i) {
    const int16_t a = w0[i], b = w1[i];
    s00 += (uint32_t)(x0[i] * a);
    s01 += (uint32_t)(x0[i] * b);
    s10 += (uint32_t)(x1[i] * a);
    s11 += (uint32_t)(x1[i] * b);
  }
  sums[0] = s00, sums[1] = s01, sums[2] = s10, sums[3] = s11;
}

// The same with sums of 64 bits, for x of 16 bits. 256 products of 16 and 8 bits fit in 32 bits: 15 + 7 + 8.
TEFF_KERNEL void teff_dots_s16(const int16_t* x0, const int16_t* x1, const int8_t* w0, const int8_t* w1,
                               int32_t n, uint64_t* sums) {
  for (int k = 0; k < 4; ++k) sums[k] = 0;
  for (int32_t i = 0; i < n; i += 256) {
    uint32_t part[4];
    teff_dots_s8(x0 + i, x1 + i, w0 + i, w1 + i, teff_min_s32(n - i, 256), part);
    for (int k = 0; k < 4; ++k) sums[k] += (uint64_t)(int64_t)(int32_t)part[k];
  }
}

// The inner product of two vectors, in eight sums that run side by side: a compiler must not reorder float
// additions to make vectors of them.
TEFF_KERNEL float teff_dot_f32(const float* x, const float* w, int32_t n) {
  float sums[8] = {0, 0, 0, 0, 0, 0, 0, 0}, rest = 0;
  int32_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int k = 0; k < 8; ++k) sums[k] += x[i + k] * w[i + k];
  for (; i < n; ++i) rest += x[i] * w[i];
  return rest + ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

// y[o] += sum over i of x[i] * w[i][o]: vectors along o need no sum across lanes. Few outputs stay in
// registers, block by block, while all of x passes. (One output could be an inner product in several sums,
// but neighbours in x are often alike and their weights of both signs: added one after the other they cancel
// early, and the error stays small.)
#define TEFF_ADD_BLOCK(columns)                                                              \
  TEFF_KERNEL void teff_add_block_##columns##_f32(const float* x, int32_t n, const float* w, \
                                                  int32_t outputs, float* __restrict y) {    \
    float sums[columns];                                                                     \
    for (int k = 0; k < columns; ++k) sums[k] = y[k];                                        \
    for (int32_t i = 0; i < n; ++i, w += outputs)                                            \
      for (int k = 0; k < columns; ++k) sums[k] += x[i] * w[k];                              \
    for (int k = 0; k < columns; ++k) y[k] = sums[k];                                        \
  }
TEFF_ADD_BLOCK(8)
TEFF_ADD_BLOCK(16)
#undef TEFF_ADD_BLOCK

TEFF_KERNEL void teff_add_few_products_f32(const float* x, int32_t n, const float* w, int32_t outputs,
                                           float* y) {
  int32_t o = 0;
  for (; o + 16 <= outputs; o += 16) teff_add_block_16_f32(x, n, w + o, outputs, y + o);
  for (; o + 8 <= outputs; o += 8) teff_add_block_8_f32(x, n, w + o, outputs, y + o);
  for (; o < outputs; ++o)
    for (int32_t i = 0; i < n; ++i) y[o] += x[i] * w[(ptrdiff_t)i * outputs + o];
}

// With many outputs w is what has to pass: row by row as it lies in memory, four rows together so that y is
// read and written a quarter as often.
TEFF_KERNEL void teff_add_many_products_f32(const float* x, int32_t n, const float* w, int32_t outputs,
                                            float* __restrict y) {
  int32_t i = 0;
  for (; i + 4 <= n; i += 4, w += 4 * (ptrdiff_t)outputs) {
    const float *w1 = w + outputs, *w2 = w1 + outputs, *w3 = w2 + outputs;
    const float x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3];
    for (int32_t o = 0; o < outputs; ++o) y[o] = y[o] + x0 * w[o] + x1 * w1[o] + x2 * w2[o] + x3 * w3[o];
  }
  for (; i < n; ++i, w += outputs)
    for (int32_t o = 0; o < outputs; ++o) y[o] += x[i] * w[o];
}

TEFF_KERNEL void teff_add_products_f32(const float* x, int32_t n, const float* w, int32_t outputs, float* y) {
  if (outputs <= 64)
    teff_add_few_products_f32(x, n, w, outputs, y);
  else
    teff_add_many_products_f32(x, n, w, outputs, y);
}

#endif
