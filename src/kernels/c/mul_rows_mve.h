// Rows of an image times one number for each channel (mul_rows.h) for Helium, four elements at a time.
// Scratch holds m - m_zero of each channel as int32.
#ifndef TEFF_KERNELS_C_MUL_ROWS_MVE_H
#define TEFF_KERNELS_C_MUL_ROWS_MVE_H

#include "mul_rows.h"
#include "mve.h"

#if TEFF_HAS_MVE
// Scaled as TEFF_SCALE_HIGH.
TEFF_KERNEL void teff_mul_pixel_mve(const teff_mul_rows_params* p, const int8_t* x, const int32_t* factors,
                                    int8_t* y) {
  __asm volatile(
      "vdup.32 q2, %[multiplier]\n"
      "wlstp.32 lr, %[n], 2f\n"
      "1: vldrb.s32 q0, [%[x]], #4\n"
      "vldrw.u32 q1, [%[factors]], #16\n"
      "vadd.i32 q0, q0, %[less_zero]\n"
      "vmlas.s32 q0, q1, %[bias]\n"
      "vmulh.s32 q0, q0, q2\n"
      "vadd.i32 q0, q0, %[offset]\n"
      "vqshl.s32 q0, %[shift]\n"
      "vshr.s32 q0, q0, #24\n"
      "vstrb.32 q0, [%[y]], #4\n"
      "letp lr, 1b\n"
      "2:\n"
      : [x] "+l"(x), [factors] "+r"(factors), [y] "+l"(y)
      : [n] "r"(p->channels), [multiplier] "r"(p->scale.multiplier), [less_zero] "r"(-p->x_zero),
        [bias] "r"(p->scale.bias), [offset] "r"(p->scale.offset), [shift] "r"(24 - p->result.right)
      : "lr", "q0", "q1", "q2", "cc", "memory");
}
#else
TEFF_KERNEL void teff_mul_pixel_mve(const teff_mul_rows_params* p, const int8_t* x, const int32_t* factors,
                                    int8_t* y) {
  teff_result result = p->result;
  result.lo = -128, result.hi = 127;  // who calls clamps
  for (int32_t c = 0; c < p->channels; ++c)
    y[c] = teff_result_of_sum(&result, &p->scale, (x[c] - p->x_zero) * factors[c] + p->scale.bias);
}
#endif

TEFF_KERNEL void teff_mul_rows_mve(teff_mul_rows_params p, const int8_t* x, const int8_t* m, int8_t* y,
                                   void* scratch, teff_range r) {
  int32_t* factors = (int32_t*)scratch;
  if (p.result.scaling != TEFF_SCALE_HIGH) {
    teff_mul_rows(p, x, m, y, scratch, r);
    return;
  }
  for (int32_t c = 0; c < p.channels; ++c) factors[c] = m[c] - p.m_zero;
  for (int32_t row = r.begin; row < r.end; ++row) {
    const int8_t* from = x + teff_row_offset(p.in, p.height, row);
    int8_t* to = y + teff_row_offset(p.out, p.height, row);
    for (int32_t i = 0; i < p.width; ++i)
      teff_mul_pixel_mve(&p, from + i * p.channels, factors, to + i * p.channels);
    if (teff_is_clamped_mve(&p.result)) teff_clamp_mve(to, p.width * p.channels, p.result.lo, p.result.hi);
  }
}

#endif
