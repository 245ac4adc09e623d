// Depthwise convolution row by row for Armv7E-M's instructions.
//
// 3x3 windows have a way of their own (depthwise_3x3_dsp.h). Windows that are 5 or 7 wide (not dilated,
// strides 1 and 2 along the row): of four channels at a time a band of rows is written down in scratch as
// planes of 16-bit numbers, one plane a channel, so that neighbours in a row are a pair. The channel's
// weights are spread into all pairs of neighbours (w0 w1), (w1 w2), ..., for a pair of activations meets one
// of these in every output, or only its first or its last weight. Four outputs are made together. All other
// windows: the sums of four channels of one output, tap by tap where they lie.
//
// Packed: for each four channels (the last ones are filled up) their constants (scale_dsp.h), then the
// weights of each tap, a word of four bytes. Packed weights and scratch begin at multiples of 4 bytes.
//
// A band is of several rows where x and y do not overlap (and x has as many), so that rows are widened
// less often; otherwise of one. Either way a row of the result overwrites no row that a later one reads.
#ifndef TEFF_KERNELS_C_DEPTHWISE_ROWS_DSP_H
#define TEFF_KERNELS_C_DEPTHWISE_ROWS_DSP_H

#include <stddef.h>

#include "depthwise_bands_dsp.h"

#define TEFF_DEPTHWISE_PLANES_DSP 3072  // bytes that a band takes, if it can do with so few

TEFF_KERNEL int teff_depthwise_in_planes_dsp(const teff_window* w) {
  return (w->kernel_w == 5 || w->kernel_w == 7) && w->dilation_h == 1 && w->dilation_w == 1 &&
         (w->stride_w == 1 || w->stride_w == 2) && w->channels % 4 == 0;
}

// Where the parts of scratch begin; a row of the four planes takes 4 * plane bytes.
typedef struct teff_depthwise_scratch_dsp {
  int32_t plane, rows, weights, end;
} teff_depthwise_scratch_dsp;

// Columns that outputs read (they are made in twos), and columns that are written.
TEFF_KERNEL int32_t teff_depthwise_plane_dsp(const teff_window* w) {
  const int32_t read = w->stride_w * (((w->out_w + 1) & ~1) - 1) + w->kernel_w;
  const int32_t written = w->pad_left + ((w->in_w + 1) & ~1);
  return (teff_max_s32(read, written) + 1) / 2 * 4;
}

TEFF_KERNEL teff_depthwise_scratch_dsp teff_depthwise_scratch_at_dsp(const teff_depthwise_rows* p) {
  const teff_window* w = &p->window;
  const int32_t all = (w->out_h - 1) * w->stride_h + w->kernel_h;
  teff_depthwise_scratch_dsp s;
  s.plane = teff_depthwise_plane_dsp(w);
  s.rows = teff_min_s32(all, TEFF_DEPTHWISE_PLANES_DSP / (4 * s.plane));
  if (p->in.rows < w->in_h) s.rows = teff_min_s32(s.rows, p->in.rows);
  s.rows = teff_max_s32(s.rows, w->kernel_h);
  s.weights = 4 * s.plane * s.rows;
  s.end = s.weights + 16 * w->kernel_h * (w->kernel_w - 1);
  return s;
}

TEFF_KERNEL int32_t teff_depthwise_rows_dsp_scratch(const teff_depthwise_rows* p) {
  const teff_window* w = &p->window;
  const int32_t taps = w->kernel_h * w->kernel_w;
  if (p->banded) return teff_depthwise_bands_dsp_scratch(w);
  if (teff_depthwise_is_3x3_dsp(w)) return teff_depthwise_3x3_dsp_scratch(w);
  if (teff_depthwise_in_planes_dsp(w)) return teff_depthwise_scratch_at_dsp(p).end;
  return taps * (int32_t)sizeof(const int8_t*) + ((w->channels + 3) & ~3);
}

// Four channels of a pixel: 0 and 2, 1 and 3.
typedef struct teff_split_dsp {
  int32_t even, odd;
} teff_split_dsp;
TEFF_KERNEL teff_split_dsp teff_split_at_dsp(const int8_t* pixel) {
  const int32_t x = teff_word(pixel);
  const teff_split_dsp s = {teff_sxtb16(x), teff_sxtb16_odd(x)};
  return s;
}

