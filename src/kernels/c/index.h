// Picking elements by index, and the arithmetic of shapes.
#ifndef TEFF_KERNELS_C_INDEX_H
#define TEFF_KERNELS_C_INDEX_H

#include <math.h>
#include <stddef.h>

#include "base.h"

// y[b][o][p][...] = x[b][o][indices[b][p][0]][indices[b][p][1]]...[...]: runs of elements, each picked by
// `depth` indices. A unit is one run.
typedef struct teff_gather_params {
  int32_t element, run;                                  // bytes of an element, elements of a run
  int32_t outer, positions, depth;                       // per batch
  int32_t block;                                         // elements of x from one o to the next
  int32_t extent[TEFF_MAX_RANK], stride[TEFF_MAX_RANK];  // of the axes that are indexed
} teff_gather_params;

#define TEFF_GATHER(bits)                                                                                    \
  TEFF_KERNEL teff_fault teff_gather_s##bits(teff_gather_params p, const void* x,                            \
                                             const int##bits##_t* indices, void* y, teff_range r) {          \
    const intptr_t bytes = (intptr_t)p.run * p.element;                                                      \
    int32_t row = r.begin / p.positions, position = r.begin % p.positions;                                   \
    for (int32_t unit = r.begin; unit < r.end; ++unit) {                                                     \
      const int##bits##_t* index = indices + ((intptr_t)(row / p.outer) * p.positions + position) * p.depth; \
      intptr_t from = (intptr_t)row * p.block;                                                               \
      for (int32_t d = 0; d < p.depth; ++d) {                                                                \
        if (index[d] < 0 || index[d] >= p.extent[d]) return TEFF_BAD_INDEX;                                  \
        from += (intptr_t)index[d] * p.stride[d];                                                            \
      }                                                                                                      \
      __builtin_memcpy((char*)y + unit * bytes, (const char*)x + from * p.element, (size_t)bytes);           \
      if (++position == p.positions) position = 0, ++row;                                                    \
    }                                                                                                        \
    return TEFF_FINE;                                                                                        \
  }
TEFF_GATHER(32)
TEFF_GATHER(64)

// Numpy's broadcasting rule on two shapes that are data. A unit is one extent of the result, which is as long
// as the longer one.
typedef struct teff_broadcast_args_params {
  int32_t a_rank, b_rank;
} teff_broadcast_args_params;

#define TEFF_BROADCAST_ARGS(bits)                                                                          \
  TEFF_KERNEL teff_fault teff_broadcast_args_s##bits(teff_broadcast_args_params p, const int##bits##_t* a, \
                                                     const int##bits##_t* b, int##bits##_t* y,             \
                                                     teff_range r) {                                       \
    const int32_t rank = teff_max_s32(p.a_rank, p.b_rank);                                                 \
    for (int32_t i = r.begin; i < r.end; ++i) {                                                            \
      const int32_t in_a = i - (rank - p.a_rank), in_b = i - (rank - p.b_rank);                            \
      const int##bits##_t from_a = in_a < 0 ? 1 : a[in_a], from_b = in_b < 0 ? 1 : b[in_b];                \
      if (from_a != from_b && from_a != 1 && from_b != 1) return TEFF_BAD_SHAPE;                           \
      y[i] = from_a == 1 ? from_b : from_a;                                                                \
    }                                                                                                      \
    return TEFF_FINE;                                                                                      \
  }
TEFF_BROADCAST_ARGS(32)
TEFF_BROADCAST_ARGS(64)

// How many elements start, start + delta, ... lie before limit; -1: there is no such sequence. The difference
// of two 64-bit numbers fits in 64 bits without sign.
TEFF_KERNEL int64_t teff_sequence_count_s64(int64_t start, int64_t limit, int64_t delta) {
  if (delta == 0 || (delta > 0 ? start > limit : start < limit)) return -1;
  const uint64_t way = delta > 0 ? (uint64_t)limit - (uint64_t)start : (uint64_t)start - (uint64_t)limit;
  const uint64_t step = delta > 0 ? (uint64_t)delta : -(uint64_t)delta;
  const uint64_t count = way / step + (way % step != 0);
  return count > INT32_MAX ? -1 : (int64_t)count;
}
TEFF_KERNEL int64_t teff_sequence_count_f32(float start, float limit, float delta) {
  const float count = ceilf((limit - start) / delta);
  return count >= 0 && count < 2147483648.0f ? (int64_t)count : -1;
}

// start, start + delta, ... before limit: as many as `count`, or it is a fault. A unit is one of them.
typedef struct teff_sequence_params {
  int32_t count;
} teff_sequence_params;

#define TEFF_SEQUENCE(bits)                                                                            \
  TEFF_KERNEL teff_fault teff_sequence_s##bits(teff_sequence_params p, const int##bits##_t* start,     \
                                               const int##bits##_t* limit, const int##bits##_t* delta, \
                                               int##bits##_t* y, teff_range r) {                       \
    if (teff_sequence_count_s64(*start, *limit, *delta) != p.count) return TEFF_BAD_SHAPE;             \
    for (int32_t i = r.begin; i < r.end; ++i)                                                          \
      y[i] = (int##bits##_t)((uint64_t)*start + (uint64_t)i * (uint64_t)*delta);                       \
    return TEFF_FINE;                                                                                  \
  }
TEFF_SEQUENCE(32)
TEFF_SEQUENCE(64)

TEFF_KERNEL teff_fault teff_sequence_f32(teff_sequence_params p, const float* start, const float* limit,
                                         const float* delta, float* y, teff_range r) {
  if (teff_sequence_count_f32(*start, *limit, *delta) != p.count) return TEFF_BAD_SHAPE;
  for (int32_t i = r.begin; i < r.end; ++i) y[i] = *start + (float)i * *delta;
  return TEFF_FINE;
}

#endif
