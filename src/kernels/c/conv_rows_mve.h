// Convolution row by row for Helium. Packed: for every four outputs their teff_channels_mve, then the
// weights, [outputs][columns of the window][kernel_h][channels], of every four outputs in the order 0, 2, 1,
// 3 (so do sums come into the lanes of a vector). Columns that dilation leaves out have weights of zero. That
// is all where `small` is set. Or else outputs are filled up to a multiple of 4, rows of up to 16 weights to
// 16, and of up to 32 to 32; and for some numbers of products weights lie in pairs of rows
// (conv_quads_mve.h).
//
// A block is one to three pixels and all of their channels, four at a time. The sums of four channels end in
// the lanes of one vector for each pixel, which are scaled side by side. Windows of one tap are read where
// they lie; for others the image's columns are written one after the other into scratch, where a window is a
// run of bytes.
#ifndef TEFF_KERNELS_C_CONV_ROWS_MVE_H
#define TEFF_KERNELS_C_CONV_ROWS_MVE_H

#include "conv_blocks_mve.h"
#include "conv_quads_mve.h"

// The last one to three channels of `pixels` pixels are made as four, somewhere else: those whose rows are
// not filled up one by one, four times each, as there are no more rows.
TEFF_SHARED void teff_last_channels_mve(teff_run_block_mve run, const teff_block_mve* all, int32_t pixels,
                                        int32_t step, int32_t outputs, int8_t* y) {
  int8_t bytes[4];
  const int32_t first = outputs / 4 * 4;
  teff_block_mve block;
  teff_copy_struct_mve(&block, all, sizeof block);
  block.channels += outputs / 4;
  block.w += (ptrdiff_t)first * block.pitch;
  block.fours = 1;
  block.x_second = block.x_third = block.y_second = block.y_third = 0;
  const int8_t* w = block.w;
  if (block.scale) block.pitch = 0, block.next -= 2 * block.products;
  for (int32_t i = 0; i < pixels; ++i, y += outputs) {
    block.last_x = block.x[0];
    for (int32_t c = first; c < outputs; ++c) {
      if (block.scale) block.w = w + (c - first) * block.products;
      if (block.scale || c == first) block.now = bytes, run(&block);
      y[c] = bytes[c - first];
    }
    block.x[0] = block.last_x + step;
  }
}

// All channels of pixels whose x are `step` bytes apart.
TEFF_SHARED void teff_run_pixels_mve(const teff_conv_rows* p, teff_run_block_mve run, teff_block_mve* block,
                                     int32_t pixels, const int8_t* x, int32_t step, int8_t* y) {
  const int32_t outputs = p->outputs, many = block->pixels;
  const int32_t last = teff_max_s32(pixels - many, 0);
  const int32_t second = pixels > 1, third = pixels > 2 ? 2 : second;
  block->x[0] = x, block->last_x = x + last * step;
  block->now = y, block->last_y = y + last * outputs;
  block->x_step = many * step, block->y_step = many * outputs;
  block->x_second = second * step, block->x_third = third * step;
  block->y_second = second * outputs, block->y_third = third * outputs;
  if (outputs % 4) teff_last_channels_mve(run, block, pixels, step, outputs, y);
  if (outputs >= 4) run(block);
}

TEFF_KERNEL int teff_makes_quads_mve(const teff_conv_rows* p) {
  return !p->small && teff_is_quad_mve(&p->window, p->outputs);
}

// How a layer's pixels are made, many of them or a single one: by quads where there are any.
typedef struct teff_pixels_mve {
  teff_run_quads_mve quads, one_quad;
  teff_run_block_mve many, single;
  union {
    teff_block_mve block;
    teff_quads_mve quad;
  } job;
} teff_pixels_mve;

TEFF_KERNEL void teff_make_pixels_mve(const teff_conv_rows* p, teff_pixels_mve* how, int32_t pixels,
                                      const int8_t* x, int32_t step, int8_t* y) {
  if (teff_makes_quads_mve(p))
    teff_run_quads_of_mve(how->quads, how->one_quad, &how->job.quad, p->outputs, pixels, x, step, y);
  else
    teff_run_pixels_mve(p, pixels == 1 ? how->single : how->many, &how->job.block, pixels, x, step, y);
}

// The windows of a layer that is not pointwise: a strip's columns are [kernel_h][channels].
TEFF_KERNEL teff_strips_mve teff_window_strips_mve(const teff_window* w) {
  return teff_strips_of_mve(w, w->kernel_h * w->channels, 2048, 12);
}