// Two pixels as pairs of neighbours, one pair into each of the four planes.
TEFF_KERNEL void teff_set_pairs_dsp(teff_split_dsp p, teff_split_dsp q, int8_t* to, int32_t plane) {
  teff_set_word(to, teff_bottoms(p.even, q.even));
  teff_set_word(to + plane, teff_bottoms(p.odd, q.odd));
  teff_set_word(to + 2 * plane, teff_tops(p.even, q.even));
  teff_set_word(to + 3 * plane, teff_tops(p.odd, q.odd));
}

// A row of the image into the four planes; the columns beside it are padding already.
TEFF_KERNEL void teff_depthwise_widen_dsp(const int8_t* x, int32_t channels, int32_t columns,
                                          teff_split_dsp padding, int8_t* to, int32_t plane) {
  int32_t left = columns;
  for (; left > 1; left -= 2, x += 2 * channels, to += 4)
    teff_set_pairs_dsp(teff_split_at_dsp(x), teff_split_at_dsp(x + channels), to, plane);
  if (left > 0) teff_set_pairs_dsp(teff_split_at_dsp(x), padding, to, plane);
}

// Pairs of neighbouring weights of each row of the window, plane by plane (a plane is a channel).
TEFF_KERNEL void teff_depthwise_spread_dsp(const int8_t* weights, int32_t kernel_h, int32_t kernel_w,
                                           int8_t* to) {
  const int32_t plane = 4 * kernel_h * (kernel_w - 1);
  for (int32_t i = 0; i < kernel_h; ++i) {
    const int8_t* end = weights + 4 * kernel_w;
    teff_split_dsp last = teff_split_at_dsp(weights);
    for (weights += 4; weights < end; weights += 4, to += 4) {
      const teff_split_dsp next = teff_split_at_dsp(weights);
      teff_set_pairs_dsp(last, next, to, plane);
      last = next;
    }
  }
}

typedef struct teff_four_sums {
  int32_t a, b, c, d;
} teff_four_sums;

// A row's pairs of weights.
typedef struct teff_weight_pairs {
  int32_t pair[6];
} teff_weight_pairs;

// What a pair of activations adds to an output whose tap `t` meets its first: it may be a whole pair of taps,
// or the last tap alone, or the first tap alone, or nothing.
TEFF_KERNEL int32_t teff_meet_dsp(const teff_weight_pairs* w, int kernel, int t, int32_t x, int32_t sum) {
  if (t == -1) return teff_smlabt(w->pair[0], x, sum);
  if (t >= 0 && t < kernel - 1) return teff_smlad(w->pair[t], x, sum);
  if (t == kernel - 1) return teff_smlatb(w->pair[kernel - 2], x, sum);
  return sum;
}

// The i-th pair of activations of a row goes to all outputs.
TEFF_KERNEL void teff_meet_all_dsp(const teff_weight_pairs* w, int kernel, int stride, int outputs, int i,
                                   int32_t x, teff_four_sums* s) {
  s->a = teff_meet_dsp(w, kernel, 2 * i, x, s->a);
  s->b = teff_meet_dsp(w, kernel, 2 * i - stride, x, s->b);
  if (outputs > 2) s->c = teff_meet_dsp(w, kernel, 2 * i - 2 * stride, x, s->c);
  if (outputs > 3) s->d = teff_meet_dsp(w, kernel, 2 * i - 3 * stride, x, s->d);
}
TEFF_KERNEL void teff_meet_two_dsp(const teff_weight_pairs* w, int kernel, int stride, int outputs, int i,
                                   const int8_t* x, teff_four_sums* s) {
  const int pairs = (stride * (outputs - 1) + kernel + 1) / 2;
  if (i + 1 < pairs) {
    const teff_words two = teff_two_words(x + 4 * i);
    teff_meet_all_dsp(w, kernel, stride, outputs, i, two.first, s);
    teff_meet_all_dsp(w, kernel, stride, outputs, i + 1, two.second, s);
  } else if (i < pairs) {
    teff_meet_all_dsp(w, kernel, stride, outputs, i, teff_word(x + 4 * i), s);
  }
}

