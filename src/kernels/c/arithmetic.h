// Quantized arithmetic of two broadcast operands (units: elements of the result, see broadcast.h).
#ifndef TEFF_KERNELS_C_ARITHMETIC_H
#define TEFF_KERNELS_C_ARITHMETIC_H

#include "broadcast.h"
#include "fixed_point.h"

// Sums and differences: a and b are brought to one scale (twice the larger of theirs) with `shift` bits more
// than they have, added, and brought to the result's scale.
typedef struct teff_sum_params {
  teff_broadcast over;
  int32_t a_zero, b_zero, y_zero;
  int32_t shift;
  teff_factor a_factor, b_factor, y_factor;
  int32_t lo, hi;
} teff_sum_params;

// Products and quotients: scales are multiplied or divided, so one factor leads to the result's.
typedef struct teff_product_params {
  teff_broadcast over;
  int32_t a_zero, b_zero, y_zero;
  teff_factor factor;
  int32_t lo, hi;
} teff_product_params;

TEFF_KERNEL int32_t teff_on_common_scale(int32_t x, int32_t zero, int32_t shift, teff_factor f) {
  return teff_scale(teff_wrap_shl(teff_wrap_sub(x, zero), shift), f);
}

TEFF_KERNEL int32_t teff_sum_result(const teff_sum_params* p, int32_t sum) {
  return teff_clamp_s32(teff_wrap_add(teff_scale(sum, p->y_factor), p->y_zero), p->lo, p->hi);
}

TEFF_KERNEL int32_t teff_quantized_add(const teff_sum_params* p, int32_t a, int32_t b) {
  return teff_sum_result(p, teff_wrap_add(teff_on_common_scale(a, p->a_zero, p->shift, p->a_factor),
                                          teff_on_common_scale(b, p->b_zero, p->shift, p->b_factor)));
}

TEFF_KERNEL int32_t teff_quantized_sub(const teff_sum_params* p, int32_t a, int32_t b) {
  return teff_sum_result(p, teff_wrap_sub(teff_on_common_scale(a, p->a_zero, p->shift, p->a_factor),
                                          teff_on_common_scale(b, p->b_zero, p->shift, p->b_factor)));
}

TEFF_KERNEL int32_t teff_quantized_squared_difference(const teff_sum_params* p, int32_t a, int32_t b) {
  const int32_t difference = teff_wrap_sub(teff_on_common_scale(a, p->a_zero, p->shift, p->a_factor),
                                           teff_on_common_scale(b, p->b_zero, p->shift, p->b_factor));
  return teff_sum_result(p, teff_wrap_mul(difference, difference));
}

TEFF_KERNEL int32_t teff_product_result(const teff_product_params* p, int32_t scaled) {
  return teff_clamp_s32(teff_wrap_add(scaled, p->y_zero), p->lo, p->hi);
}

TEFF_KERNEL int32_t teff_quantized_mul(const teff_product_params* p, int32_t a, int32_t b) {
  const int32_t product = teff_wrap_mul(teff_wrap_sub(a, p->a_zero), teff_wrap_sub(b, p->b_zero));
  return teff_product_result(p, teff_scale(product, p->factor));
}

// a / b: the reciprocal of b = 2^k (1 + f) is taken in fixed point, and a is shifted up as far as it goes, so
// that the product keeps 31 bits; the shifts are undone together with the result's. Where those have more
// than 31 bits 1 or -1 remains, as with TFLite on Arm (on other processors its result is open). b = 0, open
// too, counts as 1.
TEFF_KERNEL int32_t teff_quantized_div(const teff_product_params* p, int32_t a, int32_t b) {
  int32_t numerator = teff_wrap_sub(a, p->a_zero), denominator = teff_wrap_sub(b, p->b_zero);
  if (denominator < 0) numerator = teff_wrap_sub(0, numerator), denominator = teff_wrap_sub(0, denominator);
  if (denominator <= 0) denominator = 1;
  const int up = teff_leading_zeros((uint32_t)denominator);
  const uint32_t fraction = ((uint32_t)denominator << up) - (UINT32_C(1) << 31);
  const int32_t reciprocal = teff_one_over_one_plus_q0((int32_t)fraction);
  // The bits that repeat the sign.
  const uint32_t magnitude = numerator < 0 ? ~(uint32_t)numerator + 1u : (uint32_t)numerator;
  const int headroom =
      numerator < 0 ? teff_leading_zeros(2 * magnitude - 1) : teff_leading_zeros(magnitude) - 1;
  const int32_t quotient = teff_doubling_high_mul(teff_wrap_shl(numerator, headroom), reciprocal);
  const int shift = p->factor.shift - (31 - up) - headroom;
  if (shift < -31) return teff_product_result(p, numerator < 0 ? -1 : 1);
  const teff_factor factor = {p->factor.q, teff_min_s32(shift, 30)};
  return teff_product_result(p, teff_scale(quotient, factor));
}

