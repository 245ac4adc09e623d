// The inner loops of convolutions for Helium that make four pixels by two rows of weights at once, for
// numbers of products that networks often have: eight sums take all even registers, and six loads serve eight
// inner products. In assembly for each way of scaling. Pairs of rows of weights lie side by side, 16 bytes of
// one and 16 of the other, and at the end as many of each as there are (conv_rows_mve.h has their order).
#ifndef TEFF_KERNELS_C_CONV_QUADS_MVE_H
#define TEFF_KERNELS_C_CONV_QUADS_MVE_H

#include "mve.h"
#include "window.h"

// Pixels at equal distances, four at a time; the last of them overlap others. The assembly knows these
// members by their offsets.
typedef struct teff_quads_mve {
  const int8_t* x;         //  0: what the first of four pixels sees, `teff_quad_centre_mve` bytes on
  int8_t* y;               //  4: its results
  const int8_t* last_x;    //  8: the same for the first of the last four pixels
  int8_t* last_y;          // 12
  int32_t x_step, y_step;  // 16, 20: to the next four
  int32_t x_apart[3];      // 24: from a pixel to the three after it, or to the last that is there
  int32_t y_apart[3];      // 36
  int32_t number;          // 48: of the scaling
  const teff_channels_mve* channels;  // 52
  const int8_t* w;                    // 56
  const int8_t* w_end;                // 60
  int32_t more;                       // 64: times 144 products after the first
  int32_t back;                       // 68: bytes of these
  int32_t last;                       // 72: products behind those that go 16 at a time
  int32_t chunks;                     // 76: times 16 after the first
  int32_t pair;                       // 80: bytes of two rows of weights
} teff_quads_mve;

TEFF_KERNEL int32_t teff_products_mve(const teff_window* w) {
  return w->kernel_h * ((w->kernel_w - 1) * w->dilation_w + 1) * w->channels;
}
// Windows of one tap that always lies inside the image.
TEFF_KERNEL int teff_is_pointwise(const teff_window* w) {
  return w->kernel_h == 1 && w->kernel_w == 1 && w->pad_top == 0 && w->pad_left == 0 &&
         (w->out_h - 1) * w->stride_h < w->in_h && (w->out_w - 1) * w->stride_w < w->in_w;
}
// Which loop is for so many products, or -1: 40, 64, 128, 144, or more times 144.
TEFF_KERNEL int teff_quad_kind_mve(int32_t products) {
  return products == 40        ? 0
         : products == 64      ? 1
         : products == 128     ? 2
         : products == 144     ? 3
         : products % 144 == 0 ? 4
                               : -1;
}
// The loops and scalings that go together in a program's layers, a bit each, teff_quad_bit_mve: who knows
// that some never occur may say so before this file is included, and their code falls away.
#ifndef TEFF_QUAD_KINDS_MVE
#define TEFF_QUAD_KINDS_MVE 0xFFFFF
#endif
TEFF_KERNEL int32_t teff_quad_bit_mve(int kind, int32_t scaling) {
  return INT32_C(1) << (5 * scaling + kind);
}

// Four pixels at a time, the last one or two of a run by themselves.
TEFF_KERNEL int32_t teff_single_pixels_mve(int32_t pixels) { return pixels % 4 == 3 ? 0 : pixels % 4; }
// Whether there are loops for so many products, outputs are in fours, and pixels as many as make it worth
// while: four pixels take about 240 instructions where three take 204, and a single one takes 96. Pointwise
// layers of 144 products are too few to be worth the code.
TEFF_KERNEL int teff_is_quad_mve(const teff_window* w, int32_t outputs) {
  if (TEFF_QUAD_KINDS_MVE == 0) return 0;
  const int pointwise = teff_is_pointwise(w), kind = teff_quad_kind_mve(teff_products_mve(w));
  const int32_t pixels = (pointwise && w->stride_h == 1 && w->stride_w == 1 ? w->out_h : 1) * w->out_w;
  const int32_t single = teff_single_pixels_mve(pixels), fours = (pixels - single + 3) / 4;
  return outputs % 4 == 0 && kind >= 0 &&
         (!pointwise || kind == 1 || kind == 2 || (kind == 0 && w->out_w == 1)) &&
         240 * fours + 96 * single <= 204 * ((pixels + 2) / 3);
}
// Loads reach 127 bytes to both sides.
TEFF_KERNEL int32_t teff_quad_centre_mve(int32_t products) { return products % 144 == 0 ? 64 : 0; }

