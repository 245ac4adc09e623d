// From one type of number to another, element by element (a unit is one element).
#ifndef TEFF_KERNELS_C_CONVERT_H
#define TEFF_KERNELS_C_CONVERT_H

#include "base.h"

// The type to convert to, where a kernel writes several.
typedef enum teff_number {
  TEFF_F32,
  TEFF_F16,
  TEFF_BF16,
  TEFF_F64,
  TEFF_S8,
  TEFF_U8,
  TEFF_S16,
  TEFF_U16,
  TEFF_S32,
  TEFF_U32,
  TEFF_S64,
  TEFF_U64,
  TEFF_BOOL
} teff_number;

// --- half precision, rounded to nearest even ---

TEFF_KERNEL uint32_t teff_bits_of(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}
TEFF_KERNEL float teff_float_of(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

TEFF_KERNEL float teff_from_half(uint16_t h) {
  const uint32_t sign = (uint32_t)(h & 0x8000) << 16, rest = h & 0x7FFF;
  if (rest >= 0x7C00) return teff_float_of(sign | 0x7F800000 | (rest & 0x3FF) << 13);
  // Read with float's exponent, then scaled by 2^112: subnormal halves become normal floats exactly.
  return teff_float_of(sign |
                       teff_bits_of(teff_float_of(rest << 13) * 5192296858534827628530496329220096.0f));
}

TEFF_KERNEL uint16_t teff_to_half(float x) {
  const uint32_t bits = teff_bits_of(x), sign = bits >> 16 & 0x8000, rest = bits & 0x7FFFFFFF;
  if (rest > 0x7F800000) return (uint16_t)(sign | 0x7E00);
  if (rest >= 0x477FF000) return (uint16_t)(sign | 0x7C00);
  // Below the normal halves: adding 0.5 brings the last bit of the half to the float's last, and rounds.
  if (rest < 0x38800000) return (uint16_t)(sign | (teff_bits_of(teff_float_of(rest) + 0.5f) - 0x3F000000));
  return (uint16_t)(sign | (rest - 0x38000000 + 0xFFF + (rest >> 13 & 1)) >> 13);
}

TEFF_KERNEL float teff_from_bfloat(uint16_t b) { return teff_float_of((uint32_t)b << 16); }

TEFF_KERNEL uint16_t teff_to_bfloat(float x) {
  const uint32_t bits = teff_bits_of(x);
  if (x != x) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

// --- casts ---

typedef struct teff_cast_params {
  int32_t to;  // teff_number
} teff_cast_params;

// Integers become smaller ones by their low bits. Floats are cut to whole numbers; those out of range become
// the nearest that is in it, and what is no number becomes 0.
#define TEFF_CUT(v, T, least, end, most) \
  ((v) >= (end) ? (most) : (v) >= (least) ? (T)(v) : (v) == (v) ? (least) : 0)
#define TEFF_CUT_S8(v) TEFF_CUT(v, int8_t, INT8_MIN, 128.0f, INT8_MAX)
#define TEFF_CUT_U8(v) TEFF_CUT(v, uint8_t, 0, 256.0f, UINT8_MAX)
#define TEFF_CUT_S16(v) TEFF_CUT(v, int16_t, INT16_MIN, 32768.0f, INT16_MAX)
#define TEFF_CUT_U16(v) TEFF_CUT(v, uint16_t, 0, 65536.0f, UINT16_MAX)
#define TEFF_CUT_S32(v) TEFF_CUT(v, int32_t, INT32_MIN, 2147483648.0f, INT32_MAX)
#define TEFF_CUT_U32(v) TEFF_CUT(v, uint32_t, 0, 4294967296.0f, UINT32_MAX)
#define TEFF_CUT_S64(v) TEFF_CUT(v, int64_t, INT64_MIN, 9223372036854775808.0f, INT64_MAX)
#define TEFF_CUT_U64(v) TEFF_CUT(v, uint64_t, 0, 18446744073709551616.0f, UINT64_MAX)
#define TEFF_LOW_BITS(v) (v)

#define TEFF_CAST_TO(kind, T, S, value, convert) \
  case kind:                                     \
    for (int32_t i = r.begin; i < r.end; ++i) {  \
      const S v = value(x[i]);                   \
      ((T*)y)[i] = (T)convert(v);                \
    }                                            \
    break;

// Kernel from an array of X, each element of which is the number value(x) of type S.
#define TEFF_CAST_KERNEL(name, X, S, value, s8, u8, s16, u16, s32, u32, s64, u64)            \
  TEFF_KERNEL void teff_cast_##name(teff_cast_params p, const X* x, void* y, teff_range r) { \
    switch (p.to) {                                                                          \
      TEFF_CAST_TO(TEFF_F32, float, S, value, TEFF_LOW_BITS)                                 \
      TEFF_CAST_TO(TEFF_F64, double, S, value, TEFF_LOW_BITS)                                \
      TEFF_CAST_TO(TEFF_F16, uint16_t, S, value, teff_to_half)                               \
      TEFF_CAST_TO(TEFF_BF16, uint16_t, S, value, teff_to_bfloat)                            \
      TEFF_CAST_TO(TEFF_S8, int8_t, S, value, s8)                                            \
      TEFF_CAST_TO(TEFF_U8, uint8_t, S, value, u8)                                           \
      TEFF_CAST_TO(TEFF_S16, int16_t, S, value, s16)                                         \
      TEFF_CAST_TO(TEFF_U16, uint16_t, S, value, u16)                                        \
      TEFF_CAST_TO(TEFF_S32, int32_t, S, value, s32)                                         \
      TEFF_CAST_TO(TEFF_U32, uint32_t, S, value, u32)                                        \
      TEFF_CAST_TO(TEFF_S64, int64_t, S, value, s64)                                         \
      TEFF_CAST_TO(TEFF_U64, uint64_t, S, value, u64)                                        \
      TEFF_CAST_TO(TEFF_BOOL, uint8_t, S, value, !!)                                         \
      default: break;                                                                        \
    }                                                                                        \
  }

#define TEFF_CAST_INTEGER(T, suffix)                                                                        \
  TEFF_CAST_KERNEL(suffix, T, T, TEFF_LOW_BITS, TEFF_LOW_BITS, TEFF_LOW_BITS, TEFF_LOW_BITS, TEFF_LOW_BITS, \
                   TEFF_LOW_BITS, TEFF_LOW_BITS, TEFF_LOW_BITS, TEFF_LOW_BITS)
#define TEFF_CAST_FLOAT(suffix, X, S, value)                                                                \
  TEFF_CAST_KERNEL(suffix, X, S, value, TEFF_CUT_S8, TEFF_CUT_U8, TEFF_CUT_S16, TEFF_CUT_U16, TEFF_CUT_S32, \
                   TEFF_CUT_U32, TEFF_CUT_S64, TEFF_CUT_U64)

TEFF_CAST_INTEGER(int8_t, s8)
TEFF_CAST_INTEGER(uint8_t, u8)
TEFF_CAST_INTEGER(int16_t, s16)
TEFF_CAST_INTEGER(uint16_t, u16)
TEFF_CAST_INTEGER(int32_t, s32)
TEFF_CAST_INTEGER(uint32_t, u32)
TEFF_CAST_INTEGER(int64_t, s64)
TEFF_CAST_INTEGER(uint64_t, u64)
TEFF_CAST_FLOAT(f32, float, float, TEFF_LOW_BITS)
TEFF_CAST_FLOAT(f64, double, double, TEFF_LOW_BITS)
TEFF_CAST_FLOAT(f16, uint16_t, float, teff_from_half)
TEFF_CAST_FLOAT(bf16, uint16_t, float, teff_from_bfloat)

// --- floats to quantized integers: round(x / scale) + zero, ties away from zero ---

typedef struct teff_quantize_params {
  float scale;
  int32_t zero;
  int32_t lo, hi;      // of the quantized type
  float below, above;  // lo - zero and hi - zero: where rounded quotients are cut off; within int32
} teff_quantize_params;

// Adding the float just below 1/2 and cutting rounds halves away from zero without rounding 0.49999997 up.
TEFF_KERNEL int32_t teff_quantize(const teff_quantize_params* p, float x) {
  const float quotient = x / p->scale, half = 0.49999997f;
  const float shifted = quotient + (quotient < 0 ? -half : half);
  if (shifted >= p->above) return p->hi;
  return shifted > p->below ? teff_wrap_add((int32_t)shifted, p->zero) : p->lo;
}

#define TEFF_QUANTIZE_KERNEL(T, suffix)                                                                 \
  TEFF_KERNEL void teff_quantize_##suffix(teff_quantize_params p, const float* x, T* y, teff_range r) { \
    for (int32_t i = r.begin; i < r.end; ++i) y[i] = (T)teff_quantize(&p, x[i]);                        \
  }