// One row of the window. `kernel` (its width), `stride` and `outputs` (2 to 4) are literals wherever this is
// called.
TEFF_KERNEL void teff_depthwise_row_dsp(const int8_t* weights, const int8_t* x, int kernel, int stride,
                                        int outputs, teff_four_sums* s) {
  teff_weight_pairs w;
  for (int i = 0; i < 3; ++i) {
    const teff_words two = 2 * i < kernel - 1 ? teff_two_words(weights + 8 * i) : teff_two_words(weights);
    w.pair[2 * i] = two.first;
    w.pair[2 * i + 1] = two.second;
  }
  teff_meet_two_dsp(&w, kernel, stride, outputs, 0, x, s);
  teff_meet_two_dsp(&w, kernel, stride, outputs, 2, x, s);
  teff_meet_two_dsp(&w, kernel, stride, outputs, 4, x, s);
  teff_meet_two_dsp(&w, kernel, stride, outputs, 6, x, s);
}

// `outputs` neighbours in a row, of one channel.
typedef struct teff_depthwise_channel_dsp {
  const teff_result* result;
  const int8_t *constants, *weights;
  int32_t kernel_h, row, step;  // bytes from one row of the plane to the next, from one output to the next
} teff_depthwise_channel_dsp;

TEFF_KERNEL void teff_depthwise_outputs_dsp(const teff_depthwise_channel_dsp* c, const int8_t* x, int kernel,
                                            int stride, int outputs, int32_t left, int8_t* y) {
  const int32_t bias = teff_word(c->constants);
  const int8_t* w = c->weights;
  teff_four_sums s = {bias, bias, bias, bias};
  for (int32_t i = c->kernel_h; i > 0; --i, w += 4 * (kernel - 1), x += c->row)
    teff_depthwise_row_dsp(w, x, kernel, stride, outputs, &s);
  const teff_scale_dsp scale = teff_scale_at_dsp(c->result, c->constants + 4);
  y[0] = (int8_t)teff_scaled_dsp(c->result, scale, s.a);
  if (outputs > 2 || left > 1) y[c->step] = (int8_t)teff_scaled_dsp(c->result, scale, s.b);
  if (outputs > 2) y[2 * c->step] = (int8_t)teff_scaled_dsp(c->result, scale, s.c);
  if (outputs > 3) y[3 * c->step] = (int8_t)teff_scaled_dsp(c->result, scale, s.d);
}

// A row of one channel: fours, and what is left by twos. Where the width is a literal, three of what is left
// may go together, too.
TEFF_KERNEL void teff_depthwise_line_dsp(const teff_depthwise_channel_dsp* c, const int8_t* x, int kernel,
                                         int stride, int32_t out_w, int8_t* y) {
  const int three = __builtin_constant_p(out_w) && (out_w % 4 == 3 || out_w == 5);
  int32_t left = out_w - (three ? 3 : 0);
  for (; left > 3; left -= 4, x += 8 * stride, y += 4 * c->step)
    teff_depthwise_outputs_dsp(c, x, kernel, stride, 4, 4, y);
  for (; left > 0; left -= 2, x += 4 * stride, y += 2 * c->step)
    teff_depthwise_outputs_dsp(c, x, kernel, stride, 2, left, y);
  if (three) teff_depthwise_outputs_dsp(c, x, kernel, stride, 3, 3, y);
}

// The rows `band` of the result, of four channels, whose constants begin at `packed` and whose bytes lie `at`
// bytes into a pixel.
TEFF_KERNEL void teff_depthwise_band_dsp(const teff_depthwise_rows* p, const int8_t* x, const int8_t* packed,
                                         int8_t* y, int8_t* scratch, teff_depthwise_scratch_dsp parts,
                                         teff_range band, int32_t at) {
  const teff_window* w = &p->window;
  const int32_t row = 4 * parts.plane, padding = teff_pair(p->x_zero, p->x_zero);
  const int32_t first = band.begin * w->stride_h - w->pad_top;
  const int32_t end = teff_min_s32((band.end - 1) * w->stride_h - w->pad_top + w->kernel_h, w->in_h);
  const teff_split_dsp beside = {padding, padding};
  for (int32_t iy = teff_max_s32(first, 0); iy < end; ++iy)
    teff_depthwise_widen_dsp(x + teff_row_offset(p->in, w->in_h, iy) + at, w->channels, w->in_w, beside,
                             scratch + (iy - first) * row + 2 * w->pad_left, parts.plane);
  teff_depthwise_spread_dsp(packed + 4 * TEFF_CHANNEL_BYTES_DSP, w->kernel_h, w->kernel_w,
                            scratch + parts.weights);
  for (int32_t c = 0; c < 4; ++c) {
    const teff_depthwise_channel_dsp channel = {
        &p->result,
        packed + c * TEFF_CHANNEL_BYTES_DSP,
        scratch + parts.weights + c * 4 * w->kernel_h * (w->kernel_w - 1),
        w->kernel_h,
        row,
        w->channels};
    const int8_t* plane = scratch + c * parts.plane;
    for (int32_t oy = band.begin; oy < band.end; ++oy, plane += row * w->stride_h) {
      int8_t* out = y + teff_row_offset(p->out, w->out_h, oy) + at + c;
      if (w->stride_w == 1 && w->kernel_w == 5)
        teff_depthwise_line_dsp(&channel, plane, 5, 1, w->out_w, out);
      else if (w->stride_w == 1)
        teff_depthwise_line_dsp(&channel, plane, 7, 1, w->out_w, out);
      else if (w->kernel_w == 5)
        teff_depthwise_line_dsp(&channel, plane, 5, 2, w->out_w, out);
      else
        teff_depthwise_line_dsp(&channel, plane, 7, 2, w->out_w, out);
    }
  }
}

