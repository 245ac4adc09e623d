// Depthwise convolution row by row, tap by tap, for Armv7E-M's instructions: any window, in little code.
//
// The sums of four channels of one output are made together, so channels come in fours; scratch holds where
// the output's taps lie. A channel's weights take as many bytes as there are taps.
//
// Packed: for each four channels their constants (scale_dsp.h), then the weights of each tap, a word of four
// bytes. Packed weights and scratch begin at multiples of 4 bytes.
#ifndef TEFF_KERNELS_C_DEPTHWISE_TAPS_DSP_H
#define TEFF_KERNELS_C_DEPTHWISE_TAPS_DSP_H

#include <stddef.h>

#include "scale_dsp.h"

TEFF_KERNEL int32_t teff_depthwise_taps_dsp_scratch(const teff_depthwise_rows* p) {
  return 4 * p->window.kernel_h * p->window.kernel_w;
}

// One image as its taps see it, and what those outside of it read, four times.
typedef struct teff_tapped_image {
  const int8_t* x;
  int32_t channels, padding;
} teff_tapped_image;

// Channels at .. at + 3 of one output, whose `count` taps lie at `taps`: so many bytes into the image, or
// outside of it where that is negative. (Inside of the loops around it, compilers run out of registers.)
TEFF_APART_KERNEL void teff_tapped_pixel_dsp(const teff_result* result, const teff_tapped_image* image,
                                             const int32_t* taps, int32_t count, const int8_t* packed,
                                             int32_t at, int8_t* y) {
  const int8_t *w = packed + 4 * TEFF_CHANNEL_BYTES_DSP, *x = image->x + at;
  int32_t sum0 = teff_word(packed), sum1 = teff_word(packed + TEFF_CHANNEL_BYTES_DSP);
  int32_t sum2 = teff_word(packed + 2 * TEFF_CHANNEL_BYTES_DSP);
  int32_t sum3 = teff_word(packed + 3 * TEFF_CHANNEL_BYTES_DSP);
  for (const int32_t* end = taps + count; taps < end; ++taps, w += 4) {
    const int32_t weights = teff_word(w), four = *taps < 0 ? image->padding : teff_word(x + *taps);
    const int32_t x02 = teff_sxtb16(four), w02 = teff_sxtb16(weights);
    const int32_t x13 = teff_sxtb16_odd(four), w13 = teff_sxtb16_odd(weights);
    sum0 = teff_smlabb(x02, w02, sum0);
    sum1 = teff_smlabb(x13, w13, sum1);
    sum2 = teff_smlatt(x02, w02, sum2);
    sum3 = teff_smlatt(x13, w13, sum3);
  }
  const int32_t sums[4] = {sum0, sum1, sum2, sum3};
  for (int c = 0; c < 4; ++c, packed += TEFF_CHANNEL_BYTES_DSP)
    y[at + c] = (int8_t)teff_scaled_dsp(result, teff_scale_at_dsp(result, packed + 4), sums[c]);
}

// Where the taps of the window of output (oy, ox) lie.
TEFF_KERNEL void teff_find_tap_offsets_dsp(const teff_depthwise_rows* p, int32_t oy, int32_t ox,
                                           int32_t* taps) {
  const teff_window* w = &p->window;
  int32_t iy = oy * w->stride_h - w->pad_top;
  for (int32_t i = 0; i < w->kernel_h; ++i, iy += w->dilation_h) {
    const int outside = iy < 0 || iy >= w->in_h;
    const int32_t row = outside ? 0 : (int32_t)teff_row_offset(p->in, w->in_h, iy);
    int32_t ix = ox * w->stride_w - w->pad_left;
    for (int32_t j = 0; j < w->kernel_w; ++j, ix += w->dilation_w)
      *taps++ = outside || ix < 0 || ix >= w->in_w ? -1 : row + ix * w->channels;
  }
}

TEFF_KERNEL void teff_depthwise_taps_dsp(teff_depthwise_rows p, const int8_t* x, const void* packed,
                                         int8_t* y, void* scratch, teff_range rows) {
  const teff_window* w = &p.window;
  const int32_t count = w->kernel_h * w->kernel_w;
  const ptrdiff_t block = 4 * (TEFF_CHANNEL_BYTES_DSP + (ptrdiff_t)count);
  const teff_tapped_image image = {x, w->channels, (int32_t)((uint32_t)(p.x_zero & 255) * 0x01010101u)};
  int32_t* taps = (int32_t*)scratch;
  for (int32_t oy = rows.begin; oy < rows.end; ++oy) {
    int8_t* out = y + teff_row_offset(p.out, w->out_h, oy);
    for (int32_t ox = 0; ox < w->out_w; ++ox, out += w->channels) {
      teff_find_tap_offsets_dsp(&p, oy, ox, taps);
      for (int32_t at = 0; at < w->channels; at += 4)
        teff_tapped_pixel_dsp(&p.result, &image, taps, count, (const int8_t*)packed + at / 4 * block, at,
                              out);
    }
  }
}

#endif
