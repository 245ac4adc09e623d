// Depthwise 3x3 windows that move by one pixel, several rows together, for Armv7E-M's instructions.
//
// Four channels at a time, the rows that a band of rows of the result reads are written down in scratch: of
// each column and channel pairs of what lies one below the other, (row 0, row 1), (row 2, row 3), and so on.
// A double load fetches two of them, V and W, four rows of a column, in which two outputs lie one below the
// other:
//     upper += (w0, w1) * V + w2 * W's bottom,     lower += w0 * V's top + (w1, w2) * W
// Two by two outputs are made together, of four double loads. A row is widened (rows + 2) / rows times, where
// one that is made alone (depthwise_3x3_dsp.h) has it done three times; the packed weights are the same.
//
// No row of a band's result overwrites one that the band or a later one reads: who calls sees to it.
#ifndef TEFF_KERNELS_C_DEPTHWISE_BANDS_DSP_H
#define TEFF_KERNELS_C_DEPTHWISE_BANDS_DSP_H

#include "depthwise_3x3_dsp.h"

#define TEFF_BAND_PAIRS_DSP 3  // of each column and channel
#define TEFF_BAND_ROWS_DSP (2 * TEFF_BAND_PAIRS_DSP - 2)
#define TEFF_BAND_COLUMN_DSP (4 * 4 * TEFF_BAND_PAIRS_DSP)

// Where it pays: rows are long enough for what a line costs besides its columns.
TEFF_KERNEL int teff_depthwise_has_bands_dsp(const teff_window* w) {
  return teff_depthwise_is_3x3_dsp(w) && w->stride_w == 1 && w->stride_h == 1 && w->out_w > 5;
}

// How many rows are best made together: an even number, as equal as bands can be.
TEFF_KERNEL int32_t teff_depthwise_band_dsp_rows(const teff_window* w) {
  const int32_t bands = teff_max_s32((w->out_h + TEFF_BAND_ROWS_DSP - 1) / TEFF_BAND_ROWS_DSP, 1);
  const int32_t rows = (w->out_h + bands - 1) / bands;
  return rows + (rows & 1);
}

// Columns that are read, padding included, or written.
TEFF_KERNEL int32_t teff_band_columns_dsp(const teff_window* w) {
  return teff_max_s32(w->out_w + 2, w->pad_left + w->in_w);
}

// The columns, and four bytes of padding.
TEFF_KERNEL int32_t teff_depthwise_bands_dsp_scratch(const teff_window* w) {
  return TEFF_BAND_COLUMN_DSP * teff_band_columns_dsp(w) + 4;
}

// Four channels of a column of two rows.
TEFF_KERNEL void teff_set_band_column_dsp(int32_t upper, int32_t lower, int8_t* to) {
  const int32_t a02 = teff_sxtb16(upper), a13 = teff_sxtb16_odd(upper);
  const int32_t b02 = teff_sxtb16(lower), b13 = teff_sxtb16_odd(lower);
  teff_set_word(to, teff_bottoms(a02, b02));
  teff_set_word(to + 4 * TEFF_BAND_PAIRS_DSP, teff_bottoms(a13, b13));
  teff_set_word(to + 8 * TEFF_BAND_PAIRS_DSP, teff_tops(a02, b02));
  teff_set_word(to + 12 * TEFF_BAND_PAIRS_DSP, teff_tops(a13, b13));
}

TEFF_KERNEL void teff_set_band_pairs_dsp(teff_row_dsp a, teff_row_dsp b, int32_t columns, int8_t* to) {
  for (int8_t* end = to + TEFF_BAND_COLUMN_DSP * columns; to < end; to += TEFF_BAND_COLUMN_DSP) {
    teff_set_band_column_dsp(teff_word(a.at), teff_word(b.at), to);
    a.at += a.step;
    b.at += b.step;
  }
}

// What a channel's outputs have in common.
typedef struct teff_band_channel_dsp {
  int32_t v0, v1, v2;  // of each column of taps (w0, w1)
  int32_t w0, w1, w2;  // and (w2, w1)
  int32_t bias;
  const int8_t* scale;  // as it is packed
  const teff_result* result;
  int32_t pixel;  // bytes from one result to the next
} teff_band_channel_dsp;

