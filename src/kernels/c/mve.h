// What the Helium kernels (NAME_mve) share: how vectors of sums become bytes, and small loops over bytes.
//
// Their inner loops are functions of their own, in assembly: what they need (loops that predicate their last
// turn, sums in even registers, two lanes filled by one move, eight vectors and all of the core's registers)
// compilers do not find. They are not inlined, so that many layers share one. Every one of them stands beside
// plain C that computes the same bits, for machines without Helium.
#ifndef TEFF_KERNELS_C_MVE_H
#define TEFF_KERNELS_C_MVE_H

#include <stddef.h>

#include "result.h"

#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)
#define TEFF_HAS_MVE 1
#else
#define TEFF_HAS_MVE 0
#endif

// A function of its own, for what many calls share. Where code is to be small, the compiler knows how often.
#if TEFF_SMALL
#define TEFF_SHARED TEFF_SHARED_KERNEL
#else
#define TEFF_SHARED __attribute__((noinline, unused)) static
#endif

// What four channels are scaled with, as it lies in packed constants.
typedef struct teff_channels_mve {
  int32_t bias[4], multiplier[4], offset[4];
} teff_channels_mve;

// The number that the scaling of all channels wants: 24 - right, or the zero point as the scaling adds it.
TEFF_KERNEL int32_t teff_scaling_number_mve(const teff_result* r) {
  if (r->scaling == TEFF_SCALE_RIGHT) return 2 * r->zero + 1;
  return r->scaling == TEFF_SCALE_TFLITE ? r->zero : 24 - r->right;
}

// The scalings that a program's layers have, a bit each: who knows that some never occur may say so before
// this file is included, and their code falls away.
#ifndef TEFF_SCALINGS_MVE
#define TEFF_SCALINGS_MVE 15
#endif
TEFF_KERNEL int teff_is_scaling_mve(int32_t scaling, int32_t kind) {
  return (TEFF_SCALINGS_MVE >> kind & 1) && scaling == kind;
}

// Whether bytes from a on and bytes from b on have none in common.
TEFF_KERNEL int teff_apart_mve(const int8_t* a, ptrdiff_t a_bytes, const int8_t* b, ptrdiff_t b_bytes) {
  return (uintptr_t)a + (uintptr_t)a_bytes <= (uintptr_t)b ||
         (uintptr_t)b + (uintptr_t)b_bytes <= (uintptr_t)a;
}

// Whether the results have to be clamped once they are bytes.
TEFF_KERNEL int teff_is_clamped_mve(const teff_result* r) { return r->lo > -128 || r->hi < 127; }

#if TEFF_HAS_MVE

// A function whose body is assembly from its first to its last instruction; its argument is in r0.
#define TEFF_ASSEMBLY __attribute__((naked, noinline, unused)) static
#define TEFF_IN_R0(type) type argument __attribute__((unused))
#define TEFF_ENTER_MVE "push {r4-r11, lr}\nvpush {d8-d15}\n"
#define TEFF_LEAVE_MVE "vpop {d8-d15}\npop {r4-r11, pc}\n"

// From sums to bytes, in assembly. r11 points to the teff_channels_mve of four channels and moves behind it.
// EACH repeats a step for the vectors of sums q, each four channels of one pixel; t and u are vectors to work
// with, and s is the register with the scaling's number. r4 is lost.
#define TEFF_ADD_T_MVE(q, t, u, s) "vadd.i32 " q ", " q ", " t "\n"
#define TEFF_HIGH_U_MVE(q, t, u, s) "vmulh.s32 " q ", " q ", " u "\n"
#define TEFF_SHIFT_S_MVE(q, t, u, s) "vqshl.s32 " q ", " s "\n"
#define TEFF_SHIFT_U_MVE(q, t, u, s) "vqshl.s32 " q ", " q ", " u "\n"
#define TEFF_SHIFT_24_MVE(q, t, u, s) "vqshl.s32 " q ", " q ", #24\n"
#define TEFF_SHIFT_BACK_MVE(q, t, u, s) "vshr.s32 " q ", " q ", #24\n"
#define TEFF_BIAS_MVE(EACH, t, u, s) "vldrw.u32 " t ", [r11], #16\n" EACH(TEFF_ADD_T_MVE, t, u, s)

