// The lecture's step with vector instructions, written out in full. (The slides abbreviate: there is no
// _mm_mul_ps into one number; a vector of four sums is added up at the end.)
#include <vector>

#include "core/cpu.h"
#include "matmul.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace teff::lab {

#if defined(__x86_64__)

const char* no_sse() { return nullptr; }

namespace {

// In blocks of 16 x 16, so that the lines that are read are used up before they leave the cache.
std::vector<float> transposed(const Matmul& p) {
  constexpr int64_t kBlock = 16;
  std::vector<float> t(static_cast<size_t>(p.k * p.n));
  for (int64_t k0 = 0; k0 < p.k; k0 += kBlock)
    for (int64_t j0 = 0; j0 < p.n; j0 += kBlock)
      for (int64_t j = j0; j < j0 + kBlock && j < p.n; ++j)
        for (int64_t k = k0; k < k0 + kBlock && k < p.k; ++k)
          t[static_cast<size_t>(j * p.k + k)] = p.b[k * p.n + j];
  return t;
}

float sum_of(__m128 v) {
  alignas(16) float x[4];
  _mm_store_ps(x, v);
  return x[0] + x[1] + x[2] + x[3];
}

}  // namespace

// With B transposed, both a row of A and a column of B lie in sequence and are read four at a time. But there
// is one vector of sums, and each addition waits for the one before: four cycles for four products, where the
// processor could do sixteen and more in each. Transposing is part of the time here; the lecture leaves it
// out.
void sse(Matmul p) {
  const std::vector<float> columns = transposed(p);
  for (int64_t i = 0; i < p.m; ++i)
    for (int64_t j = 0; j < p.n; ++j) {
      const float* a = p.a + i * p.k;
      const float* b = columns.data() + j * p.k;
      __m128 sums = _mm_setzero_ps();
      int64_t k = 0;
      for (; k + 4 <= p.k; k += 4)  // loadu: rows begin where they will, load_ps wants multiples of 16 bytes
        sums = _mm_add_ps(sums, _mm_mul_ps(_mm_loadu_ps(a + k), _mm_loadu_ps(b + k)));
      float sum = sum_of(sums);
      for (; k < p.k; ++k) sum += a[k] * b[k];
      p.c[i * p.n + j] = sum;
    }
}

#else

const char* no_sse() { return "not an x86 processor"; }
void sse(Matmul p) { naive(p); }

#endif

}  // namespace teff::lab