#if TEFF_HAS_MVE

// 16 products of each; eight dots.
#define TEFF_QUAD_CHUNK_MVE(dot, at)                    \
  "vldrb.8 q0, [r9], #16\n"                             \
  "vldrb.8 q2, [r1, #" at                               \
  "]\n"                                                 \
  "vldrb.8 q1, [r9], #16\n" dot " r0, q0, q2\n" dot     \
  " r8, q1, q2\n"                                       \
  "vldrb.8 q3, [r3, #" at "]\n" dot " r2, q0, q3\n" dot \
  " r10, q1, q3\n"                                      \
  "vldrb.8 q2, [r5, #" at "]\n" dot " r4, q0, q2\n" dot \
  " r12, q1, q2\n"                                      \
  "vldrb.8 q3, [r7, #" at "]\n" dot " r6, q0, q3\n" dot " lr, q1, q3\n"
// The last 8 products: whatever lies behind meets lanes that do not count.
#define TEFF_QUAD_LAST_8_MVE(at) \
  "vldrb.8 q0, [r9], #8\n"       \
  "vldrb.8 q1, [r9], #8\n"       \
  "vpstttt\n"                    \
  "vldrbt.8 q2, [r1, #" at       \
  "]\n"                          \
  "vmladavat.s8 r0, q0, q2\n"    \
  "vmladavat.s8 r8, q1, q2\n"    \
  "vldrbt.8 q3, [r3, #" at       \
  "]\n"                          \
  "vpstttt\n"                    \
  "vmladavat.s8 r2, q0, q3\n"    \
  "vmladavat.s8 r10, q1, q3\n"   \
  "vldrbt.8 q2, [r5, #" at       \
  "]\n"                          \
  "vmladavat.s8 r4, q0, q2\n"    \
  "vpstttt\n"                    \
  "vmladavat.s8 r12, q1, q2\n"   \
  "vldrbt.8 q3, [r7, #" at       \
  "]\n"                          \
  "vmladavat.s8 r6, q0, q3\n"    \
  "vmladavat.s8 lr, q1, q3\n"
#define TEFF_QUAD_MORE_MVE(at) TEFF_QUAD_CHUNK_MVE("vmladava.s8", at)
#define TEFF_QUAD_40_MVE \
  TEFF_QUAD_CHUNK_MVE("vmladav.s8", "0") TEFF_QUAD_MORE_MVE("16") TEFF_QUAD_LAST_8_MVE("32")
#define TEFF_QUAD_64_MVE                 \
  TEFF_QUAD_CHUNK_MVE("vmladav.s8", "0") \
  TEFF_QUAD_MORE_MVE("16") TEFF_QUAD_MORE_MVE("32") TEFF_QUAD_MORE_MVE("48")
#define TEFF_QUAD_128_MVE                                                                     \
  TEFF_QUAD_64_MVE TEFF_QUAD_MORE_MVE("64") TEFF_QUAD_MORE_MVE("80") TEFF_QUAD_MORE_MVE("96") \
      TEFF_QUAD_MORE_MVE("112")
#define TEFF_QUAD_NINE_MVE(dot)   \
  TEFF_QUAD_CHUNK_MVE(dot, "-64") \
  TEFF_QUAD_MORE_MVE("-48")       \
  TEFF_QUAD_MORE_MVE("-32")       \
  TEFF_QUAD_MORE_MVE("-16")       \
  TEFF_QUAD_MORE_MVE("0")         \
  TEFF_QUAD_MORE_MVE("16") TEFF_QUAD_MORE_MVE("32") TEFF_QUAD_MORE_MVE("48") TEFF_QUAD_MORE_MVE("64")
