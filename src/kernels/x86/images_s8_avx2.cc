// Sums, products, pools and means of int8 on 256 bits.
#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/x86/images_s8.h"
#include "kernels/x86/target.h"

TEFF_TARGET_BEGIN("avx2,fma,f16c")

#include "kernels/x86/words_s8_avx2.h"

#include "kernels/x86/bytes_avx2.h"
#include "kernels/x86/scale_s8.h"

#include "kernels/x86/images_walk_s8.h"

namespace {

// The first n of 16 bytes; the others are not read.
__attribute__((always_inline)) inline __m128i first_of_16(const int8_t* x, ptrdiff_t n) {
  if (n == 16) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(x));
  int8_t bytes[16] = {0};
  for (ptrdiff_t i = 0; i < n; ++i) bytes[i] = x[i];
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

__attribute__((always_inline)) inline void store_first_of_16(int8_t* y, __m128i v, ptrdiff_t n) {
  int8_t bytes[16];
  if (n == 16) return _mm_storeu_si128(reinterpret_cast<__m128i*>(y), v);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes), v);
  for (ptrdiff_t i = 0; i < n; ++i) y[i] = bytes[i];
}

struct Images256 {
  static constexpr int kLanes = 8;

  __attribute__((always_inline)) static inline __m256i load_bytes(const int8_t* x, ptrdiff_t n) {
    if (n == 8) return _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(x)));
    return _mm256_cvtepi8_epi32(first_of_16(x, n));
  }
  __attribute__((always_inline)) static inline __m256i times(__m256i a, __m256i b) {
    return _mm256_mullo_epi32(a, b);
  }
  template <int Vectors>
  __attribute__((always_inline)) static inline void store(int8_t* y, const __m256i* v,
                                                          const teff_result& result, int32_t n) {
    store_results<Vectors>(y, v, result, n);
  }

  // sum / count, rounded half away from zero. Quotients differ from whole numbers by 1 / count at least,
  // which a float division of numbers below 2^23 does not round away.
  __attribute__((always_inline)) static inline __m256i averages(__m256i sums, int32_t count) {
    const __m256i sign = _mm256_srai_epi32(sums, 31);
    const __m256i rounded = _mm256_add_epi32(_mm256_abs_epi32(sums), _mm256_set1_epi32(count / 2));
    const __m256 quotient =
        _mm256_div_ps(_mm256_cvtepi32_ps(rounded), _mm256_set1_ps(static_cast<float>(count)));
    const __m256i whole = _mm256_cvttps_epi32(quotient);
    return _mm256_sub_epi32(_mm256_xor_si256(whole, sign), sign);
  }

  // Adds up to 16 neighbouring bytes of pixels, each sum in a lane as s8.h has them: two pixels are
  // interleaved word by word, and VPMADDWD adds the two of each channel.
  struct PixelSums {
    static constexpr int kWidth = 16, kVectors = 2;
    __m256i sums[2];
    int32_t some;

    PixelSums(__m256i start, int32_t n) : sums{start, start}, some(n) {}
    // `count` pixels from x on, `apart` from each other.
    __attribute__((always_inline)) void add(const int8_t* x, ptrdiff_t apart, int32_t count) {
      for (; count >= 2; count -= 2, x += 2 * apart) add_two(at(x), at(x + apart));
      if (count > 0) add_two(at(x), _mm256_setzero_si256());
    }
    __attribute__((always_inline)) __m256i at(const int8_t* x) const {
      return _mm256_cvtepi8_epi16(first_of_16(x, some));
    }
    __attribute__((always_inline)) void add_two(__m256i a, __m256i b) {
      const __m256i ones = _mm256_set1_epi16(1);
      sums[0] = plus(sums[0], _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), ones));
      sums[1] = plus(sums[1], _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), ones));
    }
  };

  struct Maxima {
    static constexpr int kWidth = 16;
    __m128i most = _mm_set1_epi8(-128);
    int32_t some;

    explicit Maxima(int32_t n) : some(n) {}
    __attribute__((always_inline)) void add(const int8_t* x) {
      most = _mm_max_epi8(most, first_of_16(x, some));
    }
    __attribute__((always_inline)) void store(int8_t* y, int32_t lo, int32_t hi) const {
      const __m128i at_least = _mm_max_epi8(most, _mm_set1_epi8(static_cast<char>(lo)));
      store_first_of_16(y, _mm_min_epi8(at_least, _mm_set1_epi8(static_cast<char>(hi))), some);
    }
  };
};

}  // namespace

void teff_add_s8_avx2(teff_add_x86 p, const int8_t* a, const int8_t* b, int8_t* y, teff_range r) {
  add<Images256>(p, a, b, y, r);
}

void teff_mul_s8_avx2(teff_mul_x86 p, const int8_t* x, const int8_t* m, int8_t* y, teff_range r) {
  with_scaling(p.result, [&]<class Scaling>() { multiply<Images256, Scaling>(p, x, m, y, r); });
}

void teff_mean_s8_avx2(teff_mean_x86 p, const int8_t* x, int8_t* y, teff_range r) {
  with_scaling(p.result, [&]<class Scaling>() { means<Images256, Scaling>(p, x, y, r); });
}

void teff_average_pool_s8_avx2(teff_pool_x86 p, const int8_t* x, int8_t* y, teff_range r) {
  average_pool<Images256>(p, x, y, r);
}

void teff_max_pool_s8_avx2(teff_pool_x86 p, const int8_t* x, int8_t* y, teff_range r) {
  max_pool<Images256>(p, x, y, r);
}

TEFF_TARGET_END

#endif