// A saturating shift to the left puts the byte on top, from where it is shifted down: that saturates to a
// byte in two instructions. Right shifts of more than 24 leave a byte anyway.
#define TEFF_RESULT_HIGH_MVE(EACH, t, u, s)                                                            \
  TEFF_BIAS_MVE(EACH, t, u, s)                                                                         \
  "vldrw.u32 " u ", [r11], #16\n" EACH(TEFF_HIGH_U_MVE, t, u, s) "vldrw.u32 " t ", [r11], #16\n" EACH( \
      TEFF_ADD_T_MVE, t, u, s) EACH(TEFF_SHIFT_S_MVE, t, u, s) EACH(TEFF_SHIFT_BACK_MVE, t, u, s)

// The doubling product is that of twice the sum, which has the sum's sign.
#define TEFF_HIGH2_U_MVE(q, t, u, s) \
  "vshr.s32 " t ", " q               \
  ", #31\n"                          \
  "vqdmulh.s32 " q ", " q ", " u "\n" TEFF_ADD_T_MVE(q, t, u, s)
#define TEFF_RESULT_HIGH2_MVE(EACH, t, u, s)                                                            \
  TEFF_BIAS_MVE(EACH, t, u, s)                                                                          \
  "vldrw.u32 " u ", [r11], #16\n" EACH(TEFF_HIGH2_U_MVE, t, u, s) "vldrw.u32 " t ", [r11], #16\n" EACH( \
      TEFF_ADD_T_MVE, t, u, s) EACH(TEFF_SHIFT_S_MVE, t, u, s) EACH(TEFF_SHIFT_BACK_MVE, t, u, s)

// The number is 2 * zero + 1. For the shift -n to the right, ~-n is n - 1.
#define TEFF_ROUNDED_U_MVE(q, t, u, s) \
  "vshr.s32 " t ", " q                 \
  ", #31\n"                            \
  "vqrdmulh.s32 " q ", " q ", " u "\n" TEFF_ADD_T_MVE(q, t, u, s)
#define TEFF_RESULT_RIGHT_WITH_MVE(EACH, t, u, s, mov, free)                                         \
  TEFF_BIAS_MVE(EACH, t, u, s)                                                                       \
  "vldrw.u32 " u ", [r11], #16\n" EACH(                                                              \
      TEFF_ROUNDED_U_MVE, t, u, s) "vldrw.u32 " u                                                    \
                                   ", [r11], #16\n"                                                  \
                                   "vdup.32 " t ", " s                                               \
                                   "\n"                                                              \
                                   "vmvn " u ", " u                                                  \
                                   "\n"                                                              \
                                   "vshl.s32 " t ", " t ", " u                                       \
                                   "\n"                                                              \
                                   "vmvn " u ", " u "\n" mov " " free                                \
                                   ", #24\n"                                                         \
                                   "vadd.i32 " u ", " u ", " free "\n" EACH(TEFF_ADD_T_MVE, t, u, s) \
                                       EACH(TEFF_SHIFT_U_MVE, t, u, s) EACH(TEFF_SHIFT_BACK_MVE, t, u, s)
// Another register than r4 is lost where that one is needed.
#define TEFF_RESULT_RIGHT_MVE(EACH, t, u, s) TEFF_RESULT_RIGHT_WITH_MVE(EACH, t, u, s, "movs", "r4")
#define TEFF_RESULT_RIGHT_LR_MVE(EACH, t, u, s) TEFF_RESULT_RIGHT_WITH_MVE(EACH, t, u, s, "mov", "lr")

// The number is the zero point. The rounding shift takes ties up; a negative product that is shifted is
// lowered by one before, which takes its ties down and changes nothing else.
#define TEFF_LEFT_T_MVE(q, t, u, s) "vshl.s32 " q ", " q ", " t "\n"
#define TEFF_PRODUCT_U_MVE(q, t, u, s) "vqrdmulh.s32 " q ", " q ", " u "\n"
#define TEFF_ROUND_T_MVE(q, t, u, s) \
  "vand " u ", " q ", " t            \
  "\n"                               \
  "vshr.s32 " u ", " u               \
  ", #31\n"                          \
  "vqadd.s32 " q ", " q ", " u       \
  "\n"                               \
  "vrshl.s32 " q ", " q ", " t "\n"
