// Softmax and its logarithm over rows of `depth` elements; a unit is a row.
//
// Quantized rows need e^(x - max) only for the 256 differences that there are: the caller passes them as a
// table, exps[max - x] in Q0 (fixed_point.h), made by teff_softmax_exp.
#ifndef TEFF_KERNELS_C_SOFTMAX_H
#define TEFF_KERNELS_C_SOFTMAX_H

#include <math.h>

#include "base.h"
#include "fixed_point.h"

// Integer bits of a scaled difference and of the sum of exponentials.
#define TEFF_SOFTMAX_DIFF_BITS 5
#define TEFF_SOFTMAX_SUM_BITS 12

typedef struct teff_softmax_f32_params {
  int32_t depth;
  float beta;
} teff_softmax_f32_params;

TEFF_KERNEL float teff_row_max_f32(const float* x, int32_t depth) {
  float most = x[0];
  for (int32_t i = 1; i < depth; ++i) most = x[i] > most ? x[i] : most;
  return most;
}

TEFF_KERNEL void teff_softmax_f32(teff_softmax_f32_params p, const float* x, float* y, teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    const float* in = x + row * p.depth;
    float* out = y + row * p.depth;
    const float most = teff_row_max_f32(in, p.depth);
    float sum = 0;
    for (int32_t i = 0; i < p.depth; ++i) sum += out[i] = expf((in[i] - most) * p.beta);
    for (int32_t i = 0; i < p.depth; ++i) out[i] /= sum;
  }
}

TEFF_KERNEL void teff_log_softmax_f32(teff_softmax_f32_params p, const float* x, float* y, teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    const float* in = x + row * p.depth;
    const float most = teff_row_max_f32(in, p.depth);
    float sum = 0;
    for (int32_t i = 0; i < p.depth; ++i) sum += expf(in[i] - most);
    const float log_sum = logf(sum);
    for (int32_t i = 0; i < p.depth; ++i) y[row * p.depth + i] = in[i] - most - log_sum;
  }
}

// --- int8 ---

// e^(diff * scale) in Q0 for a difference of stored values, diff <= 0; `scale` takes it to Q5. Differences
// below `least` are as good as minus infinity (and would overflow Q5).
TEFF_KERNEL int32_t teff_softmax_exp(int32_t diff, teff_factor scale, int32_t least) {
  if (diff < least) return 0;
  return teff_exp_of_negative(teff_scale(diff, scale), TEFF_SOFTMAX_DIFF_BITS);
}

TEFF_KERNEL int32_t teff_row_max_s8(const int8_t* x, int32_t depth) {
  int32_t most = x[0];
  for (int32_t i = 1; i < depth; ++i) most = x[i] > most ? x[i] : most;
  return most;
}

// The sum of a row's exponentials in Q12.
TEFF_KERNEL int32_t teff_sum_of_exps(const int8_t* x, int32_t depth, int32_t most, const int32_t* exps) {
  int32_t sum = 0;
  for (int32_t i = 0; i < depth; ++i)
    sum = teff_wrap_add(sum, teff_rounding_shift_right(exps[most - x[i]], TEFF_SOFTMAX_SUM_BITS));
  return sum;
}

typedef struct teff_softmax_s8_params {
  int32_t depth;
} teff_softmax_s8_params;

// Softmax with results of `bits` bits whose smallest value stands for 0 and whose scale is 2^-bits. The sum
// is 2^b * (1 + f): its reciprocal is that of 1 + f, shifted by b.
#define TEFF_SOFTMAX(name, T, bits)                                                                     \
  TEFF_KERNEL void name(teff_softmax_s8_params p, const int8_t* x, const int32_t* exps, T* y,           \
                        teff_range r) {                                                                 \
    const int32_t lo = -(1 << (bits - 1)), hi = (1 << (bits - 1)) - 1;                                  \
    for (int32_t row = r.begin; row < r.end; ++row) {                                                   \
      const int8_t* in = x + row * p.depth;                                                             \
      const int32_t most = teff_row_max_s8(in, p.depth);                                                \
      const int32_t sum = teff_sum_of_exps(in, p.depth, most, exps),                                    \
                    zeros = teff_leading_zeros((uint32_t)sum);                                          \
      const int32_t fraction = (int32_t)(((uint32_t)sum << (zeros & 31)) - (UINT32_C(1) << 31));        \
      const int32_t reciprocal = teff_one_over_one_plus_q0(fraction);                                   \
      const int32_t shift = teff_min_s32(TEFF_SOFTMAX_SUM_BITS - zeros + 31 - bits, 31);                \
      for (int32_t i = 0; i < p.depth; ++i) {                                                           \
        const int32_t share = teff_doubling_high_mul(reciprocal, exps[most - in[i]]);                   \
        y[row * p.depth + i] = (T)teff_clamp_s32(teff_rounding_shift_right(share, shift) + lo, lo, hi); \
      }                                                                                                 \
    }                                                                                                   \
  }
TEFF_SOFTMAX(teff_softmax_s8, int8_t, 8)
TEFF_SOFTMAX(teff_softmax_s8_s16, int16_t, 16)

// x * 2^n, saturated to the left, rounded to the right.
TEFF_KERNEL int32_t teff_shift(int32_t x, int n) {
  return n > 0 ? teff_saturating_shift_left(x, n) : teff_rounding_shift_right(x, -n);
}

