// Rows of an image times one number for each channel (rows.h): what squeeze-and-excite ends in.
//
// The product (x - x_zero) * (m - m_zero) is scaled as a convolution's sum is: `result` and `scale` are
// chosen for all products that there can be (plan/staircase.h), so that they know no channel and no value of
// m. For one channel the product is linear in x: with k = m - m_zero it is k * x + start, start = scale.bias
// - k * x_zero. Scratch holds k and start of each channel, four together.
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

// Of four channels, k in the order 0, 2, 1, 3: pairs as SXTB16 makes them of four bytes.
typedef struct teff_four_factors {
  int16_t k[4];
  int32_t start[4];
} teff_four_factors;

TEFF_KERNEL int32_t teff_mul_rows_scratch(const teff_mul_rows_params* p) {
  return (p->channels + 3) / 4 * (int32_t)sizeof(teff_four_factors);
}

TEFF_KERNEL int32_t teff_place_in_pairs(int32_t c) { return (c & 1) * 2 + (c & 2) / 2; }

TEFF_KERNEL void teff_write_factors(const teff_mul_rows_params* p, const int8_t* m, teff_four_factors* f) {
  for (int32_t c = 0; c < p->channels; ++c) {
    const int32_t k = m[c] - p->m_zero;
    f[c / 4].k[teff_place_in_pairs(c % 4)] = (int16_t)k;
    f[c / 4].start[c % 4] = p->scale.bias - k * p->x_zero;
  }
}

TEFF_KERNEL int32_t teff_scaled_product(const teff_mul_rows_params* p, int32_t product) {
  return teff_scaled_dsp(&p->result, teff_scale_dsp_of(&p->result, &p->scale), product);
}
TEFF_KERNEL int32_t teff_mul_channel(const teff_mul_rows_params* p, int32_t x, const teff_four_factors* f,
                                     int32_t c) {
  return teff_scaled_product(p, f->start[c] + f->k[teff_place_in_pairs(c)] * x);
}

// Four channels are read before they are written.
TEFF_KERNEL void teff_mul_four_channels(const teff_mul_rows_params* p, const int8_t* x,
                                        const teff_four_factors* f, int8_t* y) {
#if TEFF_HAS_DSP
  const int32_t four = teff_word(x), even = teff_sxtb16(four), odd = teff_sxtb16_odd(four);
  const teff_words k = teff_two_words(f->k), low = teff_two_words(f->start),
                   high = teff_two_words(f->start + 2);
  const int32_t y0 = teff_scaled_product(p, teff_smlabb(k.first, even, low.first));
  const int32_t y1 = teff_scaled_product(p, teff_smlabb(k.second, odd, low.second));
  const int32_t y2 = teff_scaled_product(p, teff_smlatt(k.first, even, high.first));
  const int32_t y3 = teff_scaled_product(p, teff_smlatt(k.second, odd, high.second));
#else
  const int32_t y0 = teff_mul_channel(p, x[0], f, 0), y1 = teff_mul_channel(p, x[1], f, 1);
  const int32_t y2 = teff_mul_channel(p, x[2], f, 2), y3 = teff_mul_channel(p, x[3], f, 3);
#endif
  teff_set_word(y, teff_four_bytes(y0, y1, y2, y3));
}

// Elements are read before they are written, in groups of four: y may be x.
TEFF_KERNEL void teff_mul_pixel(const teff_mul_rows_params* p, const int8_t* x, const teff_four_factors* f,
                                int8_t* y) {
  const int32_t fours = TEFF_SMALL ? 1 : 2;
  int32_t n = p->channels;
  for (; n >= 4 * fours; n -= 4 * fours, x += 4 * fours, y += 4 * fours, f += fours) {
    teff_mul_four_channels(p, x, f, y);
    if (fours > 1) teff_mul_four_channels(p, x + 4, f + 1, y + 4);
  }
  for (int32_t c = 0; c < n; ++c) y[c] = (int8_t)teff_mul_channel(p, x[c], f + c / 4, c % 4);
}

TEFF_KERNEL void teff_mul_rows(teff_mul_rows_params p, const int8_t* x, const int8_t* m, int8_t* y,
                               void* scratch, teff_range r) {
  teff_four_factors* factors = (teff_four_factors*)scratch;
  if (r.begin < r.end) teff_write_factors(&p, m, factors);
  for (int32_t row = r.begin; row < r.end; ++row) {
    const int8_t* from = x + teff_row_offset(p.in, p.height, row);
    int8_t* to = y + teff_row_offset(p.out, p.height, row);
    for (int32_t i = 0; i < p.width; ++i)
      teff_mul_pixel(&p, from + i * p.channels, factors, to + i * p.channels);
  }
}

#endif
