// The innermost piece of a fast product: a block of C, rows x columns, that stays in registers while k runs.
// How many registers there are decides its size; everything else in a product only brings it what it reads.
#pragma once

#include <cstdint>

namespace teff::lab {

struct MicroKernel {
  int64_t rows, columns;
  // Adds to the block at `c`, whose rows are `stride` apart, the product of k columns of A and k rows of B.
  // They are packed: a[step * rows + i], b[step * columns + j].
  void (*add)(int64_t k, const float* a, const float* b, float* c, int64_t stride);
};

// Of plain C++, for every processor; and by hand. null: not for this kind of processor at all.
const MicroKernel* portable_micro_kernel();
const MicroKernel* avx2_micro_kernel();
const MicroKernel* avx512_micro_kernel();

// The best that runs here.
const MicroKernel& micro_kernel();

}  // namespace teff::lab