// The assembly knows these members by their offsets.
typedef struct teff_columns_mve {
  int8_t* to;               //  0: where the first column that lies inside of the image goes
  const int32_t* rows;      //  4: where the taps' rows have it; -1 outside of the image
  int32_t kernel_h, count;  //  8, 12: columns
  int32_t step, to_step;    // 16, 20: from column to column in the image and in the strip
  int32_t x_zero;           // 24
  const int8_t* x;          // 28: the first of the channels
  int32_t channels, rest;   // 32, 36: of a column; of those at the end, where columns go together
  int32_t slot;             // 40: from a row of the strip to the next: all channels
  const uint16_t* places;   // 44: of the bytes of columns that go together
} teff_columns_mve;

#if TEFF_HAS_MVE

#define TEFF_COLUMNS_BEGIN_MVE(predicate) \
  TEFF_ENTER_MVE                          \
  "ldrd r1, r2, [r0]\n"                   \
  "ldrd r3, r4, [r0, #8]\n"               \
  "ldrd r5, r6, [r0, #16]\n"              \
  "ldrd r9, r8, [r0, #24]\n"              \
  "ldrd r10, r12, [r0, #32]\n"            \
  "vdup.8 q1, r9\n"                       \
  "ldr r9, [r0, #40]\n" predicate         \
  " r10\n"                                \
  "3: ldr r7, [r2], #4\n"                 \
  "mov r11, r1\n"
#define TEFF_COLUMNS_END_MVE \
  "5: add r1, r9\n"          \
  "subs r3, #1\n"            \
  "bne 3b\n" TEFF_LEAVE_MVE

// Up to 16 channels of each column.
TEFF_ASSEMBLY void teff_copy_columns_mve(TEFF_IN_R0(const teff_columns_mve*)) {
  __asm volatile(TEFF_COLUMNS_BEGIN_MVE(
      "vctp.8") "dls lr, r4\n"
                "cmp r7, #0\n"
                "blt 6f\n"
                "add r7, r8\n"
                "1: vpstt\n"
                "vldrbt.8 q0, [r7]\n"
                "vstrbt.8 q0, [r11]\n"
                "add r7, r5\n"
                "add r11, r6\n"
                "le lr, 1b\n" TEFF_COLUMNS_END_MVE
                "6: vpst\n"
                "vstrbt.8 q1, [r11]\n"
                "add r11, r6\n"
                "le lr, 6b\n"
                "b 5b\n");
}

// Columns of less than 8 channels together, `channels` of all of them; `count` times, and then a rest.
TEFF_ASSEMBLY void teff_scatter_columns_mve(TEFF_IN_R0(const teff_columns_mve*)) {
  __asm volatile(TEFF_COLUMNS_BEGIN_MVE(
      "vctp.16") "ldr r0, [r0, #44]\n"
                 "vldrh.16 q2, [r0]\n"
                 "b 7f\n"
                 "3: ldr r7, [r2], #4\n"
                 "mov r11, r1\n"
                 "7: vctp.16 r10\n"
                 "cmp r7, #0\n"
                 "blt 6f\n"
                 "add r7, r8\n"
                 "wls lr, r4, 2f\n"
                 "1: vpstt\n"
                 "vldrbt.u16 q0, [r7]\n"
                 "vstrbt.16 q0, [r11, q2]\n"
                 "add r7, r5\n"
                 "add r11, r6\n"
                 "le lr, 1b\n"
                 "2: vctp.16 r12\n"
                 "vpstt\n"
                 "vldrbt.u16 q0, [r7]\n"
                 "vstrbt.16 q0, [r11, q2]\n" TEFF_COLUMNS_END_MVE
                 "6: wls lr, r4, 8f\n"
                 "9: vpst\n"
                 "vstrbt.16 q1, [r11, q2]\n"
                 "add r11, r6\n"
                 "le lr, 9b\n"
                 "8: vctp.16 r12\n"
                 "vpst\n"
                 "vstrbt.16 q1, [r11, q2]\n"
                 "b 5b\n");
}

#else