#define TEFF_QUANTIZED(T, suffix)                                                          \
  TEFF_KERNEL T teff_add_one_##suffix(const teff_sum_params* p, T a, T b) {                \
    return (T)teff_quantized_add(p, a, b);                                                 \
  }                                                                                        \
  TEFF_KERNEL T teff_sub_one_##suffix(const teff_sum_params* p, T a, T b) {                \
    return (T)teff_quantized_sub(p, a, b);                                                 \
  }                                                                                        \
  TEFF_KERNEL T teff_squared_difference_one_##suffix(const teff_sum_params* p, T a, T b) { \
    return (T)teff_quantized_squared_difference(p, a, b);                                  \
  }                                                                                        \
  TEFF_KERNEL T teff_mul_one_##suffix(const teff_product_params* p, T a, T b) {            \
    return (T)teff_quantized_mul(p, a, b);                                                 \
  }                                                                                        \
  TEFF_KERNEL T teff_div_one_##suffix(const teff_product_params* p, T a, T b) {            \
    return (T)teff_quantized_div(p, a, b);                                                 \
  }                                                                                        \
  TEFF_BROADCAST_KERNEL(add_##suffix, teff_sum_params, T, T, T, teff_add_one_##suffix)     \
  TEFF_BROADCAST_KERNEL(sub_##suffix, teff_sum_params, T, T, T, teff_sub_one_##suffix)     \
  TEFF_BROADCAST_KERNEL(squared_difference_##suffix, teff_sum_params, T, T, T,             \
                        teff_squared_difference_one_##suffix)                              \
  TEFF_BROADCAST_KERNEL(mul_##suffix, teff_product_params, T, T, T, teff_mul_one_##suffix) \
  TEFF_BROADCAST_KERNEL(div_##suffix, teff_product_params, T, T, T, teff_div_one_##suffix)

TEFF_QUANTIZED(int8_t, s8)
TEFF_QUANTIZED(int16_t, s16)

// Sums of many int8 operands of one scale, in int32 and then (by teff_rescale_s32) on the result's scale.
typedef struct teff_add_n_params {
  int32_t zero, shift;
  teff_factor factor;
  int32_t first, start;  // the first operand is added to `start`, the others to the sum
} teff_add_n_params;

TEFF_KERNEL void teff_add_n_s8(teff_add_n_params p, const int8_t* x, int32_t* sum, teff_range r) {
  for (int32_t i = r.begin; i < r.end; ++i)
    sum[i] = teff_wrap_add(p.first ? p.start : sum[i], teff_on_common_scale(x[i], p.zero, p.shift, p.factor));
}

// PReLU: x scaled by one factor where it is positive, else x * alpha by another.
typedef struct teff_prelu_params {
  teff_broadcast over;
  int32_t x_zero, alpha_zero, y_zero;
  teff_factor above, below;
  int32_t lo, hi;
} teff_prelu_params;

TEFF_KERNEL int32_t teff_quantized_prelu(const teff_prelu_params* p, int32_t x, int32_t alpha) {
  const int32_t value = teff_wrap_sub(x, p->x_zero);
  const int32_t scaled =
      value >= 0 ? teff_scale(value, p->above)
                 : teff_scale(teff_wrap_mul(value, teff_wrap_sub(alpha, p->alpha_zero)), p->below);
  return teff_clamp_s32(teff_wrap_add(scaled, p->y_zero), p->lo, p->hi);
}

TEFF_KERNEL int8_t teff_prelu_one_s8(const teff_prelu_params* p, int8_t x, int8_t alpha) {
  return (int8_t)teff_quantized_prelu(p, x, alpha);
}
TEFF_KERNEL int16_t teff_prelu_one_s16(const teff_prelu_params* p, int16_t x, int8_t alpha) {
  return (int16_t)teff_quantized_prelu(p, x, alpha);
}
TEFF_BROADCAST_KERNEL(prelu_s8, teff_prelu_params, int8_t, int8_t, int8_t, teff_prelu_one_s8)
TEFF_BROADCAST_KERNEL(prelu_s16, teff_prelu_params, int16_t, int8_t, int16_t, teff_prelu_one_s16)

#endif
