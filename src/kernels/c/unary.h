// Operators of one operand, element by element (a unit is one element).
#ifndef TEFF_KERNELS_C_UNARY_H
#define TEFF_KERNELS_C_UNARY_H

#include <math.h>
#include <stddef.h>

#include "broadcast.h"
#include "convert.h"
#include "fixed_point.h"

// Any function of one byte: `table` has the result for each of the 256.
TEFF_KERNEL void teff_lut_8(teff_no_params p, const void* x, const uint8_t* table, void* y, teff_range r) {
  const uint8_t* from = (const uint8_t*)x;
  uint8_t* to = (uint8_t*)y;
  (void)p;
  for (int32_t i = r.begin; i < r.end; ++i) to[i] = table[from[i]];
}

TEFF_KERNEL void teff_zero(teff_no_params p, void* y, teff_range r) {  // a unit is a byte
  (void)p;
  __builtin_memset((char*)y + r.begin, 0, (size_t)(r.end - r.begin));
}

// --- float32 ---

typedef struct teff_relu_params {
  float lo, hi;
} teff_relu_params;

typedef struct teff_alpha_params {
  float alpha;  // the slope below 0
} teff_alpha_params;

TEFF_KERNEL float teff_relu_one(const teff_relu_params* p, float x) {
  return teff_clamp_f32(x, p->lo, p->hi);
}
TEFF_MAP_KERNEL(relu_f32, teff_relu_params, float, float, teff_relu_one)

TEFF_KERNEL float teff_leaky_relu_one(const teff_alpha_params* p, float x) {
  return teff_slope_below(x, p->alpha);
}
TEFF_MAP_KERNEL(leaky_relu_f32, teff_alpha_params, float, float, teff_leaky_relu_one)