TEFF_SHARED void teff_copy_columns_mve(const teff_columns_mve* p) {
  for (int32_t i = 0; i < p->kernel_h; ++i)
    for (int32_t j = 0; j < p->count; ++j)
      for (int32_t c = 0; c < p->channels; ++c)
        p->to[i * p->slot + j * p->to_step + c] =
            p->rows[i] >= 0 ? p->x[p->rows[i] + j * p->step + c] : (int8_t)p->x_zero;
}
TEFF_SHARED void teff_scatter_columns_mve(const teff_columns_mve* p) {
  for (int32_t i = 0; i < p->kernel_h; ++i)
    for (int32_t j = 0; j <= p->count; ++j)
      for (int32_t c = 0; c < (j < p->count ? p->channels : p->rest); ++c)
        p->to[i * p->slot + j * p->to_step + p->places[c]] =
            p->rows[i] >= 0 ? p->x[p->rows[i] + j * p->step + c] : (int8_t)p->x_zero;
}

#endif

// The columns of a strip that lie inside of the image.
TEFF_KERNEL void teff_fill_strip_mve(const teff_conv_rows* p, teff_strip_mve strip, const int8_t* x,
                                     const int32_t* tap_rows, int8_t* to) {
  const int32_t channels = p->window.channels, column = p->window.kernel_h * channels;
  teff_columns_mve job = {to + strip.before * column,
                          tap_rows,
                          p->window.kernel_h,
                          strip.inside,
                          channels,
                          column,
                          p->x_zero,
                          x,
                          0,
                          0,
                          channels,
                          0};
  if (strip.inside == 0) return;
  if (channels < 8 && !TEFF_SMALL) {
    const int32_t together = 8 / channels;
    uint16_t places[8];
    for (int32_t j = 0, k = 0; j < together; ++j)
      for (int32_t c = 0; c < channels; ++c, ++k) places[k] = (uint16_t)(j * column + c);
    for (int32_t k = together * channels; k < 8; ++k) places[k] = 0;
    job.places = places;
    job.count = strip.inside / together;
    job.step = together * channels, job.to_step = together * column;
    job.channels = together * channels, job.rest = strip.inside % together * channels;
    teff_scatter_columns_mve(&job);
    return;
  }
  for (int32_t c = 0; c < channels; c += 16, job.to += 16, job.x += 16) {
    job.channels = teff_min_s32(channels - c, 16);
    teff_copy_columns_mve(&job);
  }
}

// A strip, and where its rows begin. In bytes.
TEFF_KERNEL int32_t teff_conv_rows_mve_scratch(const teff_conv_rows* p) {
  if (teff_is_pointwise(&p->window)) return 0;
  return 4 * p->window.kernel_h + teff_window_strips_mve(&p->window).bytes;
}

// A row whose windows have to be gathered.
TEFF_KERNEL void teff_gathered_row_mve(const teff_conv_rows* p, teff_pixels_mve* how, int32_t row,
                                       const int8_t* x, void* scratch, int8_t* y) {
  const teff_window* w = &p->window;
  int32_t* tap_rows = (int32_t*)scratch;
  int8_t* columns = (int8_t*)(tap_rows + w->kernel_h);
  const teff_strips_mve strips = teff_window_strips_mve(w);
  const int32_t column = w->kernel_h * w->channels;
  for (int32_t ox = 0; ox < w->out_w; ox += strips.pixels, y += strips.pixels * p->outputs) {
    const teff_strip_mve strip = teff_strip_at_mve(w, p->in, strips, row, ox, tap_rows);
    const int32_t before = strip.before * column, inside = strip.inside * column;
    teff_fill_mve(columns, p->x_zero, teff_min_s32(before, strips.bytes));
    if (before + inside < strips.bytes)
      teff_fill_mve(columns + before + inside, p->x_zero, strips.bytes - before - inside);
    teff_fill_strip_mve(p, strip, x, tap_rows, columns);
    teff_make_pixels_mve(p, how, strip.pixels, columns, w->stride_w * column, y);
  }
}

// Rows of pixels that follow one another in x and in y are one long row, unless results overlay what is read
// so closely that a block writes over its own pixels (of two rows that it spans the second may overlay the
// first), or pixels are gone through twice.
TEFF_KERNEL int teff_are_joined_mve(const teff_conv_rows* p, const int8_t* x, int8_t* y, teff_range rows) {
  const teff_window* w = &p->window;
  if (w->stride_w != 1 || w->stride_h != 1 || w->in_w != w->out_w) return 0;
  if (p->in.rows < w->in_h || p->out.rows < w->out_h) return 0;
  const ptrdiff_t pixels = (ptrdiff_t)(rows.end - rows.begin) * w->out_w, most = 4;  // of a block
  const ptrdiff_t last = pixels > most ? pixels - most : 0;
  x += (ptrdiff_t)rows.begin * p->in.row_bytes, y += (ptrdiff_t)rows.begin * p->out.row_bytes;
  if (teff_apart_mve(x, pixels * w->channels, y, pixels * p->outputs)) return 1;
  const int8_t *last_x = x + last * w->channels, *last_y = y + last * p->outputs;
  return p->outputs % 4 == 0 && teff_apart_mve(x, most * w->channels, y, most * p->outputs) &&
         teff_apart_mve(last_x, most * w->channels, last_y, most * p->outputs) &&
         (y < x) == (last_y < last_x);
}

