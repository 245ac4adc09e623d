// The inner loops of convolutions for Helium: blocks of pixels by all of their channels, four at a time, in
// assembly for each way of scaling. How weights lie is said in conv_rows_mve.h.
#ifndef TEFF_KERNELS_C_CONV_BLOCKS_MVE_H
#define TEFF_KERNELS_C_CONV_BLOCKS_MVE_H

#include "mve.h"

// Pixels at equal distances, one to three at a time; the last of them overlap others. The assembly knows
// these members by their offsets.
typedef struct teff_block_mve {
  const int8_t* x[3];    //  0: what three pixels see; the first three, to begin with
  int32_t beyond;        // 12: products that the loop makes: but for the first 16, or all
  int32_t next;          // 16: from where a pair of rows of weights was read to, to the next pair
  int8_t* y[3];          // 20: where their results go to; moves along the channels
  int32_t left, number;  // 32: fours that are to do, 36: the scaling's number
  const teff_channels_mve* channels;  // 40
  const int8_t* w;                    // 44
  int32_t products, fours;            // 48, 52: so many times four channels
  const int8_t* last_x;               // 56: the first of the last three pixels
  int8_t* last_y;                     // 60
  int32_t x_step, y_step;             // 64, 68: to the next three pixels
  int32_t x_second, x_third;          // 72, 76: from a pixel to the two after it; 0 where there are none
  int32_t y_second, y_third;          // 80, 84
  int8_t* now;                        // 88: the first pixel's results
  teff_scale_mve scale;               // 92: of the loop that takes any scaling
  int32_t pitch;                      // 96: how far rows of weights are apart
  int32_t pixels;                     // of a block
} teff_block_mve;

// How far rows of weights are apart: those of up to 32 products are filled up.
TEFF_KERNEL int32_t teff_row_pitch_mve(int32_t products) {
  return products <= 16 ? 16 : products <= 32 ? 32 : products;
}
// How many pixels a block has.
TEFF_KERNEL int teff_block_pixels_mve(int32_t products) {
  return products <= 16 ? 3 : products <= 32 ? 2 : products == 64 ? 1 : 3;
}

#if TEFF_HAS_MVE

// Six sums into two lanes of three vectors, and on to the next pair of rows of weights.
#define TEFF_ROWS_TO_LANES_MVE(lane) \
  "ldr lr, [r0, #16]\n"              \
  "vmov q5[2 + " lane "], q5[" lane  \
  "], r2, r8\n"                      \
  "add r9, lr\n"                     \
  "vmov q6[2 + " lane "], q6[" lane  \
  "], r4, r10\n"                     \
  "add r7, lr\n"                     \
  "vmov q7[2 + " lane "], q7[" lane "], r6, r12\n"
// More than 32 products. Two rows of weights by three pixels: 16 products of each in the first loads, which
// need no sum before them, then the rest in a loop that ends wherever the products end.
#define TEFF_SIX_DOTS_MVE(dot)  \
  "vldrb.8 q0, [r9], #16\n"     \
  "vldrb.8 q1, [r1], #16\n" dot \
  " r2, q0, q1\n"               \
  "vldrb.8 q2, [r3], #16\n" dot \
  " r4, q0, q2\n"               \
  "vldrb.8 q3, [r5], #16\n" dot \
  " r6, q0, q3\n"               \
  "vldrb.8 q4, [r7], #16\n" dot " r8, q4, q1\n" dot " r10, q4, q2\n" dot " r12, q4, q3\n"
#define TEFF_PAIR_OF_ROWS_MVE(lane) \
  "ldm r0, {r1, r3, r5, lr}\n"                           \
  TEFF_SIX_DOTS_MVE("vmladav.s8")                        \
  "wlstp.8 lr, lr, 2f\n"                                 \
  "1:\n" TEFF_SIX_DOTS_MVE("vmladava.s8")                \
  "letp lr, 1b\n"                                        \
  "2:\n" TEFF_ROWS_TO_LANES_MVE(lane)
