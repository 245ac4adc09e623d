// Convolution row by row for Armv7E-M's instructions: what the windows of two neighbouring pixels see is
// written down in scratch, widened to pairs, for all outputs in turn (tile_dsp.h has the arithmetic and the
// order of the packed weights).
//
// Activations follow each other as the window has them, [kernel_h, kernel_w, channels]. A row of the window
// lies in one piece in the image, where it is not dilated; it is widened from there if it is made of whole
// words. Otherwise the window's bytes are first put side by side.
//
// Where a 1x1 convolution sees whole dense images, its rows are one long run of pixels. Of every two pixels
// all inputs are read before a result is written. Packed weights and scratch begin at multiples of 4 bytes.
// Scratch:
//     the two widened windows;
//     pointers to the window's rows, or to the row of padding;
//     a row of padding;
//     the two windows' bytes side by side, or of each the one row that reaches over the image's edge.
#ifndef TEFF_KERNELS_C_CONV_ROWS_DSP_H
#define TEFF_KERNELS_C_CONV_ROWS_DSP_H

#include "tile_dsp.h"

TEFF_KERNEL int32_t teff_whole_words(int32_t bytes) { return (bytes + 3) & ~3; }

// Bytes of a window's row, of a window, and of one filled up to whole words.
TEFF_KERNEL int32_t teff_conv_run_dsp(const teff_window* w) { return w->kernel_w * w->channels; }
TEFF_KERNEL int32_t teff_conv_quads_dsp(const teff_window* w) {
  return teff_whole_words(w->kernel_h * teff_conv_run_dsp(w)) / 4;
}

// Window rows are widened from where they lie.
TEFF_KERNEL int teff_conv_direct_dsp(const teff_window* w) {
  return teff_conv_run_dsp(w) % 4 == 0 && (w->kernel_w == 1 || w->dilation_w == 1);
}

// The image is a run of pixels of whole words, each of which gives a pixel of the result.
TEFF_KERNEL int teff_conv_pointwise_dsp(const teff_conv_rows* p) {
  const teff_window* w = &p->window;
  return w->kernel_h == 1 && w->kernel_w == 1 && w->stride_h == 1 && w->stride_w == 1 && w->pad_top == 0 &&
         w->pad_left == 0 && w->out_h == w->in_h && w->out_w == w->in_w && w->channels % 4 == 0;
}

typedef struct teff_conv_scratch_dsp {
  int32_t rows, padding, bytes, end;  // where the parts begin; the widened windows begin at 0
} teff_conv_scratch_dsp;

TEFF_KERNEL teff_conv_scratch_dsp teff_conv_scratch_at_dsp(const teff_conv_rows* p) {
  const teff_window* w = &p->window;
  const int32_t quads = teff_conv_quads_dsp(w), run = teff_whole_words(teff_conv_run_dsp(w));
  teff_conv_scratch_dsp s;
  s.rows = 16 * quads;
  s.padding = s.rows + w->kernel_h * (int32_t)sizeof(const int8_t*);
  s.bytes = s.padding + run;
  s.end = s.bytes + 2 * (teff_conv_direct_dsp(w) ? run : 4 * quads);
  return s;
}

TEFF_KERNEL int32_t teff_conv_rows_dsp_scratch(const teff_conv_rows* p) {
  return teff_conv_pointwise_dsp(p) ? 16 * teff_conv_quads_dsp(&p->window) : teff_conv_scratch_at_dsp(p).end;
}

// Words as long as there are whole ones, then bytes; a few bytes are a run that no call pays for.
TEFF_KERNEL void teff_copy_few(int8_t* to, const int8_t* from, int32_t n) {
  for (; n >= 4; n -= 4, to += 4, from += 4) teff_set_word(to, teff_word(from));
  for (; n > 0; --n) *to++ = *from++;
}
TEFF_KERNEL void teff_fill_few(int8_t* to, int32_t value, int32_t n) {
  for (; n > 0; --n) {
    TEFF_STAYS_LOOP;
    *to++ = (int8_t)value;
  }
}

