// Rows of a depthwise convolution in plain C (teff_depthwise_rows of rows.h).
//
// Packed: a teff_channel for every channel, then the weights [kernel_h][kernel_w][channels]. The sums of a
// pixel are gathered in scratch, tap by tap along the channels.
#ifndef TEFF_KERNELS_C_DEPTHWISE_ROWS_C_H
#define TEFF_KERNELS_C_DEPTHWISE_ROWS_C_H

#include "result.h"

TEFF_KERNEL int32_t teff_depthwise_rows_c_scratch(const teff_depthwise_rows* p) {
  return 4 * p->window.channels;
}

// sums[c] += tap * w, for one tap of all channels; from is null for a tap outside of the image.
TEFF_KERNEL void teff_add_tap_c(const int8_t* from, int32_t zero, const int8_t* w, int32_t channels,
                                int32_t* sums) {
  if (from)
    for (int32_t c = 0; c < channels; ++c) sums[c] += from[c] * w[c];
  else
    for (int32_t c = 0; c < channels; ++c) sums[c] += zero * w[c];
}

TEFF_KERNEL void teff_depthwise_pixel_c(const teff_depthwise_rows* p, const int8_t* image, const int8_t* w,
                                        int32_t y, int32_t x, int32_t* sums) {
  const teff_window* v = &p->window;
  for (int32_t i = 0; i < v->kernel_h; ++i) {
    const int32_t row = y * v->stride_h - v->pad_top + i * v->dilation_h;
    for (int32_t j = 0; j < v->kernel_w; ++j, w += v->channels) {
      const int32_t column = x * v->stride_w - v->pad_left + j * v->dilation_w;
      const int32_t inside = row >= 0 && row < v->in_h && column >= 0 && column < v->in_w;
      const int8_t* from =
          inside ? image + teff_row_offset(p->in, v->in_h, row) + column * v->channels : (const int8_t*)0;
      teff_add_tap_c(from, p->x_zero, w, v->channels, sums);
    }
  }
}

TEFF_KERNEL void teff_depthwise_rows_c(teff_depthwise_rows p, const int8_t* x, const void* packed, int8_t* y,
                                       void* scratch, teff_range r) {
  const int32_t channels = p.window.channels;
  const teff_channel* each = (const teff_channel*)packed;
  int32_t* sums = (int32_t*)scratch;
  for (int32_t row = r.begin; row < r.end; ++row) {
    int8_t* out = y + teff_row_offset(p.out, p.window.out_h, row);
    for (int32_t i = 0; i < p.window.out_w; ++i, out += channels) {
      for (int32_t c = 0; c < channels; ++c) sums[c] = each[c].bias;
      teff_depthwise_pixel_c(&p, x, (const int8_t*)(each + channels), row, i, sums);
      for (int32_t c = 0; c < channels; ++c) out[c] = teff_result_of_sum(&p.result, each + c, sums[c]);
    }
  }
}

#endif
