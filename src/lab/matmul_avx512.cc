// A block of C in registers, with the instructions of AVX-512: sixteen floats in each of 32 registers.
#include <algorithm>

#include "core/cpu.h"
#include "matmul.h"
#include "micro_kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace teff::lab {

#if defined(__x86_64__)

const char* no_avx512() { return cpu_has(Isa::avx512) ? nullptr : "this processor has no AVX-512"; }

namespace {

#define TEFF_AVX512 __attribute__((target("avx512f")))

// 24 registers of sums, two for a row of B, one for a number of A: 27 of 32.
constexpr int kRows = 12, kVectors = 2, kColumns = 16 * kVectors;

// Where the numbers lie: a[i * a_row + step * a_step], b[step * b_step + j].
struct Operands {
  const float* a;
  int64_t a_row, a_step;
  const float* b;
  int64_t b_step;
};

// 24 multiply-adds for 14 loads, where the loops before have two loads and a store for each; and 24 sums that
// do not wait for each other keep both of the processor's units busy through their latency of four cycles.
// `keep`: to what is in C it is added.
TEFF_AVX512 __attribute__((always_inline)) inline void block(int64_t k, const Operands& o, float* c,
                                                             int64_t stride, bool keep) {
  __m512 sum[kRows][kVectors];
  for (auto& row : sum)
    for (auto& v : row) v = _mm512_setzero_ps();
  const float *a = o.a, *b = o.b;
  for (int64_t step = 0; step < k; ++step, a += o.a_step, b += o.b_step) {
    const __m512 b0 = _mm512_loadu_ps(b), b1 = _mm512_loadu_ps(b + 16);
    for (int i = 0; i < kRows; ++i) {
      const __m512 ai = _mm512_set1_ps(a[i * o.a_row]);
      sum[i][0] = _mm512_fmadd_ps(ai, b0, sum[i][0]);
      sum[i][1] = _mm512_fmadd_ps(ai, b1, sum[i][1]);
    }
  }
  for (int i = 0; i < kRows; ++i)
    for (int v = 0; v < kVectors; ++v) {
      float* at = c + i * stride + 16 * v;
      _mm512_storeu_ps(at, keep ? _mm512_add_ps(_mm512_loadu_ps(at), sum[i][v]) : sum[i][v]);
    }
}

TEFF_AVX512 void block_of_rows(const Matmul& p, int64_t i, int64_t j) {
  block(p.k, {p.a + i * p.k, p.k, 1, p.b + j, p.n}, p.c + i * p.n + j, p.n, false);
}

TEFF_AVX512 void add_packed(int64_t k, const float* a, const float* b, float* c, int64_t stride) {
  block(k, {a, 1, kRows, b, kColumns}, c, stride, true);
}

constexpr MicroKernel kKernel{kRows, kColumns, add_packed};

}  // namespace

const MicroKernel* avx512_micro_kernel() { return &kKernel; }

// The last block of a row or column overlaps the one before instead of being smaller; what both compute is
// the same.
void avx512(Matmul p) {
  if (p.m < kRows || p.n < kColumns) return unroll(p);
  for (int64_t j = 0; j < p.n; j += kColumns)
    for (int64_t i = 0; i < p.m; i += kRows)
      block_of_rows(p, std::min(i, p.m - kRows), std::min(j, p.n - kColumns));
}

#else

const char* no_avx512() { return "not an x86 processor"; }
const MicroKernel* avx512_micro_kernel() { return nullptr; }
void avx512(Matmul p) { unroll(p); }

#endif

}  // namespace teff::lab
