// How a sum of products becomes an int8 in the kernels for Armv7E-M's instructions (rows.h says what is
// computed). A channel's constants lie in the packed weights as they are, a teff_channel.
#ifndef TEFF_KERNELS_C_SCALE_DSP_H
#define TEFF_KERNELS_C_SCALE_DSP_H

#include "dsp.h"
#include "rows.h"

#define TEFF_CHANNEL_BYTES_DSP 12

// What the results of a channel share.
typedef struct teff_scale_dsp {
  int32_t multiplier, offset, right;
} teff_scale_dsp;

// From a channel's multiplier and offset.
TEFF_KERNEL teff_scale_dsp teff_scale_at_dsp(const teff_result* result, const int8_t* constants) {
  const teff_words words = teff_two_words(constants);
  teff_scale_dsp s;
  s.multiplier = words.first;
  s.offset = words.second;
  s.right = result->right;
  if (result->scaling == TEFF_SCALE_RIGHT) {
    s.right = -words.second;
    s.offset = teff_wrap_shl(2 * result->zero + 1, s.right - 1);
  }
  return s;
}

// The same of constants that do not lie in packed weights.
TEFF_KERNEL teff_scale_dsp teff_scale_dsp_of(const teff_result* result, const teff_channel* channel) {
  teff_scale_dsp s;
  s.multiplier = channel->multiplier;
  s.offset = channel->offset;
  s.right = result->right;
  if (result->scaling == TEFF_SCALE_RIGHT) {
    s.right = -channel->offset;
    s.offset = teff_wrap_shl(2 * result->zero + 1, s.right - 1);
  }
  return s;
}

TEFF_SHARED_KERNEL int32_t teff_scaled_in_steps_dsp(int32_t sum, int32_t multiplier, int32_t shift) {
  const teff_factor factor = {multiplier, shift};
  return teff_scale(sum, factor);
}

TEFF_KERNEL int32_t teff_scaled_dsp(const teff_result* result, teff_scale_dsp s, int32_t sum) {
  const int32_t twice = teff_wrap_add(sum, sum);
  int32_t y;
  if (result->scaling == TEFF_SCALE_HIGH) {
    y = teff_ssat8_of_shifted(teff_smmla(sum, s.multiplier, s.offset), s.right);
  } else if (result->scaling == TEFF_SCALE_HIGH2) {
    const int32_t high = teff_smmla(twice, s.multiplier, s.offset);
    y = teff_ssat8_of_shifted(teff_wrap_add(high, twice >> 31), s.right);
  } else if (result->scaling == TEFF_SCALE_RIGHT) {
    const int32_t high = teff_smmulr(twice, s.multiplier);
    y = teff_ssat8(teff_wrap_add(teff_wrap_add(high, twice >> 31), s.offset) >> s.right);
  } else {
    const int32_t scaled = teff_scaled_in_steps_dsp(sum, s.multiplier, s.offset);
    y = teff_ssat8(teff_wrap_add(scaled, result->zero));
  }
  if (result->lo > -128) y = teff_max_s32(y, result->lo);
  if (result->hi < 127) y = teff_min_s32(y, result->hi);
  return y;
}

#endif