// How many rows are made together.
TEFF_KERNEL int32_t teff_depthwise_band_rows_dsp(const teff_depthwise_rows* p, const int8_t* x,
                                                 const int8_t* y, int32_t rows) {
  const teff_window* w = &p->window;
  const uintptr_t x_bytes = (uintptr_t)(teff_min_s32(p->in.rows, w->in_h) * p->in.row_bytes);
  const uintptr_t y_bytes = (uintptr_t)(teff_min_s32(p->out.rows, w->out_h) * p->out.row_bytes);
  const uintptr_t x_begin = (uintptr_t)x, y_begin = (uintptr_t)y;
  const int apart = x_begin + x_bytes <= y_begin || y_begin + y_bytes <= x_begin;
  return apart ? (rows - w->kernel_h) / w->stride_h + 1 : 1;
}

TEFF_KERNEL void teff_depthwise_planes_dsp(const teff_depthwise_rows* p, const int8_t* x,
                                           const int8_t* packed, int8_t* y, int8_t* scratch,
                                           teff_range rows) {
  const teff_window* w = &p->window;
  const teff_depthwise_scratch_dsp parts = teff_depthwise_scratch_at_dsp(p);
  const int32_t step = teff_depthwise_band_rows_dsp(p, x, y, parts.rows);
  const ptrdiff_t block = 4 * (TEFF_CHANNEL_BYTES_DSP + (ptrdiff_t)w->kernel_h * w->kernel_w);
  for (int32_t oy = rows.begin; oy < rows.end; oy += step) {
    const teff_range band = {oy, teff_min_s32(oy + step, rows.end)};
    for (int32_t i = 0; i < parts.weights; i += 4)
      teff_set_word(scratch + i, teff_pair(p->x_zero, p->x_zero));
    for (int32_t at = 0; at < w->channels; at += 4)
      teff_depthwise_band_dsp(p, x, packed + at / 4 * block, y, scratch, parts, band, at);
  }
}

// Bytes `at` to `at` + 3 of a pixel, those that there are.
TEFF_KERNEL int32_t teff_four_channels_dsp(const int8_t* pixel, int32_t at, int32_t channels) {
  int32_t x = 0;
  if (channels % 4 == 0 || at + 4 <= channels) return teff_word(pixel + at);
  for (int32_t c = at; c < channels; ++c) x |= (int32_t)((uint32_t)(uint8_t)pixel[c] << 8 * (c - at));
  return x;
}

