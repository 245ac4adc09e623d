// Convolution row by row for Helium. Packed: for every four outputs their teff_channels_mve, then the
// weights, [outputs to a multiple of 4][kernel_h * kernel_w * channels], of every four outputs in the order
// 0, 2, 1, 3 (so do sums come into the lanes of a vector), then 16 bytes that are loaded and not used.
//
// A block is two or three pixels and all of their channels, four at a time. The sums of four channels end in
// the lanes of one vector for each pixel, which are scaled side by side. Windows of one tap are read where
// they lie; others are gathered into scratch, a block's pixels at a time.
#ifndef TEFF_KERNELS_C_CONV_ROWS_MVE_H
#define TEFF_KERNELS_C_CONV_ROWS_MVE_H

#include "mve.h"

// Pixels that lie `x_step` / 3 bytes apart (the windows in scratch are the only three); the last three (or
// two) overlap others. The assembly knows these members by their offsets.
typedef struct teff_block_mve {
  const int8_t* x[3];    //  0: what three pixels see; the first three, to begin with
  int32_t beyond;        // 12: products - 16
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
} teff_block_mve;

#if TEFF_HAS_MVE

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
  "2: ldr lr, [r0, #16]\n"                               \
  "vmov q5[2 + " lane "], q5[" lane "], r2, r8\n"        \
  "add r9, lr\n"                                         \
  "vmov q6[2 + " lane "], q6[" lane "], r4, r10\n"       \
  "add r7, lr\n"                                        \
  "vmov q7[2 + " lane "], q7[" lane "], r6, r12\n"
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
#define TEFF_BLOCK_MVE(RESULT) \
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
                 "ldr r7, [r0, #48]\n"              \
                 "add r7, r9\n"                     \
                 "3:\n" TEFF_PAIR_OF_ROWS_MVE("0")  \
                 TEFF_PAIR_OF_ROWS_MVE("1")         \
                 "ldrd r1, r3, [r0, #20]\n"         \
                 "ldrd r5, r10, [r0, #28]\n"        \
                 "ldr r2, [r0, #36]\n"              \
                 RESULT(TEFF_THREE_MVE, "q0", "q1", "r2") \
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
  "vldrb.8 q3, [r9]\n"           \
  "add r9, r0\n"                 \
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
                 "push {r0}\n"                      \
                 "ldrd r0, lr, [r0, #48]\n"         \
                 "dls lr, lr\n"                     \
                 "1:\n" TEFF_ROWS_16_MVE("0") TEFF_ROWS_16_MVE("1") \
                 RESULT(TEFF_THREE_MVE, "q3", "q4", "r7") \
                 "vstrb.32 q5, [r1], #4\n"          \
                 "vstrb.32 q6, [r3], #4\n"          \
                 "vstrb.32 q7, [r5], #4\n"          \
                 "le lr, 1b\n"                      \
                 "pop {r0}\n" TEFF_NEXT_BLOCK_MVE "b 4b\n5:\n" TEFF_LEAVE_MVE)

// 17 to 32 products, two pixels, in q0 to q3.
#define TEFF_ROW_32_MVE(a, b) \
  "vldrb.8 q4, [r9]\n"        \
  "vmladav.s8 " a             \
  ", q4, q0\n"                \
  "vldrb.8 q5, [r9, #16]\n"   \
  "vmladav.s8 " b             \
  ", q4, q2\n"                \
  "add r9, r5\n"              \
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
                 "ldrd r5, lr, [r0, #48]\n"         \
                 "dls lr, lr\n"                     \
                 "1:\n" TEFF_ROWS_32_MVE("0") TEFF_ROWS_32_MVE("1") \
                 RESULT(TEFF_TWO_MVE, "q4", "q5", "r7") \
                 "vstrb.32 q6, [r1], #4\n"          \
                 "vstrb.32 q7, [r3], #4\n"          \
                 "le lr, 1b\n" TEFF_NEXT_BLOCK_MVE "b 4b\n5:\n" TEFF_LEAVE_MVE)

#define TEFF_BLOCKS_MVE(name, RESULT)                                                                       \
  TEFF_ASSEMBLY void teff_block_##name##_mve(TEFF_IN_R0(teff_block_mve*)) { TEFF_BLOCK_MVE(RESULT); }       \
  TEFF_ASSEMBLY void teff_block_16_##name##_mve(TEFF_IN_R0(teff_block_mve*)) { TEFF_BLOCK_16_MVE(RESULT); } \
  TEFF_ASSEMBLY void teff_block_32_##name##_mve(TEFF_IN_R0(teff_block_mve*)) { TEFF_BLOCK_32_MVE(RESULT); }
