// Kernels that compute rows of an image, one after the other, for machines whose memory holds less than a
// tensor.
//
// A unit of such a kernel is one row of its output. An image of h rows lies in memory as a ring of `rows`
// rows: row y begins at (y mod rows) * row_bytes. A ring of h rows is the whole image; a shorter one holds
// the rows that somebody still needs. Who calls sees to it that the rows that a range of outputs reads are
// there, and that rows are made in their order. An output may overlay an input, as long as no row overwrites
// one that is read by it or by a later one.
//
// The weights come packed in the order in which the instructions of one machine read them, so each kernel
// exists for each machine: NAME_c, NAME_dsp (the Armv7E-M and Armv8-M instructions on pairs of 16 bits),
// NAME_mve (Helium). What is packed how stands beside each kernel. Images are int8, one at a time (batch 1),
// NHWC.
#ifndef TEFF_KERNELS_C_ROWS_H
#define TEFF_KERNELS_C_ROWS_H

#include <stddef.h>

#include "base.h"
#include "window.h"

typedef struct teff_ring {
  int32_t rows, row_bytes;
} teff_ring;

// Offset of row y of an image of `height` rows: where the ring holds all of them, y is not reduced.
TEFF_KERNEL ptrdiff_t teff_row_offset(teff_ring ring, int32_t height, int32_t y) {
  return (ptrdiff_t)(ring.rows >= height ? y : y % ring.rows) * ring.row_bytes;
}

// How the sum of products of a channel becomes an int8. All are TFLite's result to the bit: HIGH and HIGH2
// were proved so for all sums that a channel can reach, when they were chosen (plan/staircase.h). hi32 is the
// high half of a product of 64 bits.
//   HIGH    sat8((offset + hi32(sum * multiplier)) >> right)
//   HIGH2   the same, where sums are both below and above zero: t = 2 * sum,
//           sat8((offset + hi32(t * multiplier) + (t >> 31)) >> right)
//   TFLITE  as TFLite has it: doubling high product by `multiplier`, rounding shift by `offset`
//   RIGHT   as TFLITE, and it is known that all shifts are to the right, by s = -offset from 1 to 22, and
//   that
//           doubled sums stay in 32 bits. So it is, whether sums differ in sign or channels in their shifts,
//           sat8((hi32(t * multiplier + 2^31) + (t >> 31) + ((2 * zero + 1) << (s - 1))) >> s).
enum teff_scaling { TEFF_SCALE_TFLITE = 0, TEFF_SCALE_HIGH = 1, TEFF_SCALE_HIGH2 = 2, TEFF_SCALE_RIGHT = 3 };

typedef struct teff_result {
  int32_t scaling;  // of all channels, see above
  int32_t right;    // shift of TEFF_SCALE_HIGH and HIGH2, the same for all channels
  int32_t zero;     // of the result; TEFF_SCALE_HIGH and HIGH2 have it in their offset
  int32_t lo, hi;   // of the result: its type's and the activation's
} teff_result;

// What a channel's sum is scaled with. `sum` starts at `bias`, which holds the model's bias, what the zero
// point of the input adds, and what the scaling wants added.
typedef struct teff_channel {
  int32_t bias, multiplier;
  int32_t offset;  // TEFF_SCALE_TFLITE and RIGHT: the shift, negative for one to the right
} teff_channel;

// A convolution (window.dilation and strides any, groups 1).
typedef struct teff_conv_rows {
  teff_window window;
  int32_t outputs;
  teff_ring in, out;
  int32_t x_zero;  // what taps outside of the image read
  teff_result result;
  int32_t small;  // 1: by a loop that takes any number of products (conv_rows_mve.h)
} teff_conv_rows;

// A depthwise convolution, one output for each channel.
typedef struct teff_depthwise_rows {
  teff_window window;
  teff_ring in, out;
  int32_t x_zero;
  teff_result result;
  int32_t banded;  // 1: several rows are made together (depthwise_bands_dsp.h)
  int32_t small;   // 1: by a loop that takes any window (depthwise_rows_mve.h)
} teff_depthwise_rows;

// A fully connected layer: units are its outputs; x and y are one vector each. (Not an image: it has no
// ring.)
typedef struct teff_dense {
  int32_t inputs, outputs;
  teff_result result;
  int32_t small;  // 1: by a loop that takes any number of inputs (dense_mve.h)
} teff_dense;

#endif
