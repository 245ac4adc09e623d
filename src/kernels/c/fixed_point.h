// Functions in 32-bit fixed point, as TFLite's integer operators compute them. "Qk" is a number with k
// integer bits: raw * 2^(k - 31). A product of Qj and Qk by teff_doubling_high_mul is Q(j + k).
#ifndef TEFF_KERNELS_C_FIXED_POINT_H
#define TEFF_KERNELS_C_FIXED_POINT_H

#include "base.h"

TEFF_KERNEL int32_t teff_saturate_s32(int64_t x) {
  return x < INT32_MIN ? INT32_MIN : x > INT32_MAX ? INT32_MAX : (int32_t)x;
}
// x * 2^n, saturated.
TEFF_KERNEL int32_t teff_saturating_shift_left(int32_t x, int n) {
  return teff_saturate_s32((int64_t)x * (INT64_C(1) << n));
}

// e^x for x in [-1/4, 0), Q0 to Q0: the Taylor polynomial of fourth degree around -1/8.
TEFF_KERNEL int32_t teff_exp_quarter_q0(int32_t x) {
  const int32_t exp_of_center = 1895147668, third = 715827883;  // e^(-1/8), 1/3
  const int32_t t = teff_wrap_add(x, 1 << 28);
  const int32_t t2 = teff_doubling_high_mul(t, t), t3 = teff_doubling_high_mul(t2, t);
  const int32_t t4_over_4 = teff_rounding_shift_right(teff_doubling_high_mul(t2, t2), 2);
  const int32_t thirds = teff_doubling_high_mul(teff_wrap_add(t4_over_4, t3), third);
  // t^2/2 + t^3/6 + t^4/24 = ((t^4/4 + t^3)/3 + t^2)/2
  const int32_t tail = teff_rounding_shift_right(teff_wrap_add(thirds, t2), 1);
  return teff_wrap_add(exp_of_center, teff_doubling_high_mul(exp_of_center, teff_wrap_add(t, tail)));
}

// e^x for x <= 0 in Q(integer_bits), as Q0 (1 becomes the largest number). x is split into what is left over
// a multiple of 1/4, and the bits of that multiple, each of which is a factor e^(-2^k).
TEFF_KERNEL int32_t teff_exp_of_negative(int32_t x, int integer_bits) {
  static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  const int fraction_bits = 31 - integer_bits;
  const int32_t quarter = (int32_t)(UINT32_C(1) << (fraction_bits - 2));
  const int32_t rest = (x & (quarter - 1)) - quarter;
  const int32_t quarters = teff_wrap_sub(rest, x);
  if (x == 0) return INT32_MAX;
  if (integer_bits > 5 && x < -(INT32_C(1) << (36 - integer_bits))) return 0;  // below e^-32
  int32_t result = teff_exp_quarter_q0(teff_saturating_shift_left(rest, integer_bits));
  for (int k = -2; k < 5 && k < integer_bits; ++k)
    if (quarters & (int32_t)(UINT32_C(1) << (fraction_bits + k)))
      result = teff_doubling_high_mul(result, factors[k + 2]);
  return result;
}

// 1 / d in Q2 for d in [1/2, 1] in Q0: three steps of Newton's iteration from the line that is nearest.
TEFF_KERNEL int32_t teff_reciprocal_q2(int32_t d) {
  const int32_t intercept = 1515870810, slope = -1010580540, one = 1 << 29;  // 48/17, -32/17, 1 in Q2
  int32_t x = teff_wrap_add(intercept, teff_doubling_high_mul(d, slope));
  for (int i = 0; i < 3; ++i) {
    const int32_t error = teff_wrap_sub(one, teff_doubling_high_mul(d, x));
    x = teff_wrap_add(x, teff_saturating_shift_left(teff_doubling_high_mul(x, error), 2));
  }
  return x;
}

// (x + 1) / 2 in Q0 for x in [0, 1].
TEFF_KERNEL int32_t teff_half_of_one_plus_q0(int32_t x) {
  return (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
}

// 1 / (1 + x) for x in [0, 1], Q0.
TEFF_KERNEL int32_t teff_one_over_one_plus_q0(int32_t x) {
  // Half of 1/d in Q2 is the same bits read as Q1.
  return teff_saturating_shift_left(teff_reciprocal_q2(teff_half_of_one_plus_q0(x)), 1);
}

// (1 - x) / (1 + x) = 2 / (1 + x) - 1 for x in [0, 1], Q0.
TEFF_KERNEL int32_t teff_one_minus_over_one_plus_q0(int32_t x) {
  const int32_t reciprocal = teff_reciprocal_q2(teff_half_of_one_plus_q0(x));
  return teff_saturating_shift_left(teff_wrap_sub(reciprocal, 1 << 29), 2);
}

// 1 / (1 + e^-x): Q4 to Q0.
TEFF_KERNEL int32_t teff_logistic_q4(int32_t x) {
  if (x == 0) return 1 << 30;
  const int32_t negative = x > 0 ? -x : x;
  const int32_t result = teff_one_over_one_plus_q0(teff_exp_of_negative(negative, 4));
  return x > 0 ? result : INT32_MAX - result;
}

// tanh x = (1 - e^-2x) / (1 + e^-2x) for x > 0: Q4 to Q0. 2x is the same bits read as Q5.
TEFF_KERNEL int32_t teff_tanh_q4(int32_t x) {
  if (x == 0) return 0;
  const int32_t negative = x > 0 ? -x : x;
  const int32_t result = teff_one_minus_over_one_plus_q0(teff_exp_of_negative(negative, 5));
  return x > 0 ? result : teff_wrap_sub(0, result);
}

// 1 / sqrt(x) for whole x > 0 as a factor: x is shifted by pairs of bits into [2^27, 2^29), where Newton's
// iteration from 1 gives the root in Q3; half as many shifts are undone in the factor.
TEFF_KERNEL teff_factor teff_inverse_square_root(int32_t x) {
  const teff_factor one = {INT32_MAX, 0};
  if (x <= 1) return one;
  int right = 11;
  for (; x >= 1 << 29; ++right) x /= 4;
  for (; x < 1 << 27; --right) x *= 4;
  const int32_t input = x >> 1, half_input = teff_rounding_shift_right(input, 1);
  int32_t root = 1 << 28;  // 1 in Q3
  for (int i = 0; i < 5; ++i) {
    const int32_t square = teff_doubling_high_mul(root, root);
    const int32_t cube = teff_saturating_shift_left(teff_doubling_high_mul(square, root), 6);  // Q9 to Q3
    const int32_t next = teff_wrap_sub(teff_doubling_high_mul(3 << 27, root),                  // Q6
                                       teff_doubling_high_mul(half_input, cube));
    root = teff_saturating_shift_left(next, 3);
  }
  root = teff_doubling_high_mul(root, 1518500250);  // sqrt(1/2)
  const teff_factor result = {right < 0 ? teff_wrap_shl(root, -right) : root, right < 0 ? 0 : -right};
  return result;
}

#endif