// The weights of a channel as they are packed for rows: of channels 0 and 1 of four f = (w0, w1) and g = (w2,
// 0), of channels 2 and 3 f = (0, w2) and g = (w0, w1).
TEFF_KERNEL teff_band_channel_dsp teff_band_channel_at_dsp(const int8_t* packed, int first,
                                                           const teff_result* result, int32_t pixel) {
  const teff_3x3_dsp t = teff_3x3_at_dsp(packed, result, pixel);
  teff_band_channel_dsp c;
  c.v0 = first ? t.f0 : t.g0;
  c.v1 = first ? t.f1 : t.g1;
  c.v2 = first ? t.f2 : t.g2;
  c.w0 = first ? teff_bottom_and_top(t.g0, t.f0) : teff_tops(t.f0, t.g0);
  c.w1 = first ? teff_bottom_and_top(t.g1, t.f1) : teff_tops(t.f1, t.g1);
  c.w2 = first ? teff_bottom_and_top(t.g2, t.f2) : teff_tops(t.f2, t.g2);
  c.bias = teff_word(packed);
  c.scale = packed + 4;
  c.result = result;
  c.pixel = pixel;
  return c;
}

TEFF_KERNEL int32_t teff_meet_upper_dsp(int32_t v, int32_t w, teff_words x, int32_t sum) {
  return teff_smlabb(w, x.second, teff_smlad(v, x.first, sum));
}
TEFF_KERNEL int32_t teff_meet_lower_dsp(int32_t v, int32_t w, teff_words x, int32_t sum) {
  return teff_smladx(w, x.second, teff_smlabt(v, x.first, sum));
}

// Sums of outputs in two rows, in one column or two.
typedef struct teff_band_sums_dsp {
  int32_t upper0, lower0, upper1, lower1;
} teff_band_sums_dsp;

// `two` is a literal wherever this is called.
TEFF_KERNEL teff_band_sums_dsp teff_band_sums_at_dsp(const teff_band_channel_dsp* c, const int8_t* x,
                                                     int two) {
  teff_band_sums_dsp s = {c->bias, c->bias, c->bias, c->bias};
  const teff_words x0 = teff_two_words(x);
  s.upper0 = teff_meet_upper_dsp(c->v0, c->w0, x0, s.upper0);
  s.lower0 = teff_meet_lower_dsp(c->v0, c->w0, x0, s.lower0);
  const teff_words x1 = teff_two_words(x + TEFF_BAND_COLUMN_DSP);
  s.upper0 = teff_meet_upper_dsp(c->v1, c->w1, x1, s.upper0);
  s.lower0 = teff_meet_lower_dsp(c->v1, c->w1, x1, s.lower0);
  if (two) s.upper1 = teff_meet_upper_dsp(c->v0, c->w0, x1, s.upper1);
  if (two) s.lower1 = teff_meet_lower_dsp(c->v0, c->w0, x1, s.lower1);
  const teff_words x2 = teff_two_words(x + 2 * TEFF_BAND_COLUMN_DSP);
  s.upper0 = teff_meet_upper_dsp(c->v2, c->w2, x2, s.upper0);
  s.lower0 = teff_meet_lower_dsp(c->v2, c->w2, x2, s.lower0);
  if (!two) return s;
  s.upper1 = teff_meet_upper_dsp(c->v1, c->w1, x2, s.upper1);
  s.lower1 = teff_meet_lower_dsp(c->v1, c->w1, x2, s.lower1);
  const teff_words x3 = teff_two_words(x + 3 * TEFF_BAND_COLUMN_DSP);
  s.upper1 = teff_meet_upper_dsp(c->v2, c->w2, x3, s.upper1);
  s.lower1 = teff_meet_lower_dsp(c->v2, c->w2, x3, s.lower1);
  return s;
}

// Where both rows are the same, the upper one is wanted.
TEFF_KERNEL void teff_band_results_dsp(const teff_band_channel_dsp* c, teff_band_sums_dsp s, int two,
                                       int8_t* upper, int8_t* lower) {
  const teff_scale_dsp scale = teff_scale_at_dsp(c->result, c->scale);
  const int32_t lower0 = teff_scaled_dsp(c->result, scale, s.lower0);
  const int32_t lower1 = two ? teff_scaled_dsp(c->result, scale, s.lower1) : 0;
  const int32_t upper0 = teff_scaled_dsp(c->result, scale, s.upper0);
  const int32_t upper1 = two ? teff_scaled_dsp(c->result, scale, s.upper1) : 0;
  lower[0] = (int8_t)lower0;
  if (two) lower[c->pixel] = (int8_t)lower1;
  upper[0] = (int8_t)upper0;
  if (two) upper[c->pixel] = (int8_t)upper1;
}