TEFF_QUANTIZE_KERNEL(int8_t, s8)
TEFF_QUANTIZE_KERNEL(uint8_t, u8)
TEFF_QUANTIZE_KERNEL(int16_t, s16)
TEFF_QUANTIZE_KERNEL(int32_t, s32)

// --- quantized integers to others: (x - x_zero) * factor + y_zero ---

typedef struct teff_rescale_params {
  int32_t to;  // TEFF_S8, TEFF_U8, TEFF_S16 or TEFF_S32
  int32_t x_zero, y_zero;
  teff_factor factor;
  int32_t lo, hi;
} teff_rescale_params;

TEFF_KERNEL int32_t teff_rescale(const teff_rescale_params* p, int32_t x) {
  const int32_t scaled = teff_scale(teff_wrap_sub(x, p->x_zero), p->factor);
  return teff_clamp_s32(teff_wrap_add(scaled, p->y_zero), p->lo, p->hi);
}

#define TEFF_RESCALE_TO(kind, T)                                                      \
  case kind:                                                                          \
    for (int32_t i = r.begin; i < r.end; ++i) ((T*)y)[i] = (T)teff_rescale(&p, x[i]); \
    break;

#define TEFF_RESCALE_KERNEL(T, suffix)                                                               \
  TEFF_KERNEL void teff_rescale_##suffix(teff_rescale_params p, const T* x, void* y, teff_range r) { \
    switch (p.to) {                                                                                  \
      TEFF_RESCALE_TO(TEFF_S8, int8_t)                                                               \
      TEFF_RESCALE_TO(TEFF_U8, uint8_t)                                                              \
      TEFF_RESCALE_TO(TEFF_S16, int16_t)                                                             \
      TEFF_RESCALE_TO(TEFF_S32, int32_t)                                                             \
      default: break;                                                                                \
    }                                                                                                \
  }

