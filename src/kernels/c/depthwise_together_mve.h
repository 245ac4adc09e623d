// Depthwise convolutions of whole images for Helium, four outputs of a channel at a time: windows of 3 x 3
// that move by one, up to four rows of outputs together, or all rows of images five pixels wide; and images
// that are one pixel wide. Constants are packed as depthwise_rows_mve.h says.
#ifndef TEFF_KERNELS_C_DEPTHWISE_TOGETHER_MVE_H
#define TEFF_KERNELS_C_DEPTHWISE_TOGETHER_MVE_H

#include "depthwise_lanes_mve.h"
#include "rows.h"
#include "to_planes_mve.h"

// An image one pixel wide is one row, if all of it is there and no result overlays it: what was above and
// below is left and right.
TEFF_KERNEL int teff_is_column_mve(const teff_depthwise_rows* p) {
  const teff_window* w = &p->window;
  return w->in_w == 1 && w->out_w == 1 && w->kernel_w == 1 && w->dilation_h == 1 && p->in.rows >= w->in_h &&
         p->out.rows >= w->out_h;
}
// A plane has columns of six rows, which four windows see (TALL); the whole image, in rows of six bytes: the
// column right of a row is the one left of the next (FIVES); or a single line (LINE).
TEFF_KERNEL int32_t teff_lanes_pitch_mve(const teff_window* w, int kind) {
  return kind == TEFF_LANES_TALL    ? 6 * (w->out_w + 2)
         : kind == TEFF_LANES_FIVES ? 6 * (w->out_h + 2) + 1
                                    : w->out_h - 1 + w->kernel_h;
}
// Larger planes would take much memory.
#define TEFF_MOST_PLANE_MVE 320

TEFF_KERNEL int teff_lanes_kind_mve(const teff_depthwise_rows* p) {
  const teff_window* w = &p->window;
  int kind = TEFF_LANES_NONE;
  if (p->small || p->result.scaling == TEFF_SCALE_TFLITE || w->channels % 4 != 0) return kind;
  if (p->in.rows < w->in_h || p->out.rows < w->out_h) return kind;
  if (w->stride_h != 1 || w->stride_w != 1 || w->dilation_h != 1 || w->dilation_w != 1) return kind;
  if (teff_is_column_mve(p)) {
    if (w->kernel_h <= 15 && w->out_h >= 4) kind = TEFF_LANES_LINE;
  } else if (w->kernel_h == 3 && w->kernel_w == 3 && w->pad_left == 1 && w->in_w == w->out_w) {
    if (w->in_w == 5 && w->pad_top == 1 && w->in_h == w->out_h)
      kind = TEFF_LANES_FIVES;
    else if (w->out_w >= 4 && w->out_h >= 2)
      kind = TEFF_LANES_TALL;
  }
  return teff_lanes_pitch_mve(w, kind) <= TEFF_MOST_PLANE_MVE ? kind : TEFF_LANES_NONE;
}

// Whether results overlay no byte that is read after them. A group of channels is read as a whole, or in
// bands of rows, before it is written, and meets no other where pixels lie over pixels.
TEFF_KERNEL int teff_lanes_may_overlay_mve(const teff_depthwise_rows* p, int kind, const int8_t* x,
                                           const int8_t* y) {
  const ptrdiff_t ahead = x - y;
  if (teff_apart_mve(x, (ptrdiff_t)p->in.rows * p->in.row_bytes, y,
                     (ptrdiff_t)p->out.rows * p->out.row_bytes))
    return 1;
  if (kind != TEFF_LANES_TALL) return ahead % p->window.channels == 0;
  return ahead > 0 && ahead % p->in.row_bytes == 0;
}

// The planes and what is loaded behind them; then where rows begin. Eight planes are written where there are
// fewer channels.
TEFF_KERNEL int32_t teff_lanes_planes_mve(const teff_window* w, int kind) {
  const int32_t planes = w->channels >= 16 ? 16 : 8;
  return (planes * teff_lanes_pitch_mve(w, kind) + 32 + 7) / 8 * 8;
}
TEFF_KERNEL int32_t teff_lanes_lines_mve(int kind) {
  return kind == TEFF_LANES_TALL ? 6 : kind == TEFF_LANES_FIVES ? 5 : 1;
}
TEFF_KERNEL int32_t teff_lanes_scratch_mve(const teff_depthwise_rows* p) {
  const int kind = teff_lanes_kind_mve(p);
  if (kind == TEFF_LANES_NONE) return 0;
  return (teff_lanes_planes_mve(&p->window, kind) + 4 * teff_lanes_lines_mve(kind) + 7) / 8 * 8;
}

// What of the image goes where in planes: its columns, from row `row` of outputs on, or its rows.
TEFF_KERNEL teff_to_planes_mve teff_lanes_image_mve(const teff_depthwise_rows* p, int kind, int32_t row,
                                                    int8_t* planes, int32_t* lines) {
  const teff_window* w = &p->window;
  const int32_t count = teff_lanes_lines_mve(kind), pitch = teff_lanes_pitch_mve(w, kind);
  const int32_t column = kind == TEFF_LANES_LINE ? 1 : 6;
  const int by_columns = kind == TEFF_LANES_TALL;
  for (int32_t i = 0, y = row - w->pad_top; i < count; ++i, ++y)
    lines[i] = !by_columns ? i * w->channels : y >= 0 && y < w->in_h ? y * p->in.row_bytes : -1;
  const int32_t first = kind == TEFF_LANES_TALL ? 6 : kind == TEFF_LANES_FIVES ? 7 : w->pad_top;
  const teff_to_planes_mve in = {planes + first,
                                 lines,
                                 column,
                                 by_columns ? w->in_w : w->in_h,
                                 by_columns ? w->channels : p->in.row_bytes,
                                 pitch,
                                 p->x_zero,
                                 0,
                                 0,
                                 0,
                                 count};
  return in;
}