#define TEFF_QUAD_144_MVE TEFF_QUAD_NINE_MVE("vmladav.s8")
// Times 144 products, twice or more; what r11 points to is kept elsewhere.
#define TEFF_QUAD_144S_MVE \
  "ldr r0, [sp, #24]\n"                         \
  "ldr r11, [r0, #64]\n" TEFF_QUAD_144_MVE      \
  "1: add r1, #144\n"                           \
  "add r3, #144\n"                              \
  "add r5, #144\n"                              \
  "add r7, #144\n" TEFF_QUAD_NINE_MVE("vmladava.s8") \
  "subs r11, #1\n"                              \
  "bne 1b\n"
#define TEFF_QUAD_NONE_MVE ""
#define TEFF_QUAD_REWIND_MVE \
  "ldr r0, [sp, #24]\n"      \
  "ldr r2, [r0, #68]\n"      \
  "sub r1, r2\n"             \
  "sub r3, r2\n"             \
  "sub r5, r2\n"             \
  "sub r7, r2\n"
#define TEFF_QUAD_LOAD_CHANNELS_MVE "ldr r11, [sp, #28]\n"
#define TEFF_QUAD_STORE_CHANNELS_MVE "str r11, [sp, #28]\n"

#define TEFF_QUAD_TO_LANES_MVE(lane) \
  "vmov q4[2 + " lane "], q4[" lane  \
  "], r0, r8\n"                      \
  "vmov q5[2 + " lane "], q5[" lane  \
  "], r2, r10\n"                     \
  "vmov q6[2 + " lane "], q6[" lane  \
  "], r4, r12\n"                     \
  "vmov q7[2 + " lane "], q7[" lane "], r6, lr\n"
#define TEFF_QUAD_EACH_MVE(STEP, t, u, s) \
  STEP("q4", t, u, s) STEP("q5", t, u, s) STEP("q6", t, u, s) STEP("q7", t, u, s)

// Below the frame's top: where the four pixels' results go to, moving along the channels (0), the scaling's
// number (16) and the end of the weights (20), which one load brings; the argument (24); and the constants of
// the next four channels, where r11 is needed for something else (28).
#define TEFF_QUADS_MVE(RESULT, PAIR, REWIND, LOAD, STORE)                                                   \
  __asm volatile(TEFF_ENTER_MVE                                                                             \
                 "sub sp, #32\n"                                                                            \
                 "str r0, [sp, #24]\n"                                                                      \
                 "ldr r2, [r0, #48]\n"                                                                      \
                 "ldr r4, [r0, #60]\n"                                                                      \
                 "strd r2, r4, [sp, #16]\n"                                                                 \
                 "movs r2, #255\n"                                                                          \
                 "vmsr p0, r2\n"                                                                            \
                 "4: ldr r1, [r0]\n"                                                                        \
                 "ldrd r3, r5, [r0, #24]\n"                                                                 \
                 "ldr r7, [r0, #32]\n"                                                                      \
                 "add r3, r1\n"                                                                             \
                 "add r5, r1\n"                                                                             \
                 "add r7, r1\n"                                                                             \
                 "ldr r2, [r0, #4]\n"                                                                       \
                 "ldrd r4, r6, [r0, #36]\n"                                                                 \
                 "ldr r8, [r0, #44]\n"                                                                      \
                 "add r4, r2\n"                                                                             \
                 "add r6, r2\n"                                                                             \
                 "add r8, r2\n"                                                                             \
                 "strd r2, r4, [sp]\n"                                                                      \
                 "strd r6, r8, [sp, #8]\n"                                                                  \
                 "ldrd r11, r9, [r0, #52]\n" STORE "3:\n" PAIR TEFF_QUAD_TO_LANES_MVE("0")                  \
                     REWIND PAIR TEFF_QUAD_TO_LANES_MVE("1") REWIND LOAD                                    \
                 "ldm sp, {r0, r2, r4, r6, r10, r12}\n" RESULT(TEFF_QUAD_EACH_MVE, "q0", "q1", "r10") STORE \
                 "vstrb.32 q4, [r0], #4\n"                                                                  \
                 "vstrb.32 q5, [r2], #4\n"                                                                  \
                 "vstrb.32 q6, [r4], #4\n"                                                                  \
                 "vstrb.32 q7, [r6], #4\n"                                                                  \
                 "stm sp, {r0, r2, r4, r6}\n"                                                               \
                 "cmp r9, r12\n"                                                                            \
                 "bne 3b\n"                                                                                 \
                 "ldr r0, [sp, #24]\n"                                                                      \
                 "ldrd r1, r2, [r0]\n"                                                                      \
                 "ldrd r3, r4, [r0, #8]\n"                                                                  \
                 "cmp r1, r3\n"                                                                             \
                 "beq 5f\n"                                                                                 \
                 "ldrd r5, r6, [r0, #16]\n"                                                                 \
                 "add r1, r5\n"                                                                             \
                 "add r2, r6\n"                                                                             \
                 "cmp r1, r3\n"                                                                             \
                 "itt hs\n"                                                                                 \
                 "movhs r1, r3\n"                                                                           \
                 "movhs r2, r4\n"                                                                           \
                 "strd r1, r2, [r0]\n"                                                                      \
                 "b 4b\n"                                                                                   \
                 "5: add sp, #32\n" TEFF_LEAVE_MVE)

