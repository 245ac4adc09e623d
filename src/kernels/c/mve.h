// The vector words that the Helium kernels (NAME_mve) are written in: spelled with Arm's intrinsics where the
// compiler knows them, and in plain C elsewhere, so that the same kernels compute the same bits on any
// machine. Loops that GCC does not find (low overhead loops with tail predication, sums kept in even
// registers, two lanes filled by one move) are written out in assembly.
//
// teff_v8 is 16 lanes of int8, teff_v32 four of int32. No word needs its address to be aligned, save those of
// int32, which need 4 bytes.
#ifndef TEFF_KERNELS_C_MVE_H
#define TEFF_KERNELS_C_MVE_H

#include <stddef.h>

#include "result.h"

#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)
#define TEFF_HAS_MVE 1
#include <arm_mve.h>
typedef int8x16_t teff_v8;
typedef int32x4_t teff_v32;
#else
#define TEFF_HAS_MVE 0
typedef struct teff_v8 {
  int8_t lane[16];
} teff_v8;
typedef struct teff_v32 {
  int32_t lane[4];
} teff_v32;
#endif

#if TEFF_HAS_MVE

TEFF_KERNEL teff_v8 teff_v8_load(const int8_t* p) { return vldrbq_s8(p); }
// The first n of 16 (n >= 16: all); the others are zero and not read.
TEFF_KERNEL teff_v8 teff_v8_load_first(const int8_t* p, int32_t n) {
  return vldrbq_z_s8(p, vctp8q((uint32_t)n));
}
TEFF_KERNEL int32_t teff_v8_dot(teff_v8 a, teff_v8 b) { return vmladavq_s8(a, b); }
TEFF_KERNEL int32_t teff_v8_dot_add(int32_t sum, teff_v8 a, teff_v8 b) { return vmladavaq_s8(sum, a, b); }

TEFF_KERNEL teff_v32 teff_v32_load(const int32_t* p) { return vldrwq_s32(p); }
// Lanes 0 and 2 are a and b; the others keep what they are.
TEFF_KERNEL teff_v32 teff_v32_set_even(teff_v32 v, int32_t a, int32_t b) {
  __asm("vmov %q0[2], %q0[0], %1, %2" : "+w"(v) : "r"(a), "r"(b));
  return v;
}
// Lanes 1 and 3 are a and b.
TEFF_KERNEL teff_v32 teff_v32_set_odd(teff_v32 v, int32_t a, int32_t b) {
  __asm("vmov %q0[3], %q0[1], %1, %2" : "+w"(v) : "r"(a), "r"(b));
  return v;
}
TEFF_KERNEL teff_v32 teff_v32_any(void) { return vuninitializedq_s32(); }
TEFF_KERNEL teff_v32 teff_v32_add(teff_v32 a, teff_v32 b) { return vaddq_s32(a, b); }
// The low bytes of the lanes.
TEFF_KERNEL void teff_v32_store_bytes(int8_t* p, teff_v32 v) { vstrbq_s32(p, v); }
TEFF_KERNEL void teff_v32_store_first_bytes(int8_t* p, teff_v32 v, int32_t n) {
  vstrbq_p_s32(p, v, vctp32q((uint32_t)n));
}

// sat8((offset + hi32(sum * multiplier)) >> right). A saturating shift puts the byte on top, where shifting
// it down keeps its sign; shifts of more than 24 to the right leave a byte anyway.
TEFF_KERNEL teff_v32 teff_v32_scale_high(teff_v32 sum, teff_v32 multiplier, teff_v32 offset, int32_t right) {
  return vshrq_n_s32(vqshlq_r_s32(vaddq_s32(vmulhq_s32(sum, multiplier), offset), 24 - right), 24);
}
// TEFF_SCALE_HIGH2: the doubling product is the one of twice the sum, which has the sum's sign.
TEFF_KERNEL teff_v32 teff_v32_scale_high2(teff_v32 sum, teff_v32 multiplier, teff_v32 offset, int32_t right) {
  const teff_v32 high = vaddq_s32(vqdmulhq_s32(sum, multiplier), vshrq_n_s32(sum, 31));
  return vshrq_n_s32(vqshlq_r_s32(vaddq_s32(high, offset), 24 - right), 24);
}
// TEFF_SCALE_RIGHT; the shift is that of the channel, from -22 to -1.
TEFF_KERNEL teff_v32 teff_v32_scale_right(teff_v32 sum, teff_v32 multiplier, teff_v32 shift, int32_t zero) {
  const teff_v32 high = vaddq_s32(vqrdmulhq_s32(sum, multiplier), vshrq_n_s32(sum, 31));
  const teff_v32 offset = vshlq_s32(vdupq_n_s32(2 * zero + 1), vmvnq_s32(shift));  // ~shift is -shift - 1
  return vshrq_n_s32(vqshlq_s32(vaddq_s32(high, offset), vaddq_n_s32(shift, 24)), 24);
}
// teff_scale with a shift for each lane. The instruction's rounding shift takes ties up; a negative product
// that is shifted is lowered by one before, which takes its ties down and changes nothing else.
TEFF_KERNEL teff_v32 teff_v32_scale(teff_v32 sum, teff_v32 multiplier, teff_v32 shift) {
  const teff_v32 none = vdupq_n_s32(0), left = vmaxq_s32(shift, none), right = vminq_s32(shift, none);
  const teff_v32 high = vqrdmulhq_s32(vshlq_s32(sum, left), multiplier);
  return vrshlq_s32(vqaddq_s32(high, vshrq_n_s32(vandq_s32(high, right), 31)), right);
}
TEFF_KERNEL teff_v32 teff_v32_add_clamp(teff_v32 v, int32_t zero, int32_t lo, int32_t hi) {
  return vminq_s32(vmaxq_s32(vaddq_n_s32(v, zero), vdupq_n_s32(lo)), vdupq_n_s32(hi));
}