// The taps of one window row that begins at column `ix` (in pixels) of `row`, side by side.
TEFF_SHARED_KERNEL void teff_conv_window_row_dsp(const teff_conv_rows* p, const int8_t* row, int32_t ix,
                                                 int8_t* to) {
  const teff_window* w = &p->window;
  const int32_t channels = w->channels;
  if (w->kernel_w > 1 && w->dilation_w > 1) {
    for (int32_t j = 0; j < w->kernel_w; ++j, ix += w->dilation_w, to += channels) {
      if (ix >= 0 && ix < w->in_w)
        teff_copy_few(to, row + (ptrdiff_t)ix * channels, channels);
      else
        teff_fill_few(to, p->x_zero, channels);
    }
    return;
  }
  const teff_taps taps = teff_taps_inside(ix, w->kernel_w, 1, w->in_w);
  const int32_t before = taps.begin * channels, end = teff_max_s32(taps.end * channels, before);
  teff_fill_few(to, p->x_zero, before);
  teff_copy_few(to + before, row + (ptrdiff_t)ix * channels + before, end - before);
  teff_fill_few(to + end, p->x_zero, teff_conv_run_dsp(w) - end);
}

// Where the row of the window that begins at column `ix` lies in one piece: in the image, or in `to`.
TEFF_SHARED_KERNEL const int8_t* teff_conv_in_one_piece_dsp(const teff_conv_rows* p, const int8_t* row,
                                                            int32_t ix, const int8_t* padding, int8_t* to) {
  if (row == padding) return padding;
  if (ix >= 0 && ix + p->window.kernel_w <= p->window.in_w) return row + (ptrdiff_t)ix * p->window.channels;
  teff_conv_window_row_dsp(p, row, ix, to);
  return to;
}

// The window that begins at column `ix`, as bytes side by side.
TEFF_SHARED_KERNEL void teff_conv_window_dsp(const teff_conv_rows* p, const int8_t* const* rows, int32_t ix,
                                             const int8_t* padding, int8_t* to) {
  const teff_window* w = &p->window;
  const int32_t run = teff_conv_run_dsp(w);
  const int inside =
      ix >= 0 && ix + (w->kernel_w - 1) * w->dilation_w < w->in_w && (w->kernel_w == 1 || w->dilation_w == 1);
  for (int32_t i = 0; i < w->kernel_h; ++i, to += run) {
    if (rows[i] == padding)
      teff_copy_few(to, padding, run);
    else if (inside)
      teff_copy_few(to, rows[i] + (ptrdiff_t)ix * w->channels, run);
    else
      teff_conv_window_row_dsp(p, rows[i], ix, to);
  }
}

// Widens the windows of the output pixels `ox` and, if there are `two`, of the next.
TEFF_KERNEL void teff_conv_widen_dsp(const teff_conv_rows* p, int32_t ox, int two,
                                     teff_conv_scratch_dsp parts, int8_t* scratch) {
  const teff_window* w = &p->window;
  const int8_t* const* rows = (const int8_t* const*)(const void*)(scratch + parts.rows);
  const int8_t* padding = scratch + parts.padding;
  const int32_t quads = teff_conv_quads_dsp(w), run = teff_conv_run_dsp(w);
  const int32_t ix = ox * w->stride_w - w->pad_left;
  int8_t* bytes = scratch + parts.bytes;
  if (!teff_conv_direct_dsp(w)) {
    teff_conv_window_dsp(p, rows, ix, padding, bytes);
    if (two) teff_conv_window_dsp(p, rows, ix + w->stride_w, padding, bytes + 4 * quads);
    teff_widen_dsp(bytes, bytes + 4 * quads, quads, two, scratch);
    return;
  }
  for (int32_t i = 0; i < w->kernel_h; ++i) {
    const int8_t* first = teff_conv_in_one_piece_dsp(p, rows[i], ix, padding, bytes);
    const int8_t* second = first;
    if (two) second = teff_conv_in_one_piece_dsp(p, rows[i], ix + w->stride_w, padding, bytes + run);
    teff_widen_dsp(first, second, run / 4, two, scratch + i * (two || TEFF_SMALL ? 4 : 2) * (ptrdiff_t)run);
  }
}