TEFF_RESCALE_KERNEL(int8_t, s8)
TEFF_RESCALE_KERNEL(uint8_t, u8)
TEFF_RESCALE_KERNEL(int16_t, s16)
TEFF_RESCALE_KERNEL(int32_t, s32)

// --- quantized integers to floats: scale * (x - zero) ---

// Element i belongs to channel i / inner % channels, which has its own scale and zero point.
typedef struct teff_dequantize_params {
  int32_t inner, channels;
} teff_dequantize_params;

// `WIDE` holds x - zero and scale * (x - zero) such that the result is rounded once.
#define TEFF_DEQUANTIZE_KERNEL(X, suffix, WIDE, element)                                               \
  TEFF_KERNEL void teff_dequantize_##suffix(teff_dequantize_params p, const X* x, const float* scales, \
                                            const int32_t* zeros, float* y, teff_range r) {            \
    for (int32_t i = r.begin, end; i < r.end; i = end) {                                               \
      const int32_t c = i / p.inner % p.channels, zero = zeros[c];                                     \
      const WIDE scale = scales[c];                                                                    \
      end = i + teff_min_s32(p.inner - i % p.inner, r.end - i);                                        \
      for (int32_t k = i; k < end; ++k) y[k] = (float)(scale * ((WIDE)element(x, k) - (WIDE)zero));    \
    }                                                                                                  \
  }

#define TEFF_ELEMENT(x, i) x[i]
#define TEFF_NIBBLE(x, i) \
  ((((x)[(i) >> 1] >> (((i)&1) << 2) & 15) ^ 8) - 8)  // int4, the first in the low bits

TEFF_DEQUANTIZE_KERNEL(int8_t, s8, float, TEFF_ELEMENT)
TEFF_DEQUANTIZE_KERNEL(uint8_t, u8, float, TEFF_ELEMENT)
TEFF_DEQUANTIZE_KERNEL(int16_t, s16, float, TEFF_ELEMENT)
TEFF_DEQUANTIZE_KERNEL(int32_t, s32, double, TEFF_ELEMENT)
TEFF_DEQUANTIZE_KERNEL(uint8_t, s4, float, TEFF_NIBBLE)

#endif
