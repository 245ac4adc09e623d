// Convolution row by row for Helium. Packed: for every four outputs their teff_channels_mve, then the weights
// as they are, [outputs to a multiple of 4][kernel_h * kernel_w * channels], then 16 bytes that are loaded
// and not used.
//
// A block is four channels of two or three pixels. The sums of its products end in the lanes of one vector
// for each pixel, which are scaled side by side. Windows of one tap are read where they lie; others are
// gathered into scratch, a few pixels at a time.
#ifndef TEFF_KERNELS_C_CONV_ROWS_MVE_H
#define TEFF_KERNELS_C_CONV_ROWS_MVE_H

#include "mve.h"

// What the pixels of a block read, and how far the products go beyond the first 16.
typedef struct teff_block_mve {
  const int8_t* x[3];
  int32_t beyond;  // products - 16
  int32_t next;    // from the end of a row of weights, rounded up to 16, to the next row
} teff_block_mve;

#if TEFF_HAS_MVE

// Two rows of weights by three pixels: 16 products in each of the first loads, which need no sum before them,
// then the rest in a loop that ends wherever the products end.
#define TEFF_TWO_BY_THREE_MVE(even, odd) \
  "ldm %[block], {r1, r3, r5, lr}\n"     \
  "vldrb.8 q0, [%[w0]], #16\n"           \
  "vldrb.8 q1, [r1], #16\n"              \
  "vmladav.s8 %[a0], q0, q1\n"           \
  "vldrb.8 q2, [r3], #16\n"              \
  "vmladav.s8 %[a1], q0, q2\n"           \
  "vldrb.8 q3, [r5], #16\n"              \
  "vmladav.s8 %[a2], q0, q3\n"           \
  "vldrb.8 q4, [%[w1]], #16\n"           \
  "vmladav.s8 %[b0], q4, q1\n"           \
  "vmladav.s8 %[b1], q4, q2\n"           \
  "vmladav.s8 %[b2], q4, q3\n"           \
  "wlstp.8 lr, lr, 2f\n"                 \
  "1: vldrb.8 q0, [%[w0]], #16\n"        \
  "vldrb.8 q1, [r1], #16\n"              \
  "vmladava.s8 %[a0], q0, q1\n"          \
  "vldrb.8 q2, [r3], #16\n"              \
  "vmladava.s8 %[a1], q0, q2\n"          \
  "vldrb.8 q3, [r5], #16\n"              \
  "vmladava.s8 %[a2], q0, q3\n"          \
  "vldrb.8 q4, [%[w1]], #16\n"           \
  "vmladava.s8 %[b0], q4, q1\n"          \
  "vmladava.s8 %[b1], q4, q2\n"          \
  "vmladava.s8 %[b2], q4, q3\n"          \
  "letp lr, 1b\n"                        \
  "2: ldr lr, [%[block], #16]\n"         \
  "vmov %q[s0][" even "], %q[s0][" odd   \
  "], %[a0], %[b0]\n"                    \
  "add %[w0], lr\n"                      \
  "vmov %q[s1][" even "], %q[s1][" odd   \
  "], %[a1], %[b1]\n"                    \
  "add %[w1], lr\n"                      \
  "vmov %q[s2][" even "], %q[s2][" odd "], %[a2], %[b2]\n"

// The sums of four rows of weights and three pixels; more than 16 products. Moves w behind the rows.
TEFF_KERNEL teff_sums_mve teff_four_by_three_mve(const teff_block_mve* block, const int8_t** w,
                                                 int32_t products) {
  const int8_t *w0 = *w, *w1 = *w + 2 * products;
  int32_t a0, a1, a2, b0, b1, b2;
  teff_sums_mve s;
  __asm volatile(TEFF_TWO_BY_THREE_MVE("2", "0") TEFF_TWO_BY_THREE_MVE("3", "1")
                 : [w0] "+r"(w0), [w1] "+r"(w1), [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2),
                   [b0] "=&Te"(b0), [b1] "=&Te"(b1), [b2] "=&Te"(b2), [s0] "=&w"(s.pixel[0]),
                   [s1] "=&w"(s.pixel[1]), [s2] "=&w"(s.pixel[2])
                 : [block] "r"(block)
                 : "r1", "r3", "r5", "lr", "q0", "q1", "q2", "q3", "q4", "cc", "memory");
  *w = w1;
  return s;
}

