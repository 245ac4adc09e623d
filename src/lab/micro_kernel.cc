#include "micro_kernel.h"

#include "core/cpu.h"

namespace teff::lab {
namespace {

// 4 x 8 sums are eight of the sixteen registers that baseline x86-64 has.
constexpr int kRows = 4, kColumns = 8;

void add(int64_t k, const float* a, const float* b, float* c, int64_t stride) {
  float sum[kRows][kColumns] = {};
  for (int64_t step = 0; step < k; ++step, a += kRows, b += kColumns)
    for (int i = 0; i < kRows; ++i)
      for (int j = 0; j < kColumns; ++j) sum[i][j] += a[i] * b[j];
  for (int i = 0; i < kRows; ++i)
    for (int j = 0; j < kColumns; ++j) c[i * stride + j] += sum[i][j];
}

constexpr MicroKernel kKernel{kRows, kColumns, add};

}  // namespace

const MicroKernel* portable_micro_kernel() { return &kKernel; }

const MicroKernel& micro_kernel() {
  if (cpu_has(Isa::avx512)) return *avx512_micro_kernel();
  if (cpu_has(Isa::avx2)) return *avx2_micro_kernel();
  return kKernel;
}

}  // namespace teff::lab
