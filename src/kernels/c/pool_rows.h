// Rows of pools (rows.h): the average or the greatest of what a window sees of each channel, as pool2d.h has
// it.
#ifndef TEFF_KERNELS_C_POOL_ROWS_H
#define TEFF_KERNELS_C_POOL_ROWS_H

#include "pool2d.h"
#include "rows.h"

typedef struct teff_pool_rows_params {
  teff_window window;
  teff_ring in, out;
  int32_t lo, hi;
} teff_pool_rows_params;

TEFF_KERNEL int32_t teff_average_pool_rows_scratch(const teff_pool_rows_params* p) {
  return 4 * p->window.channels;
}

// The first pixel that row i of the window's taps reads.
TEFF_KERNEL const int8_t* teff_pool_row(const teff_pool_rows_params* p, teff_view v, int32_t i,
                                        const int8_t* x) {
  const ptrdiff_t row = teff_row_offset(p->in, p->window.in_h, v.y + i * p->window.dilation_h);
  return x + row + (v.x + v.columns.begin * p->window.dilation_w) * p->window.channels;
}

TEFF_KERNEL void teff_average_pool_pixel(const teff_pool_rows_params* p, teff_view v, const int8_t* x,
                                         int8_t* y, int32_t* sums) {
  const int32_t channels = p->window.channels, rows = v.rows.end - v.rows.begin;
  const int32_t columns = v.columns.end - v.columns.begin, apart = p->window.dilation_w * channels;
  for (int32_t c = 0; c < channels; ++c) sums[c] = 0;
  for (int32_t i = v.rows.begin; i < v.rows.end; ++i) {
    const int8_t* from = teff_pool_row(p, v, i, x);
    for (int32_t j = 0; j < columns; ++j, from += apart)
      for (int32_t c = 0; c < channels; ++c) sums[c] += from[c];
  }
  for (int32_t c = 0; c < channels; ++c)
    y[c] = (int8_t)teff_clamp_s32(teff_mean_s32(sums[c], rows * columns), p->lo, p->hi);
}

TEFF_KERNEL void teff_max_pool_pixel(const teff_pool_rows_params* p, teff_view v, const int8_t* x,
                                     int8_t* y) {
  const int32_t channels = p->window.channels, columns = v.columns.end - v.columns.begin;
  const int32_t apart = p->window.dilation_w * channels;
  for (int32_t c = 0; c < channels; ++c) {
    int32_t greatest = p->lo;
    for (int32_t i = v.rows.begin; i < v.rows.end; ++i) {
      const int8_t* from = teff_pool_row(p, v, i, x) + c;
      for (int32_t j = 0; j < columns; ++j, from += apart) greatest = teff_max_s32(greatest, *from);
    }
    y[c] = (int8_t)teff_min_s32(greatest, p->hi);
  }
}

TEFF_KERNEL void teff_average_pool_rows(teff_pool_rows_params p, const int8_t* x, int8_t* y, int32_t* sums,
                                        teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    int8_t* out = y + teff_row_offset(p.out, p.window.out_h, row);
    for (int32_t i = 0; i < p.window.out_w; ++i, out += p.window.channels)
      teff_average_pool_pixel(&p, teff_view_at(&p.window, row * p.window.out_w + i), x, out, sums);
  }
}

TEFF_KERNEL void teff_max_pool_rows(teff_pool_rows_params p, const int8_t* x, int8_t* y, teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    int8_t* out = y + teff_row_offset(p.out, p.window.out_h, row);
    for (int32_t i = 0; i < p.window.out_w; ++i, out += p.window.channels)
      teff_max_pool_pixel(&p, teff_view_at(&p.window, row * p.window.out_w + i), x, out);
  }
}

#endif
