// Windows that slide over an image: where one stands, which of its taps lie inside, and what it sees.
#ifndef TEFF_KERNELS_C_WINDOW_H
#define TEFF_KERNELS_C_WINDOW_H

#include <stddef.h>

#include "base.h"

// Images of in_h x in_w pixels of `channels` become images of out_h x out_w. The tap (i, j) of output pixel
// (oy, ox) reads row oy * stride_h - pad_top + i * dilation_h, and its column likewise; taps outside of the
// image read zero.
typedef struct teff_window {
  int32_t in_h, in_w, channels;
  int32_t out_h, out_w;
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  int32_t pad_top, pad_left;
} teff_window;

// Of the taps along one axis those in [begin, end) lie inside of the image.
typedef struct teff_taps {
  int32_t begin, end;
} teff_taps;

// Tap i reads origin + i * dilation, so the first inside is ceil(-origin / dilation), and the first past the
// end ceil((extent - origin) / dilation).
TEFF_KERNEL teff_taps teff_taps_inside(int32_t origin, int32_t kernel, int32_t dilation, int32_t extent) {
  const int32_t begin = origin < 0 ? (dilation - 1 - origin) / dilation : 0;
  const int32_t end = origin < extent ? (extent - origin + dilation - 1) / dilation : 0;
  const teff_taps taps = {teff_min_s32(begin, kernel), teff_min_s32(end, kernel)};
  return taps;
}

// A window at one output pixel: the image that it stands in, the row and column of its first tap, and the
// taps inside.
typedef struct teff_view {
  int32_t image, y, x;
  teff_taps rows, columns;
} teff_view;

// Output pixels are counted through all images.
TEFF_KERNEL teff_view teff_view_at(const teff_window* w, int32_t pixel) {
  const int32_t row = pixel / w->out_w;
  teff_view v;
  v.image = row / w->out_h;
  v.y = row % w->out_h * w->stride_h - w->pad_top;
  v.x = pixel % w->out_w * w->stride_w - w->pad_left;
  v.rows = teff_taps_inside(v.y, w->kernel_h, w->dilation_h, w->in_h);
  v.columns = teff_taps_inside(v.x, w->kernel_w, w->dilation_w, w->in_w);
  return v;
}

// Index of the first channel that tap (i, j) reads; the tap must lie inside.
TEFF_KERNEL ptrdiff_t teff_tap_offset(const teff_window* w, teff_view v, int32_t i, int32_t j) {
  const ptrdiff_t row = (ptrdiff_t)v.image * w->in_h + v.y + i * w->dilation_h;
  return (row * w->in_w + v.x + j * w->dilation_w) * w->channels;
}

// teff_see_NAME writes down what a window sees of `count` channels from `first` on, as [kernel_h, kernel_w,
// count] with `zero` subtracted: a sum over the window becomes a product of two plain vectors, and padding is
// a zero in it. Taps whose channels lie side by side are taken in one go.
#define TEFF_SEE(name, T, U)                                                                             \
  TEFF_KERNEL void teff_see_##name(const teff_window* w, int32_t pixel, int32_t first, int32_t count,    \
                                   int32_t zero, const T* x, U* __restrict patch) {                      \
    const teff_view v = teff_view_at(w, pixel);                                                          \
    const int32_t rows = v.rows.end - v.rows.begin, columns = v.columns.end - v.columns.begin;           \
    const int32_t run = count == w->channels && w->dilation_w == 1 ? columns : 1;                        \
    if (rows < w->kernel_h || columns < w->kernel_w)                                                     \
      __builtin_memset(patch, 0, sizeof(U) * (size_t)w->kernel_h * (size_t)w->kernel_w * (size_t)count); \
    for (int32_t i = v.rows.begin; i < v.rows.end; ++i)                                                  \
      for (int32_t j = v.columns.begin; j < v.columns.end; j += run) {                                   \
        const T* from = x + teff_tap_offset(w, v, i, j) + first;                                         \
        U* to = patch + (ptrdiff_t)(i * w->kernel_w + j) * count;                                        \
        for (int32_t c = 0; c < run * count; ++c) to[c] = (U)(from[c] - (T)zero);                        \
      }                                                                                                  \
  }
TEFF_SEE(s8, int8_t, int16_t)
TEFF_SEE(s16, int16_t, int16_t)
TEFF_SEE(f32, float, float)
#undef TEFF_SEE

#endif
