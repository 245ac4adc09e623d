// From a sum of products to a quantized result.
#ifndef TEFF_KERNELS_C_REQUANTIZE_H
#define TEFF_KERNELS_C_REQUANTIZE_H

#include "base.h"

typedef struct teff_requantize {
  int32_t zero, lo, hi;  // of the result; lo and hi are those of its type and activation
  int32_t factor_step;   // 1: each channel has a factor of its own, 0: they share one
  int32_t narrow;        // int16: the sum has 32 bits (its bias had), and is scaled like one
} teff_requantize;

TEFF_KERNEL int8_t teff_requantize_s8(const teff_requantize* p, uint32_t sum, teff_factor factor) {
  const int32_t scaled = teff_scale((int32_t)sum, factor);
  return (int8_t)teff_clamp_s32(teff_wrap_add(scaled, p->zero), p->lo, p->hi);
}

TEFF_KERNEL int16_t teff_requantize_s16(const teff_requantize* p, uint64_t sum, teff_factor factor) {
  const int32_t scaled =
      p->narrow ? teff_scale((int32_t)(uint32_t)sum, factor) : teff_scale_s64((int64_t)sum, factor);
  return (int16_t)teff_clamp_s32(teff_wrap_add(scaled, p->zero), p->lo, p->hi);
}

#endif