// Two rows of one channel.
TEFF_KERNEL void teff_band_lines_dsp(const teff_band_channel_dsp* c, const int8_t* x, int32_t columns,
                                     int8_t* upper, int8_t* lower) {
  const int8_t* end = x + (columns & ~1) * TEFF_BAND_COLUMN_DSP;
  for (; x < end; x += 2 * TEFF_BAND_COLUMN_DSP, upper += 2 * c->pixel, lower += 2 * c->pixel)
    teff_band_results_dsp(c, teff_band_sums_at_dsp(c, x, 1), 1, upper, lower);
  if (columns & 1) teff_band_results_dsp(c, teff_band_sums_at_dsp(c, x, 0), 0, upper, lower);
}

// Rows `begin` and begin + 1 of the image, of four channels that lie `at` bytes into a pixel.
TEFF_KERNEL void teff_widen_band_pair_dsp(const teff_depthwise_rows* p, const int8_t* x,
                                          const int8_t* padding, int32_t begin, int32_t at, int8_t* to) {
  teff_row_dsp a = teff_row_at_dsp(p, x, begin, padding), b = teff_row_at_dsp(p, x, begin + 1, padding);
  if (a.step) a.at += at;
  if (b.step) b.at += at;
  teff_set_band_pairs_dsp(a, b, p->window.in_w, to);
}

// The rows `band` of the result, of four channels that lie `at` bytes into a pixel.
TEFF_KERNEL void teff_band_four_dsp(const teff_depthwise_rows* p, const int8_t* x, const int8_t* packed,
                                    int8_t* y, int8_t* scratch, teff_range band, int32_t at) {
  const teff_window* w = &p->window;
  const int8_t* padding = scratch + TEFF_BAND_COLUMN_DSP * teff_band_columns_dsp(w);
  int8_t* to = scratch + w->pad_left * TEFF_BAND_COLUMN_DSP;
  for (int32_t oy = band.begin; oy < band.end + 2; oy += 2, to += 4)
    teff_widen_band_pair_dsp(p, x, padding, oy - w->pad_top, at, to);
  y += teff_row_offset(p->out, w->out_h, band.begin) + at;
  for (int32_t i = 0; i < 4; ++i, packed += TEFF_CHANNEL_3X3_BYTES_DSP) {
    const int32_t c = i == 1 ? 2 : i == 2 ? 1 : i;  // in the order in which they are packed
    const teff_band_channel_dsp channel = teff_band_channel_at_dsp(packed, c < 2, &p->result, w->channels);
    const int8_t* from = scratch + 4 * TEFF_BAND_PAIRS_DSP * c;
    int8_t* line = y + c;
    for (int32_t left = band.end - band.begin; left > 0; left -= 2, from += 4, line += 2 * p->out.row_bytes)
      teff_band_lines_dsp(&channel, from, w->out_w, line, left > 1 ? line + p->out.row_bytes : line);
  }
}

TEFF_KERNEL void teff_depthwise_bands_dsp(const teff_depthwise_rows* p, const int8_t* x, const int8_t* packed,
                                          int8_t* y, int8_t* scratch, teff_range rows) {
  const int32_t bytes = teff_depthwise_bands_dsp_scratch(&p->window);
  const int32_t together = teff_depthwise_band_dsp_rows(&p->window);
  for (int32_t i = 0; i < bytes - 4; i += 4) teff_set_word(scratch + i, teff_pair(p->x_zero, p->x_zero));
  for (int32_t i = bytes - 4; i < bytes; ++i) scratch[i] = (int8_t)p->x_zero;
  for (int32_t oy = rows.begin; oy < rows.end; oy += together) {
    const teff_range band = {oy, teff_min_s32(oy + together, rows.end)};
    for (int32_t at = 0; at < p->window.channels; at += 4)
      teff_band_four_dsp(p, x, packed + at * TEFF_CHANNEL_3X3_BYTES_DSP, y, scratch, band, at);
  }
}

#endif