#else

TEFF_KERNEL teff_sums_mve teff_four_by_three_mve(const teff_block_mve* block, const int8_t** w,
                                                 int32_t products) {
  teff_sums_mve s;
  for (int i = 0; i < 3; ++i)
    for (int c = 0; c < 4; ++c) {
      uint32_t sum = 0;
      for (int32_t k = 0; k < products; ++k)
        sum += (uint32_t)(block->x[i][k] * (*w)[(ptrdiff_t)c * products + k]);
      s.pixel[i].lane[c] = (int32_t)sum;
    }
  *w += 4 * (ptrdiff_t)products;
  return s;
}

#endif

// The same for at most 16 products: what the pixels see stays in registers for all channels. Zeros behind the
// products of x meet whatever lies behind a row of weights.
TEFF_KERNEL teff_sums_mve teff_dots_16_mve(const teff_v8* x, const int8_t** w, int32_t products) {
  int32_t dots[4][3];
  teff_sums_mve s;
  for (int c = 0; c < 4; ++c, *w += products) {
    const teff_v8 row = teff_v8_load(*w);
    for (int i = 0; i < 3; ++i) dots[c][i] = teff_v8_dot(row, x[i]);
  }
  for (int i = 0; i < 3; ++i) {
    s.pixel[i] = teff_v32_set_even(teff_v32_any(), dots[0][i], dots[2][i]);
    s.pixel[i] = teff_v32_set_odd(s.pixel[i], dots[1][i], dots[3][i]);
  }
  return s;
}

// Two pixels and 17 to 32 products.
TEFF_KERNEL teff_sums_mve teff_dots_32_mve(const teff_v8* x, const int8_t** w, int32_t products) {
  int32_t dots[4][2];
  teff_sums_mve s;
  for (int c = 0; c < 4; ++c, *w += products) {
    const teff_v8 row = teff_v8_load(*w);
    for (int i = 0; i < 2; ++i) dots[c][i] = teff_v8_dot(row, x[2 * i]);
    const teff_v8 more = teff_v8_load(*w + 16);
    for (int i = 0; i < 2; ++i) dots[c][i] = teff_v8_dot_add(dots[c][i], more, x[2 * i + 1]);
  }
  for (int i = 0; i < 2; ++i) {
    s.pixel[i] = teff_v32_set_even(teff_v32_any(), dots[0][i], dots[2][i]);
    s.pixel[i] = teff_v32_set_odd(s.pixel[i], dots[1][i], dots[3][i]);
  }
  return s;
}

// All channels of a block's pixels. KIND(w) makes the sums of the four rows at w.
#define TEFF_ALL_CHANNELS_MVE(pixels, sums)                                          \
  for (int32_t left = p->outputs; left > 0; left -= 4, ++channels) {                 \
    const teff_sums_mve bytes = teff_finish_mve(&p->result, channels, pixels, sums); \
    for (int i = 0; i < (pixels); ++i) {                                             \
      if (left >= 4)                                                                 \
        teff_v32_store_bytes(y[i], bytes.pixel[i]);                                  \
      else                                                                           \
        teff_v32_store_first_bytes(y[i], bytes.pixel[i], left);                      \
      y[i] += 4;                                                                     \
    }                                                                                \
  }

TEFF_KERNEL void teff_conv_block_mve(const teff_conv_rows* p, int32_t products, teff_block_mve block,
                                     const void* packed, int8_t* y0, int8_t* y1, int8_t* y2) {
  const teff_channels_mve* channels = (const teff_channels_mve*)packed;
  const int8_t* w = (const int8_t*)(channels + (p->outputs + 3) / 4);
  int8_t* y[3] = {y0, y1, y2};
  if (products <= 16) {
    teff_v8 x[3];
    for (int i = 0; i < 3; ++i) x[i] = teff_v8_load_first(block.x[i], products);
    TEFF_ALL_CHANNELS_MVE(3, teff_dots_16_mve(x, &w, products))
  } else if (products <= 32) {
    teff_v8 x[4];
    for (int i = 0; i < 2; ++i) {
      x[2 * i] = teff_v8_load(block.x[i]);
      x[2 * i + 1] = teff_v8_load_first(block.x[i] + 16, products - 16);
    }
    TEFF_ALL_CHANNELS_MVE(2, teff_dots_32_mve(x, &w, products))
  } else {
    TEFF_ALL_CHANNELS_MVE(3, teff_four_by_three_mve(&block, &w, products))
  }
}

