// Rows of the sum of two images (add_rows.h) for Helium, four elements at a time.
#ifndef TEFF_KERNELS_C_ADD_ROWS_MVE_H
#define TEFF_KERNELS_C_ADD_ROWS_MVE_H

#include "add_rows.h"
#include "mve.h"

#if TEFF_HAS_MVE
// A saturating shift to the left puts the byte on top.
TEFF_KERNEL void teff_linear_sums_mve(const teff_add_rows_params* p, const int8_t* a, const int8_t* b,
                                      int8_t* y, int32_t n) {
  __asm volatile(
      "vdup.32 q2, %[a_factor]\n"
      "wlstp.32 lr, %[n], 2f\n"
      "1: vldrb.s32 q0, [%[a]], #4\n"
      "vldrb.s32 q1, [%[b]], #4\n"
      "vmlas.s32 q0, q2, %[offset]\n"
      "vmla.s32 q0, q1, %[b_factor]\n"
      "vqshl.s32 q0, %[shift]\n"
      "vshr.s32 q0, q0, #24\n"
      "vstrb.32 q0, [%[y]], #4\n"
      "letp lr, 1b\n"
      "2:\n"
      : [a] "+l"(a), [b] "+l"(b), [y] "+l"(y)
      : [n] "r"(n), [a_factor] "r"(p->a_factor), [b_factor] "r"(p->b_factor), [offset] "r"(p->offset),
        [shift] "r"(24 - p->right)
      : "lr", "q0", "q1", "q2", "cc", "memory");
}
#else
TEFF_KERNEL void teff_linear_sums_mve(const teff_add_rows_params* p, const int8_t* a, const int8_t* b,
                                      int8_t* y, int32_t n) {
  for (int32_t i = 0; i < n; ++i)
    y[i] = (int8_t)teff_ssat8((p->offset + a[i] * p->a_factor + b[i] * p->b_factor) >> p->right);
}
#endif

TEFF_KERNEL void teff_add_rows_mve(teff_add_rows_params p, const int8_t* a, const int8_t* b, int8_t* y,
                                   teff_range r) {
  if (p.right == 0) {
    teff_add_rows(p, a, b, y, r);
    return;
  }
  for (int32_t row = r.begin; row < r.end; ++row) {
    int8_t* to = y + teff_row_offset(p.out, p.height, row);
    teff_linear_sums_mve(&p, a + teff_row_offset(p.a, p.height, row), b + teff_row_offset(p.b, p.height, row),
                         to, p.row);
    if (p.lo > -128 || p.hi < 127) teff_clamp_mve(to, p.row, p.lo, p.hi);
  }
}

#endif