TEFF_BLOCKS_MVE(high, TEFF_RESULT_HIGH_MVE)
TEFF_BLOCKS_MVE(high2, TEFF_RESULT_HIGH2_MVE)
TEFF_BLOCKS_MVE(right, TEFF_RESULT_RIGHT_MVE)
TEFF_BLOCKS_MVE(tflite, TEFF_RESULT_TFLITE_MVE)

#else

// In plain C; `scaling` is that of all channels.
TEFF_KERNEL void teff_pixel_c_mve(int32_t scaling, const teff_block_mve* block, const int8_t* x, int8_t* y) {
  for (int32_t c = 0; c < 4 * block->fours; ++c) {
    const int32_t row = c % 4 == 1 ? c + 1 : c % 4 == 2 ? c - 1 : c;
    const int8_t* w = block->w + (ptrdiff_t)row * block->products;
    uint32_t sum = 0;
    for (int32_t k = 0; k < block->products; ++k) sum += (uint32_t)(x[k] * w[k]);
    y[c] = teff_byte_mve(scaling, block->number, block->channels + c / 4, c % 4, (int32_t)sum);
  }
}
TEFF_KERNEL void teff_block_c_mve(int32_t scaling, teff_block_mve* block) {
  const int pixels = block->products > 16 && block->products <= 32 ? 2 : 3;
  const int8_t* x = block->x[0];
  for (int8_t* y = block->now;;) {
    teff_pixel_c_mve(scaling, block, x, y);
    teff_pixel_c_mve(scaling, block, x + block->x_second, y + block->y_second);
    if (pixels == 3) teff_pixel_c_mve(scaling, block, x + block->x_third, y + block->y_third);
    if (x == block->last_x) return;
    const int end = block->last_x - x <= block->x_step;
    x = end ? block->last_x : x + block->x_step;
    y = end ? block->last_y : y + block->y_step;
  }
}
#define TEFF_BLOCKS_MVE(name, SCALING)                                                                   \
  TEFF_SHARED void teff_block_##name##_mve(teff_block_mve* block) { teff_block_c_mve(SCALING, block); }  \
  TEFF_SHARED void teff_block_16_##name##_mve(teff_block_mve* block) { teff_block_##name##_mve(block); } \
  TEFF_SHARED void teff_block_32_##name##_mve(teff_block_mve* block) { teff_block_##name##_mve(block); }
TEFF_BLOCKS_MVE(high, TEFF_SCALE_HIGH)
TEFF_BLOCKS_MVE(high2, TEFF_SCALE_HIGH2)
TEFF_BLOCKS_MVE(right, TEFF_SCALE_RIGHT)
TEFF_BLOCKS_MVE(tflite, TEFF_SCALE_TFLITE)

#endif