TEFF_KERNEL void teff_copy_mve(int8_t* to, const int8_t* from, int32_t n) {
  __asm volatile(
      "wlstp.8 lr, %2, 2f\n"
      "1: vldrb.8 q0, [%1], #16\n"
      "vstrb.8 q0, [%0], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : "+r"(to), "+r"(from)
      : "r"(n)
      : "lr", "q0", "cc", "memory");
}
TEFF_KERNEL void teff_fill_mve(int8_t* to, int32_t value, int32_t n) {
  __asm volatile(
      "wlstp.8 lr, %1, 2f\n"
      "vdup.8 q0, %2\n"
      "1: vstrb.8 q0, [%0], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : "+r"(to)
      : "r"(n), "r"(value)
      : "lr", "q0", "cc", "memory");
}

#else  // plain C

TEFF_KERNEL teff_v8 teff_v8_load(const int8_t* p) {
  teff_v8 v;
  __builtin_memcpy(v.lane, p, 16);
  return v;
}
TEFF_KERNEL teff_v8 teff_v8_load_first(const int8_t* p, int32_t n) {
  teff_v8 v;
  for (int i = 0; i < 16; ++i) v.lane[i] = i < n ? p[i] : (int8_t)0;
  return v;
}
TEFF_KERNEL int32_t teff_v8_dot_add(int32_t sum, teff_v8 a, teff_v8 b) {
  int32_t products = 0;
  for (int i = 0; i < 16; ++i) products += a.lane[i] * b.lane[i];
  return teff_wrap_add(sum, products);
}
TEFF_KERNEL int32_t teff_v8_dot(teff_v8 a, teff_v8 b) { return teff_v8_dot_add(0, a, b); }

TEFF_KERNEL teff_v32 teff_v32_load(const int32_t* p) {
  teff_v32 v;
  __builtin_memcpy(v.lane, p, 16);
  return v;
}
TEFF_KERNEL teff_v32 teff_v32_set_even(teff_v32 v, int32_t a, int32_t b) {
  v.lane[0] = a, v.lane[2] = b;
  return v;
}
TEFF_KERNEL teff_v32 teff_v32_set_odd(teff_v32 v, int32_t a, int32_t b) {
  v.lane[1] = a, v.lane[3] = b;
  return v;
}
TEFF_KERNEL teff_v32 teff_v32_any(void) {
  const teff_v32 v = {{0, 0, 0, 0}};
  return v;
}
TEFF_KERNEL teff_v32 teff_v32_add(teff_v32 a, teff_v32 b) {
  for (int i = 0; i < 4; ++i) a.lane[i] = teff_wrap_add(a.lane[i], b.lane[i]);
  return a;
}
TEFF_KERNEL void teff_v32_store_first_bytes(int8_t* p, teff_v32 v, int32_t n) {
  for (int i = 0; i < 4 && i < n; ++i) p[i] = (int8_t)v.lane[i];
}
TEFF_KERNEL void teff_v32_store_bytes(int8_t* p, teff_v32 v) { teff_v32_store_first_bytes(p, v, 4); }