// ln x in Q5 for x >= 1 in Q12. x = 2^k * m with m about 1: k comes from the leading zeros of x and of x /
// sqrt 2, whichever leaves m nearer to 1 / sqrt sqrt 2, and ln m from a rational approximation around that
// point.
TEFF_KERNEL int32_t teff_log_q5(int32_t x) {
  const int32_t log_2 = 1488522236, root_half = 1518500250, root_root_half = 1805811301;  // Q0
  const int32_t num_cubic = 117049297, den_square = 127690142, den_constant = 1057819769,
                den_linear = 638450708;
  const int32_t quarter = 1 << 23;  // 1/4 in Q6, in which powers are counted
  const int zeros = teff_leading_zeros((uint32_t)x);
  const int32_t m_a = teff_shift(teff_doubling_high_mul(teff_shift(x, zeros - 1), root_half), 1);
  const int32_t k_a = teff_saturate_s32((int64_t)(TEFF_SOFTMAX_SUM_BITS - zeros) * (1 << 25) + quarter);
  const int headroom = teff_leading_zeros((uint32_t)teff_doubling_high_mul(x, root_half)) - 1;
  const int32_t m_b = teff_shift(x, headroom);
  const int32_t k_b = teff_saturate_s32((int64_t)(TEFF_SOFTMAX_SUM_BITS - headroom) * (1 << 25) - quarter);
  const int32_t m = teff_min_s32(m_a, m_b), k = teff_max_s32(k_a, k_b);

  const int64_t sum = (int64_t)m + root_root_half;
  const int32_t middle = (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
  const int32_t q = teff_wrap_mul(teff_wrap_sub(m, root_root_half), 2), q2 = teff_doubling_high_mul(q, q);
  const int32_t cubic = teff_doubling_high_mul(teff_doubling_high_mul(q, q2), num_cubic);
  const int32_t num = teff_wrap_add(teff_doubling_high_mul(q, m), cubic);
  const int32_t inner = teff_wrap_add(teff_wrap_add(den_constant, q), teff_doubling_high_mul(den_square, q2));
  const int32_t den =
      teff_wrap_add(teff_doubling_high_mul(middle, inner), teff_doubling_high_mul(den_linear, q));
  const int32_t log_m =
      teff_doubling_high_mul(teff_rounding_shift_right(num, 6), teff_one_over_one_plus_q0(den));
  return teff_saturating_shift_left(teff_wrap_add(teff_doubling_high_mul(k, log_2), log_m), 1);
}

typedef struct teff_log_softmax_s8_params {
  int32_t depth;
  teff_factor scale;    // a difference of stored values to Q5
  teff_factor unscale;  // and back
  int32_t least;        // differences below are minus infinity
} teff_log_softmax_s8_params;

// Results have scale 1/16 and zero point 127: 0 is the largest logarithm there is.
TEFF_KERNEL void teff_log_softmax_s8(teff_log_softmax_s8_params p, const int8_t* x, const int32_t* exps,
                                     int8_t* y, teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    const int8_t* in = x + row * p.depth;
    const int32_t most = teff_row_max_s8(in, p.depth);
    const int32_t log_sum = teff_log_q5(teff_sum_of_exps(in, p.depth, most, exps));
    const int32_t least = teff_max_s32(p.least - 1, teff_scale(teff_wrap_add(log_sum, INT32_MIN), p.unscale));
    for (int32_t i = 0; i < p.depth; ++i) {
      const int32_t diff = in[i] - most;
      const int32_t log = teff_rounding_shift_right(teff_wrap_sub(teff_scale(diff, p.scale), log_sum), 22);
      y[row * p.depth + i] = (int8_t)(diff > least ? teff_clamp_s32(log + 127, -128, 127) : -128);
    }
  }
}

// --- int16 ---

typedef struct teff_softmax_s16_params {
  int32_t depth;
  teff_factor scale;  // differences so that -10..0 become -65535..0
} teff_softmax_s16_params;

// A function of 16 bits by a table of 513 values, straight lines between them.
TEFF_KERNEL int32_t teff_interpolate_s16(const int16_t* table, int32_t x) {
  const int32_t index = 256 + (x >> 7), rest = x & 127;
  const int32_t slope = table[index + 1] - table[index];
  return (int16_t)(table[index] + ((slope * rest + 64) >> 7));
}

// exps is the table of e^x over [-10, 0], reciprocals that of 1 / (1 + x) over [0, 1].
TEFF_KERNEL void teff_softmax_s16(teff_softmax_s16_params p, const int16_t* x, const int16_t* exps,
                                  const int16_t* reciprocals, int16_t* y, teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    const int16_t* in = x + row * p.depth;
    int16_t* out = y + row * p.depth;
    int32_t most = in[0], sum = 0;
    for (int32_t i = 1; i < p.depth; ++i) most = in[i] > most ? in[i] : most;
    for (int32_t i = 0; i < p.depth; ++i) {
      const int32_t scaled = teff_wrap_add(teff_scale(in[i] - most, p.scale), 32767);
      out[i] = (int16_t)teff_interpolate_s16(exps, teff_clamp_s32(scaled, -32768, 32767));
      sum = teff_wrap_add(sum, out[i]);
    }
    const int zeros = sum > 0 ? teff_leading_zeros((uint32_t)sum) : 1;
    const int32_t mantissa = (int32_t)(((int64_t)sum * (INT64_C(1) << (zeros - 1)) + (1 << 13)) >> 14);
    const int32_t reciprocal =
        teff_interpolate_s16(reciprocals, teff_clamp_s32(mantissa - (1 << 15) - (1 << 16), -32768, 32767));
    const int shift = teff_max_s32(31 - zeros, 1);
    for (int32_t i = 0; i < p.depth; ++i) {
      const int32_t share = (int32_t)(((int64_t)out[i] * reciprocal + (INT64_C(1) << (shift - 1))) >> shift);
      out[i] = (int16_t)teff_clamp_s32(share, 0, 32767);
    }
  }
}

#endif