typedef void (*teff_run_block_mve)(teff_block_mve*);
#define TEFF_BLOCK_FOR_MVE(name, products)         \
  ((products) <= 16   ? teff_block_16_##name##_mve \
   : (products) <= 32 ? teff_block_32_##name##_mve \
                      : teff_block_##name##_mve)

TEFF_KERNEL teff_run_block_mve teff_block_for_mve(int32_t scaling, int32_t products) {
  if (scaling == TEFF_SCALE_HIGH) return TEFF_BLOCK_FOR_MVE(high, products);
  if (scaling == TEFF_SCALE_HIGH2) return TEFF_BLOCK_FOR_MVE(high2, products);
  if (scaling == TEFF_SCALE_RIGHT) return TEFF_BLOCK_FOR_MVE(right, products);
  return TEFF_BLOCK_FOR_MVE(tflite, products);
}

// The last one to three channels of `pixels` pixels are made as four, somewhere else.
TEFF_KERNEL void teff_last_channels_mve(teff_run_block_mve run, teff_block_mve block, int32_t pixels,
                                        int32_t outputs, int8_t* y) {
  int8_t bytes[4];
  const int32_t step = block.x_second, first = outputs / 4 * 4;
  block.channels += outputs / 4;
  block.w += (ptrdiff_t)first * block.products;
  block.fours = 1;
  block.x_second = block.x_third = block.y_second = block.y_third = 0;
  for (int32_t i = 0; i < pixels; ++i, y += outputs) {
    block.last_x = block.x[0];
    block.now = bytes;
    run(&block);
    for (int32_t c = first; c < outputs; ++c) y[c] = bytes[c - first];
    block.x[0] = block.last_x + step;
  }
}

// All channels of pixels whose x are `step` bytes apart.
TEFF_KERNEL void teff_run_pixels_mve(const teff_conv_rows* p, teff_run_block_mve run, teff_block_mve* block,
                                     int32_t pixels, const int8_t* x, int32_t step, int8_t* y) {
  const int32_t outputs = p->outputs, many = block->products > 16 && block->products <= 32 ? 2 : 3;
  const int32_t last = teff_max_s32(pixels - many, 0);
  const int32_t second = pixels > 1, third = pixels > 2 ? 2 : second;
  block->x[0] = x, block->last_x = x + last * step;
  block->now = y, block->last_y = y + last * outputs;
  block->x_step = many * step, block->y_step = many * outputs;
  block->x_second = second * step, block->x_third = third * step;
  block->y_second = second * outputs, block->y_third = third * outputs;
  if (outputs % 4) {
    teff_block_mve rest = *block;
    rest.x_second = step;
    teff_last_channels_mve(run, rest, pixels, outputs, y);
  }
  if (outputs >= 4) run(block);
}

// Windows of one tap that always lies inside the image.
TEFF_KERNEL int teff_is_pointwise(const teff_window* w) {
  return w->kernel_h == 1 && w->kernel_w == 1 && w->pad_top == 0 && w->pad_left == 0 &&
         (w->out_h - 1) * w->stride_h < w->in_h && (w->out_w - 1) * w->stride_w < w->in_w;
}

// How windows lie in scratch: `many` at a time, more than a block where they are small, `bytes` apart.
typedef struct teff_windows_mve {
  int32_t many, bytes;
} teff_windows_mve;

TEFF_KERNEL teff_windows_mve teff_windows_of_mve(const teff_window* w) {
  const int32_t enough = 1024, bytes = (w->kernel_h * w->kernel_w * w->channels + 7) / 8 * 8;
  const int32_t many = teff_max_s32(enough / bytes / 6 * 6, 3);  // a multiple of two and of three
  const teff_windows_mve windows = {teff_min_s32(many, w->out_w), bytes};
  return windows;
}

// The taps' rows that output row y reads. What lies above and below the image is written into the windows,
// and stays there for the row's pixels.
TEFF_KERNEL teff_taps teff_begin_row_mve(const teff_conv_rows* p, teff_windows_mve all, int32_t y,
                                         const int8_t* x, const int8_t** tap_rows, int8_t* windows) {
  const teff_window* w = &p->window;
  const int32_t top = y * w->stride_h - w->pad_top, run = w->kernel_w * w->channels;
  const teff_taps taps = teff_taps_inside(top, w->kernel_h, w->dilation_h, w->in_h);
  for (int32_t i = taps.begin; i < taps.end; ++i)
    tap_rows[i] = x + teff_row_offset(p->in, w->in_h, top + i * w->dilation_h);
  if (taps.end - taps.begin == w->kernel_h) return taps;
  for (int32_t i = 0; i < all.many; ++i, windows += all.bytes) {
    teff_fill_mve(windows, p->x_zero, taps.begin * run);
    teff_fill_mve(windows + taps.end * run, p->x_zero, (w->kernel_h - taps.end) * run);
  }
  return taps;
}

// `count` runs of bytes that begin `offset` bytes into the tap rows, to places that are `step` bytes apart;
// the same for `pixels` windows, each `window` bytes after the one before and reading from `next` bytes
// further on.
typedef struct teff_runs_mve {
  const int8_t** rows;
  int32_t count, offset, run, step;
  int32_t pixels, window, next;
} teff_runs_mve;

#if TEFF_HAS_MVE

TEFF_KERNEL void teff_copy_short_runs_mve(int8_t* to, teff_runs_mve r) {
  __asm volatile(
      "vctp.8 %[run]\n"
      "1: mov r1, %[rows]\n"
      "mov r3, %[to]\n"
      "dls lr, %[count]\n"
      "2: ldr r2, [r1], #4\n"
      "add r2, %[offset]\n"
      "vpstt\n"
      "vldrbt.8 q0, [r2]\n"
      "vstrbt.8 q0, [r3]\n"
      "add r3, %[step]\n"
      "le lr, 2b\n"
      "add %[to], %[window]\n"
      "add %[offset], %[next]\n"
      "subs %[pixels], #1\n"
      "bne 1b\n"
      : [to] "+r"(to), [offset] "+r"(r.offset), [pixels] "+r"(r.pixels)
      : [rows] "r"(r.rows), [count] "r"(r.count), [run] "r"(r.run), [step] "r"(r.step),
        [window] "r"(r.window), [next] "r"(r.next)
      : "r1", "r2", "r3", "lr", "q0", "cc", "memory");
}
TEFF_KERNEL void teff_copy_long_runs_mve(int8_t* to, teff_runs_mve r) {
  for (; r.pixels > 0; --r.pixels, to += r.window, r.offset += r.next) {
    const int8_t** rows = r.rows;
    int8_t* here = to;
    int32_t count = r.count;
    __asm volatile(
        "1: ldr r1, [%[rows]], #4\n"
        "mov r3, %[to]\n"
        "add r1, %[offset]\n"
        "dlstp.8 lr, %[run]\n"
        "2: vldrb.8 q0, [r1], #16\n"
        "vstrb.8 q0, [r3], #16\n"
        "letp lr, 2b\n"
        "add %[to], %[step]\n"
        "subs %[count], #1\n"
        "bne 1b\n"
        : [to] "+r"(here), [rows] "+r"(rows), [count] "+r"(count)
        : [offset] "r"(r.offset), [run] "r"(r.run), [step] "r"(r.step)
        : "r1", "r3", "lr", "q0", "cc", "memory");
  }
}
// At least one run of at least one byte.
TEFF_SHARED void teff_copy_runs_mve(int8_t* to, const teff_runs_mve* r) {
  if (r->run <= 16)
    teff_copy_short_runs_mve(to, *r);
  else
    teff_copy_long_runs_mve(to, *r);
}

#else

TEFF_SHARED void teff_copy_runs_mve(int8_t* to, const teff_runs_mve* r) {
  for (int32_t i = 0; i < r->pixels; ++i)
    for (int32_t k = 0; k < r->count; ++k)
      teff_copy_mve(to + i * r->window + k * r->step, r->rows[k] + r->offset + i * r->next, r->run);
}

#endif

// What the windows at columns [ox, ox + pixels) see, [kernel_h, kernel_w, channels]; either all of their
// columns lie inside of the image, or it is one window.
TEFF_KERNEL void teff_gather_mve(const teff_conv_rows* p, teff_taps rows, const int8_t** tap_rows, int32_t ox,
                                 int32_t pixels, int32_t bytes, int8_t* to) {
  const teff_window* w = &p->window;
  const int32_t left = ox * w->stride_w - w->pad_left, channels = w->channels, row = w->kernel_w * channels;
  const teff_taps taps = teff_taps_inside(left, w->kernel_w, w->dilation_w, w->in_w);
  const int32_t together = w->dilation_w == 1 ? taps.end - taps.begin : 1;
  teff_runs_mve runs = {
      tap_rows + rows.begin, rows.end - rows.begin, 0, together * channels, row, pixels, bytes,
      w->stride_w * channels};
  to += rows.begin * row;
  if (taps.end - taps.begin < w->kernel_w) teff_fill_mve(to, p->x_zero, runs.count * row);
  for (int32_t j = taps.begin; j < taps.end; j += together) {
    runs.offset = (left + j * w->dilation_w) * channels;
    teff_copy_runs_mve(to + j * channels, &runs);
  }
}

// The windows at columns [ox, end).
TEFF_KERNEL void teff_gather_all_mve(const teff_conv_rows* p, teff_taps rows, const int8_t** tap_rows,
                                     int32_t ox, int32_t end, int32_t bytes, int8_t* to) {
  const teff_window* w = &p->window;
  const int32_t width = (w->kernel_w - 1) * w->dilation_w + 1, room = w->in_w - width + w->pad_left;
  const int32_t first = (w->pad_left + w->stride_w - 1) / w->stride_w;  // of those that lie inside
  const int32_t inside = room < 0 ? 0 : room / w->stride_w + 1;         // behind the last of them
  if (rows.begin >= rows.end) return;
  while (ox < end) {
    const int32_t pixels = ox >= first && ox < inside ? teff_min_s32(inside, end) - ox : 1;
    teff_gather_mve(p, rows, tap_rows, ox, pixels, bytes, to);
    ox += pixels, to += pixels * bytes;
  }
}

// The windows, and where the rows begin that they read. In bytes.
TEFF_KERNEL int32_t teff_conv_rows_mve_scratch(const teff_conv_rows* p) {
  const teff_window* w = &p->window;
  if (teff_is_pointwise(w)) return 0;
  const teff_windows_mve windows = teff_windows_of_mve(w);
  return (int32_t)sizeof(void*) * w->kernel_h + windows.many * windows.bytes;
}

// A row whose windows have to be gathered.
TEFF_KERNEL void teff_gathered_row_mve(const teff_conv_rows* p, teff_run_block_mve run, teff_block_mve* block,
                                       int32_t row, const int8_t* x, void* scratch, int8_t* y) {
  const teff_window* w = &p->window;
  const int8_t** tap_rows = (const int8_t**)scratch;
  int8_t* windows = (int8_t*)(tap_rows + w->kernel_h);
  const teff_windows_mve all = teff_windows_of_mve(w);
  const teff_taps rows = teff_begin_row_mve(p, all, row, x, tap_rows, windows);
  for (int32_t ox = 0; ox < w->out_w; ox += all.many, y += all.many * p->outputs) {
    const int32_t pixels = teff_min_s32(w->out_w - ox, all.many);
    teff_gather_all_mve(p, rows, tap_rows, ox, ox + pixels, all.bytes, windows);
    teff_run_pixels_mve(p, run, block, pixels, windows, all.bytes, y);
  }
}

// Rows of pixels that follow one another in x and in y are one long row, unless results overlay what is read
// so closely that a block writes over its own pixels (of two rows that it spans the second may overlay the
// first), or pixels are gone through twice.
TEFF_KERNEL int teff_are_joined_mve(const teff_conv_rows* p, const int8_t* x, int8_t* y, teff_range rows) {
  const teff_window* w = &p->window;
  if (w->stride_w != 1 || w->stride_h != 1 || w->in_w != w->out_w) return 0;
  if (p->in.rows < w->in_h || p->out.rows < w->out_h) return 0;
  const ptrdiff_t pixels = (ptrdiff_t)(rows.end - rows.begin) * w->out_w, last = pixels > 3 ? pixels - 3 : 0;
  x += (ptrdiff_t)rows.begin * p->in.row_bytes, y += (ptrdiff_t)rows.begin * p->out.row_bytes;
  if (teff_apart_mve(x, pixels * w->channels, y, pixels * p->outputs)) return 1;
  const int8_t *last_x = x + last * w->channels, *last_y = y + last * p->outputs;
  return p->outputs % 4 == 0 && teff_apart_mve(x, 3 * w->channels, y, 3 * p->outputs) &&
         teff_apart_mve(last_x, 3 * w->channels, last_y, 3 * p->outputs) && (y < x) == (last_y < last_x);
}

TEFF_KERNEL void teff_conv_rows_mve(teff_conv_rows p, const int8_t* x, const void* packed, int8_t* y,
                                    void* scratch, teff_range rows) {
  const teff_window* w = &p.window;
  const int32_t products = w->kernel_h * w->kernel_w * w->channels;
  const int in_place = teff_is_pointwise(w);
  const int joined = in_place && teff_are_joined_mve(&p, x, y, rows);
  const int32_t height = joined ? rows.end - rows.begin : 1, width = height * w->out_w;
  const teff_run_block_mve run = teff_block_for_mve(p.result.scaling, products);
  teff_block_mve block;
  block.beyond = products - 16;
  block.next = 2 * products - (products + 15) / 16 * 16;
  block.number = teff_scaling_number_mve(&p.result);
  block.channels = (const teff_channels_mve*)packed;
  block.w = (const int8_t*)(block.channels + (p.outputs + 3) / 4);
  block.products = products;
  block.fours = p.outputs / 4;
  for (int32_t row = rows.begin; row < rows.end; row += height) {
    int8_t* to = y + teff_row_offset(p.out, w->out_h, row);
    if (in_place)
      teff_run_pixels_mve(&p, run, &block, width, x + teff_row_offset(p.in, w->in_h, row * w->stride_h),
                          w->stride_w * w->channels, to);
    else
      teff_gathered_row_mve(&p, run, &block, row, x, scratch, to);
    if (teff_is_clamped_mve(&p.result)) teff_clamp_mve(to, width * p.outputs, p.result.lo, p.result.hi);
  }
}

#endif