TEFF_KERNEL teff_v32 teff_v32_scale_as(int32_t scaling, teff_v32 sum, teff_v32 multiplier, teff_v32 offset,
                                       int32_t right) {
  const teff_result result = {scaling, right, 0, -128, 127};
  for (int i = 0; i < 4; ++i) {
    const teff_channel channel = {0, multiplier.lane[i], offset.lane[i]};
    sum.lane[i] = teff_result_of_sum(&result, &channel, sum.lane[i]);
  }
  return sum;
}
TEFF_KERNEL teff_v32 teff_v32_scale_high(teff_v32 sum, teff_v32 multiplier, teff_v32 offset, int32_t right) {
  return teff_v32_scale_as(TEFF_SCALE_HIGH, sum, multiplier, offset, right);
}
TEFF_KERNEL teff_v32 teff_v32_scale_high2(teff_v32 sum, teff_v32 multiplier, teff_v32 offset, int32_t right) {
  return teff_v32_scale_as(TEFF_SCALE_HIGH2, sum, multiplier, offset, right);
}
TEFF_KERNEL teff_v32 teff_v32_scale(teff_v32 sum, teff_v32 multiplier, teff_v32 shift) {
  for (int i = 0; i < 4; ++i) {
    const teff_factor factor = {multiplier.lane[i], shift.lane[i]};
    sum.lane[i] = teff_scale(sum.lane[i], factor);
  }
  return sum;
}
TEFF_KERNEL teff_v32 teff_v32_scale_right(teff_v32 sum, teff_v32 multiplier, teff_v32 shift, int32_t zero) {
  sum = teff_v32_scale(sum, multiplier, shift);
  for (int i = 0; i < 4; ++i) sum.lane[i] = teff_clamp_s32(sum.lane[i] + zero, -128, 127);
  return sum;
}
TEFF_KERNEL teff_v32 teff_v32_add_clamp(teff_v32 v, int32_t zero, int32_t lo, int32_t hi) {
  for (int i = 0; i < 4; ++i) v.lane[i] = teff_clamp_s32(teff_wrap_add(v.lane[i], zero), lo, hi);
  return v;
}

TEFF_KERNEL void teff_copy_mve(int8_t* to, const int8_t* from, int32_t n) {
  for (int32_t i = 0; i < n; ++i) to[i] = from[i];
}
TEFF_KERNEL void teff_fill_mve(int8_t* to, int32_t value, int32_t n) {
  for (int32_t i = 0; i < n; ++i) to[i] = (int8_t)value;
}

#endif

// What four channels are scaled with, as it lies in packed constants.
typedef struct teff_channels_mve {
  int32_t bias[4], multiplier[4], offset[4];
} teff_channels_mve;

// Sums of the products of four channels in up to three pixels.
typedef struct teff_sums_mve {
  teff_v32 pixel[3];
} teff_sums_mve;

#define TEFF_EACH_PIXEL_MVE(pixels, expression)                   \
  {                                                               \
    for (int i = 0; i < (pixels); ++i) s.pixel[i] = (expression); \
  }

// Sums without their bias become bytes, one in each lane. `pixels` is a literal where this is called.
TEFF_KERNEL teff_sums_mve teff_finish_mve(const teff_result* r, const teff_channels_mve* c, int pixels,
                                          teff_sums_mve s) {
  const teff_v32 bias = teff_v32_load(c->bias);
  TEFF_EACH_PIXEL_MVE(pixels, teff_v32_add(s.pixel[i], bias))
  const teff_v32 multiplier = teff_v32_load(c->multiplier), offset = teff_v32_load(c->offset);
  if (r->scaling == TEFF_SCALE_HIGH) {
    TEFF_EACH_PIXEL_MVE(pixels, teff_v32_scale_high(s.pixel[i], multiplier, offset, r->right))
  } else if (r->scaling == TEFF_SCALE_HIGH2) {
    TEFF_EACH_PIXEL_MVE(pixels, teff_v32_scale_high2(s.pixel[i], multiplier, offset, r->right))
  } else if (r->scaling == TEFF_SCALE_RIGHT) {
    TEFF_EACH_PIXEL_MVE(pixels, teff_v32_scale_right(s.pixel[i], multiplier, offset, r->zero))
  } else {
    TEFF_EACH_PIXEL_MVE(pixels, teff_v32_scale(s.pixel[i], multiplier, offset))
    TEFF_EACH_PIXEL_MVE(pixels, teff_v32_add_clamp(s.pixel[i], r->zero, r->lo, r->hi))
    return s;
  }
  if (r->lo > -128 || r->hi < 127)
    TEFF_EACH_PIXEL_MVE(pixels, teff_v32_add_clamp(s.pixel[i], 0, r->lo, r->hi))
  return s;
}

// Where the rows begin that the taps of output row y read; -1 for taps above or below the image.
TEFF_KERNEL void teff_tap_rows(const teff_window* w, teff_ring in, int32_t y, int32_t* offsets) {
  int32_t row = y * w->stride_h - w->pad_top;
  for (int32_t i = 0; i < w->kernel_h; ++i, row += w->dilation_h)
    offsets[i] = row >= 0 && row < w->in_h ? (int32_t)teff_row_offset(in, w->in_h, row) : -1;
}

#endif
