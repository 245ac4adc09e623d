// What every kernel in this folder starts from: how it is declared, how it is divided, and TFLite's integer
// arithmetic.
//
// The folder is the one definition of each operator, in C99 that is C++ too. A kernel is
//
//     TEFF_KERNEL void teff_NAME(struct teff_X p, const T* in, ..., T* out, teff_range r)
//
// `p` holds shape and constants by value (integers and floats only, so that a program with literal shapes
// folds them), pointers follow in the order inputs, constants, outputs, scratch, and `r` says which of its
// units to compute; what a unit is stands beside each kernel. Kernels never allocate, never start threads,
// never print. One whose input can be wrong only at run time (an index) returns a teff_fault instead of void.
// Data are dense and row-major; images NHWC.
#ifndef TEFF_KERNELS_C_BASE_H
#define TEFF_KERNELS_C_BASE_H

#include <stdint.h>

#define TEFF_KERNEL static inline __attribute__((always_inline, unused))
// A part of a kernel that is better off as a function of its own.
#define TEFF_APART_KERNEL static __attribute__((noinline, unused))
// A part that is called from several places: where code is to be small, it is there once (the compiler still
// takes it in where that is shorter).
#ifndef TEFF_SMALL
#ifdef __OPTIMIZE_SIZE__
#define TEFF_SMALL 1
#else
#define TEFF_SMALL 0
#endif
#endif
#if TEFF_SMALL
#define TEFF_SHARED_KERNEL static __attribute__((unused))
// Stands in short loops that compilers would exchange for a function of the C library, which takes more code.
#define TEFF_STAYS_LOOP __asm__ volatile("")
#else
#define TEFF_SHARED_KERNEL TEFF_KERNEL
#define TEFF_STAYS_LOOP ((void)0)
#endif

typedef struct teff_range {
  int32_t begin, end;
} teff_range;

// What can go wrong while a kernel runs, or end the run.
typedef enum teff_fault {
  TEFF_FINE = 0,
  TEFF_BAD_INDEX = 1,        // an index outside of the tensor that it points into
  TEFF_DIVIDED_BY_ZERO = 2,  // an integer division
  TEFF_BAD_SHAPE = 3,        // data that would give the result another shape than was planned
  TEFF_ENOUGH = 4,           // nothing is wrong: the network has not enough data yet to go on in this run
} teff_fault;

#define TEFF_MAX_RANK 8

// A real factor as TFLite stores it: q * 2^(shift - 31) with q in [2^30, 2^31), or 0.
typedef struct teff_factor {
  int32_t q;
  int32_t shift;
} teff_factor;

TEFF_KERNEL int32_t teff_min_s32(int32_t a, int32_t b) { return a < b ? a : b; }
TEFF_KERNEL int32_t teff_max_s32(int32_t a, int32_t b) { return a > b ? a : b; }
TEFF_KERNEL int32_t teff_clamp_s32(int32_t x, int32_t lo, int32_t hi) {
  return x < lo ? lo : x > hi ? hi : x;
}
TEFF_KERNEL float teff_clamp_f32(float x, float lo, float hi) { return x < lo ? lo : x > hi ? hi : x; }

// x where it is positive, else x * slope. The sign's bits choose the factor: compilers may not multiply on a
// path where the program does not, and a branch for every element is what takes time.
TEFF_KERNEL float teff_slope_below(float x, float slope) {
  const float one = 1;
  int32_t x_bits, slope_bits, one_bits;
  __builtin_memcpy(&x_bits, &x, 4);
  __builtin_memcpy(&slope_bits, &slope, 4);
  __builtin_memcpy(&one_bits, &one, 4);
  const int32_t below = x_bits >> 31;  // all bits or none
  const int32_t factor_bits = (slope_bits & below) | (one_bits & ~below);
  float factor;
  __builtin_memcpy(&factor, &factor_bits, 4);
  return x * factor;
}

TEFF_KERNEL int32_t teff_leading_zeros(uint32_t x) { return x ? __builtin_clz(x) : 32; }

// Wrapping arithmetic: accumulators may overflow on hostile weights, which C leaves undefined for signed
// integers.
TEFF_KERNEL int32_t teff_wrap_add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }
TEFF_KERNEL int32_t teff_wrap_sub(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }
TEFF_KERNEL int32_t teff_wrap_mul(int32_t a, int32_t b) { return (int32_t)((uint32_t)a * (uint32_t)b); }
TEFF_KERNEL int32_t teff_wrap_shl(int32_t a, int n) { return (int32_t)((uint32_t)a << n); }

// High half of 2*a*b, rounded to nearest with ties up; saturates the one case that does not fit.
TEFF_KERNEL int32_t teff_doubling_high_mul(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

// x / 2^n rounded to nearest, ties away from zero.
TEFF_KERNEL int32_t teff_rounding_shift_right(int32_t x, int n) {
  const int32_t mask = (int32_t)((UINT32_C(1) << n) - 1), rest = x & mask;
  const int32_t threshold = (mask >> 1) + (x < 0);
  return (x >> n) + (rest > threshold);
}

// x * factor, rounded twice as TFLite does: the product to 32 bits, then the shift.
TEFF_KERNEL int32_t teff_scale(int32_t x, teff_factor f) {
  const int left = f.shift > 0 ? f.shift : 0, right = f.shift > 0 ? 0 : -f.shift;
  return teff_rounding_shift_right(teff_doubling_high_mul(teff_wrap_shl(x, left), f.q), right);
}

// The same for 64-bit sums (int16 activations): 16 bits of q, one rounding.
TEFF_KERNEL int32_t teff_scale_s64(int64_t x, teff_factor f) {
  const int32_t q = f.q < 0x7FFF0000 ? (f.q + (1 << 15)) >> 16 : 0x7FFF;
  const int shift = 15 - f.shift;
  const uint64_t product = (uint64_t)x * (uint64_t)(int64_t)q + (UINT64_C(1) << (shift - 1));
  return (int32_t)((int64_t)product >> shift);
}

#endif