// Four channels of one output; `taps` are where its taps lie.
TEFF_KERNEL void teff_depthwise_pixel_dsp(const teff_result* result, const int8_t* const* taps, int32_t count,
                                          const int8_t* packed, int32_t at, int32_t channels, int8_t* y) {
  const int8_t* w = packed + 4 * TEFF_CHANNEL_BYTES_DSP;
  const int8_t* const* end = taps + count;
  int32_t sum0 = teff_word(packed), sum1 = teff_word(packed + TEFF_CHANNEL_BYTES_DSP);
  int32_t sum2 = teff_word(packed + 2 * TEFF_CHANNEL_BYTES_DSP);
  int32_t sum3 = teff_word(packed + 3 * TEFF_CHANNEL_BYTES_DSP);
  for (; taps < end; ++taps, w += 4) {
    const int32_t x = teff_four_channels_dsp(*taps, at, channels), weights = teff_word(w);
    const int32_t x02 = teff_sxtb16(x), x13 = teff_sxtb16_odd(x);
    const int32_t w02 = teff_sxtb16(weights), w13 = teff_sxtb16_odd(weights);
    sum0 = teff_smlabb(x02, w02, sum0);
    sum1 = teff_smlabb(x13, w13, sum1);
    sum2 = teff_smlatt(x02, w02, sum2);
    sum3 = teff_smlatt(x13, w13, sum3);
  }
  const int32_t left = channels % 4 == 0 ? 4 : channels - at;
  const int8_t* scale = packed + 4;
  y += at;
  y[0] = (int8_t)teff_scaled_dsp(result, teff_scale_at_dsp(result, scale), sum0);
  scale += TEFF_CHANNEL_BYTES_DSP;
  if (left > 1) y[1] = (int8_t)teff_scaled_dsp(result, teff_scale_at_dsp(result, scale), sum1);
  scale += TEFF_CHANNEL_BYTES_DSP;
  if (left > 2) y[2] = (int8_t)teff_scaled_dsp(result, teff_scale_at_dsp(result, scale), sum2);
  scale += TEFF_CHANNEL_BYTES_DSP;
  if (left > 3) y[3] = (int8_t)teff_scaled_dsp(result, teff_scale_at_dsp(result, scale), sum3);
}

// Where the taps of the window of output (oy, ox) lie, which is `padding` outside of the image.
TEFF_KERNEL void teff_depthwise_find_taps_dsp(const teff_depthwise_rows* p, const int8_t* x, int32_t oy,
                                              int32_t ox, const int8_t* padding, const int8_t** taps) {
  const teff_window* w = &p->window;
  int32_t iy = oy * w->stride_h - w->pad_top;
  for (int32_t i = 0; i < w->kernel_h; ++i, iy += w->dilation_h) {
    const int8_t* row = iy >= 0 && iy < w->in_h ? x + teff_row_offset(p->in, w->in_h, iy) : padding;
    int32_t ix = ox * w->stride_w - w->pad_left;
    for (int32_t j = 0; j < w->kernel_w; ++j, ix += w->dilation_w)
      *taps++ = row != padding && ix >= 0 && ix < w->in_w ? row + (ptrdiff_t)ix * w->channels : padding;
  }
}

TEFF_KERNEL void teff_depthwise_pixels_dsp(const teff_depthwise_rows* p, const int8_t* x,
                                           const int8_t* packed, int8_t* y, int8_t* scratch,
                                           teff_range rows) {
  const teff_window* w = &p->window;
  const int32_t count = w->kernel_h * w->kernel_w;
  const ptrdiff_t block = 4 * (TEFF_CHANNEL_BYTES_DSP + (ptrdiff_t)count);
  const int8_t** taps = (const int8_t**)(void*)scratch;
  int8_t* padding = scratch + count * (int32_t)sizeof(const int8_t*);
  for (int32_t c = 0; c < w->channels; ++c) padding[c] = (int8_t)p->x_zero;
  for (int32_t oy = rows.begin; oy < rows.end; ++oy) {
    int8_t* out = y + teff_row_offset(p->out, w->out_h, oy);
    for (int32_t ox = 0; ox < w->out_w; ++ox, out += w->channels) {
      teff_depthwise_find_taps_dsp(p, x, oy, ox, padding, taps);
      for (int32_t at = 0; at < w->channels; at += 4)
        teff_depthwise_pixel_dsp(&p->result, (const int8_t* const*)taps, count, packed + at / 4 * block, at,
                                 w->channels, out);
    }
  }
}

TEFF_KERNEL void teff_depthwise_rows_dsp(teff_depthwise_rows p, const int8_t* x, const void* packed,
                                         int8_t* y, void* scratch, teff_range rows) {
  if (p.banded)
    teff_depthwise_bands_dsp(&p, x, (const int8_t*)packed, y, (int8_t*)scratch, rows);
  else if (teff_depthwise_is_3x3_dsp(&p.window))
    teff_depthwise_3x3_rows_dsp(&p, x, (const int8_t*)packed, y, (int8_t*)scratch, rows);
  else if (teff_depthwise_in_planes_dsp(&p.window))
    teff_depthwise_planes_dsp(&p, x, (const int8_t*)packed, y, (int8_t*)scratch, rows);
  else
    teff_depthwise_pixels_dsp(&p, x, (const int8_t*)packed, y, (int8_t*)scratch, rows);
}

#endif
