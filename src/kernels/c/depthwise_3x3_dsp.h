// Depthwise 3x3 windows, row by row, for Armv7E-M's instructions.
//
// Four channels at a time, the three rows that a row of the result reads are written down in scratch column
// by column, as pairs: the first two rows of a channel are one, the third rows of two channels another.
//     a column of channels 0 to 3: V0 S02 V2 V1 S13 V3 with V = (row 0, row 1), Sab = (row 2 of a, row 2 of
//     b)
// A double load fetches what a channel needs of a column: V0 S02, S02 V2, V1 S13 or S13 V3; and a column of
// taps costs two SMLAD, one with (w0, w1) for V and one with (w2, 0) or (0, w2) for S.
//
// Packed: for each channel, 0, 2, 1 and 3 of every four, its constants (scale_dsp.h) and 12 bytes that SXTB16
// unpacks into the pairs of weights for the first and the second word of that double load, F and G, of the
// three columns:
//     F0 F1 F0' F1', G0 G1 G0' G1', F2 G2 F2' G2', where ' is a pair's upper half.
#ifndef TEFF_KERNELS_C_DEPTHWISE_3X3_DSP_H
#define TEFF_KERNELS_C_DEPTHWISE_3X3_DSP_H

#include <stddef.h>

#include "scale_dsp.h"

#define TEFF_COLUMN_BYTES_DSP 24
#define TEFF_CHANNEL_3X3_BYTES_DSP (TEFF_CHANNEL_BYTES_DSP + 12)

TEFF_KERNEL int teff_depthwise_is_3x3_dsp(const teff_window* w) {
  return w->kernel_h == 3 && w->kernel_w == 3 && w->dilation_h == 1 && w->dilation_w == 1 &&
         (w->stride_w == 1 || w->stride_w == 2) && w->channels % 4 == 0;
}

// Columns that are read, padding included (outputs are made in threes, what is left by two), or written.
TEFF_KERNEL int32_t teff_depthwise_columns_dsp(const teff_window* w) {
  const int32_t made = w->out_w + (w->out_w % 3 == 1);
  return teff_max_s32(w->stride_w * (made - 1) + 3, w->pad_left + w->in_w);
}

// The columns, and four bytes of padding.
TEFF_KERNEL int32_t teff_depthwise_3x3_dsp_scratch(const teff_window* w) {
  return TEFF_COLUMN_BYTES_DSP * teff_depthwise_columns_dsp(w) + 4;
}

TEFF_KERNEL void teff_set_column_dsp(int32_t row0, int32_t row1, int32_t row2, int8_t* to) {
  const int32_t a02 = teff_sxtb16(row0), a13 = teff_sxtb16_odd(row0);
  const int32_t b02 = teff_sxtb16(row1), b13 = teff_sxtb16_odd(row1);
  teff_set_two_words(to, teff_bottoms(a02, b02), teff_sxtb16(row2));
  teff_set_two_words(to + 8, teff_tops(a02, b02), teff_bottoms(a13, b13));
  teff_set_two_words(to + 16, teff_sxtb16_odd(row2), teff_tops(a13, b13));
}

// Four channels of a row. The next pixel is `step` bytes on, which is 0 for padding.
typedef struct teff_row_dsp {
  const int8_t* at;
  int32_t step;
} teff_row_dsp;

TEFF_KERNEL void teff_set_columns_of_dsp(teff_row_dsp a, teff_row_dsp b, teff_row_dsp c, int32_t columns,
                                         int8_t* to) {
  int8_t* end = to + TEFF_COLUMN_BYTES_DSP * (columns & ~1);
  for (; to < end; to += 2 * TEFF_COLUMN_BYTES_DSP) {
    teff_set_column_dsp(teff_word(a.at), teff_word(b.at), teff_word(c.at), to);
    teff_set_column_dsp(teff_word(a.at + a.step), teff_word(b.at + b.step), teff_word(c.at + c.step),
                        to + TEFF_COLUMN_BYTES_DSP);
    a.at += 2 * a.step;
    b.at += 2 * b.step;
    c.at += 2 * c.step;
  }
  if (columns & 1) teff_set_column_dsp(teff_word(a.at), teff_word(b.at), teff_word(c.at), to);
}

