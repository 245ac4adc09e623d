// Copies a box of elements from one layout to another: transposing, joining, splitting, slicing, reversing,
// repeating and filling are all this one loop with other strides.
//
// The box has `outer` axes and, inside of them, a tile of rows and columns. Along each axis neighbours lie
// `from` elements apart where they are read (0: the same element again; negative: backwards) and `to`
// elements apart where they are written. A unit is one row, counted through the outer axes. What is read and
// what is written must not overlap.
#ifndef TEFF_KERNELS_C_COPY_H
#define TEFF_KERNELS_C_COPY_H

#include <stddef.h>

#include "base.h"

// Each axis of a tensor may split in two (a repetition around an extent); the tile takes two of them.
#define TEFF_COPY_OUTER (2 * TEFF_MAX_RANK - 2)

typedef struct teff_copy_params {
  int32_t element;                 // bytes: 1, 2, 4 or 8
  int32_t from_offset, to_offset;  // of the box's first element
  int32_t rows, row_from, row_to;  //
  int32_t columns, col_from, col_to;
  int32_t outer;
  int32_t extent[TEFF_COPY_OUTER], from[TEFF_COPY_OUTER], to[TEFF_COPY_OUTER];  // outermost first
} teff_copy_params;

// A tile that is read down its columns touches another cache line with each element; going through it in
// squares of this side uses a line whole before it is gone.
#define TEFF_COPY_SQUARE 16

#define TEFF_COPY_TILE(bits)                                                                                \
  TEFF_KERNEL void teff_copy_row_##bits(const char* x, char* y, intptr_t from, intptr_t to, int32_t n) {    \
    uint##bits##_t value;                                                                                   \
    if (from == 0 && n > 0) {                                                                               \
      __builtin_memcpy(&value, x, sizeof value);                                                            \
      if (to == 1)                                                                                          \
        for (int32_t i = 0; i < n; ++i) __builtin_memcpy(y + i * (bits / 8), &value, sizeof value);         \
      else                                                                                                  \
        for (int32_t i = 0; i < n; ++i) __builtin_memcpy(y + i * to * (bits / 8), &value, sizeof value);    \
      return;                                                                                               \
    }                                                                                                       \
    for (int32_t i = 0; i < n; ++i) {                                                                       \
      __builtin_memcpy(&value, x + i * from * (bits / 8), sizeof value);                                    \
      __builtin_memcpy(y + i * to * (bits / 8), &value, sizeof value);                                      \
    }                                                                                                       \
  }                                                                                                         \
  TEFF_KERNEL void teff_copy_tile_##bits(const teff_copy_params* p, const char* x, char* y, int32_t rows) { \
    const int32_t near_by = p->col_from >= -1 && p->col_from <= 1;                                          \
    const int32_t side = near_by ? p->columns : TEFF_COPY_SQUARE;                                           \
    for (int32_t r0 = 0, r1; r0 < rows; r0 = r1) {                                                          \
      r1 = r0 + teff_min_s32(rows - r0, TEFF_COPY_SQUARE);                                                  \
      for (int32_t c0 = 0, n; c0 < p->columns; c0 += n) {                                                   \
        n = teff_min_s32(p->columns - c0, side);                                                            \
        for (int32_t r = r0; r < r1; ++r)                                                                   \
          teff_copy_row_##bits(x + ((intptr_t)r * p->row_from + (intptr_t)c0 * p->col_from) * (bits / 8),   \
                               y + ((intptr_t)r * p->row_to + (intptr_t)c0 * p->col_to) * (bits / 8),       \
                               p->col_from, p->col_to, n);                                                  \
      }                                                                                                     \
    }                                                                                                       \
  }
TEFF_COPY_TILE(8)
TEFF_COPY_TILE(16)
TEFF_COPY_TILE(32)
TEFF_COPY_TILE(64)

TEFF_KERNEL void teff_copy_tile(const teff_copy_params* p, const char* x, char* y, int32_t rows) {
  if (p->col_from == 1 && p->col_to == 1) {
    const intptr_t row_from = (intptr_t)p->row_from * p->element, row_to = (intptr_t)p->row_to * p->element;
    for (int32_t r = 0; r < rows; ++r)
      __builtin_memcpy(y + r * row_to, x + r * row_from, (size_t)p->columns * (size_t)p->element);
  } else if (p->element == 1) {
    teff_copy_tile_8(p, x, y, rows);
  } else if (p->element == 2) {
    teff_copy_tile_16(p, x, y, rows);
  } else if (p->element == 4) {
    teff_copy_tile_32(p, x, y, rows);
  } else {
    teff_copy_tile_64(p, x, y, rows);
  }
}

TEFF_KERNEL void teff_copy(teff_copy_params p, const void* x, void* y, teff_range r) {
  int32_t index[TEFF_COPY_OUTER];
  int32_t tile = r.begin / p.rows, row = r.begin % p.rows;
  intptr_t from = p.from_offset, to = p.to_offset;
  for (int32_t a = p.outer - 1; a >= 0; --a) {
    index[a] = tile % p.extent[a];
    tile /= p.extent[a];
    from += (intptr_t)index[a] * p.from[a];
    to += (intptr_t)index[a] * p.to[a];
  }
  for (int32_t unit = r.begin; unit < r.end; row = 0) {
    const int32_t rows = teff_min_s32(p.rows - row, r.end - unit);
    teff_copy_tile(&p, (const char*)x + (from + (intptr_t)row * p.row_from) * p.element,
                   (char*)y + (to + (intptr_t)row * p.row_to) * p.element, rows);
    unit += rows;
    for (int32_t a = p.outer - 1; a >= 0; --a) {
      from += p.from[a], to += p.to[a];
      if (++index[a] < p.extent[a]) break;
      from -= (intptr_t)p.extent[a] * p.from[a], to -= (intptr_t)p.extent[a] * p.to[a];
      index[a] = 0;
    }
  }
}

// A copy whose place in the larger of the two tensors is known only when it runs: `start` has one index for
// each axis. An index of which the box would leave the tensor is moved to the nearest that does not, or is a
// fault.
typedef struct teff_copy_at_params {
  teff_copy_params copy;
  int32_t into;   // the place is in what is written, not in what is read
  int32_t clamp;  // indices are moved
  int32_t rank;
  int32_t most[TEFF_MAX_RANK], stride[TEFF_MAX_RANK];
} teff_copy_at_params;

#define TEFF_COPY_AT(bits)                                                                         \
  TEFF_KERNEL teff_fault teff_copy_at_s##bits(teff_copy_at_params p, const void* x,                \
                                              const int##bits##_t* start, void* y, teff_range r) { \
    int32_t offset = 0;                                                                            \
    for (int32_t a = 0; a < p.rank; ++a) {                                                         \
      int##bits##_t index = start[a];                                                              \
      if (index < 0 || index > p.most[a]) {                                                        \
        if (!p.clamp) return TEFF_BAD_INDEX;                                                       \
        index = index < 0 ? 0 : p.most[a];                                                         \
      }                                                                                            \
      offset += (int32_t)index * p.stride[a];                                                      \
    }                                                                                              \
    if (p.into)                                                                                    \
      p.copy.to_offset += offset;                                                                  \
    else                                                                                           \
      p.copy.from_offset += offset;                                                                \
    teff_copy(p.copy, x, y, r);                                                                    \
    return TEFF_FINE;                                                                              \
  }
TEFF_COPY_AT(32)
TEFF_COPY_AT(64)

#endif