// Any number of products, all in the loop.
#define TEFF_PAIR_OF_ANY_ROWS_MVE(lane) \
  "ldm r0, {r1, r3, r5, lr}\n"          \
  "movs r2, #0\n"                       \
  "movs r4, #0\n"                       \
  "movs r6, #0\n"                       \
  "mov r8, r2\n"                        \
  "mov r10, r2\n"                       \
  "mov r12, r2\n"                       \
  "dlstp.8 lr, lr\n"                    \
  "1:\n" TEFF_SIX_DOTS_MVE("vmladava.s8") "letp lr, 1b\n" TEFF_ROWS_TO_LANES_MVE(lane)
// On to the next pixels, or to the last ones, once more in part; their addresses are in r1, r3 and r5 for x
// and r2, r4 and r6 for y. Goes to 5 at the end.
#define TEFF_NEXT_BLOCK_MVE   \
  "ldr r1, [r0]\n"            \
  "ldrd r8, r10, [r0, #56]\n" \
  "cmp r1, r8\n"              \
  "beq 5f\n"                  \
  "ldr r2, [r0, #88]\n"       \
  "ldrd r4, r6, [r0, #64]\n"  \
  "add r1, r4\n"              \
  "add r2, r6\n"              \
  "cmp r1, r8\n"              \
  "itt hs\n"                  \
  "movhs r1, r8\n"            \
  "movhs r2, r10\n"
#define TEFF_BLOCK_ADDRESSES_MVE \
  "ldrd r3, r5, [r0, #72]\n"     \
  "add r3, r1\n"                 \
  "add r5, r1\n"                 \
  "ldrd r4, r6, [r0, #80]\n"     \
  "add r4, r2\n"                 \
  "add r6, r2\n"                 \
  "str r2, [r0, #88]\n"
#define TEFF_BLOCK_MVE(PAIR, SCALE, pitch) \
  __asm volatile(TEFF_ENTER_MVE                     \
                 "ldr r1, [r0]\n"                   \
                 "ldr r2, [r0, #88]\n"              \
                 "4:\n" TEFF_BLOCK_ADDRESSES_MVE    \
                 "strd r1, r3, [r0]\n"              \
                 "str r5, [r0, #8]\n"               \
                 "strd r2, r4, [r0, #20]\n"         \
                 "ldr r8, [r0, #52]\n"              \
                 "strd r6, r8, [r0, #28]\n"         \
                 "ldrd r11, r9, [r0, #40]\n"        \
                 "ldr r7, [r0, #" pitch "]\n"       \
                 "add r7, r9\n"                     \
                 "3:\n" PAIR("0") PAIR("1")         \
                 "ldrd r1, r3, [r0, #20]\n"         \
                 "ldrd r5, r10, [r0, #28]\n"        \
                 "ldr r2, [r0, #36]\n" SCALE        \
                 "vstrb.32 q5, [r1], #4\n"          \
                 "vstrb.32 q6, [r3], #4\n"          \
                 "vstrb.32 q7, [r5], #4\n"          \
                 "strd r1, r3, [r0, #20]\n"         \
                 "subs r10, #1\n"                   \
                 "strd r5, r10, [r0, #28]\n"        \
                 "bne 3b\n" TEFF_NEXT_BLOCK_MVE "b 4b\n5:\n" TEFF_LEAVE_MVE)

// At most 16 products: what three pixels see stays in q0 to q2 for all channels. Zeros behind the products
// meet whatever lies behind a row of weights.
#define TEFF_ROW_16_MVE(a, b, c) \
  "vldrb.8 q3, [r9], #16\n"      \
  "vmladav.s8 " a                \
  ", q3, q0\n"                   \
  "vmladav.s8 " b                \
  ", q3, q1\n"                   \
  "vmladav.s8 " c ", q3, q2\n"
