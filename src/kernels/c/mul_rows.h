// Rows of an image times one number for each channel (rows.h): what squeeze-and-excite ends in.
//
// The product (x - x_zero) * (m - m_zero) is scaled as a convolution's sum is: `result` and `scale` are
// chosen for all products that there can be (plan/staircase.h), so that they know no channel and no value of
// m. For one channel the product is linear in x: with k = m - m_zero it is k * x + start, start = scale.bias
// - k * x_zero. Scratch holds k and start of each channel.
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

TEFF_KERNEL int32_t teff_mul_rows_scratch(const teff_mul_rows_params* p) { return 8 * p->channels; }

TEFF_KERNEL void teff_write_factors(const teff_mul_rows_params* p, const int8_t* m, teff_words* factors) {
  for (int32_t c = 0; c < p->channels; ++c) {
    factors[c].first = m[c] - p->m_zero;
    factors[c].second = p->scale.bias - factors[c].first * p->x_zero;
  }
}

TEFF_KERNEL int32_t teff_scaled_product(const teff_mul_rows_params* p, int32_t x, const teff_words* factor) {
  const teff_words f = teff_two_words(factor);
  return teff_scaled_dsp(&p->result, teff_scale_dsp_of(&p->result, &p->scale), f.second + f.first * x);
}

// Elements are read before they are written, in groups of four: y may be x.
TEFF_KERNEL void teff_mul_pixel(const teff_mul_rows_params* p, const int8_t* x, const teff_words* factors,
                                int8_t* y) {
  int32_t n = p->channels;
  for (; !TEFF_SMALL && n >= 4; n -= 4, x += 4, y += 4, factors += 4) {
    const int32_t y0 = teff_scaled_product(p, x[0], factors), y1 = teff_scaled_product(p, x[1], factors + 1);
    const int32_t y2 = teff_scaled_product(p, x[2], factors + 2);
    const int32_t y3 = teff_scaled_product(p, x[3], factors + 3);
    teff_set_word(y, teff_four_bytes(y0, y1, y2, y3));
  }
  for (int32_t i = 0; i < n; ++i) y[i] = (int8_t)teff_scaled_product(p, x[i], factors + i);
}

TEFF_KERNEL void teff_mul_rows(teff_mul_rows_params p, const int8_t* x, const int8_t* m, int8_t* y,
                               void* scratch, teff_range r) {
  teff_words* factors = (teff_words*)scratch;
  if (r.begin < r.end) teff_write_factors(&p, m, factors);
  for (int32_t row = r.begin; row < r.end; ++row) {
    const int8_t* from = x + teff_row_offset(p.in, p.height, row);
    int8_t* to = y + teff_row_offset(p.out, p.height, row);
    for (int32_t i = 0; i < p.width; ++i)
      teff_mul_pixel(&p, from + i * p.channels, factors, to + i * p.channels);
  }
}

#endif
