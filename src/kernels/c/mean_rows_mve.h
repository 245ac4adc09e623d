// Means of an image's channels (mean_rows.h) for Helium: sums of 16 bits of sixteen channels at a time.
#ifndef TEFF_KERNELS_C_MEAN_ROWS_MVE_H
#define TEFF_KERNELS_C_MEAN_ROWS_MVE_H

#include "mean_rows.h"
#include "mve.h"

#if TEFF_HAS_MVE
// part[k] = the sum of x[i * apart + k] over n pixels.
TEFF_KERNEL void teff_sum_sixteen_mve(const int8_t* x, int32_t n, int32_t apart, int16_t* part) {
  __asm volatile(
      "vmov.i32 q0, #0\n"
      "vmov.i32 q1, #0\n"
      "dls lr, %[n]\n"
      "1: vldrb.s16 q2, [%[x]]\n"
      "vldrb.s16 q3, [%[x], #8]\n"
      "vadd.i16 q0, q0, q2\n"
      "add %[x], %[apart]\n"
      "vadd.i16 q1, q1, q3\n"
      "le lr, 1b\n"
      "vstrh.16 q0, [%[part]]\n"
      "vstrh.16 q1, [%[part], #16]\n"
      : [x] "+l"(x)
      : [n] "r"(n), [apart] "r"(apart), [part] "r"(part)
      : "lr", "q0", "q1", "q2", "q3", "memory");
}
TEFF_KERNEL void teff_add_part_mve(const int16_t* part, int32_t n, int32_t* sums) {
  __asm volatile(
      "wlstp.32 lr, %[n], 2f\n"
      "1: vldrh.s32 q0, [%[part]], #8\n"
      "vldrw.u32 q1, [%[sums]]\n"
      "vadd.i32 q0, q0, q1\n"
      "vstrw.32 q0, [%[sums]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [part] "+l"(part), [sums] "+r"(sums)
      : [n] "r"(n)
      : "lr", "q0", "q1", "cc", "memory");
}
#else
TEFF_KERNEL void teff_sum_sixteen_mve(const int8_t* x, int32_t n, int32_t apart, int16_t* part) {
  for (int32_t k = 0; k < 16; ++k) part[k] = 0;
  for (int32_t i = 0; i < n; ++i)
    for (int32_t k = 0; k < 16; ++k) part[k] = (int16_t)(part[k] + x[i * apart + k]);
}
TEFF_KERNEL void teff_add_part_mve(const int16_t* part, int32_t n, int32_t* sums) {
  for (int32_t k = 0; k < n; ++k) sums[k] += part[k];
}
#endif

// sums[c] += the sum of channel c over n pixels. What is left of the channels joins the sixteen that end with
// them, where there are as many; those before it are summed once more and not added.
TEFF_KERNEL void teff_add_pixels_mve(const int8_t* x, int32_t n, int32_t channels, int32_t* sums) {
  if (channels < 16) {
    teff_add_pixels(x, n, channels, sums);
    return;
  }
  for (int32_t first = 0; first < n; first += TEFF_MOST_IN_PAIRS, x += TEFF_MOST_IN_PAIRS * channels) {
    const int32_t some = teff_min_s32(n - first, TEFF_MOST_IN_PAIRS);
    for (int32_t c = 0; c < channels; c += 16) {
      const int32_t from = teff_min_s32(c, channels - 16);
      int16_t part[16];
      teff_sum_sixteen_mve(x + from, some, channels, part);
      teff_add_part_mve(part + (c - from), 16 - (c - from), sums + c);
    }
  }
}

TEFF_KERNEL void teff_mean_rows_mve(teff_mean_rows_params p, const int8_t* x, int8_t* y, int32_t* sums,
                                    teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    if (row == 0) teff_clear_sums(sums, p.channels);
    teff_add_pixels_mve(x + teff_row_offset(p.in, p.height, row), p.width, p.channels, sums);
    if (row == p.height - 1) teff_write_means(&p, sums, p.height * p.width, y);
  }
}

TEFF_KERNEL void teff_mean_columns_mve(teff_mean_rows_params p, const int8_t* x, int8_t* y, int32_t* sums,
                                       teff_range r) {
  for (int32_t row = r.begin; row < r.end; ++row) {
    teff_clear_sums(sums, p.channels);
    teff_add_pixels_mve(x + teff_row_offset(p.in, p.height, row), p.width, p.channels, sums);
    teff_write_means(&p, sums, p.width, y + teff_row_offset(p.out, p.height, row));
  }
}

#endif
