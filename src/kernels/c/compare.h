// Comparisons, larger and smaller of two broadcast operands, and choices between them (units: elements of the
// result, see broadcast.h). Truth is a byte, 0 or 1. Greater is less with the operands changed over.
#ifndef TEFF_KERNELS_C_COMPARE_H
#define TEFF_KERNELS_C_COMPARE_H

#include "broadcast.h"

typedef struct teff_pair_params {
  teff_broadcast over;
} teff_pair_params;

#define TEFF_COMPARISON(name, T, suffix, expression)                                    \
  TEFF_KERNEL uint8_t teff_##name##_one_##suffix(const teff_pair_params* p, T x, T y) { \
    (void)p;                                                                            \
    return (uint8_t)(expression);                                                       \
  }                                                                                     \
  TEFF_BROADCAST_KERNEL(name##_##suffix, teff_pair_params, T, T, uint8_t, teff_##name##_one_##suffix)

#define TEFF_COMPARISONS(T, suffix)             \
  TEFF_COMPARISON(equal, T, suffix, x == y)     \
  TEFF_COMPARISON(not_equal, T, suffix, x != y) \
  TEFF_COMPARISON(less, T, suffix, x < y)       \
  TEFF_COMPARISON(less_equal, T, suffix, x <= y)

TEFF_COMPARISONS(float, f32)
TEFF_COMPARISONS(int32_t, s32)
TEFF_COMPARISONS(int64_t, s64)

// Of truth values, where any byte but 0 is true.
TEFF_COMPARISON(equal, uint8_t, bool, !x == !y)
TEFF_COMPARISON(not_equal, uint8_t, bool, !x != !y)
TEFF_COMPARISON(logical_and, uint8_t, bool, x&& y)
TEFF_COMPARISON(logical_or, uint8_t, bool, x || y)

// Of quantized numbers: both are brought to real units with eight more bits.
typedef struct teff_compare_quantized_params {
  teff_broadcast over;
  int32_t a_zero, b_zero;
  teff_factor a_factor, b_factor;
} teff_compare_quantized_params;

TEFF_KERNEL int32_t teff_comparable(int32_t x, int32_t zero, teff_factor f) {
  return teff_scale(teff_wrap_shl(teff_wrap_sub(x, zero), 8), f);
}

#define TEFF_QUANTIZED_COMPARISON(name, T, suffix, op)                                               \
  TEFF_KERNEL uint8_t teff_##name##_one_##suffix(const teff_compare_quantized_params* p, T x, T y) { \
    return teff_comparable(x, p->a_zero, p->a_factor) op teff_comparable(y, p->b_zero, p->b_factor); \
  }                                                                                                  \
  TEFF_BROADCAST_KERNEL(name##_##suffix, teff_compare_quantized_params, T, T, uint8_t,               \
                        teff_##name##_one_##suffix)

#define TEFF_QUANTIZED_COMPARISONS(T, suffix)         \
  TEFF_QUANTIZED_COMPARISON(equal, T, suffix, ==)     \
  TEFF_QUANTIZED_COMPARISON(not_equal, T, suffix, !=) \
  TEFF_QUANTIZED_COMPARISON(less, T, suffix, <)       \
  TEFF_QUANTIZED_COMPARISON(less_equal, T, suffix, <=)

TEFF_QUANTIZED_COMPARISONS(int8_t, s8)
TEFF_QUANTIZED_COMPARISONS(int16_t, s16)

// Larger and smaller of what is stored: TFLite does not look at scales here.
#define TEFF_EXTREMES(T, suffix)                                                                \
  TEFF_KERNEL T teff_maximum_one_##suffix(const teff_pair_params* p, T x, T y) {                \
    (void)p;                                                                                    \
    return x > y ? x : y;                                                                       \
  }                                                                                             \
  TEFF_KERNEL T teff_minimum_one_##suffix(const teff_pair_params* p, T x, T y) {                \
    (void)p;                                                                                    \
    return x < y ? x : y;                                                                       \
  }                                                                                             \
  TEFF_BROADCAST_KERNEL(maximum_##suffix, teff_pair_params, T, T, T, teff_maximum_one_##suffix) \
  TEFF_BROADCAST_KERNEL(minimum_##suffix, teff_pair_params, T, T, T, teff_minimum_one_##suffix)

TEFF_EXTREMES(int8_t, s8)
TEFF_EXTREMES(int16_t, s16)

// y = condition ? a : b for elements of SIZE bytes, whatever they mean. `over.a` strides the condition,
// `over.b` a, `over.c` b. Where nothing is broadcast along the last axis the plain loop is the fast one.
#define TEFF_SELECT_KERNEL(bits, SIZE)                                                                      \
  TEFF_KERNEL void teff_select_##bits(teff_pair_params p, const uint8_t* condition, const void* a,          \
                                      const void* b, void* y, teff_range r) {                               \
    const int32_t last = p.over.axes - 1;                                                                   \
    const int32_t step = p.over.a[last], step_a = p.over.b[last], step_b = p.over.c[last];                  \
    teff_walk w = teff_walk_from(&p.over, r.begin);                                                         \
    for (int32_t unit = r.begin, n; unit < r.end; unit += n) {                                              \
      n = teff_walk_run(&p.over, &w, r.end - unit);                                                         \
      const uint8_t* test = condition + w.a;                                                                \
      const char* from_a = (const char*)a + (int64_t)w.b * SIZE;                                            \
      const char* from_b = (const char*)b + (int64_t)w.c * SIZE;                                            \
      char* out = (char*)y + (int64_t)unit * SIZE;                                                          \
      for (int32_t i = 0; i < n; ++i)                                                                       \
        __builtin_memcpy(                                                                                   \
            out + (int64_t)i * SIZE,                                                                        \
            test[i * step] ? from_a + (int64_t)(i * step_a) * SIZE : from_b + (int64_t)(i * step_b) * SIZE, \
            SIZE);                                                                                          \
      teff_walk_on(&p.over, n, &w);                                                                         \
    }                                                                                                       \
  }

TEFF_SELECT_KERNEL(8, 1)
TEFF_SELECT_KERNEL(16, 2)
TEFF_SELECT_KERNEL(32, 4)
TEFF_SELECT_KERNEL(64, 8)

#endif