#define TEFF_ROWS_16_MVE(lane)        \
  TEFF_ROW_16_MVE("r2", "r4", "r6")   \
  TEFF_ROW_16_MVE("r8", "r10", "r12") \
  "vmov q5[2 + " lane "], q5[" lane   \
  "], r2, r8\n"                       \
  "vmov q6[2 + " lane "], q6[" lane   \
  "], r4, r10\n"                      \
  "vmov q7[2 + " lane "], q7[" lane "], r6, r12\n"
#define TEFF_BLOCK_16_MVE(RESULT) \
  __asm volatile(TEFF_ENTER_MVE                     \
                 "ldr r1, [r0]\n"                   \
                 "ldr r2, [r0, #88]\n"              \
                 "ldr r8, [r0, #48]\n"              \
                 "vctp.8 r8\n"                      \
                 "4:\n" TEFF_BLOCK_ADDRESSES_MVE    \
                 "vpsttt\n"                         \
                 "vldrbt.8 q0, [r1]\n"              \
                 "vldrbt.8 q1, [r3]\n"              \
                 "vldrbt.8 q2, [r5]\n"              \
                 "str r1, [r0]\n"                   \
                 "mov r1, r2\n"                     \
                 "mov r3, r4\n"                     \
                 "mov r5, r6\n"                     \
                 "ldrd r7, r11, [r0, #36]\n"        \
                 "ldr r9, [r0, #44]\n"              \
                 "ldr lr, [r0, #52]\n"         \
                 "dls lr, lr\n"                     \
                 "1:\n" TEFF_ROWS_16_MVE("0") TEFF_ROWS_16_MVE("1") \
                 RESULT(TEFF_THREE_MVE, "q3", "q4", "r7") \
                 "vstrb.32 q5, [r1], #4\n"          \
                 "vstrb.32 q6, [r3], #4\n"          \
                 "vstrb.32 q7, [r5], #4\n"          \
                 "le lr, 1b\n"                      \
                 TEFF_NEXT_BLOCK_MVE "b 4b\n5:\n" TEFF_LEAVE_MVE)

// 17 to 32 products, two pixels, in q0 to q3.
#define TEFF_ROW_32_MVE(a, b) \
  "vldrb.8 q4, [r9], #16\n"   \
  "vmladav.s8 " a             \
  ", q4, q0\n"                \
  "vldrb.8 q5, [r9], #16\n"   \
  "vmladav.s8 " b             \
  ", q4, q2\n"                \
  "vmladava.s8 " a            \
  ", q5, q1\n"                \
  "vmladava.s8 " b ", q5, q3\n"
#define TEFF_ROWS_32_MVE(lane)      \
  TEFF_ROW_32_MVE("r2", "r4")       \
  TEFF_ROW_32_MVE("r6", "r8")       \
  "vmov q6[2 + " lane "], q6[" lane \
  "], r2, r6\n"                     \
  "vmov q7[2 + " lane "], q7[" lane "], r4, r8\n"
#define TEFF_BLOCK_32_MVE(RESULT) \
  __asm volatile(TEFF_ENTER_MVE                     \
                 "ldr r1, [r0]\n"                   \
                 "ldr r2, [r0, #88]\n"              \
                 "ldr r8, [r0, #12]\n"              \
                 "vctp.8 r8\n"                      \
                 "4:\n" TEFF_BLOCK_ADDRESSES_MVE    \
                 "vldrb.8 q0, [r1]\n"               \
                 "vldrb.8 q2, [r3]\n"               \
                 "vpstt\n"                          \
                 "vldrbt.8 q1, [r1, #16]\n"         \
                 "vldrbt.8 q3, [r3, #16]\n"         \
                 "str r1, [r0]\n"                   \
                 "mov r1, r2\n"                     \
                 "mov r3, r4\n"                     \
                 "ldrd r7, r11, [r0, #36]\n"        \
                 "ldr r9, [r0, #44]\n"              \
                 "ldr lr, [r0, #52]\n"         \
                 "dls lr, lr\n"                     \
                 "1:\n" TEFF_ROWS_32_MVE("0") TEFF_ROWS_32_MVE("1") \
                 RESULT(TEFF_TWO_MVE, "q4", "q5", "r7") \
                 "vstrb.32 q6, [r1], #4\n"          \
                 "vstrb.32 q7, [r3], #4\n"          \
                 "le lr, 1b\n" TEFF_NEXT_BLOCK_MVE "b 4b\n5:\n" TEFF_LEAVE_MVE)

