// int8 kernels for x86 without weights: sums and products of images, pools and means. y may not overlay an
// input.
#pragma once

#include <stdint.h>

#include "kernels/x86/s8.h"

// Sums of two tensors of one shape: sat8((offset + a_factor * a + b_factor * b) >> right), cut off at lo and
// hi (plan/sum_fit.h). A unit is an element.
typedef struct teff_add_x86 {
  int32_t a_factor, b_factor, offset, right;
  int32_t lo, hi;
} teff_add_x86;

// Pixels times a vector of their channels: (x - x_zero) * (m - m_zero), scaled as a sum is; all products with
// `scale`. A unit is a pixel.
typedef struct teff_mul_x86 {
  int32_t channels;
  int32_t x_zero, m_zero;
  teff_scale_x86 scale;
  teff_result result;
} teff_mul_x86;

// Averages (rounded half away from zero) and maxima of windows; a unit is an output pixel, counted through
// all images.
typedef struct teff_pool_x86 {
  teff_window window;
  int32_t lo, hi;
} teff_pool_x86;

// Sums over the middle axis of [outer][count][inner], scaled; a unit is one of `outer`.
typedef struct teff_mean_x86 {
  int32_t count, inner;
  teff_scale_x86 scale;
  teff_result result;
} teff_mean_x86;

#if defined(__x86_64__)

void teff_add_s8_avx512vnni(teff_add_x86 p, const int8_t* a, const int8_t* b, int8_t* y, teff_range r);
void teff_mul_s8_avx512vnni(teff_mul_x86 p, const int8_t* x, const int8_t* m, int8_t* y, teff_range r);
void teff_average_pool_s8_avx512vnni(teff_pool_x86 p, const int8_t* x, int8_t* y, teff_range r);
void teff_max_pool_s8_avx512vnni(teff_pool_x86 p, const int8_t* x, int8_t* y, teff_range r);
void teff_mean_s8_avx512vnni(teff_mean_x86 p, const int8_t* x, int8_t* y, teff_range r);

void teff_add_s8_avx2(teff_add_x86 p, const int8_t* a, const int8_t* b, int8_t* y, teff_range r);
void teff_mul_s8_avx2(teff_mul_x86 p, const int8_t* x, const int8_t* m, int8_t* y, teff_range r);
void teff_average_pool_s8_avx2(teff_pool_x86 p, const int8_t* x, int8_t* y, teff_range r);
void teff_max_pool_s8_avx2(teff_pool_x86 p, const int8_t* x, int8_t* y, teff_range r);
void teff_mean_s8_avx2(teff_mean_x86 p, const int8_t* x, int8_t* y, teff_range r);

#endif
