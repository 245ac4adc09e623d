// int8 kernels for x86: what the plan hands them, and how their constants are packed.
//
// Results are those of teff_conv2d_s8 and its like to the bit. Weights, what sums start at and what they are
// scaled with come packed, once for each model (plan/pack_x86.h); images are int8 NHWC as everywhere. A unit
// is one output pixel, counted through all images, unless said otherwise. Kernels write to y after they have
// read what they need of x for a band of rows only: y must not overlay x.
#pragma once

#include <stdint.h>

#include "kernels/c/rows.h"

// What a sum starts at and is scaled with, as kernels/x86/scale_s8.h has it.
typedef struct teff_scale_x86 {
  int32_t start, multiplier, offset, shift;
} teff_scale_x86;

// Outputs are computed in blocks of 1, 2 or 4 vectors of `lanes` sums (16: AVX-512, 8: AVX2). For each block,
// constants[4][vectors][lanes] of int32 (what the sum starts at, multiplier, offset, shift) are followed by
// the weights, one step after another, [vectors][lanes][group]: a step is as many neighbouring inputs as one
// instruction multiplies for a lane, 4 bytes or 2 words. A row of a window (or a tap, where taps are apart)
// begins with a new step; what fills a step up has weights of 0. Results of a block are packed to bytes by
// instructions that work within groups of four lanes, so lane 4 g + e of vector v is output 4 vectors g + 4 v
// + e of the block.
typedef struct teff_conv_x86 {
  teff_window window;
  int32_t outputs;
  int32_t x_zero;
  int32_t band;  // rows of the output that are made at a time
  teff_result result;
} teff_conv_x86;

// One vector of inputs; a unit is a block of outputs (blocks as above).
typedef struct teff_dense_x86 {
  int32_t inputs, outputs;
  teff_result result;
} teff_dense_x86;

// A depthwise convolution, one output for each channel; a unit is one row of the output, counted through all
// images. What a row of results consists of, pixel by pixel and channel by channel, is made so many at a
// time (64: AVX-512, 16: AVX2) as a block is wide. `flat` 1: without regard to where pixels begin, so that
// after `sets` of them the channels are the same again; 0: each pixel on its own. Packed for each of the sets
// as for a block above, a step being as many taps.
typedef struct teff_depthwise_x86 {
  teff_window window;
  int32_t x_zero;
  int32_t band;
  int32_t sets, flat;
  teff_result result;
} teff_depthwise_x86;

#define TEFF_DEPTHWISE_TAPS_X86 128  // at most

// How many vectors wide the block is that begins where `outputs` are left.
static inline int32_t teff_block_vectors_x86(int32_t outputs, int32_t lanes) {
  const int32_t widest = lanes == 16 ? 4 : 2;
  if (outputs > 2 * lanes && outputs != 3 * lanes) return widest;
  return outputs > lanes ? 2 : 1;
}

// Rows and columns of a window that slides over `rows` outputs.
static inline int64_t teff_rows_seen_x86(const teff_window* w, int32_t rows) {
  return (int64_t)(rows - 1) * w->stride_h + (int64_t)(w->kernel_h - 1) * w->dilation_h + 1;
}
static inline int64_t teff_columns_seen_x86(const teff_window* w) {
  return (int64_t)(w->out_w - 1) * w->stride_w + (int64_t)(w->kernel_w - 1) * w->dilation_w + 1;
}

// Where the taps of a row lie side by side, they are one piece.
static inline int32_t teff_pieces_x86(const teff_window* w) { return w->dilation_w == 1 ? 1 : w->kernel_w; }
static inline int32_t teff_piece_inputs_x86(const teff_window* w) {
  return w->dilation_w == 1 ? w->kernel_w * w->channels : w->channels;
}

// Elements of a band of inputs, with what the last step reads beyond them.
static inline int64_t teff_band_elements_x86(const teff_window* w, int32_t rows) {
  return teff_rows_seen_x86(w, rows) * teff_columns_seen_x86(w) * w->channels + 64;
}

// Depthwise convolutions sort a row's columns by their remainder modulo the stride: columns of a remainder.
static inline int64_t teff_sorted_columns_x86(const teff_window* w) {
  return (teff_columns_seen_x86(w) + w->stride_w - 1) / w->stride_w;
}
static inline int64_t teff_sorted_elements_x86(const teff_window* w, int32_t rows) {
  return teff_rows_seen_x86(w, rows) * teff_sorted_columns_x86(w) * w->stride_w * w->channels + 64;
}

#if defined(__x86_64__)

void teff_conv_s8_avx512vnni(teff_conv_x86 p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                             teff_range r);
void teff_dense_s8_avx512vnni(teff_dense_x86 p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                              teff_range r);
void teff_depthwise_s8_avx512vnni(teff_depthwise_x86 p, const int8_t* x, const void* packed, int8_t* y,
                                  void* scratch, teff_range r);

void teff_conv_s8_avx2(teff_conv_x86 p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                       teff_range r);
void teff_dense_s8_avx2(teff_dense_x86 p, const int8_t* x, const void* packed, int8_t* y, void* scratch,
                        teff_range r);
void teff_depthwise_s8_avx2(teff_depthwise_x86 p, const int8_t* x, const void* packed, int8_t* y,
                            void* scratch, teff_range r);

#endif
