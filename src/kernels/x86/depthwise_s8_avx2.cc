// Depthwise convolutions with VPMADDWD on 256 bits: two taps of a channel become neighbouring words of a lane
// as two vectors of 16 words are interleaved.
#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/x86/s8.h"
#include "kernels/x86/target.h"

TEFF_TARGET_BEGIN("avx2,fma,f16c")

#include "kernels/x86/words_s8_avx2.h"

#include "kernels/x86/bytes_avx2.h"
#include "kernels/x86/depthwise_bands.h"
#include "kernels/x86/scale_s8.h"

namespace {

struct Depthwise256 {
  using Element = int16_t;
  static constexpr int kWidth = 16, kGroup = 2;

  static void fill(int16_t* to, int32_t value, ptrdiff_t n) { fill_words(to, value, n); }
  static void copy(int16_t* to, const int8_t* from, ptrdiff_t n) { copy_words(to, from, n); }
  static void copy_apart(int16_t* to, const int8_t* from, ptrdiff_t bytes, ptrdiff_t apart, ptrdiff_t count) {
    for (; count > 0; --count, to += bytes, from += apart) copy_words(to, from, bytes);
  }

  // The results of 16 bytes, or of n that are stored; of `Count` taps, or of `count` where that is 0.
  template <int Count, class Scaling>
  __attribute__((always_inline)) static inline void make(const int16_t* x, const ptrdiff_t* taps,
                                                         int32_t count, const int32_t* constants,
                                                         const void* packed, const Scaling& scaling,
                                                         const teff_result& result, int8_t* y, ptrdiff_t n) {
    const __m256i* weights = static_cast<const __m256i*>(packed);
    __m256i sums[2] = {load(constants), load(constants + 8)};
    if (Count > 0) count = Count;
#pragma GCC unroll 5
    for (int32_t t = 0; t < count; t += 2, weights += 2) {
      const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + taps[t]));
      const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + taps[t + 1]));
      sums[0] = plus(sums[0], _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), _mm256_loadu_si256(weights)));
      sums[1] =
          plus(sums[1], _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), _mm256_loadu_si256(weights + 1)));
    }
    for (int v = 0; v < 2; ++v) sums[v] = scaling(sums[v], scale_at(constants + 8 * v, kWidth));
    store_results<2>(y, sums, result, n < kWidth ? n : kWidth);
  }
};

}  // namespace

void teff_depthwise_s8_avx2(teff_depthwise_x86 p, const int8_t* x, const void* packed, int8_t* y,
                            void* scratch, teff_range r) {
  const int8_t* from = static_cast<const int8_t*>(packed);
  with_scaling(p.result,
               [&]<class Scaling>() { depthwise<Depthwise256, Scaling>(p, x, from, y, scratch, r); });
}

TEFF_TARGET_END

#endif