// Rows inside of the image have a step that may be a literal.
TEFF_KERNEL void teff_set_columns_dsp(const teff_window* w, teff_row_dsp a, teff_row_dsp b, teff_row_dsp c,
                                      int8_t* to) {
  if (a.step && b.step && c.step) {
    const teff_row_dsp a_in = {a.at, w->channels}, b_in = {b.at, w->channels}, c_in = {c.at, w->channels};
    teff_set_columns_of_dsp(a_in, b_in, c_in, w->in_w, to);
  } else {
    teff_set_columns_of_dsp(a, b, c, w->in_w, to);
  }
}

// A channel: pairs of weights for both words of the three columns, and what the kernel is to do with its
// sums.
typedef struct teff_3x3_dsp {
  int32_t f0, f1, f2, g0, g1, g2;
  const int8_t* constants;
  const teff_result* result;
  int32_t pixel;  // bytes from one result to the next
} teff_3x3_dsp;

TEFF_KERNEL teff_3x3_dsp teff_3x3_at_dsp(const int8_t* packed, const teff_result* result, int32_t pixel) {
  const teff_words words = teff_two_words(packed + TEFF_CHANNEL_BYTES_DSP);
  const int32_t last = teff_word(packed + TEFF_CHANNEL_BYTES_DSP + 8);
  teff_3x3_dsp w;
  w.f0 = teff_sxtb16(words.first);
  w.f1 = teff_sxtb16_odd(words.first);
  w.g0 = teff_sxtb16(words.second);
  w.g1 = teff_sxtb16_odd(words.second);
  w.f2 = teff_sxtb16(last);
  w.g2 = teff_sxtb16_odd(last);
  w.constants = packed;
  w.result = result;
  w.pixel = pixel;
  return w;
}

// What a column adds to an output that has it under its column `tap`, if at all.
TEFF_KERNEL int32_t teff_meet_column_dsp(const teff_3x3_dsp* w, int tap, teff_words x, int32_t sum) {
  if (tap == 0) return teff_smlad(w->g0, x.second, teff_smlad(w->f0, x.first, sum));
  if (tap == 1) return teff_smlad(w->g1, x.second, teff_smlad(w->f1, x.first, sum));
  if (tap == 2) return teff_smlad(w->g2, x.second, teff_smlad(w->f2, x.first, sum));
  return sum;
}

typedef struct teff_three_sums_dsp {
  int32_t a, b, c;
} teff_three_sums_dsp;

// The i-th column goes to all outputs. `outputs` (2 or 3) and `stride` are literals wherever this is called.
TEFF_KERNEL void teff_meet_outputs_dsp(const teff_3x3_dsp* w, int outputs, int stride, int i, const int8_t* x,
                                       teff_three_sums_dsp* s) {
  if (i >= stride * (outputs - 1) + 3) return;
  const teff_words column = teff_two_words(x + i * TEFF_COLUMN_BYTES_DSP);
  s->a = teff_meet_column_dsp(w, i, column, s->a);
  s->b = teff_meet_column_dsp(w, i - stride, column, s->b);
  if (outputs > 2) s->c = teff_meet_column_dsp(w, i - 2 * stride, column, s->c);
}

TEFF_KERNEL teff_three_sums_dsp teff_3x3_sums_dsp(const teff_3x3_dsp* w, int outputs, int stride,
                                                  const int8_t* x) {
  const int32_t bias = teff_word(w->constants);
  teff_three_sums_dsp s = {bias, bias, bias};
  teff_meet_outputs_dsp(w, outputs, stride, 0, x, &s);
  teff_meet_outputs_dsp(w, outputs, stride, 1, x, &s);
  teff_meet_outputs_dsp(w, outputs, stride, 2, x, &s);
  teff_meet_outputs_dsp(w, outputs, stride, 3, x, &s);
  teff_meet_outputs_dsp(w, outputs, stride, 4, x, &s);
  teff_meet_outputs_dsp(w, outputs, stride, 5, x, &s);
  teff_meet_outputs_dsp(w, outputs, stride, 6, x, &s);
  return s;
}

