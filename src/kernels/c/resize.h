// Pictures at another size; a unit is a row of the result, counted over the batch. Which pixels a row or
// column comes from, and in which parts, is worked out beforehand and passed as tables.
#ifndef TEFF_KERNELS_C_RESIZE_H
#define TEFF_KERNELS_C_RESIZE_H

#include "base.h"

typedef struct teff_resize_params {
  int32_t in_height, in_width, out_height, out_width;
  int32_t channels;  // for the nearest neighbour: bytes of a pixel
} teff_resize_params;

// What one row or column is made of: the part `upper_part` of `upper`, the rest of `lower`.
typedef struct teff_tap_f32 {
  int32_t lower, upper;
  float upper_part;
} teff_tap_f32;

typedef struct teff_tap_s32 {
  int32_t lower, upper;
  int32_t upper_part;  // of 1024
} teff_tap_s32;

// The four parts are weighed in the order in which TFLite adds them.
TEFF_KERNEL void teff_resize_bilinear_f32(teff_resize_params p, const float* x, const teff_tap_f32* rows,
                                          const teff_tap_f32* columns, float* y, teff_range r) {
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    const teff_tap_f32 row = rows[unit % p.out_height];
    const float* image = x + (unit / p.out_height) * p.in_height * p.in_width * p.channels;
    const float* lower = image + row.lower * p.in_width * p.channels;
    const float* upper = image + row.upper * p.in_width * p.channels;
    for (int32_t column = 0; column < p.out_width; ++column) {
      const teff_tap_f32 tap = columns[column];
      const int32_t left = tap.lower * p.channels, right = tap.upper * p.channels;
      const float dy = row.upper_part, dx = tap.upper_part;
      float* out = y + (unit * p.out_width + column) * p.channels;
      for (int32_t c = 0; c < p.channels; ++c)
        out[c] = lower[left + c] * (1 - dy) * (1 - dx) + upper[left + c] * dy * (1 - dx) +
                 lower[right + c] * (1 - dy) * dx + upper[right + c] * dy * dx;
    }
  }
}

#define TEFF_RESIZE_BILINEAR(name, T)                                                                  \
  TEFF_KERNEL void name(teff_resize_params p, const T* x, const teff_tap_s32* rows,                    \
                        const teff_tap_s32* columns, T* y, teff_range r) {                             \
    for (int32_t unit = r.begin; unit < r.end; ++unit) {                                               \
      const teff_tap_s32 row = rows[unit % p.out_height];                                              \
      const T* image = x + (unit / p.out_height) * p.in_height * p.in_width * p.channels;              \
      const T* lower = image + row.lower * p.in_width * p.channels;                                    \
      const T* upper = image + row.upper * p.in_width * p.channels;                                    \
      for (int32_t column = 0; column < p.out_width; ++column) {                                       \
        const teff_tap_s32 tap = columns[column];                                                      \
        const int32_t left = tap.lower * p.channels, right = tap.upper * p.channels;                   \
        const int64_t dy = row.upper_part, dx = tap.upper_part, one = 1024;                            \
        T* out = y + (unit * p.out_width + column) * p.channels;                                       \
        for (int32_t c = 0; c < p.channels; ++c) {                                                     \
          const int64_t sum = lower[left + c] * (one - dy) * (one - dx) +                              \
                              upper[left + c] * dy * (one - dx) + lower[right + c] * (one - dy) * dx + \
                              upper[right + c] * dy * dx;                                              \
          const int64_t half = sum > 0 ? one * one / 2 : -one * one / 2;                               \
          out[c] = (T)((sum + half) / (one * one));                                                    \
        }                                                                                              \
      }                                                                                                \
    }                                                                                                  \
  }
TEFF_RESIZE_BILINEAR(teff_resize_bilinear_s8, int8_t)
TEFF_RESIZE_BILINEAR(teff_resize_bilinear_s16, int16_t)

TEFF_KERNEL void teff_resize_nearest(teff_resize_params p, const void* x, const int32_t* rows,
                                     const int32_t* columns, void* y, teff_range r) {
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    const char* row = (const char*)x + ((unit / p.out_height) * p.in_height + rows[unit % p.out_height]) *
                                           p.in_width * p.channels;
    char* out = (char*)y + unit * p.out_width * p.channels;
    for (int32_t column = 0; column < p.out_width; ++column)
      __builtin_memcpy(out + column * p.channels, row + columns[column] * p.channels, (uint32_t)p.channels);
  }
}

#endif