// One pixel: r9 and r5 point to the two pairs of rows of weights.
#define TEFF_QUAD_ONE_CHUNK_MVE(dot, step) \
  "vldrb.8 q1, [r9], #" step "\n" dot      \
  " r2, q0, q1\n"                          \
  "vldrb.8 q2, [r9], #" step "\n" dot      \
  " r6, q0, q2\n"                          \
  "vldrb.8 q3, [r5], #" step "\n" dot      \
  " r8, q0, q3\n"                          \
  "vldrb.8 q4, [r5], #" step "\n" dot " r10, q0, q4\n"
#define TEFF_SUM_ONE_MVE(STEP, t, u, s) STEP("q6", t, u, s)
#define TEFF_QUAD_ONE_MVE(RESULT) \
  __asm volatile(TEFF_ENTER_MVE                                   \
                 "movs r2, #255\n"                                \
                 "vmsr p0, r2\n"                                  \
                 "ldr r12, [r0, #4]\n"                            \
                 "ldrd r11, r9, [r0, #52]\n"                      \
                 "3: ldr r1, [r0]\n"                              \
                 "ldr r5, [r0, #80]\n"                            \
                 "ldr lr, [r0, #76]\n"                            \
                 "add r5, r9\n"                                   \
                 "vldrb.8 q0, [r1], #16\n" TEFF_QUAD_ONE_CHUNK_MVE("vmladav.s8", "16") \
                 "wls lr, lr, 2f\n"                               \
                 "1: vldrb.8 q0, [r1], #16\n" TEFF_QUAD_ONE_CHUNK_MVE("vmladava.s8", "16") \
                 "le lr, 1b\n"                                    \
                 "2: ldr r4, [r0, #72]\n"                         \
                 "cbz r4, 4f\n"                                   \
                 "vpst\n"                                         \
                 "vldrbt.8 q0, [r1]\n" TEFF_QUAD_ONE_CHUNK_MVE("vmladava.s8", "8") \
                 "4: mov r9, r5\n"                                \
                 "vmov q6[2], q6[0], r2, r6\n"                    \
                 "vmov q6[3], q6[1], r8, r10\n"                   \
                 "ldr r2, [r0, #48]\n" RESULT(TEFF_SUM_ONE_MVE, "q0", "q1", "r2") \
                 "mov r4, r12\n"                                  \
                 "vstrb.32 q6, [r4], #4\n"                        \
                 "mov r12, r4\n"                                  \
                 "ldr r2, [r0, #60]\n"                            \
                 "cmp r9, r2\n"                                   \
                 "bne 3b\n" TEFF_LEAVE_MVE)

#define TEFF_QUAD_KERNEL_MVE(name, RESULT, PAIR)                                              \
  TEFF_ASSEMBLY void teff_quads_##name##_mve(TEFF_IN_R0(teff_quads_mve*)) {                   \
    TEFF_QUADS_MVE(RESULT, PAIR, TEFF_QUAD_NONE_MVE, TEFF_QUAD_NONE_MVE, TEFF_QUAD_NONE_MVE); \
  }