// `outputs` neighbours of one channel; of two it may be that only one is wanted.
TEFF_KERNEL void teff_3x3_results_dsp(const teff_3x3_dsp* w, int outputs, int one, teff_three_sums_dsp s,
                                      int8_t* y) {
  const teff_scale_dsp scale = teff_scale_at_dsp(w->result, w->constants + 4);
  y[0] = (int8_t)teff_scaled_dsp(w->result, scale, s.a);
  if (!one) y[w->pixel] = (int8_t)teff_scaled_dsp(w->result, scale, s.b);
  if (outputs > 2) y[2 * w->pixel] = (int8_t)teff_scaled_dsp(w->result, scale, s.c);
}

// A row of one channel: threes, and what is left.
TEFF_KERNEL void teff_3x3_line_dsp(const teff_3x3_dsp* w, int stride, int32_t out_w, const int8_t* x,
                                   int8_t* y) {
  const int8_t* end = x + out_w / 3 * 3 * stride * TEFF_COLUMN_BYTES_DSP;
  for (; x < end; x += 3 * stride * TEFF_COLUMN_BYTES_DSP, y += 3 * w->pixel)
    teff_3x3_results_dsp(w, 3, 0, teff_3x3_sums_dsp(w, 3, stride, x), y);
  if (out_w % 3) teff_3x3_results_dsp(w, 2, out_w % 3 == 1, teff_3x3_sums_dsp(w, 2, stride, x), y);
}

// Row `iy` of the image, or padding.
TEFF_KERNEL teff_row_dsp teff_row_at_dsp(const teff_depthwise_rows* p, const int8_t* x, int32_t iy,
                                         const int8_t* padding) {
  const int inside = iy >= 0 && iy < p->window.in_h;
  teff_row_dsp row = {padding, 0};
  if (inside) row.at = x + teff_row_offset(p->in, p->window.in_h, iy);
  if (inside) row.step = p->window.channels;
  return row;
}

// A row of four channels: 0, 2, 1 and 3, in the order of their words in a column.
TEFF_KERNEL void teff_depthwise_3x3_four_dsp(const teff_depthwise_rows* p, const int8_t* packed,
                                             const int8_t* columns, int8_t* y) {
  const teff_window* w = &p->window;
  for (int8_t* last = y + 3;;) {
    const teff_3x3_dsp taps = teff_3x3_at_dsp(packed, &p->result, w->channels);
    if (w->stride_w == 1)
      teff_3x3_line_dsp(&taps, 1, w->out_w, columns, y);
    else
      teff_3x3_line_dsp(&taps, 2, w->out_w, columns, y);
    if (y == last) return;
    packed += TEFF_CHANNEL_3X3_BYTES_DSP;
    columns += y == last - 1 ? 8 : 4;
    y += y == last - 1 ? -1 : 2;
  }
}

TEFF_KERNEL void teff_depthwise_3x3_rows_dsp(const teff_depthwise_rows* p, const int8_t* x,
                                             const int8_t* packed, int8_t* y, int8_t* scratch,
                                             teff_range rows) {
  const teff_window* w = &p->window;
  const int32_t columns = TEFF_COLUMN_BYTES_DSP * teff_depthwise_columns_dsp(w);
  int8_t* padding = scratch + columns;
  for (int32_t i = 0; i < columns; i += 4) teff_set_word(scratch + i, teff_pair(p->x_zero, p->x_zero));
  for (int32_t i = 0; i < 4; ++i) padding[i] = (int8_t)p->x_zero;
  for (int32_t oy = rows.begin; oy < rows.end; ++oy) {
    const int32_t iy = oy * w->stride_h - w->pad_top;
    teff_row_dsp a = teff_row_at_dsp(p, x, iy, padding), b = teff_row_at_dsp(p, x, iy + 1, padding),
                 c = teff_row_at_dsp(p, x, iy + 2, padding);
    const int8_t* channel = packed;
    int8_t* out = y + teff_row_offset(p->out, w->out_h, oy);
    for (int32_t at = 0; at < w->channels; at += 4) {
      teff_set_columns_dsp(w, a, b, c, scratch + w->pad_left * TEFF_COLUMN_BYTES_DSP);
      teff_depthwise_3x3_four_dsp(p, channel, scratch, out);
      channel += 4 * TEFF_CHANNEL_3X3_BYTES_DSP;
      out += 4;
      if (a.step) a.at += 4;
      if (b.step) b.at += 4;
      if (c.step) c.at += 4;
    }
  }
}

#endif
