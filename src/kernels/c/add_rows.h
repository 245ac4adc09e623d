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

TEFF_KERNEL int8_t teff_linear_sum(const teff_add_rows_params* p, int32_t a, int32_t b) {
  const int32_t y = (p->offset + a * p->a_factor + b * p->b_factor) >> p->right;
  const int32_t byte = teff_clamp_s32(y, -128, 127);
  if (p->lo <= -128 && p->hi >= 127) return (int8_t)byte;
  return (int8_t)teff_clamp_s32(byte, p->lo, p->hi);
}

TEFF_KERNEL int8_t teff_stepwise_sum(const teff_add_rows_params* p, int32_t a, int32_t b) {
  const teff_sum_scaling* s = &p->steps;
  const int32_t sum = teff_wrap_add(teff_on_common_scale(a, s->a_zero, s->shift, s->a_factor),
                                    teff_on_common_scale(b, s->b_zero, s->shift, s->b_factor));
  return (int8_t)teff_clamp_s32(teff_wrap_add(teff_scale(sum, s->y_factor), s->y_zero), p->lo, p->hi);
}

// All of a row's elements are read before they are written in groups of four: y may be a or b.
TEFF_KERNEL void teff_add_row(const teff_add_rows_params* p, const int8_t* a, const int8_t* b, int8_t* y) {
  int32_t i = 0;
  if (p->right == 0) {
    for (; i < p->row; ++i) y[i] = teff_stepwise_sum(p, a[i], b[i]);
    return;
  }
  for (; i + 4 <= p->row; i += 4) {
    const int8_t y0 = teff_linear_sum(p, a[i], b[i]), y1 = teff_linear_sum(p, a[i + 1], b[i + 1]);
    const int8_t y2 = teff_linear_sum(p, a[i + 2], b[i + 2]), y3 = teff_linear_sum(p, a[i + 3], b[i + 3]);
    y[i] = y0, y[i + 1] = y1, y[i + 2] = y2, y[i + 3] = y3;
  }
  for (; i < p->row; ++i) y[i] = teff_linear_sum(p, a[i], b[i]);
}

TEFF_KERNEL void teff_add_rows(teff_add_rows_params p, const int8_t* a, const int8_t* b, int8_t* y,
                               teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row)
    teff_add_row(&p, a + teff_row_offset(p.a, p.height, row), b + teff_row_offset(p.b, p.height, row),
                 y + teff_row_offset(p.out, p.height, row));
}

#endif
