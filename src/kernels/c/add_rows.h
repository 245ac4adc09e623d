// Rows of the sum of two images of one shape (rows.h).
//
// TFLite's sum of two int8 is a function of 65,536 pairs. It brings both to a common scale, adds, and scales
// the sum: four roundings in all. Whoever makes the parameters looks for coefficients with which
//     sat8((offset + a_factor * a + b_factor * b) >> right)
// is the same for every pair (plan/sum_fit.h); where there are none, `right` is 0 and TFLite's own steps are
// done.
#ifndef TEFF_KERNELS_C_ADD_ROWS_H
#define TEFF_KERNELS_C_ADD_ROWS_H

#include "arithmetic.h"
#include "dsp.h"
#include "rows.h"

// What teff_sum_params has, without the shapes.
typedef struct teff_sum_scaling {
  int32_t a_zero, b_zero, y_zero;
  int32_t shift;
  teff_factor a_factor, b_factor, y_factor;
} teff_sum_scaling;

typedef struct teff_add_rows_params {
  int32_t height, row;  // rows, and elements of each
  teff_ring a, b, out;
  int32_t a_factor, b_factor, offset, right;
  int32_t lo, hi;
  teff_sum_scaling steps;  // where right is 0
} teff_add_rows_params;

TEFF_KERNEL int32_t teff_linear_sum(const teff_add_rows_params* p, int32_t a, int32_t b) {
  const int32_t y = teff_ssat8_of_shifted(p->offset + a * p->a_factor + b * p->b_factor, p->right);
  if (p->lo <= -128 && p->hi >= 127) return y;
  return teff_clamp_s32(y, p->lo, p->hi);
}

TEFF_KERNEL void teff_four_linear_sums(const teff_add_rows_params* p, const int8_t* a, const int8_t* b,
                                       int8_t* y) {
  const int32_t y0 = teff_linear_sum(p, a[0], b[0]), y1 = teff_linear_sum(p, a[1], b[1]);
  const int32_t y2 = teff_linear_sum(p, a[2], b[2]), y3 = teff_linear_sum(p, a[3], b[3]);
  teff_set_word(y, teff_four_bytes(y0, y1, y2, y3));
}

TEFF_KERNEL int8_t teff_stepwise_sum(const teff_add_rows_params* p, int32_t a, int32_t b) {
  const teff_sum_scaling* s = &p->steps;
  const int32_t sum = teff_wrap_add(teff_on_common_scale(a, s->a_zero, s->shift, s->a_factor),
                                    teff_on_common_scale(b, s->b_zero, s->shift, s->b_factor));
  return (int8_t)teff_clamp_s32(teff_wrap_add(teff_scale(sum, s->y_factor), s->y_zero), p->lo, p->hi);
}

// Elements are read before they are written, in groups of four: y may be a or b.
TEFF_KERNEL void teff_add_row(const teff_add_rows_params* p, const int8_t* a, const int8_t* b, int8_t* y) {
  int32_t n = p->row;
  if (p->right == 0) {
    for (int32_t i = 0; i < n; ++i) y[i] = teff_stepwise_sum(p, a[i], b[i]);
    return;
  }
  for (; !TEFF_SMALL && n >= 8; n -= 8, a += 8, b += 8, y += 8) {
    teff_four_linear_sums(p, a, b, y);
    teff_four_linear_sums(p, a + 4, b + 4, y + 4);
  }
  for (int32_t i = 0; i < n; ++i) y[i] = (int8_t)teff_linear_sum(p, a[i], b[i]);
}

TEFF_KERNEL void teff_add_rows(teff_add_rows_params p, const int8_t* a, const int8_t* b, int8_t* y,
                               teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row)
    teff_add_row(&p, a + teff_row_offset(p.a, p.height, row), b + teff_row_offset(p.b, p.height, row),
                 y + teff_row_offset(p.out, p.height, row));
}

#endif