// The rows that the windows of an output row see.
TEFF_KERNEL void teff_conv_find_rows_dsp(const teff_conv_rows* p, const int8_t* x, int32_t oy,
                                         const int8_t* padding, const int8_t** rows) {
  const teff_window* w = &p->window;
  int32_t iy = oy * w->stride_h - w->pad_top;
  for (int32_t i = 0; i < w->kernel_h; ++i, iy += w->dilation_h)
    rows[i] = iy >= 0 && iy < w->in_h ? x + teff_row_offset(p->in, w->in_h, iy) : padding;
}

// Widens what output pixel `ox` of a run and, if there are `two`, the next one see. Pointwise, `x` is the
// run.
TEFF_KERNEL void teff_conv_see_dsp(const teff_conv_rows* p, const int8_t* x, int32_t ox, int two,
                                   teff_conv_scratch_dsp parts, int8_t* scratch) {
  const int32_t channels = p->window.channels;
  if (!teff_conv_pointwise_dsp(p)) {
    teff_conv_widen_dsp(p, ox, two, parts, scratch);
  } else {
    x += (ptrdiff_t)ox * channels;
    teff_widen_dsp(x, two ? x + channels : x, channels / 4, two, scratch);
  }
}

// A run is a row of the result, or all rows where that makes no difference.
TEFF_KERNEL int32_t teff_conv_rows_in_run_dsp(const teff_conv_rows* p, teff_range rows) {
  const teff_window* w = &p->window;
  const int dense = p->in.rows >= w->in_h && p->out.rows >= w->out_h &&
                    p->in.row_bytes == w->in_w * w->channels && p->out.row_bytes == w->out_w * p->outputs;
  return teff_conv_pointwise_dsp(p) && dense ? teff_max_s32(rows.end - rows.begin, 1) : 1;
}

TEFF_KERNEL void teff_conv_rows_dsp(teff_conv_rows p, const int8_t* x, const void* packed, int8_t* y,
                                    void* scratch, teff_range rows) {
  const teff_window* w = &p.window;
  // Functions get to see a copy: what compilers know of p stays true across calls.
  const teff_conv_rows seen = p;
  const int8_t* weights = (const int8_t*)packed;
  int8_t* widened = (int8_t*)scratch;
  const teff_conv_scratch_dsp parts = teff_conv_scratch_at_dsp(&p);
  const int32_t quads = teff_conv_quads_dsp(w), step = teff_conv_rows_in_run_dsp(&p, rows);
  const int pointwise = teff_conv_pointwise_dsp(&p);
  int8_t* padding = widened + parts.padding;
  if (!pointwise) teff_fill_few(padding, p.x_zero, teff_conv_run_dsp(w));
  for (int32_t oy = rows.begin; oy < rows.end; oy += step) {
    const int8_t* from = pointwise ? x + teff_row_offset(p.in, w->in_h, oy) : x;
    int8_t* to = y + teff_row_offset(p.out, w->out_h, oy);
    const int32_t pixels = step * w->out_w;
    int32_t ox = 0;
    if (!pointwise)
      teff_conv_find_rows_dsp(&p, x, oy, padding, (const int8_t**)(void*)(widened + parts.rows));
    for (; ox + !TEFF_SMALL < pixels; ox += 2, to += 2 * p.outputs) {
      const int two = !TEFF_SMALL || ox + 1 < pixels;
      teff_conv_see_dsp(&seen, from, ox, two, parts, widened);
      teff_tile_dsp(&p.result, weights, widened, quads, p.outputs, two, p.outputs, to);
    }
    if (!TEFF_SMALL && ox < pixels) {
      teff_conv_see_dsp(&seen, from, ox, 0, parts, widened);
      teff_tile_dsp(&p.result, weights, widened, quads, p.outputs, 0, 0, to);
    }
  }
}

#endif
