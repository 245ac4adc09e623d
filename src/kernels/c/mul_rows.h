// Rows of an image times one number for each channel (rows.h): what squeeze-and-excite ends in.
//
// The product (x - x_zero) * (m - m_zero) is scaled as a convolution's sum is: `result` and `scale` are
// chosen for all products that there can be (plan/staircase.h), so that they know no channel and no value of
// m. For one channel the product is linear in x: with k = m - m_zero it is k * x + (scale.bias - k * x_zero).
#ifndef TEFF_KERNELS_C_MUL_ROWS_H
#define TEFF_KERNELS_C_MUL_ROWS_H

#include "scale_dsp.h"

typedef struct teff_mul_rows_params {
  int32_t height, width, channels;
  teff_ring in, out;
  int32_t x_zero, m_zero;
  teff_result result;
  teff_channel scale;
} teff_mul_rows_params;

TEFF_KERNEL teff_scale_dsp teff_product_scale(const teff_mul_rows_params* p) {
  teff_scale_dsp s;
  s.multiplier = p->scale.multiplier;
  s.offset = p->scale.offset;
  s.right = p->result.right;
  if (p->result.scaling == TEFF_SCALE_RIGHT) {
    s.right = -p->scale.offset;
    s.offset = teff_wrap_shl(2 * p->result.zero + 1, s.right - 1);
  }
  return s;
}

TEFF_KERNEL int8_t teff_product_byte(const teff_mul_rows_params* p, int32_t product) {
  return (int8_t)teff_scaled_dsp(&p->result, teff_product_scale(p), product);
}

// `n` pixels of one channel, `apart` elements from each other.
TEFF_KERNEL void teff_mul_pixels(const teff_mul_rows_params* p, const int8_t* x, int32_t n, int32_t apart,
                                 int32_t k, int8_t* y) {
  const int32_t start = p->scale.bias - k * p->x_zero;
  for (; n >= 4; n -= 4, x += 4 * apart, y += 4 * apart) {
    const int8_t y0 = teff_product_byte(p, start + k * x[0]);
    const int8_t y1 = teff_product_byte(p, start + k * x[apart]);
    const int8_t y2 = teff_product_byte(p, start + k * x[2 * apart]);
    const int8_t y3 = teff_product_byte(p, start + k * x[3 * apart]);
    y[0] = y0, y[apart] = y1, y[2 * apart] = y2, y[3 * apart] = y3;
  }
  for (; n > 0; --n, x += apart, y += apart) y[0] = teff_product_byte(p, start + k * x[0]);
}

// y may be x.
TEFF_KERNEL void teff_mul_rows(teff_mul_rows_params p, const int8_t* x, const int8_t* m, int8_t* y,
                               teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    const int8_t* from = x + teff_row_offset(p.in, p.height, row);
    int8_t* to = y + teff_row_offset(p.out, p.height, row);
    for (int32_t c = 0; c < p.channels; ++c)
      teff_mul_pixels(&p, from + c, p.width, p.channels, m[c] - p.m_zero, to + c);
  }
}

#endif
