// What becomes of a channel's sum (teff_result of rows.h), in plain C.
#ifndef TEFF_KERNELS_C_RESULT_H
#define TEFF_KERNELS_C_RESULT_H

#include "rows.h"

// The high half of a product of 64 bits.
TEFF_KERNEL int32_t teff_high_mul(int32_t a, int32_t b) { return (int32_t)(((int64_t)a * b) >> 32); }

TEFF_KERNEL int32_t teff_scaled_sum(const teff_result* r, const teff_channel* c, int32_t sum) {
  if (r->scaling == TEFF_SCALE_HIGH)
    return teff_wrap_add(c->offset, teff_high_mul(sum, c->multiplier)) >> r->right;
  if (r->scaling == TEFF_SCALE_HIGH2) {
    const int32_t t = teff_wrap_add(sum, sum);
    return teff_wrap_add(teff_wrap_add(c->offset, teff_high_mul(t, c->multiplier)), t >> 31) >> r->right;
  }
  const teff_factor factor = {c->multiplier, c->offset};  // TEFF_SCALE_RIGHT, too
  return teff_wrap_add(teff_scale(sum, factor), r->zero);
}

TEFF_KERNEL int8_t teff_result_of_sum(const teff_result* r, const teff_channel* c, int32_t sum) {
  return (int8_t)teff_clamp_s32(teff_scaled_sum(r, c, sum), r->lo, r->hi);
}

#endif