#define TEFF_ADD_S_MVE(q, t, u, s) "vadd.i32 " q ", " q ", " s "\n"
#define TEFF_RESULT_TFLITE_MVE(EACH, t, u, s)                                                           \
  TEFF_BIAS_MVE(EACH, t, u, s)                                                                          \
  "vldrw.u32 " t                                                                                        \
  ", [r11, #16]\n"                                                                                      \
  "vmov.i32 " u                                                                                         \
  ", #0\n"                                                                                              \
  "vmax.s32 " t ", " t ", " u "\n" EACH(TEFF_LEFT_T_MVE, t, u, s) "vldrw.u32 " u ", [r11], #16\n" EACH( \
      TEFF_PRODUCT_U_MVE, t, u, s) "vldrw.u32 " t                                                       \
                                   ", [r11], #16\n"                                                     \
                                   "vmov.i32 " u                                                        \
                                   ", #0\n"                                                             \
                                   "vmin.s32 " t ", " t ", " u "\n" EACH(TEFF_ROUND_T_MVE, t, u, s)     \
                                       EACH(TEFF_ADD_S_MVE, t, u, s) EACH(TEFF_SHIFT_24_MVE, t, u, s)   \
                                           EACH(TEFF_SHIFT_BACK_MVE, t, u, s)

// The vectors of sums of three and of two pixels.
#define TEFF_THREE_MVE(STEP, t, u, s) STEP("q5", t, u, s) STEP("q6", t, u, s) STEP("q7", t, u, s)
#define TEFF_TWO_MVE(STEP, t, u, s) STEP("q6", t, u, s) STEP("q7", t, u, s)

// The scalings as functions, for loops that are there once for all of them: the sums of three pixels are in
// q5 to q7, the number is in r2, and r11 is as above; r4, q0 and q1 are lost.
typedef void (*teff_scale_mve)(void);
#define TEFF_SCALE_SUMS_MVE(offset) "ldr r4, [r0, #" offset "]\nblx r4\n"
#define TEFF_SCALE_FUNCTION_MVE(name, RESULT)                           \
  TEFF_ASSEMBLY void teff_scale_##name##_mve(void) {                    \
    __asm volatile(RESULT(TEFF_THREE_MVE, "q0", "q1", "r2") "bx lr\n"); \
  }
TEFF_SCALE_FUNCTION_MVE(high, TEFF_RESULT_HIGH_MVE)
TEFF_SCALE_FUNCTION_MVE(high2, TEFF_RESULT_HIGH2_MVE)
TEFF_SCALE_FUNCTION_MVE(right, TEFF_RESULT_RIGHT_MVE)
TEFF_SCALE_FUNCTION_MVE(tflite, TEFF_RESULT_TFLITE_MVE)

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
      "vdup.8 q0, %2\n"
      "wlstp.8 lr, %1, 2f\n"
      "1: vstrb.8 q0, [%0], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : "+r"(to)
      : "r"(n), "r"(value)
      : "lr", "q0", "cc", "memory");
}
TEFF_KERNEL void teff_clamp_mve(int8_t* y, int32_t n, int32_t lo, int32_t hi) {
  __asm volatile(
      "vdup.8 q1, %2\n"
      "vdup.8 q2, %3\n"
      "wlstp.8 lr, %1, 2f\n"
      "1: vldrb.8 q0, [%0]\n"
      "vmax.s8 q0, q0, q1\n"
      "vmin.s8 q0, q0, q2\n"
      "vstrb.8 q0, [%0], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : "+r"(y)
      : "r"(n), "r"(lo), "r"(hi)
      : "lr", "q0", "q1", "q2", "cc", "memory");
}

#else

// The byte before it is clamped. `number` is that of teff_scaling_number_mve.
TEFF_KERNEL int8_t teff_byte_mve(int32_t scaling, int32_t number, const teff_channels_mve* channels,
                                 int32_t lane, int32_t sum) {
  const teff_channel channel = {0, channels->multiplier[lane], channels->offset[lane]};
  const int32_t right = scaling == TEFF_SCALE_HIGH || scaling == TEFF_SCALE_HIGH2;
  const int32_t zero = scaling == TEFF_SCALE_RIGHT ? (number - 1) / 2 : number;
  const teff_result result = {scaling, right ? 24 - number : 0, right ? 0 : zero, -128, 127};
  return teff_result_of_sum(&result, &channel, teff_wrap_add(sum, channels->bias[lane]));
}

typedef int8_t (*teff_scale_mve)(int32_t number, const teff_channels_mve* channels, int32_t lane,
                                 int32_t sum);
#define TEFF_SCALE_FUNCTION_MVE(name, SCALING)                                                  \
  TEFF_SHARED int8_t teff_scale_##name##_mve(int32_t number, const teff_channels_mve* channels, \
                                             int32_t lane, int32_t sum) {                       \
    return teff_byte_mve(SCALING, number, channels, lane, sum);                                 \
  }