#define TEFF_QUAD_KERNELS_MVE(name, RESULT)                                                       \
  TEFF_QUAD_KERNEL_MVE(40_##name, RESULT, TEFF_QUAD_40_MVE)                                       \
  TEFF_QUAD_KERNEL_MVE(64_##name, RESULT, TEFF_QUAD_64_MVE)                                       \
  TEFF_QUAD_KERNEL_MVE(128_##name, RESULT, TEFF_QUAD_128_MVE)                                     \
  TEFF_QUAD_KERNEL_MVE(144_##name, RESULT, TEFF_QUAD_144_MVE)                                     \
  TEFF_ASSEMBLY void teff_quads_144s_##name##_mve(TEFF_IN_R0(teff_quads_mve*)) {                  \
    TEFF_QUADS_MVE(RESULT, TEFF_QUAD_144S_MVE, TEFF_QUAD_REWIND_MVE, TEFF_QUAD_LOAD_CHANNELS_MVE, \
                   TEFF_QUAD_STORE_CHANNELS_MVE);                                                 \
  }                                                                                               \
  TEFF_ASSEMBLY void teff_quads_one_##name##_mve(TEFF_IN_R0(teff_quads_mve*)) { TEFF_QUAD_ONE_MVE(RESULT); }
TEFF_QUAD_KERNELS_MVE(high, TEFF_RESULT_HIGH_MVE)
TEFF_QUAD_KERNELS_MVE(high2, TEFF_RESULT_HIGH2_MVE)
TEFF_QUAD_KERNELS_MVE(right, TEFF_RESULT_RIGHT_LR_MVE)
TEFF_QUAD_KERNELS_MVE(tflite, TEFF_RESULT_TFLITE_MVE)

#else

// The product k of row `row` of a pair.
TEFF_KERNEL int32_t teff_quad_weight_at_mve(int32_t products, int32_t row, int32_t k) {
  const int32_t whole = products / 16 * 16;
  return k < whole ? k / 16 * 32 + row * 16 + k % 16 : 2 * whole + row * (products - whole) + k - whole;
}
TEFF_KERNEL void teff_quad_pixel_c_mve(int32_t scaling, const teff_quads_mve* p, const int8_t* x, int8_t* y) {
  const int32_t products = p->pair / 2, outputs = (int32_t)((p->w_end - p->w) / products);
  x -= teff_quad_centre_mve(products);
  for (int32_t c = 0; c < outputs; ++c) {
    const int8_t* w = p->w + (ptrdiff_t)(c / 4 * 4 + c % 2 * 2) * products;
    uint32_t sum = 0;
    for (int32_t k = 0; k < products; ++k)
      sum += (uint32_t)(x[k] * w[teff_quad_weight_at_mve(products, c / 2 % 2, k)]);
    y[c] = teff_byte_mve(scaling, p->number, p->channels + c / 4, c % 4, (int32_t)sum);
  }
}
TEFF_KERNEL void teff_quads_c_mve(int32_t scaling, teff_quads_mve* p) {
  for (;;) {
    teff_quad_pixel_c_mve(scaling, p, p->x, p->y);
    for (int32_t i = 0; i < 3; ++i)
      teff_quad_pixel_c_mve(scaling, p, p->x + p->x_apart[i], p->y + p->y_apart[i]);
    if (p->x == p->last_x) return;
    const int end = p->last_x - p->x <= p->x_step;
    p->x = end ? p->last_x : p->x + p->x_step;
    p->y = end ? p->last_y : p->y + p->y_step;
  }
}
#define TEFF_QUAD_KERNELS_MVE(name, SCALING)                                                          \
  TEFF_SHARED void teff_quads_64_##name##_mve(teff_quads_mve* p) { teff_quads_c_mve(SCALING, p); }    \
  TEFF_SHARED void teff_quads_40_##name##_mve(teff_quads_mve* p) { teff_quads_64_##name##_mve(p); }   \
  TEFF_SHARED void teff_quads_128_##name##_mve(teff_quads_mve* p) { teff_quads_64_##name##_mve(p); }  \
  TEFF_SHARED void teff_quads_144_##name##_mve(teff_quads_mve* p) { teff_quads_64_##name##_mve(p); }  \
  TEFF_SHARED void teff_quads_144s_##name##_mve(teff_quads_mve* p) { teff_quads_64_##name##_mve(p); } \
  TEFF_SHARED void teff_quads_one_##name##_mve(teff_quads_mve* p) {                                   \
    teff_quad_pixel_c_mve(SCALING, p, p->x + teff_quad_centre_mve(p->pair / 2), p->y);                \
  }
TEFF_QUAD_KERNELS_MVE(high, TEFF_SCALE_HIGH)
TEFF_QUAD_KERNELS_MVE(high2, TEFF_SCALE_HIGH2)
TEFF_QUAD_KERNELS_MVE(right, TEFF_SCALE_RIGHT)
TEFF_QUAD_KERNELS_MVE(tflite, TEFF_SCALE_TFLITE)

#endif

typedef void (*teff_run_quads_mve)(teff_quads_mve*);
// The loop of a kind if it is for so many products and there are such layers.
#define TEFF_QUAD_IF_MVE(name, scaling, kind, products)                                                   \
  if (teff_quad_kind_mve(products) == (kind) && (TEFF_QUAD_KINDS_MVE & teff_quad_bit_mve(kind, scaling))) \
    return teff_quads_##name##_mve;
#define TEFF_QUADS_FOR_MVE(name, SCALING)                                                     \
  if (teff_is_scaling_mve(scaling, SCALING) && (TEFF_QUAD_KINDS_MVE >> (5 * SCALING) & 31)) { \
    TEFF_QUAD_IF_MVE(40_##name, SCALING, 0, products)                                         \
    TEFF_QUAD_IF_MVE(64_##name, SCALING, 1, products)                                         \
    TEFF_QUAD_IF_MVE(128_##name, SCALING, 2, products)                                        \
    TEFF_QUAD_IF_MVE(144_##name, SCALING, 3, products)                                        \
    TEFF_QUAD_IF_MVE(144s_##name, SCALING, 4, products)                                       \
    return teff_quads_one_##name##_mve;                                                       \
  }
// For runs of many pixels, or for single ones (products 1).
TEFF_KERNEL teff_run_quads_mve teff_quads_for_mve(int32_t scaling, int32_t products) {
  TEFF_QUADS_FOR_MVE(high, TEFF_SCALE_HIGH)
  TEFF_QUADS_FOR_MVE(high2, TEFF_SCALE_HIGH2)
  TEFF_QUADS_FOR_MVE(right, TEFF_SCALE_RIGHT)
  TEFF_QUADS_FOR_MVE(tflite, TEFF_SCALE_TFLITE)
  return 0;
}

// All channels of pixels whose x are `step` bytes apart.
TEFF_SHARED void teff_run_quads_of_mve(teff_run_quads_mve many, teff_run_quads_mve one, teff_quads_mve* p,
                                       int32_t outputs, int32_t pixels, const int8_t* x, int32_t step,
                                       int8_t* y) {
  const int32_t single = teff_single_pixels_mve(pixels), together = pixels - single;
  const int32_t last = teff_max_s32(together - 4, 0);
  if (together > 0) {
    p->x = x + teff_quad_centre_mve(p->pair / 2);
    p->y = y;
    p->last_x = p->x + last * step, p->last_y = y + last * outputs;
    p->x_step = 4 * step, p->y_step = 4 * outputs;
    for (int32_t i = 0; i < 3; ++i) {
      const int32_t pixel = teff_min_s32(i + 1, together - 1);
      p->x_apart[i] = pixel * step, p->y_apart[i] = pixel * outputs;
    }
    many(p);
  }
  for (int32_t i = together; i < pixels; ++i) {
    p->x = x + i * step;
    p->y = y + i * outputs;
    one(p);
  }
}

// What is the same for all pixels.
TEFF_KERNEL void teff_begin_quads_mve(teff_quads_mve* p, const teff_result* result, int32_t products,
                                      int32_t outputs, const void* packed) {
  teff_clear_struct_mve(p, sizeof *p);
  p->number = teff_scaling_number_mve(result);
  p->channels = (const teff_channels_mve*)packed;
  p->w = (const int8_t*)(p->channels + outputs / 4);
  p->w_end = p->w + (ptrdiff_t)outputs * products;
  p->more = products / 144 - 1;
  p->back = 144 * p->more;
  p->last = products % 16;
  p->chunks = products / 16 - 1;
  p->pair = 2 * products;
}

#endif