// What the window at column ox sees, [kernel_h, kernel_w, channels].
TEFF_KERNEL void teff_gather_mve(const teff_conv_rows* p, const int32_t* tap_rows, int32_t ox,
                                 const int8_t* x, int8_t* to) {
  const teff_window* w = &p->window;
  const int32_t left = ox * w->stride_w - w->pad_left, channels = w->channels;
  const teff_taps taps = teff_taps_inside(left, w->kernel_w, w->dilation_w, w->in_w);
  const int32_t run = w->dilation_w == 1 ? taps.end - taps.begin : 1;
  for (int32_t i = 0; i < w->kernel_h; ++i) {
    const teff_taps inside = {tap_rows[i] < 0 ? w->kernel_w : taps.begin, taps.end};
    if (inside.begin > 0) teff_fill_mve(to, p->x_zero, inside.begin * channels);
    for (int32_t j = inside.begin; j < inside.end; j += run)
      teff_copy_mve(to + j * channels, x + tap_rows[i] + (left + j * w->dilation_w) * channels,
                    run * channels);
    if (inside.end < w->kernel_w)
      teff_fill_mve(to + inside.end * channels, p->x_zero, (w->kernel_w - inside.end) * channels);
    to += w->kernel_w * channels;
  }
}

// Windows of one tap that always lies inside the image.
TEFF_KERNEL int teff_is_pointwise(const teff_window* w) {
  return w->kernel_h == 1 && w->kernel_w == 1 && w->pad_top == 0 && w->pad_left == 0 &&
         (w->out_h - 1) * w->stride_h < w->in_h && (w->out_w - 1) * w->stride_w < w->in_w;
}

// Windows of three pixels, and the offsets of the rows that they read. In bytes.
TEFF_KERNEL int32_t teff_conv_rows_mve_scratch(const teff_conv_rows* p) {
  const teff_window* w = &p->window;
  if (teff_is_pointwise(w)) return 0;
  return 4 * w->kernel_h + 3 * ((w->kernel_h * w->kernel_w * w->channels + 7) / 8 * 8);
}

TEFF_KERNEL void teff_conv_rows_mve(teff_conv_rows p, const int8_t* x, const void* packed, int8_t* y,
                                    void* scratch, teff_range rows) {
  const teff_window* w = &p.window;
  const int32_t products = w->kernel_h * w->kernel_w * w->channels, step = w->stride_w * w->channels;
  const int32_t pixels = products > 16 && products <= 32 ? 2 : 3, pitch = (products + 7) / 8 * 8;
  const int in_place = teff_is_pointwise(w);
  // Rows that follow one another in x and in y are one long row.
  const int joined = in_place && w->stride_w == 1 && w->stride_h == 1 && w->in_w == w->out_w &&
                     p.in.rows >= w->in_h && p.out.rows >= w->out_h;
  const int32_t height = joined ? rows.end - rows.begin : 1, width = height * w->out_w;
  int32_t* tap_rows = (int32_t*)scratch;
  int8_t* windows = (int8_t*)(tap_rows + w->kernel_h);
  for (int32_t row = rows.begin; row < rows.end; row += height) {
    const int8_t* from = x + teff_row_offset(p.in, w->in_h, row * w->stride_h);
    int8_t* to = y + teff_row_offset(p.out, w->out_h, row);
    if (!in_place) teff_tap_rows(w, p.in, row, tap_rows);
    for (int32_t ox = 0; ox < width; ox += pixels) {
      teff_block_mve block = {{0, 0, 0}, products - 16, products - (products + 15) / 16 * 16};
      int8_t* out[3];
      for (int i = 0; i < 3; ++i) {
        const int32_t at = teff_min_s32(ox + i, width - 1);  // the last pixel again, where there is no other
        block.x[i] = in_place ? from + at * step : windows + (at - ox) * pitch;
        if (!in_place && i < pixels && ox + i == at)
          teff_gather_mve(&p, tap_rows, at, x, windows + i * pitch);
        out[i] = to + at * p.outputs;
      }
      teff_conv_block_mve(&p, products, block, packed, out[0], out[1], out[2]);
    }
  }
}

#endif
