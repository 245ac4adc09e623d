// Rows of a table by their numbers. A unit is one number. Numbers outside of the table are a fault.
#ifndef TEFF_KERNELS_C_EMBEDDING_LOOKUP_H
#define TEFF_KERNELS_C_EMBEDDING_LOOKUP_H

#include <stddef.h>

#include "base.h"

typedef struct teff_embedding_lookup_params {
  int32_t rows, row_bytes;
} teff_embedding_lookup_params;

typedef struct teff_embedding_lookup_s8_f32_params {
  int32_t rows, columns;
  int32_t zero;
  float scale;
} teff_embedding_lookup_s8_f32_params;

TEFF_KERNEL teff_fault teff_embedding_lookup(teff_embedding_lookup_params p, const int32_t* ids,
                                             const void* table, void* y, teff_range r) {
  const char* from = (const char*)table;
  char* to = (char*)y;
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    if (ids[unit] < 0 || ids[unit] >= p.rows) return TEFF_BAD_INDEX;
    __builtin_memcpy(to + (ptrdiff_t)unit * p.row_bytes, from + (ptrdiff_t)ids[unit] * p.row_bytes,
                     (size_t)p.row_bytes);
  }
  return TEFF_FINE;
}

// A quantized table whose rows become floats as they are fetched.
TEFF_KERNEL teff_fault teff_embedding_lookup_s8_f32(teff_embedding_lookup_s8_f32_params p, const int32_t* ids,
                                                    const int8_t* table, float* y, teff_range r) {
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    if (ids[unit] < 0 || ids[unit] >= p.rows) return TEFF_BAD_INDEX;
    const int8_t* row = table + (ptrdiff_t)ids[unit] * p.columns;
    float* result = y + (ptrdiff_t)unit * p.columns;
    for (int32_t c = 0; c < p.columns; ++c) result[c] = p.scale * (float)(row[c] - p.zero);
  }
  return TEFF_FINE;
}

#endif