// 64 products, one pixel, in q0 to q3: no pixel is made twice where rows are narrow.
#define TEFF_SUM_64_MVE(STEP, t, u, s) STEP("q6", t, u, s)
#define TEFF_ROW_64_MVE(a)  \
  "vldrb.8 q4, [r9], #16\n" \
  "vmladav.s8 " a           \
  ", q4, q0\n"              \
  "vldrb.8 q5, [r9], #16\n" \
  "vmladava.s8 " a          \
  ", q5, q1\n"              \
  "vldrb.8 q4, [r9], #16\n" \
  "vmladava.s8 " a          \
  ", q4, q2\n"              \
  "vldrb.8 q5, [r9], #16\n" \
  "vmladava.s8 " a ", q5, q3\n"
#define TEFF_BLOCK_64_MVE(RESULT) \
  __asm volatile(TEFF_ENTER_MVE                       \
                 "ldr r1, [r0]\n"                     \
                 "ldr r2, [r0, #88]\n"                \
                 "4: str r1, [r0]\n"                  \
                 "str r2, [r0, #88]\n"                \
                 "vldrb.8 q0, [r1]\n"                 \
                 "vldrb.8 q1, [r1, #16]\n"            \
                 "vldrb.8 q2, [r1, #32]\n"            \
                 "vldrb.8 q3, [r1, #48]\n"            \
                 "mov r1, r2\n"                       \
                 "ldrd r7, r11, [r0, #36]\n"          \
                 "ldr r9, [r0, #44]\n"                \
                 "ldr lr, [r0, #52]\n"                \
                 "dls lr, lr\n"                       \
                 "1:\n" TEFF_ROW_64_MVE("r2") TEFF_ROW_64_MVE("r6") \
                 "vmov q6[2], q6[0], r2, r6\n" TEFF_ROW_64_MVE("r2") TEFF_ROW_64_MVE("r6") \
                 "vmov q6[3], q6[1], r2, r6\n" RESULT(TEFF_SUM_64_MVE, "q4", "q5", "r7") \
                 "vstrb.32 q6, [r1], #4\n"            \
                 "le lr, 1b\n" TEFF_NEXT_BLOCK_MVE "b 4b\n5:\n" TEFF_LEAVE_MVE)

// More than 32 products of one pixel, for images one pixel wide: four rows of weights at once.
#define TEFF_FOUR_DOTS_MVE(dot) \
  "vldrb.8 q0, [r1], #16\n"     \
  "vldrb.8 q1, [r9], #16\n" dot \
  " r2, q0, q1\n"               \
  "vldrb.8 q2, [r3], #16\n" dot \
  " r6, q0, q2\n"               \
  "vldrb.8 q3, [r5], #16\n" dot \
  " r8, q0, q3\n"               \
  "vldrb.8 q4, [r7], #16\n" dot " r10, q0, q4\n"
