// Means of an image's channels, made row by row (rows.h).
//
// teff_mean_rows gathers: a unit is one row of the input, the sums of all channels so far stay in `sums`
// between units, and the last unit writes the result, one number for each channel. (The mean over height
// alone is that of an image one pixel wide, whose channels are the row's elements.) teff_mean_columns is the
// mean over the width alone: unit y makes row y of the result. Both have TFLite's two arithmetics: MEAN
// scales the sum by a factor, AVERAGE_POOL_2D divides it.
#ifndef TEFF_KERNELS_C_MEAN_ROWS_H
#define TEFF_KERNELS_C_MEAN_ROWS_H

#include "pool2d.h"
#include "scale_dsp.h"

typedef struct teff_mean_rows_params {
  int32_t height, width, channels;
  teff_ring in, out;  // out: of teff_mean_columns
  int32_t divides;    // 1: the sum is divided by the number of elements; 0: it is scaled, as follows
  teff_result
      result;  // chosen for all sums that there can be (plan/staircase.h); its lo and hi hold for both
  teff_channel scale;  // its bias is added to the sum of what the pixels are
} teff_mean_rows_params;

TEFF_KERNEL int32_t teff_mean_rows_scratch(const teff_mean_rows_params* p) { return 4 * p->channels; }
TEFF_KERNEL int32_t teff_mean_columns_scratch(const teff_mean_rows_params* p) { return 4 * p->channels; }

// Four sums of bytes in two pairs of 16 bits; of so many bytes none overflows.
#define TEFF_MOST_IN_PAIRS 256
TEFF_KERNEL void teff_add_four_channels(const int8_t* x, int32_t n, int32_t apart, int32_t* sums) {
  int32_t even = 0, odd = 0;
  for (; n >= 2; n -= 2, x += 2 * apart) {
    const int32_t first = teff_word(x), second = teff_word(x + apart);
    even = teff_sxtab16(teff_sxtab16(even, first), second);
    odd = teff_sxtab16_odd(teff_sxtab16_odd(odd, first), second);
  }
  if (n > 0) even = teff_sxtab16(even, teff_word(x)), odd = teff_sxtab16_odd(odd, teff_word(x));
  sums[0] += teff_bottom(even), sums[2] += teff_top(even);
  sums[1] += teff_bottom(odd), sums[3] += teff_top(odd);
}

// sums[c] += the sum of channel c over n pixels.
TEFF_SHARED_KERNEL void teff_add_pixels(const int8_t* x, int32_t n, int32_t channels, int32_t* sums) {
  for (int32_t first = 0; first < n; first += TEFF_MOST_IN_PAIRS, x += TEFF_MOST_IN_PAIRS * channels) {
    const int32_t some = teff_min_s32(n - first, TEFF_MOST_IN_PAIRS);
    int32_t c = 0;
    for (; c + 4 <= channels; c += 4) teff_add_four_channels(x + c, some, channels, sums + c);
    for (; c < channels; ++c)
      for (int32_t i = 0; i < some; ++i) sums[c] += x[i * channels + c];
  }
}

TEFF_KERNEL void teff_clear_sums(int32_t* sums, int32_t n) {
  for (int32_t i = 0; i < n; ++i) {
    TEFF_STAYS_LOOP;
    sums[i] = 0;
  }
}

TEFF_SHARED_KERNEL void teff_write_means(const teff_mean_rows_params* p, const int32_t* sums, int32_t count,
                                         int8_t* y) {
  const teff_result* r = &p->result;
  const teff_scale_dsp scale = teff_scale_dsp_of(r, &p->scale);
  for (int32_t c = 0; c < p->channels; ++c)
    y[c] = p->divides ? (int8_t)teff_clamp_s32(teff_mean_s32(sums[c], count), r->lo, r->hi)
                      : (int8_t)teff_scaled_dsp(r, scale, teff_wrap_add(sums[c], p->scale.bias));
}

TEFF_KERNEL void teff_mean_rows(teff_mean_rows_params p, const int8_t* x, int8_t* y, int32_t* sums,
                                teff_range r) {
  // Rows that lie one behind the other are one long row.
  const int dense = p.in.rows >= p.height && p.in.row_bytes == p.width * p.channels;
  const int32_t step = dense ? teff_max_s32(r.end - r.begin, 1) : 1;
  for (int32_t row = r.begin; row < r.end; row += step) {
    if (row == 0) teff_clear_sums(sums, p.channels);
    teff_add_pixels(x + teff_row_offset(p.in, p.height, row), step * p.width, p.channels, sums);
    if (row + step == p.height) teff_write_means(&p, sums, p.height * p.width, y);
  }
}

TEFF_KERNEL void teff_mean_columns(teff_mean_rows_params p, const int8_t* x, int8_t* y, int32_t* sums,
                                   teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    teff_clear_sums(sums, p.channels);
    teff_add_pixels(x + teff_row_offset(p.in, p.height, row), p.width, p.channels, sums);
    teff_write_means(&p, sums, p.width, y + teff_row_offset(p.out, p.height, row));
  }
}

#endif
