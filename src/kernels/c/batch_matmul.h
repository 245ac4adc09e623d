// Products of matrices in batches: y[i][j] = sum over k of a[i][k] * b[k][j]. A unit is one row of y, counted
// through all batches.
#ifndef TEFF_KERNELS_C_BATCH_MATMUL_H
#define TEFF_KERNELS_C_BATCH_MATMUL_H

#include "products.h"
#include "requantize.h"

typedef struct teff_batch_matmul_params {
  int32_t batch_rank;  // y's batch axes, outermost first
  int32_t batch[TEFF_MAX_RANK];
  // How many elements apart the matrices of neighbouring batches lie; 0 along an axis that is broadcast.
  int32_t a_step[TEFF_MAX_RANK], b_step[TEFF_MAX_RANK];
  int32_t rows, depth, columns;
  int32_t a_transposed, b_transposed;  // a is [depth, rows], b is [columns, depth]
  int32_t a_zero, b_zero;              // 0 unless int8
  teff_requantize result;              // not of floats
} teff_batch_matmul_params;

// Where the row of a and the matrix of b start that make row `unit` of y, and how far apart the row's
// elements lie.
typedef struct teff_batch_place {
  ptrdiff_t a, b;
  ptrdiff_t a_next;
} teff_batch_place;

TEFF_KERNEL teff_batch_place teff_batch_place_of(const teff_batch_matmul_params* p, int32_t unit) {
  const int32_t row = unit % p->rows;
  int32_t batch = unit / p->rows;
  teff_batch_place at = {p->a_transposed ? row : (ptrdiff_t)row * p->depth, 0, p->a_transposed ? p->rows : 1};
  for (int32_t axis = p->batch_rank; axis-- > 0; batch /= p->batch[axis]) {
    at.a += (ptrdiff_t)(batch % p->batch[axis]) * p->a_step[axis];
    at.b += (ptrdiff_t)(batch % p->batch[axis]) * p->b_step[axis];
  }
  return at;
}

// `row` is scratch for one row of a.
TEFF_KERNEL void teff_batch_matmul_f32(teff_batch_matmul_params p, const float* a, const float* b, float* y,
                                       float* row, teff_range r) {
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    const teff_batch_place at = teff_batch_place_of(&p, unit);
    float* result = y + (ptrdiff_t)unit * p.columns;
    for (int32_t k = 0; k < p.depth; ++k) row[k] = a[at.a + k * at.a_next];
    for (int32_t j = 0; j < p.columns; ++j)
      result[j] = p.b_transposed ? teff_dot_f32(row, b + at.b + (ptrdiff_t)j * p.depth, p.depth) : 0;
    if (!p.b_transposed) teff_add_products_f32(row, p.depth, b + at.b, p.columns, result);
  }
}

// Factors are a - a_zero and b - b_zero, narrowed to 16 bits (int8 needs 9 of them); sums may wrap. `row` is
// scratch for one row of a, `sums` for one of y. Along k where b is transposed, along j where it is not:
// always along what lies side by side.
#define TEFF_BATCH_MATMUL(name, T, Sum)                                                                \
  TEFF_KERNEL void teff_multiply_row_##name(const teff_batch_matmul_params* p, const int16_t* row,     \
                                            const T* b, Sum* __restrict sums) {                        \
    const int32_t depth = p->depth, columns = p->columns;                                              \
    const T zero = (T)p->b_zero;                                                                       \
    for (int32_t j = 0; j < columns; ++j) {                                                            \
      Sum sum = 0;                                                                                     \
      if (p->b_transposed)                                                                             \
        for (int32_t k = 0; k < depth; ++k)                                                            \
          sum += (Sum)(row[k] * (int16_t)(b[(ptrdiff_t)j * depth + k] - zero));                        \
      sums[j] = sum;                                                                                   \
    }                                                                                                  \
    if (p->b_transposed) return;                                                                       \
    for (int32_t k = 0; k < depth; ++k)                                                                \
      for (int32_t j = 0; j < columns; ++j)                                                            \
        sums[j] += (Sum)(row[k] * (int16_t)(b[(ptrdiff_t)k * columns + j] - zero));                    \
  }                                                                                                    \
  TEFF_KERNEL void teff_batch_matmul_##name(teff_batch_matmul_params p, const T* a, const T* b,        \
                                            const teff_factor* factor, T* y, int16_t* row, Sum* sums,  \
                                            teff_range r) {                                            \
    for (int32_t unit = r.begin; unit < r.end; ++unit) {                                               \
      const teff_batch_place at = teff_batch_place_of(&p, unit);                                       \
      T* result = y + (ptrdiff_t)unit * p.columns;                                                     \
      for (int32_t k = 0; k < p.depth; ++k) row[k] = (int16_t)(a[at.a + k * at.a_next] - (T)p.a_zero); \
      teff_multiply_row_##name(&p, row, b + at.b, sums);                                               \
      for (int32_t j = 0; j < p.columns; ++j)                                                          \
        result[j] = teff_requantize_##name(&p.result, sums[j], *factor);                               \
    }                                                                                                  \
  }
TEFF_BATCH_MATMUL(s8, int8_t, uint32_t)
TEFF_BATCH_MATMUL(s16, int16_t, uint64_t)
#undef TEFF_BATCH_MATMUL

#endif
