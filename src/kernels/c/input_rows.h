// The input of a network that the application delivers row by row, so that it never is there as a whole.
#ifndef TEFF_KERNELS_C_INPUT_ROWS_H
#define TEFF_KERNELS_C_INPUT_ROWS_H

#include "base.h"

// Writes rows [first_row, first_row + rows) of the input to `to`, one behind the other. `context` is what
// the application gave.
typedef void (*teff_rows_source)(void* context, int32_t first_row, int32_t rows, int8_t* to);

// The ring that the rows come to; `rows` are all of them where the input is there as a whole.
typedef struct teff_input_rows {
  int32_t rows, row_bytes;
} teff_input_rows;

// Takes rows [r.begin, r.end): in one piece, or in several where the ring closes.
TEFF_KERNEL void teff_take_rows(teff_input_rows ring, teff_rows_source source, void* context, int8_t* to,
                                teff_range r) {
  int32_t y = r.begin;
  while (y < r.end) {
    const int32_t at = y % ring.rows;
    const int32_t rows = teff_min_s32(r.end - y, ring.rows - at);
    source(context, y, rows, to + at * ring.row_bytes);
    y += rows;
  }
}

#endif