#define TEFF_BLOCK_1_MVE(RESULT) \
  __asm volatile(TEFF_ENTER_MVE                        \
                 "ldr r12, [r0, #88]\n"                \
                 "ldrd r11, r9, [r0, #40]\n"           \
                 "ldr r2, [r0, #48]\n"                 \
                 "add r3, r9, r2\n"                    \
                 "add r5, r3, r2\n"                    \
                 "add r7, r5, r2\n"                    \
                 "ldr r2, [r0, #52]\n"                 \
                 "str r2, [r0, #32]\n"                 \
                 "3: ldr r1, [r0]\n"                   \
                 "ldr lr, [r0, #12]\n" TEFF_FOUR_DOTS_MVE("vmladav.s8") \
                 "wlstp.8 lr, lr, 2f\n"                \
                 "1:\n" TEFF_FOUR_DOTS_MVE("vmladava.s8") \
                 "letp lr, 1b\n"                       \
                 "2: ldr r4, [r0, #16]\n"              \
                 "ldr lr, [r0, #48]\n"                 \
                 "add r4, r4, lr, lsl #1\n"            \
                 "add r9, r4\n"                        \
                 "add r3, r4\n"                        \
                 "add r5, r4\n"                        \
                 "add r7, r4\n"                        \
                 "vmov q6[2], q6[0], r2, r6\n"         \
                 "vmov q6[3], q6[1], r8, r10\n"        \
                 "ldr r2, [r0, #36]\n" RESULT(TEFF_SUM_64_MVE, "q0", "q1", "r2") \
                 "mov r4, r12\n"                       \
                 "vstrb.32 q6, [r4], #4\n"             \
                 "mov r12, r4\n"                       \
                 "ldr r2, [r0, #32]\n"                 \
                 "subs r2, #1\n"                       \
                 "str r2, [r0, #32]\n"                 \
                 "bne 3b\n" TEFF_LEAVE_MVE)

#define TEFF_BLOCKS_MVE(name, RESULT)                                                                       \
  TEFF_ASSEMBLY void teff_block_##name##_mve(TEFF_IN_R0(teff_block_mve*)) {                                 \
    TEFF_BLOCK_MVE(TEFF_PAIR_OF_ROWS_MVE, RESULT(TEFF_THREE_MVE, "q0", "q1", "r2"), "48");                  \
  }                                                                                                         \
  TEFF_ASSEMBLY void teff_block_16_##name##_mve(TEFF_IN_R0(teff_block_mve*)) { TEFF_BLOCK_16_MVE(RESULT); } \
  TEFF_ASSEMBLY void teff_block_32_##name##_mve(TEFF_IN_R0(teff_block_mve*)) { TEFF_BLOCK_32_MVE(RESULT); } \
  TEFF_ASSEMBLY void teff_block_64_##name##_mve(TEFF_IN_R0(teff_block_mve*)) { TEFF_BLOCK_64_MVE(RESULT); } \
  TEFF_ASSEMBLY void teff_block_1_##name##_mve(TEFF_IN_R0(teff_block_mve*)) { TEFF_BLOCK_1_MVE(RESULT); }
TEFF_BLOCKS_MVE(high, TEFF_RESULT_HIGH_MVE)
TEFF_BLOCKS_MVE(high2, TEFF_RESULT_HIGH2_MVE)
TEFF_BLOCKS_MVE(right, TEFF_RESULT_RIGHT_MVE)
TEFF_BLOCKS_MVE(tflite, TEFF_RESULT_TFLITE_MVE)
TEFF_ASSEMBLY void teff_block_any_mve(TEFF_IN_R0(teff_block_mve*)) {
  TEFF_BLOCK_MVE(TEFF_PAIR_OF_ANY_ROWS_MVE, TEFF_SCALE_SUMS_MVE("92"), "96");
}

#else