// `n` rows of outputs from `row` on: up to four of them, or all.
TEFF_SHARED void teff_lanes_rows_mve(const teff_depthwise_rows* p, int kind, const int8_t* x,
                                     const void* packed, int8_t* y, int8_t* planes, int32_t* lines,
                                     teff_run_lanes_mve run, int32_t row, int32_t n) {
  static const uint8_t kTall[16] = {0, 1, 2, 0, 0, 0, 3, 4, 5, 0, 0, 0, 6, 7, 8, 0},
                       kFives[16] = {0, 3, 6, 0, 0, 0, 1, 4, 7, 0, 0, 0, 2, 5, 8, 0},
                       kLine[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  static const teff_place_mve kPlaces[16] = {{0, 0},    {2, 8},    {1, 4},    {3, 12},   {4, 48},  {6, 56},
                                             {5, 52},   {7, 60},   {8, 96},   {10, 104}, {9, 100}, {11, 108},
                                             {12, 144}, {14, 152}, {13, 148}, {15, 156}};
  const teff_window* w = &p->window;
  const int by_columns = kind == TEFF_LANES_TALL;
  const int32_t channels = w->channels, apart = by_columns ? p->out.row_bytes : channels;
  const int32_t apart_of_four[4] = {0, apart, 2 * apart, 3 * apart};
  const int32_t taps = w->kernel_h * w->kernel_w, over = (n + 3) / 4 * 4 - n;
  const teff_channels_mve* constants = (const teff_channels_mve*)packed;
  const int8_t* weights = (const int8_t*)(constants + channels / 4);
  teff_to_planes_mve in = teff_lanes_image_mve(p, kind, row, planes, lines);
  teff_lanes_mve out = {planes,
                        in.pitch,
                        y,
                        by_columns ? channels : 4 * channels,
                        by_columns                 ? w->out_w
                        : kind == TEFF_LANES_FIVES ? n / 4
                                                   : (n + 3) / 4 - 1,
                        taps,
                        weights,
                        teff_scaling_number_mve(&p->result),
                        kPlaces,
                        constants,
                        0,
                        kind == TEFF_LANES_LINE ? (1 << taps) - 1 : 0x71C7,
                        by_columns                 ? kTall
                        : kind == TEFF_LANES_FIVES ? kFives
                                                   : kLine,
                        apart_of_four,
                        n < 4 ? (1 << 4 * n) - 1 : 0xFFFF,
                        n % 4,
                        over,
                        over * channels,
                        0,
                        0};
  out.next = in.pitch - (by_columns                 ? 6 * out.turns
                         : kind == TEFF_LANES_FIVES ? 24 * out.turns + 6 * out.rest
                                                    : 4 * out.turns + 4 - over);
  for (int32_t c = 0, here = 0; c < channels; c += here) {
    in.x = x + c;
    here = teff_group_to_planes_mve(&in, channels - c, 16);
    out.x = planes;
    out.y = y + row * p->out.row_bytes + c;
    out.w = weights + c * taps;
    out.constants = constants + c / 4;
    out.w_end = out.w + here * taps;
    out.channels = here;
    run(&out);
  }
}

// All rows, but for a last one that would be alone: returns how many it made. `bytes` of scratch are all
// used.
TEFF_KERNEL int32_t teff_lanes_image_rows_mve(const teff_depthwise_rows* p, int kind, const int8_t* x,
                                              const void* packed, int8_t* y, void* scratch, int32_t bytes) {
  const teff_window* w = &p->window;
  const int32_t height = w->out_h;
  const teff_run_lanes_mve run = teff_lanes_for_mve(p->result.scaling, kind, 0);
  int8_t* planes = (int8_t*)scratch;
  int32_t* lines = (int32_t*)(void*)(planes + bytes - 4 * teff_lanes_lines_mve(kind));
  int32_t row = 0;
  teff_fill_mve(planes, p->x_zero, teff_lanes_planes_mve(w, kind));
  if (kind != TEFF_LANES_TALL) {
    teff_lanes_rows_mve(p, kind, x, packed, y, planes, lines, run, 0, height);
    row = height;
  } else {
    for (; height - row >= 4 && (height - row) % 4 < 2; row += 4)
      teff_lanes_rows_mve(p, kind, x, packed, y, planes, lines, run, row, 4);
    const teff_run_lanes_mve some = teff_lanes_for_mve(p->result.scaling, kind, 1);
    for (int32_t n = 0; height - row > 1; row += n) {
      const int32_t left = height - row, bands = (left + 3) / 4;
      n = (left + bands - 1) / bands;
      teff_lanes_rows_mve(p, kind, x, packed, y, planes, lines, n < 4 ? some : run, row, n);
    }
  }
  if (teff_is_clamped_mve(&p->result)) teff_clamp_mve(y, row * p->out.row_bytes, p->result.lo, p->result.hi);
  return row;
}

#endif
