// The same by OpenMP: one line tells the compiler what the other file spells out.
#include <algorithm>

#include "matmul.h"

namespace teff::lab {

#ifdef _OPENMP

const char* no_openmp() { return nullptr; }

void tile_openmp(Matmul p) {
  constexpr int64_t kRows = 32;  // a block of tile()
#pragma omp parallel for num_threads(p.threads)
  for (int64_t i = 0; i < p.m; i += kRows)
    tile({std::min(kRows, p.m - i), p.k, p.n, p.a + i * p.k, p.b, p.c + i * p.n});
}

#else

const char* no_openmp() { return "built without OpenMP"; }

void tile_openmp(Matmul p) { tile(p); }

#endif

}  // namespace teff::lab
