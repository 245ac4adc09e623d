// Arithmetic of two broadcast operands that are plain numbers: float32, int32 and int64 (units: elements of
// the result, see broadcast.h). Integers wrap around. An activation clamps results to [lo, hi].
#ifndef TEFF_KERNELS_C_NUMBERS_H
#define TEFF_KERNELS_C_NUMBERS_H

#include <math.h>

#include "broadcast.h"

typedef struct teff_numbers_f32_params {
  teff_broadcast over;
  float lo, hi;
} teff_numbers_f32_params;

typedef struct teff_numbers_s32_params {
  teff_broadcast over;
  int32_t lo, hi;
} teff_numbers_s32_params;

typedef struct teff_numbers_s64_params {
  teff_broadcast over;
  int64_t lo, hi;
} teff_numbers_s64_params;

// One operator on one type: NAME, the expression of x and y, clamped.
#define TEFF_NUMBERS(name, T, suffix, expression)                                               \
  TEFF_KERNEL T teff_##name##_one_##suffix(const teff_numbers_##suffix##_params* p, T x, T y) { \
    const T result = (expression);                                                              \
    return result < p->lo ? p->lo : result > p->hi ? p->hi : result;                            \
  }                                                                                             \
  TEFF_BROADCAST_KERNEL(name##_##suffix, teff_numbers_##suffix##_params, T, T, T, teff_##name##_one_##suffix)

// The remainder that has the divisor's sign.
TEFF_KERNEL float teff_floor_mod(float x, float y) {
  const float rest = fmodf(x, y);
  return rest != 0 && (y < 0) != (rest < 0) ? rest + y : rest;
}

TEFF_NUMBERS(add, float, f32, x + y)
TEFF_NUMBERS(sub, float, f32, x - y)
TEFF_NUMBERS(mul, float, f32, (x * y))
TEFF_NUMBERS(div, float, f32, x / y)
TEFF_NUMBERS(maximum, float, f32, x > y ? x : y)
TEFF_NUMBERS(minimum, float, f32, x < y ? x : y)
TEFF_NUMBERS(squared_difference, float, f32, (x - y) * (x - y))
// Divided in double: the float quotient may round up to the next whole number.
TEFF_NUMBERS(floor_div, float, f32, (float)floor((double)x / (double)y))
TEFF_NUMBERS(floor_mod, float, f32, teff_floor_mod(x, y))
TEFF_NUMBERS(pow, float, f32, powf(x, y))
TEFF_NUMBERS(atan2, float, f32, atan2f(x, y))
TEFF_NUMBERS(prelu, float, f32, teff_slope_below(x, y))

// Integers. The smallest number by -1 is the one quotient that overflows: it wraps, like products. x^y by
// squaring; negative powers are 0, but for those of 1 and -1.
#define TEFF_INTEGERS(T, U, suffix)                                                          \
  TEFF_KERNEL T teff_quotient_##suffix(T x, T y) { return y == -1 ? (T)(0 - (U)x) : x / y; } \
  TEFF_KERNEL T teff_remainder_##suffix(T x, T y) { return y == -1 ? 0 : x % y; }            \
  TEFF_KERNEL T teff_floor_div_##suffix##_of(T x, T y) {                                     \
    const T rest = teff_remainder_##suffix(x, y);                                            \
    return teff_quotient_##suffix(x, y) - (rest != 0 && (rest < 0) != (y < 0));              \
  }                                                                                          \
  TEFF_KERNEL T teff_floor_mod_##suffix##_of(T x, T y) {                                     \
    const T rest = teff_remainder_##suffix(x, y);                                            \
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;                             \
  }                                                                                          \
  TEFF_KERNEL T teff_pow_##suffix##_of(T x, T y) {                                           \
    U power = 1, base = (U)x;                                                                \
    if (y < 0) return x == 1 ? 1 : x == -1 ? ((y & 1) ? -1 : 1) : 0;                         \
    for (; y; y >>= 1, base *= base)                                                         \
      if (y & 1) power *= base;                                                              \
    return (T)power;                                                                         \
  }                                                                                          \
  TEFF_NUMBERS(add, T, suffix, (T)((U)x + (U)y))                                             \
  TEFF_NUMBERS(sub, T, suffix, (T)((U)x - (U)y))                                             \
  TEFF_NUMBERS(mul, T, suffix, (T)((U)x * (U)y))                                             \
  TEFF_NUMBERS(maximum, T, suffix, x > y ? x : y)                                            \
  TEFF_NUMBERS(minimum, T, suffix, x < y ? x : y)                                            \
  TEFF_NUMBERS(squared_difference, T, suffix, (T)(((U)x - (U)y) * ((U)x - (U)y)))            \
  TEFF_NUMBERS(pow, T, suffix, teff_pow_##suffix##_of(x, y))                                 \
  TEFF_NUMBERS(unchecked_div, T, suffix, teff_quotient_##suffix(x, y))                       \
  TEFF_NUMBERS(unchecked_floor_div, T, suffix, teff_floor_div_##suffix##_of(x, y))           \
  TEFF_NUMBERS(unchecked_floor_mod, T, suffix, teff_floor_mod_##suffix##_of(x, y))           \
  TEFF_DIVIDING_KERNEL(div, T, suffix)                                                       \
  TEFF_DIVIDING_KERNEL(floor_div, T, suffix)                                                 \
  TEFF_DIVIDING_KERNEL(floor_mod, T, suffix)

// The same after a look at the divisors that the range meets.
#define TEFF_DIVIDING_KERNEL(name, T, suffix)                                                             \
  TEFF_KERNEL teff_fault teff_##name##_##suffix(teff_numbers_##suffix##_params p, const T* a, const T* b, \
                                                T* y, teff_range r) {                                     \
    const int32_t last = p.over.axes - 1;                                                                 \
    teff_walk w = teff_walk_from(&p.over, r.begin);                                                       \
    for (int32_t unit = r.begin, n; unit < r.end; unit += n) {                                            \
      n = teff_walk_run(&p.over, &w, r.end - unit);                                                       \
      for (int32_t i = 0; i < n; ++i)                                                                     \
        if (b[w.b + i * p.over.b[last]] == 0) return TEFF_DIVIDED_BY_ZERO;                                \
      teff_walk_on(&p.over, n, &w);                                                                       \
    }                                                                                                     \
    teff_unchecked_##name##_##suffix(p, a, b, y, r);                                                      \
    return TEFF_FINE;                                                                                     \
  }

TEFF_INTEGERS(int32_t, uint32_t, s32)
TEFF_INTEGERS(int64_t, uint64_t, s64)

#endif