// In plain C.
TEFF_KERNEL void teff_pixel_c_mve(teff_scale_mve scale, const teff_block_mve* block, const int8_t* x,
                                  int8_t* y) {
  for (int32_t c = 0; c < 4 * block->fours; ++c) {
    const int32_t row = c % 4 == 1 ? c + 1 : c % 4 == 2 ? c - 1 : c;
    const int8_t* w = block->w + (ptrdiff_t)row * block->pitch;
    uint32_t sum = 0;
    for (int32_t k = 0; k < block->products; ++k) sum += (uint32_t)(x[k] * w[k]);
    y[c] = scale(block->number, block->channels + c / 4, c % 4, (int32_t)sum);
  }
}
TEFF_KERNEL void teff_block_c_mve(teff_scale_mve scale, teff_block_mve* block) {
  const int8_t* x = block->x[0];
  for (int8_t* y = block->now;;) {
    teff_pixel_c_mve(scale, block, x, y);
    if (block->pixels > 1) teff_pixel_c_mve(scale, block, x + block->x_second, y + block->y_second);
    if (block->pixels == 3) teff_pixel_c_mve(scale, block, x + block->x_third, y + block->y_third);
    if (x == block->last_x) return;
    const int end = block->last_x - x <= block->x_step;
    x = end ? block->last_x : x + block->x_step;
    y = end ? block->last_y : y + block->y_step;
  }
}
#define TEFF_BLOCKS_MVE(name)                                                                            \
  TEFF_SHARED void teff_block_##name##_mve(teff_block_mve* block) {                                      \
    teff_block_c_mve(teff_scale_##name##_mve, block);                                                    \
  }                                                                                                      \
  TEFF_SHARED void teff_block_16_##name##_mve(teff_block_mve* block) { teff_block_##name##_mve(block); } \
  TEFF_SHARED void teff_block_32_##name##_mve(teff_block_mve* block) { teff_block_##name##_mve(block); } \
  TEFF_SHARED void teff_block_64_##name##_mve(teff_block_mve* block) { teff_block_##name##_mve(block); } \
  TEFF_SHARED void teff_block_1_##name##_mve(teff_block_mve* block) { teff_block_##name##_mve(block); }
TEFF_BLOCKS_MVE(high)
TEFF_BLOCKS_MVE(high2)
TEFF_BLOCKS_MVE(right)
TEFF_BLOCKS_MVE(tflite)
TEFF_SHARED void teff_block_any_mve(teff_block_mve* block) { teff_block_c_mve(block->scale, block); }

#endif

typedef void (*teff_run_block_mve)(teff_block_mve*);
// Which loop is for so many products: 16, 32, 64, any number of several pixels or of a single one.
TEFF_KERNEL int teff_block_kind_mve(int32_t products, int single) {
  return products <= 16 ? 0 : products <= 32 ? 1 : products == 64 ? 2 : single ? 4 : 3;
}
// The loops and scalings that go together in a program's layers, a bit each, teff_block_bit_mve: who knows
// that some never occur may say so before this file is included, and their code falls away.
#ifndef TEFF_BLOCK_KINDS_MVE
#define TEFF_BLOCK_KINDS_MVE 0xFFFFF
#endif
TEFF_KERNEL int32_t teff_block_bit_mve(int kind, int32_t scaling) {
  return INT32_C(1) << (5 * scaling + kind);
}

#define TEFF_BLOCK_IF_MVE(name, scaling, number)                                        \
  if (kind == (number) && (TEFF_BLOCK_KINDS_MVE & teff_block_bit_mve(number, scaling))) \
    return teff_block_##name##_mve;
#define TEFF_BLOCK_FOR_MVE(name, SCALING)      \
  if (teff_is_scaling_mve(scaling, SCALING)) { \
    TEFF_BLOCK_IF_MVE(16_##name, SCALING, 0)   \
    TEFF_BLOCK_IF_MVE(32_##name, SCALING, 1)   \
    TEFF_BLOCK_IF_MVE(64_##name, SCALING, 2)   \
    TEFF_BLOCK_IF_MVE(name, SCALING, 3)        \
    TEFF_BLOCK_IF_MVE(1_##name, SCALING, 4)    \
  }
// For runs of many pixels, or of a single one.
TEFF_KERNEL teff_run_block_mve teff_block_for_mve(int32_t scaling, int32_t products, int single) {
  const int kind = teff_block_kind_mve(products, single);
  TEFF_BLOCK_FOR_MVE(high, TEFF_SCALE_HIGH)
  TEFF_BLOCK_FOR_MVE(high2, TEFF_SCALE_HIGH2)
  TEFF_BLOCK_FOR_MVE(right, TEFF_SCALE_RIGHT)
  TEFF_BLOCK_FOR_MVE(tflite, TEFF_SCALE_TFLITE)
  return 0;
}

#endif