// What is the same for all pixels. `any` and `scale`: the loop for any number of products and its scaling, or
// null.
TEFF_KERNEL void teff_begin_blocks_mve(teff_pixels_mve* how, const teff_conv_rows* p, teff_run_block_mve any,
                                       teff_scale_mve scale, const void* packed) {
  const int32_t products = teff_products_mve(&p->window), scaling = p->result.scaling;
  teff_block_mve* block = &how->job.block;
  teff_clear_struct_mve(block, sizeof *block);  // (it is copied as a whole before all of it is set)
  block->next = 2 * products - (products + 15) / 16 * 16;
  block->number = teff_scaling_number_mve(&p->result);
  block->channels = (const teff_channels_mve*)packed;
  block->w = (const int8_t*)(block->channels + (p->outputs + 3) / 4);
  block->products = products;
  block->fours = p->outputs / 4;
  block->scale = scale;
  how->many = how->single = any;
  block->pixels = 3, block->pitch = block->beyond = products;
  if (any) return;
  block->pixels = teff_block_pixels_mve(products), block->pitch = teff_row_pitch_mve(products);
  block->beyond = products - 16;
  how->many = teff_block_for_mve(scaling, products, 0);
  how->single = p->window.out_w == 1 ? teff_block_for_mve(scaling, products, 1) : how->many;
}
TEFF_SHARED void teff_begin_pixels_mve(teff_pixels_mve* how, const teff_conv_rows* p, teff_run_block_mve any,
                                       teff_scale_mve scale, const void* packed) {
  const int32_t products = teff_products_mve(&p->window), scaling = p->result.scaling;
  if (teff_makes_quads_mve(p)) {
    how->quads = teff_quads_for_mve(scaling, products), how->one_quad = teff_quads_for_mve(scaling, 1);
    teff_begin_quads_mve(&how->job.quad, &p->result, products, p->outputs, packed);
  } else {
    teff_begin_blocks_mve(how, p, any, scale, packed);
  }
}

TEFF_SHARED void teff_pointwise_rows_mve(const teff_conv_rows* p, teff_pixels_mve* how, const int8_t* x,
                                         int8_t* y, teff_range rows) {
  const teff_window* w = &p->window;
  const int32_t height = teff_are_joined_mve(p, x, y, rows) ? rows.end - rows.begin : 1;
  const int32_t width = height * w->out_w, step = w->stride_w * w->channels;
  for (int32_t row = rows.begin; row < rows.end; row += height) {
    int8_t* to = y + teff_row_offset(p->out, w->out_h, row);
    teff_make_pixels_mve(p, how, width, x + teff_row_offset(p->in, w->in_h, row * w->stride_h), step, to);
    if (teff_is_clamped_mve(&p->result)) teff_clamp_mve(to, width * p->outputs, p->result.lo, p->result.hi);
  }
}

TEFF_SHARED void teff_gathered_rows_mve(const teff_conv_rows* p, teff_pixels_mve* how, const int8_t* x,
                                        int8_t* y, void* scratch, teff_range rows) {
  for (int32_t row = rows.begin; row < rows.end; ++row) {
    int8_t* to = y + teff_row_offset(p->out, p->window.out_h, row);
    teff_gathered_row_mve(p, how, row, x, scratch, to);
    if (teff_is_clamped_mve(&p->result))
      teff_clamp_mve(to, p->window.out_w * p->outputs, p->result.lo, p->result.hi);
  }
}

TEFF_KERNEL void teff_conv_rows_mve(teff_conv_rows p, const int8_t* x, const void* packed, int8_t* y,
                                    void* scratch, teff_range rows) {
  teff_pixels_mve how;
  teff_begin_pixels_mve(&how, &p, p.small ? teff_block_any_mve : 0,
                        p.small ? teff_scale_for_mve(p.result.scaling) : 0, packed);
  if (teff_is_pointwise(&p.window))
    teff_pointwise_rows_mve(&p, &how, x, y, rows);
  else
    teff_gathered_rows_mve(&p, &how, x, y, scratch, rows);
}

#endif
