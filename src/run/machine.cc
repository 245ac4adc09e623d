#include "run/machine.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "core/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace teff {
namespace {

using Clock = std::chrono::steady_clock;

// The best of several short runs: others on the machine can only make a run slower.
template <class Loop>
double best_rate(Loop loop, double macs_per_round) {
  constexpr int64_t kRounds = 200'000;
  double best = 0;
  for (int run = 0; run < 12; ++run) {
    const auto start = Clock::now();
    loop(kRounds);
    const std::chrono::duration<double> seconds = Clock::now() - start;
    best = std::max(best, macs_per_round * kRounds / seconds.count());
  }
  return best;
}

#if defined(__x86_64__)

// Twelve independent sums hide the latency of the additions on every processor there is. The instructions
// stand in the text: compilers take products of the same numbers out of the loop, and g++ 12 copies the sums
// for some of its own instructions.
#if defined(__clang__)
#define TEFF_UNROLLED _Pragma("unroll")
#else
#define TEFF_UNROLLED _Pragma("GCC unroll 12")
#endif
#define TEFF_PEAK_LOOP(name, isa, Vector, zero, instructions)                                     \
  __attribute__((target(isa))) void name(int64_t rounds) {                                        \
    Vector sums[12], a = zero, b = zero;                                                          \
    TEFF_UNROLLED for (Vector & sum : sums) sum = zero;                                           \
    for (int64_t round = 0; round < rounds; ++round) {                                            \
      TEFF_UNROLLED for (Vector & sum : sums) __asm__ volatile(instructions : "+x"(sum) : "x"(a), \
                                                               "x"(b) : "xmm15");                 \
    }                                                                                             \
    TEFF_UNROLLED for (Vector & sum : sums) __asm__ volatile("" ::"x"(sum));                      \
  }
TEFF_PEAK_LOOP(float_sse, "sse4.1", __m128, _mm_setzero_ps(),
               "movaps %1, %%xmm15; mulps %2, %%xmm15; addps %%xmm15, %0")
TEFF_PEAK_LOOP(float_avx2, "avx2,fma", __m256, _mm256_setzero_ps(), "vfmadd231ps %2, %1, %0")
TEFF_PEAK_LOOP(float_avx512, "avx512f", __m512, _mm512_setzero_ps(), "vfmadd231ps %2, %1, %0")
TEFF_PEAK_LOOP(int8_sse, "sse4.1", __m128i, _mm_setzero_si128(),
               "movdqa %1, %%xmm15; pmaddubsw %2, %%xmm15; pmaddwd %2, %%xmm15; paddd %%xmm15, %0")
TEFF_PEAK_LOOP(int8_avx2, "avx2", __m256i, _mm256_setzero_si256(),
               "vpmaddubsw %2, %1, %%ymm15; vpmaddwd %2, %%ymm15, %%ymm15; vpaddd %%ymm15, %0, %0")
TEFF_PEAK_LOOP(int8_vnni, "avx512f,avx512vnni", __m512i, _mm512_setzero_si512(), "vpdpbusd %2, %1, %0")
#undef TEFF_PEAK_LOOP
#undef TEFF_UNROLLED

constexpr double kChains = 12;

#endif

}  // namespace

MachineLimit measure_float_limit() {
#if defined(__x86_64__)
  if (cpu_has(Isa::avx512)) return {best_rate(float_avx512, kChains * 16), "AVX-512 FMA"};
  if (cpu_has(Isa::avx2)) return {best_rate(float_avx2, kChains * 8), "AVX2 FMA"};
  if (cpu_has(Isa::sse41)) return {best_rate(float_sse, kChains * 4), "SSE"};
#endif
  return {};
}

MachineLimit measure_int8_limit() {
#if defined(__x86_64__)
  if (cpu_has(Isa::avx512vnni)) return {best_rate(int8_vnni, kChains * 64), "AVX-512 VNNI"};
  if (cpu_has(Isa::avx2)) return {best_rate(int8_avx2, kChains * 32), "AVX2 maddubs"};
  if (cpu_has(Isa::sse41)) return {best_rate(int8_sse, kChains * 16), "SSE maddubs"};
#endif
  return {};
}

}  // namespace teff
