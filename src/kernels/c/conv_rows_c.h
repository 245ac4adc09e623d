// Rows of a convolution in plain C (teff_conv_rows of rows.h).
//
// Packed: a teff_channel for every output, then the weights [outputs][kernel_h][kernel_w][channels]. Two
// pixels and two outputs go together, so that what is loaded is used twice. Windows of a single tap are read
// where they lie, others are written down in scratch first.
#ifndef TEFF_KERNELS_C_CONV_ROWS_C_H
#define TEFF_KERNELS_C_CONV_ROWS_C_H

#include "result.h"

TEFF_KERNEL int32_t teff_taps_of(const teff_window* w) { return w->kernel_h * w->kernel_w * w->channels; }

TEFF_KERNEL int32_t teff_conv_rows_c_scratch(const teff_conv_rows* p) {
  const teff_window* w = &p->window;
  const int32_t single =
      w->kernel_h == 1 && w->kernel_w == 1;  // then padding would be outside of all windows
  return single ? 0 : 2 * teff_taps_of(w);
}

// Writes down what the window of pixel (y, x) sees, `zero` outside of the image.
TEFF_KERNEL void teff_gather_window(const teff_window* w, teff_ring ring, int32_t zero, const int8_t* image,
                                    int32_t y, int32_t x, int8_t* patch) {
  const int32_t top = y * w->stride_h - w->pad_top, left = x * w->stride_w - w->pad_left;
  for (int32_t i = 0; i < w->kernel_h; ++i) {
    const int32_t row = top + i * w->dilation_h;
    const int8_t* from = image + (row >= 0 && row < w->in_h ? teff_row_offset(ring, w->in_h, row) : 0);
    for (int32_t j = 0; j < w->kernel_w; ++j, patch += w->channels) {
      const int32_t column = left + j * w->dilation_w;
      const int32_t inside = row >= 0 && row < w->in_h && column >= 0 && column < w->in_w;
      if (inside)
        for (int32_t c = 0; c < w->channels; ++c) patch[c] = from[column * w->channels + c];
      else
        for (int32_t c = 0; c < w->channels; ++c) patch[c] = (int8_t)zero;
    }
  }
}

// Products of two vectors x with two vectors w of n elements: sums x0 w0, x0 w1, x1 w0, x1 w1.
TEFF_KERNEL void teff_dots_bytes(const int8_t* x0, const int8_t* x1, const int8_t* w0, const int8_t* w1,
                                 int32_t n, int32_t* sums) {
  int32_t s00 = 0, s01 = 0, s10 = 0, s11 = 0;
  for (int32_t i = 0; i < n; ++i) {
    const int32_t a = x0[i], b = x1[i], c = w0[i], d = w1[i];
    s00 += a * c;
    s01 += a * d;
    s10 += b * c;
    s11 += b * d;
  }
  sums[0] = s00, sums[1] = s01, sums[2] = s10, sums[3] = s11;
}

// All outputs of one or two pixels; the second stands for the first once more where there is but one, and so
// does the last output where their number is odd.
TEFF_KERNEL void teff_conv_pixels_c(const teff_conv_rows* p, const int8_t* x0, const int8_t* x1,
                                    const teff_channel* channels, const int8_t* w, int8_t* y0, int8_t* y1) {
  const int32_t taps = teff_taps_of(&p->window);
  for (int32_t o = 0; o < p->outputs; o += 2) {
    const int32_t second = o + 1 < p->outputs ? o + 1 : o;
    int32_t sums[4];
    teff_dots_bytes(x0, x1, w + (ptrdiff_t)o * taps, w + (ptrdiff_t)second * taps, taps, sums);
    y0[o] = teff_result_of_sum(&p->result, channels + o, sums[0] + channels[o].bias);
    y0[second] = teff_result_of_sum(&p->result, channels + second, sums[1] + channels[second].bias);
    y1[o] = teff_result_of_sum(&p->result, channels + o, sums[2] + channels[o].bias);
    y1[second] = teff_result_of_sum(&p->result, channels + second, sums[3] + channels[second].bias);
  }
}

// What pixel (y, x) sees: where it lies, or written down in patch `which` (there is no scratch for single
// taps).
TEFF_KERNEL const int8_t* teff_window_at(const teff_conv_rows* p, const int8_t* image, int32_t y, int32_t x,
                                         int8_t* patches, int32_t which) {
  const teff_window* w = &p->window;
  if (w->kernel_h == 1 && w->kernel_w == 1)
    return image + teff_row_offset(p->in, w->in_h, y * w->stride_h) + x * w->stride_w * w->channels;
  int8_t* patch = patches + (ptrdiff_t)which * teff_taps_of(w);
  teff_gather_window(w, p->in, p->x_zero, image, y, x, patch);
  return patch;
}

TEFF_KERNEL void teff_conv_rows_c(teff_conv_rows p, const int8_t* x, const void* packed, int8_t* y,
                                  void* scratch, teff_range r) {
  const teff_channel* channels = (const teff_channel*)packed;
  const int8_t* weights = (const int8_t*)(channels + p.outputs);
  int8_t* patches = (int8_t*)scratch;
  for (int32_t row = r.begin; row < r.end; ++row) {
    int8_t* out = y + teff_row_offset(p.out, p.window.out_h, row);
    for (int32_t i = 0; i < p.window.out_w; i += 2) {
      const int32_t second = i + 1 < p.window.out_w ? i + 1 : i;
      const int8_t* x0 = teff_window_at(&p, x, row, i, patches, 0);
      const int8_t* x1 = teff_window_at(&p, x, row, second, patches, 1);
      teff_conv_pixels_c(&p, x0, x1, channels, weights, out + i * p.outputs, out + second * p.outputs);
    }
  }
}

#endif