#define TEFF_FUNCTION(name, expression)                                   \
  TEFF_KERNEL float teff_##name##_of(float x) { return expression; }      \
  TEFF_KERNEL float teff_##name##_one(const teff_no_params* p, float x) { \
    (void)p;                                                              \
    return teff_##name##_of(x);                                           \
  }                                                                       \
  TEFF_MAP_KERNEL(name##_f32, teff_no_params, float, float, teff_##name##_one)

// x * Phi(x), Phi the normal distribution, and the usual approximation of it.
TEFF_KERNEL float teff_normal_exact(float x) { return 0.5f * erfcf(-x * 0.707106781f); }
TEFF_KERNEL float teff_normal_by_tanh(float x) {
  const float t = 0.797884561f * (x + 0.044715f * x * x * x);  // sqrt(2 / pi)
  return 1 / (1 + expf(-2 * t));                               // (1 + tanh t) / 2 without cancellation
}

TEFF_FUNCTION(abs, fabsf(x))
TEFF_FUNCTION(ceil, ceilf(x))
TEFF_FUNCTION(cos, cosf(x))
TEFF_FUNCTION(elu, x < 0 ? expm1f(x) : x)
TEFF_FUNCTION(exp, expf(x))
TEFF_FUNCTION(floor, floorf(x))
TEFF_FUNCTION(gelu, (x * teff_normal_exact(x)))
TEFF_FUNCTION(gelu_tanh, (x * teff_normal_by_tanh(x)))
TEFF_FUNCTION(hard_swish, (x * teff_clamp_f32(x + 3, 0, 6) / 6))
TEFF_FUNCTION(log, logf(x))
// Accurate on both sides: where the exponential overflows, the result is 0 to the last bit. (TFLite takes e^x
// below -9, which is off by as much as 1.2e-4 of the value.)
TEFF_FUNCTION(logistic, 1 / (1 + expf(-x)))
TEFF_FUNCTION(neg, -x)
TEFF_FUNCTION(round, rintf(x))  // ties to even
TEFF_FUNCTION(rsqrt, 1 / sqrtf(x))
TEFF_FUNCTION(sign, x > 0 ? 1.0f : x < 0 ? -1.0f : x)
TEFF_FUNCTION(sin, sinf(x))
TEFF_FUNCTION(sqrt, sqrtf(x))
TEFF_FUNCTION(square, (x * x))
TEFF_FUNCTION(tanh, tanhf(x))

// --- integers ---

#define TEFF_INTEGER_FUNCTION(name, T, suffix, expression)                 \
  TEFF_KERNEL T teff_##name##_one_##suffix(const teff_no_params* p, T x) { \
    (void)p;                                                               \
    return expression;                                                     \
  }                                                                        \
  TEFF_MAP_KERNEL(name##_##suffix, teff_no_params, T, T, teff_##name##_one_##suffix)

#define TEFF_INTEGER_FUNCTIONS(T, U, suffix)                       \
  TEFF_INTEGER_FUNCTION(abs, T, suffix, x < 0 ? (T)(0 - (U)x) : x) \
  TEFF_INTEGER_FUNCTION(neg, T, suffix, (T)(0 - (U)x))             \
  TEFF_INTEGER_FUNCTION(sign, T, suffix, (T)((x > 0) - (x < 0)))   \
  TEFF_INTEGER_FUNCTION(square, T, suffix, (T)((U)x * (U)x))

TEFF_INTEGER_FUNCTIONS(int32_t, uint32_t, s32)
TEFF_INTEGER_FUNCTIONS(int64_t, uint64_t, s64)
TEFF_INTEGER_FUNCTION(abs, int16_t, s16, (int16_t)(x < 0 ? -x : x))

// --- int16, quantized ---

// A leaky ReLU: x - x_zero is scaled by one factor where it is positive, by another where it is not.
typedef struct teff_leaky_relu_params {
  int32_t x_zero, y_zero;
  teff_factor above, below;
  int32_t below_sign;  // -1: a negative slope, its size in `below`
  int32_t lo, hi;
} teff_leaky_relu_params;

TEFF_KERNEL int32_t teff_quantized_leaky_relu(const teff_leaky_relu_params* p, int32_t x) {
  const int32_t value = teff_wrap_sub(x, p->x_zero);
  const int32_t scaled =
      value >= 0 ? teff_scale(value, p->above) : teff_wrap_mul(p->below_sign, teff_scale(value, p->below));
  return teff_clamp_s32(teff_wrap_add(scaled, p->y_zero), p->lo, p->hi);
}

TEFF_KERNEL int16_t teff_leaky_relu_one_s16(const teff_leaky_relu_params* p, int16_t x) {
  return (int16_t)teff_quantized_leaky_relu(p, x);
}
TEFF_MAP_KERNEL(leaky_relu_s16, teff_leaky_relu_params, int16_t, int16_t, teff_leaky_relu_one_s16)

// |x - x_zero| on the scale of the result.
TEFF_KERNEL int32_t teff_quantized_abs(const teff_rescale_params* p, int32_t x) {
  const int32_t value = teff_wrap_sub(x, p->x_zero);
  const int32_t scaled = teff_scale(value < 0 ? teff_wrap_sub(0, value) : value, p->factor);
  return teff_clamp_s32(teff_wrap_add(scaled, p->y_zero), p->lo, p->hi);
}

TEFF_KERNEL int16_t teff_quantized_abs_one_s16(const teff_rescale_params* p, int16_t x) {
  return (int16_t)teff_quantized_abs(p, x);
}
TEFF_MAP_KERNEL(quantized_abs_s16, teff_rescale_params, int16_t, int16_t, teff_quantized_abs_one_s16)

// 1 / sqrt(x - x_zero), kept with that many more bits, on the scale of the result. Only positive numbers have
// one; others get what 0 gets, the largest.
#define TEFF_RSQRT_FRACTION_BITS 20
typedef struct teff_rsqrt_params {
  int32_t x_zero, y_zero;
  teff_factor factor;
  int32_t lo, hi;
} teff_rsqrt_params;

TEFF_KERNEL int32_t teff_quantized_rsqrt(const teff_rsqrt_params* p, int32_t x) {
  const int32_t value = teff_wrap_sub(x, p->x_zero);
  if (value <= 0) return p->hi;
  teff_factor root = teff_inverse_square_root(value);
  root.shift += TEFF_RSQRT_FRACTION_BITS;
  const int32_t scaled = teff_scale(teff_scale(1, root), p->factor);
  return teff_clamp_s32(teff_wrap_add(scaled, p->y_zero), p->lo, p->hi);
}

TEFF_KERNEL int16_t teff_rsqrt_one_s16(const teff_rsqrt_params* p, int16_t x) {
  return (int16_t)teff_quantized_rsqrt(p, x);
}
TEFF_MAP_KERNEL(rsqrt_s16, teff_rsqrt_params, int16_t, int16_t, teff_rsqrt_one_s16)

// Logistic and tanh by a table of the logistic function at i/24 in 1/65536 (tanh x = 2 logistic(2x) - 1),
// with lines between its entries. The input becomes (x * multiplier + half) >> shift: 1/24 is then 2^9 for
// the logistic function, 2^8 for tanh.
typedef struct teff_sigmoid_s16_params {
  int32_t multiplier, shift;
} teff_sigmoid_s16_params;

// The table at |x| in steps of 2^-bits entries: 1/65536 * 2^-bits. Beyond its end `most`.
TEFF_KERNEL int32_t teff_between_entries(const uint16_t* table, int32_t magnitude, int bits, int32_t most) {
  const int32_t entry = magnitude >> bits, part = magnitude & ((1 << bits) - 1);
  if (entry >= 255) return most;
  return (table[entry] << bits) + part * (table[entry + 1] - table[entry]);
}

TEFF_KERNEL int32_t teff_sigmoid_input(teff_sigmoid_s16_params p, int32_t x) {
  const int32_t half = p.shift > 0 ? 1 << (p.shift - 1) : 0;
  return teff_wrap_add(teff_wrap_mul(x, p.multiplier), half) >> p.shift;
}

TEFF_KERNEL int16_t teff_logistic_one_s16(teff_sigmoid_s16_params p, const uint16_t* table, int16_t x) {
  const int32_t input = teff_sigmoid_input(p, x);
  const int32_t result = teff_between_entries(table, input < 0 ? -input : input, 9, 0x7FFF << 10);
  return (int16_t)((input >= 0 ? result + (1 << 9) : (1 << 25) - result + (1 << 9) - 1) >> 10);
}

TEFF_KERNEL int16_t teff_tanh_one_s16(teff_sigmoid_s16_params p, const uint16_t* table, int16_t x) {
  const int32_t input = teff_sigmoid_input(p, x);
  const int32_t result = teff_between_entries(table, input < 0 ? -input : input, 8, 0xFFFF << 8) - (1 << 23);
  return (int16_t)((input >= 0 ? result + (1 << 7) : -result + (1 << 7) - 1) >> 8);
}

TEFF_KERNEL void teff_logistic_s16(teff_sigmoid_s16_params p, const int16_t* x, const uint16_t* table,
                                   int16_t* y, teff_range r) {
  for (int32_t i = r.begin; i < r.end; ++i) y[i] = teff_logistic_one_s16(p, table, x[i]);
}

TEFF_KERNEL void teff_tanh_s16(teff_sigmoid_s16_params p, const int16_t* x, const uint16_t* table, int16_t* y,
                               teff_range r) {
  for (int32_t i = r.begin; i < r.end; ++i) y[i] = teff_tanh_one_s16(p, table, x[i]);
}

// Any other function of int16: 513 entries at every 128th input, with lines between them.
TEFF_KERNEL void teff_lut_s16(teff_no_params p, const int16_t* x, const int16_t* table, int16_t* y,
                              teff_range r) {
  (void)p;
  for (int32_t i = r.begin; i < r.end; ++i) {
    const int32_t entry = 256 + (x[i] >> 7), part = x[i] & 127;
    // The slope wraps to 16 bits, as TFLite's does.
    const int32_t slope = (int16_t)(uint16_t)(table[entry + 1] - table[entry]);
    y[i] = (int16_t)(table[entry] + ((slope * part + 64) >> 7));
  }
}

#endif
