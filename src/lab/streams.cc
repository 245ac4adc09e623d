#include "streams.h"

#include "core/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace teff::lab {
namespace {

// Four independent sums of whole words.
void read_words(const void* memory, int64_t bytes) {
  const auto* words = static_cast<const uint64_t*>(memory);
  uint64_t sums[4] = {};
  for (int64_t i = 0; i + 4 <= bytes / 8; i += 4)
    for (int64_t lane = 0; lane < 4; ++lane) sums[lane] += words[i + lane];
  volatile uint64_t kept = sums[0] + sums[1] + sums[2] + sums[3];
  static_cast<void>(kept);
}

#if defined(__x86_64__)

// The empty asm wants each vector in a register, so none of the loads is left out.
__attribute__((target("avx2"))) void read_avx2(const void* memory, int64_t bytes) {
  const auto* v = static_cast<const __m256i*>(memory);
  for (int64_t i = 0; i < bytes / 32; i += 8) {
    const __m256i a = _mm256_load_si256(v + i), b = _mm256_load_si256(v + i + 1),
                  c = _mm256_load_si256(v + i + 2), d = _mm256_load_si256(v + i + 3),
                  e = _mm256_load_si256(v + i + 4), f = _mm256_load_si256(v + i + 5),
                  g = _mm256_load_si256(v + i + 6), h = _mm256_load_si256(v + i + 7);
    __asm__ volatile("" ::"x"(a), "x"(b), "x"(c), "x"(d), "x"(e), "x"(f), "x"(g), "x"(h));
  }
}

__attribute__((target("avx512f"))) void read_avx512(const void* memory, int64_t bytes) {
  const auto* v = static_cast<const __m512i*>(memory);
  for (int64_t i = 0; i < bytes / 64; i += 8) {
    const __m512i a = _mm512_load_si512(v + i), b = _mm512_load_si512(v + i + 1),
                  c = _mm512_load_si512(v + i + 2), d = _mm512_load_si512(v + i + 3),
                  e = _mm512_load_si512(v + i + 4), f = _mm512_load_si512(v + i + 5),
                  g = _mm512_load_si512(v + i + 6), h = _mm512_load_si512(v + i + 7);
    __asm__ volatile("" ::"v"(a), "v"(b), "v"(c), "v"(d), "v"(e), "v"(f), "v"(g), "v"(h));
  }
}

#endif

}  // namespace

void read_all(const void* memory, int64_t bytes) {
#if defined(__x86_64__)
  if (cpu_has(Isa::avx512)) return read_avx512(memory, bytes);
  if (cpu_has(Isa::avx2)) return read_avx2(memory, bytes);
#endif
  read_words(memory, bytes);
}

std::vector<MemoryLevel> memory_levels() {
  const auto half = [](long bytes) { return static_cast<int64_t>(bytes) / 2 / 512 * 512; };
  std::vector<MemoryLevel> levels;
  if (cpu().l1d > 0) levels.push_back({"L1", half(cpu().l1d)});
  if (cpu().l2 > 0) levels.push_back({"L2", half(cpu().l2)});
  if (cpu().l3 > 0) levels.push_back({"L3", half(cpu().l3)});
  levels.push_back({"memory", 256 << 20});
  return levels;
}

float dot_one_sum(const float* a, const float* b, int64_t n) {
  float sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

float dot(const float* a, const float* b, int64_t n) {
  constexpr int64_t kSums = 16;
  float sums[kSums] = {};
  int64_t i = 0;
  for (; i + kSums <= n; i += kSums)
    for (int64_t lane = 0; lane < kSums; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  float sum = dot_one_sum(a + i, b + i, n - i);
  for (float lane : sums) sum += lane;
  return sum;
}

void add_scaled(float factor, const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

void matvec(const float* a, const float* x, float* y, int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; ++row) y[row] = dot(a + row * columns, x, columns);
}

}  // namespace teff::lab