TEFF_SCALE_FUNCTION_MVE(high, TEFF_SCALE_HIGH)
TEFF_SCALE_FUNCTION_MVE(high2, TEFF_SCALE_HIGH2)
TEFF_SCALE_FUNCTION_MVE(right, TEFF_SCALE_RIGHT)
TEFF_SCALE_FUNCTION_MVE(tflite, TEFF_SCALE_TFLITE)

TEFF_KERNEL void teff_copy_mve(int8_t* to, const int8_t* from, int32_t n) {
  for (int32_t i = 0; i < n; ++i) to[i] = from[i];
}
TEFF_KERNEL void teff_fill_mve(int8_t* to, int32_t value, int32_t n) {
  for (int32_t i = 0; i < n; ++i) to[i] = (int8_t)value;
}
TEFF_KERNEL void teff_clamp_mve(int8_t* y, int32_t n, int32_t lo, int32_t hi) {
  for (int32_t i = 0; i < n; ++i) y[i] = (int8_t)teff_clamp_s32(y[i], lo, hi);
}

#endif

// Structs, without functions of the C library.
TEFF_KERNEL void teff_clear_struct_mve(void* to, int32_t bytes) { teff_fill_mve((int8_t*)to, 0, bytes); }
TEFF_KERNEL void teff_copy_struct_mve(void* to, const void* from, int32_t bytes) {
  teff_copy_mve((int8_t*)to, (const int8_t*)from, bytes);
}

TEFF_KERNEL teff_scale_mve teff_scale_for_mve(int32_t scaling) {
  if (teff_is_scaling_mve(scaling, TEFF_SCALE_HIGH)) return teff_scale_high_mve;
  if (teff_is_scaling_mve(scaling, TEFF_SCALE_HIGH2)) return teff_scale_high2_mve;
  if (teff_is_scaling_mve(scaling, TEFF_SCALE_RIGHT)) return teff_scale_right_mve;
  return teff_is_scaling_mve(scaling, TEFF_SCALE_TFLITE) ? teff_scale_tflite_mve : 0;
}

// Windows become runs of bytes: the columns of the image that a row of outputs reads are written one after
// the other into scratch, each as the bytes of its kernel_h taps. Wide rows are done in strips. Columns left
// and right of the image, and rows above and below, hold its zero point.
typedef struct teff_strips_mve {
  int32_t window;  // columns of a window, with those that dilation leaves out
  int32_t pixels;  // of a strip
  int32_t bytes;   // of the columns of a strip
} teff_strips_mve;

// Strips of about `most` bytes, if `together` pixels need no more; columns have `column` bytes.
TEFF_KERNEL teff_strips_mve teff_strips_of_mve(const teff_window* w, int32_t column, int32_t most,
                                               int32_t together) {
  const int32_t window = (w->kernel_w - 1) * w->dilation_w + 1, pixel = w->stride_w * column;
  const int32_t fit = (most - (window - w->stride_w) * column) / pixel;
  const int32_t pixels = fit >= w->out_w ? w->out_w : teff_max_s32(fit / together * together, together);
  const int32_t here = teff_min_s32(pixels, w->out_w);
  const teff_strips_mve strips = {window, here, (here - 1) * pixel + window * column};
  return strips;
}

// A strip: its pixels, its columns left of the image and those inside of it.
typedef struct teff_strip_mve {
  int32_t pixels, before, inside;
} teff_strip_mve;

// The strip of output row `row` from pixel `begin` on. Writes down where the rows of the image that its taps
// read have the first column inside, as offsets; -1 for rows outside of the image.
TEFF_KERNEL teff_strip_mve teff_strip_at_mve(const teff_window* w, teff_ring in, teff_strips_mve strips,
                                             int32_t row, int32_t begin, int32_t* tap_rows) {
  const int32_t left = begin * w->stride_w - w->pad_left, first = teff_max_s32(left, 0);
  const int32_t pixels = teff_min_s32(strips.pixels, w->out_w - begin);
  const int32_t end = teff_min_s32(left + (pixels - 1) * w->stride_w + strips.window, w->in_w);
  for (int32_t i = 0, y = row * w->stride_h - w->pad_top; i < w->kernel_h; ++i, y += w->dilation_h) {
    const int inside = y >= 0 && y < w->in_h;
    tap_rows[i] = inside ? (int32_t)teff_row_offset(in, w->in_h, y) + first * w->channels : -1;
  }
  const teff_strip_mve strip = {pixels, first - left, teff_max_s32(end - first, 0)};
  return strip;
}

#endif
