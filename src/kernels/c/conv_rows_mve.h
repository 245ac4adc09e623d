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

// The assembly knows these members by their offsets.
typedef struct teff_block_mve {
  const int8_t* x[3];  //  0: what the pixels see
  int32_t beyond;      // 12: products - 16
  int32_t next;        // 16: from where a pair of rows of weights was read to, to the next pair
  int8_t* y[3];        // 20
  int32_t fours;       // 32: so many times four channels
  int32_t number;      // 36: of the scaling
  const teff_channels_mve* channels;  // 40
  const int8_t* w;                    // 44
  int32_t products;                   // 48
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
#define TEFF_BLOCK_MVE(RESULT) \
  __asm volatile(TEFF_ENTER_MVE                                    \
                 "ldrd r11, r9, [r0, #40]\n"                        \
                 "ldr r7, [r0, #48]\n"                            \
                 "add r7, r9\n"                                   \
                 "3:\n" TEFF_PAIR_OF_ROWS_MVE("0")                 \
                 TEFF_PAIR_OF_ROWS_MVE("1")                        \
                 "ldrd r1, r3, [r0, #20]\n"                        \
                 "ldrd r5, r10, [r0, #28]\n"                       \
                 "ldr r2, [r0, #36]\n"                             \
                 RESULT(TEFF_THREE_MVE, "q0", "q1", "r2")          \
                 "vstrb.32 q5, [r1], #4\n"                         \
                 "vstrb.32 q6, [r3], #4\n"                         \
                 "vstrb.32 q7, [r5], #4\n"                         \
                 "strd r1, r3, [r0, #20]\n"                        \
                 "subs r10, #1\n"                                  \
                 "strd r5, r10, [r0, #28]\n"                       \
                 "bne 3b\n" TEFF_LEAVE_MVE)

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
  __asm volatile(TEFF_ENTER_MVE                                    \
                 "ldm r0, {r1, r3, r5}\n"                          \
                 "ldr r2, [r0, #48]\n"                             \
                 "vctp.8 r2\n"                                     \
                 "vpsttt\n"                                        \
                 "vldrbt.8 q0, [r1]\n"                             \
                 "vldrbt.8 q1, [r3]\n"                             \
                 "vldrbt.8 q2, [r5]\n"                             \
                 "ldrd r1, r3, [r0, #20]\n"                        \
                 "ldrd r5, lr, [r0, #28]\n"                        \
                 "ldrd r7, r11, [r0, #36]\n"                       \
                 "ldrd r9, r0, [r0, #44]\n"                        \
                 "dls lr, lr\n"                                    \
                 "1:\n" TEFF_ROWS_16_MVE("0") TEFF_ROWS_16_MVE("1") \
                 RESULT(TEFF_THREE_MVE, "q3", "q4", "r7")         \
                 "vstrb.32 q5, [r1], #4\n"                         \
                 "vstrb.32 q6, [r3], #4\n"                         \
                 "vstrb.32 q7, [r5], #4\n"                         \
                 "le lr, 1b\n" TEFF_LEAVE_MVE)

// 17 to 32 products, two pixels, in q0 to q3.
#define TEFF_ROW_32_MVE(a, b) \
  "vldrb.8 q4, [r9]\n"        \
  "vmladav.s8 " a             \
  ", q4, q0\n"                \
  "vldrb.8 q5, [r9, #16]\n"   \
  "vmladav.s8 " b             \
  ", q4, q2\n"                \
  "add r9, r0\n"              \
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
  __asm volatile(TEFF_ENTER_MVE                                    \
                 "ldrd r1, r3, [r0]\n"                             \
                 "ldr r2, [r0, #12]\n"                             \
                 "vctp.8 r2\n"                                     \
                 "vldrb.8 q0, [r1]\n"                              \
                 "vldrb.8 q2, [r3]\n"                              \
                 "vpstt\n"                                         \
                 "vldrbt.8 q1, [r1, #16]\n"                        \
                 "vldrbt.8 q3, [r3, #16]\n"                        \
                 "ldrd r1, r3, [r0, #20]\n"                        \
                 "ldrd lr, r7, [r0, #32]\n"                       \
                 "ldrd r11, r9, [r0, #40]\n"                        \
                 "ldr r0, [r0, #48]\n"                             \
                 "dls lr, lr\n"                                    \
                 "1:\n" TEFF_ROWS_32_MVE("0") TEFF_ROWS_32_MVE("1") \
                 RESULT(TEFF_TWO_MVE, "q4", "q5", "r7")           \
                 "vstrb.32 q6, [r1], #4\n"                         \
                 "vstrb.32 q7, [r3], #4\n"                         \
                 "le lr, 1b\n" TEFF_LEAVE_MVE)

#define TEFF_BLOCKS_MVE(name, RESULT)                                                                       \
  TEFF_ASSEMBLY void teff_block_##name##_mve(TEFF_IN_R0(teff_block_mve*)) { TEFF_BLOCK_MVE(RESULT); }       \
  TEFF_ASSEMBLY void teff_block_16_##name##_mve(TEFF_IN_R0(teff_block_mve*)) { TEFF_BLOCK_16_MVE(RESULT); } \
  TEFF_ASSEMBLY void teff_block_32_##name##_mve(TEFF_IN_R0(teff_block_mve*)) { TEFF_BLOCK_32_MVE(RESULT); }
TEFF_BLOCKS_MVE(high, TEFF_RESULT_HIGH_MVE)
TEFF_BLOCKS_MVE(high2, TEFF_RESULT_HIGH2_MVE)
TEFF_BLOCKS_MVE(right, TEFF_RESULT_RIGHT_MVE)
TEFF_BLOCKS_MVE(tflite, TEFF_RESULT_TFLITE_MVE)

#else

// The pixels of the block, in plain C; `scaling` is that of all channels.
TEFF_KERNEL void teff_block_c_mve(int32_t scaling, teff_block_mve* block) {
  const int pixels = block->products > 16 && block->products <= 32 ? 2 : 3;
  for (int i = 0; i < pixels; ++i)
    for (int32_t four = 0; four < block->fours; ++four)
      for (int32_t lane = 0; lane < 4; ++lane) {
        const int32_t row = 4 * four + (lane == 1 ? 2 : lane == 2 ? 1 : lane);
        const int8_t* w = block->w + (ptrdiff_t)row * block->products;
        uint32_t sum = 0;
        for (int32_t k = 0; k < block->products; ++k) sum += (uint32_t)(block->x[i][k] * w[k]);
        block->y[i][4 * four + lane] =
            teff_byte_mve(scaling, block->number, block->channels + four, lane, (int32_t)sum);
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

// All channels of the block's pixels. The last one to three are made as four, somewhere else.
TEFF_KERNEL void teff_conv_block_mve(const teff_conv_rows* p, teff_run_block_mve run, const void* packed,
                                     teff_block_mve* block) {
  const int32_t fours = p->outputs / 4, rest = p->outputs % 4;
  block->channels = (const teff_channels_mve*)packed;
  block->w = (const int8_t*)(block->channels + (p->outputs + 3) / 4);
  int8_t* const y[3] = {block->y[0] + 4 * fours, block->y[1] + 4 * fours, block->y[2] + 4 * fours};
  block->fours = fours;
  if (fours > 0) run(block);
  if (rest == 0) return;
  int8_t bytes[3][4];
  for (int i = 0; i < 3; ++i) block->y[i] = bytes[i];
  block->channels += fours;
  block->w += (ptrdiff_t)4 * fours * block->products;
  block->fours = 1;
  run(block);
  for (int i = 0; i < (block->products > 16 && block->products <= 32 ? 2 : 3); ++i)
    for (int32_t c = 0; c < rest; ++c) y[i][c] = bytes[i][c];
}

// Windows of one tap that always lies inside the image.
TEFF_KERNEL int teff_is_pointwise(const teff_window* w) {
  return w->kernel_h == 1 && w->kernel_w == 1 && w->pad_top == 0 && w->pad_left == 0 &&
         (w->out_h - 1) * w->stride_h < w->in_h && (w->out_w - 1) * w->stride_w < w->in_w;
}

// Where a window begins in scratch that another follows.
TEFF_KERNEL int32_t teff_window_bytes_mve(const teff_window* w) {
  return (w->kernel_h * w->kernel_w * w->channels + 7) / 8 * 8;
}

// The taps' rows that output row y reads. What lies above and below the image is written into the windows,
// and stays there for the row's pixels.
TEFF_KERNEL teff_taps teff_begin_row_mve(const teff_conv_rows* p, int32_t y, const int8_t* x,
                                         const int8_t** tap_rows, int8_t* windows) {
  const teff_window* w = &p->window;
  const int32_t top = y * w->stride_h - w->pad_top, run = w->kernel_w * w->channels;
  const teff_taps taps = teff_taps_inside(top, w->kernel_h, w->dilation_h, w->in_h);
  for (int32_t i = taps.begin; i < taps.end; ++i)
    tap_rows[i] = x + teff_row_offset(p->in, w->in_h, top + i * w->dilation_h);
  for (int i = 0; i < 3; ++i, windows += teff_window_bytes_mve(w)) {
    teff_fill_mve(windows, p->x_zero, taps.begin * run);
    teff_fill_mve(windows + taps.end * run, p->x_zero, (w->kernel_h - taps.end) * run);
  }
  return taps;
}

// Rows of `run` bytes each that begin `offset` bytes into the tap rows.
TEFF_KERNEL void teff_copy_rows_mve(int8_t* to, const int8_t** rows, int32_t count, int32_t offset,
                                    int32_t run) {
  for (; count > 0; --count, ++rows, to += run) teff_copy_mve(to, *rows + offset, run);
}

// What the window at column ox sees, [kernel_h, kernel_w, channels].
TEFF_KERNEL void teff_gather_mve(const teff_conv_rows* p, teff_taps rows, const int8_t** tap_rows, int32_t ox,
                                 int8_t* to) {
  const teff_window* w = &p->window;
  const int32_t left = ox * w->stride_w - w->pad_left, channels = w->channels, run = w->kernel_w * channels;
  to += rows.begin * run;
  if (left >= 0 && left + w->kernel_w <= w->in_w && w->dilation_w == 1) {
    teff_copy_rows_mve(to, tap_rows + rows.begin, rows.end - rows.begin, left * channels, run);
    return;
  }
  const teff_taps taps = teff_taps_inside(left, w->kernel_w, w->dilation_w, w->in_w);
  for (int32_t i = rows.begin; i < rows.end; ++i, to += run) {
    teff_fill_mve(to, p->x_zero, run);
    for (int32_t j = taps.begin; j < taps.end; ++j)
      teff_copy_mve(to + j * channels, tap_rows[i] + (left + j * w->dilation_w) * channels, channels);
  }
}

// Windows of three pixels, and where the rows begin that they read. In bytes.
TEFF_KERNEL int32_t teff_conv_rows_mve_scratch(const teff_conv_rows* p) {
  const teff_window* w = &p->window;
  if (teff_is_pointwise(w)) return 0;
  return (int32_t)sizeof(void*) * w->kernel_h + 3 * teff_window_bytes_mve(w);
}

// `width` pixels that follow one another from `from` on (in place) or from the window of column 0 on.
TEFF_KERNEL void teff_conv_pixels_mve(const teff_conv_rows* p, int32_t width, const int8_t* from,
                                      teff_taps rows, const int8_t** tap_rows, int8_t* windows,
                                      const void* packed, int8_t* y) {
  const teff_window* w = &p->window;
  const int32_t products = w->kernel_h * w->kernel_w * w->channels, outputs = p->outputs;
  const int32_t pixels = products > 16 && products <= 32 ? 2 : 3;
  const int32_t step = from ? w->stride_w * w->channels : teff_window_bytes_mve(w);
  teff_block_mve block = {{0, 0, 0},
                          products - 16,
                          2 * products - (products + 15) / 16 * 16,
                          {0, 0, 0},
                          0,
                          teff_scaling_number_mve(&p->result),
                          0,
                          0,
                          products};
  const teff_run_block_mve run = teff_block_for_mve(p->result.scaling, products);
  for (int32_t ox = 0; ox < width; ox += pixels, y += pixels * outputs) {
    const int32_t more = width - ox > 1,
                  most = pixels > 2 && width - ox > 2 ? 2 : more;  // or the last once more
    if (!from) {
      teff_gather_mve(p, rows, tap_rows, ox, windows);
      if (more) teff_gather_mve(p, rows, tap_rows, ox + 1, windows + step);
      if (most > 1) teff_gather_mve(p, rows, tap_rows, ox + 2, windows + 2 * step);
    }
    const int8_t* x = from ? from + ox * step : windows;
    block.x[0] = x, block.x[1] = x + more * step, block.x[2] = x + most * step;
    block.y[0] = y, block.y[1] = y + more * outputs, block.y[2] = y + most * outputs;
    teff_conv_block_mve(p, run, packed, &block);
  }
}

TEFF_KERNEL void teff_conv_rows_mve(teff_conv_rows p, const int8_t* x, const void* packed, int8_t* y,
                                    void* scratch, teff_range rows) {
  const teff_window* w = &p.window;
  const int in_place = teff_is_pointwise(w);
  // Rows that follow one another in x and in y are one long row.
  const int joined = in_place && w->stride_w == 1 && w->stride_h == 1 && w->in_w == w->out_w &&
                     p.in.rows >= w->in_h && p.out.rows >= w->out_h;
  const int32_t height = joined ? rows.end - rows.begin : 1, width = height * w->out_w;
  const int8_t** tap_rows = (const int8_t**)scratch;
  int8_t* windows = (int8_t*)(tap_rows + w->kernel_h);
  for (int32_t row = rows.begin; row < rows.end; row += height) {
    int8_t* to = y + teff_row_offset(p.out, w->out_h, row);
    const int8_t* from = in_place ? x + teff_row_offset(p.in, w->in_h, row * w->stride_h) : 0;
    teff_taps taps = {0, 1};
    if (!in_place) taps = teff_begin_row_mve(&p, row, x, tap_rows, windows);
    teff_conv_pixels_mve(&p, width, from, taps, tap_rows, windows, packed, to);
    if (teff_is_clamped_mve(&p.result)) teff_clamp_mve(to, width * p.outputs, p.result.lo, p.result.hi);
  }
}

#endif
