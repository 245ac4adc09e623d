// Sums, products, pools and means of int8 on 512 bits.
//
// Sums over pixels are products with 1: four pixels are interleaved byte by byte, so that VPDPBUSD adds the
// four of each channel. What is loaded and stored at an end is masked.
#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels/x86/images_s8.h"
#include "kernels/x86/target.h"

TEFF_TARGET_BEGIN("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")

#include "kernels/x86/words_s8_avx512.h"

#include "kernels/x86/bytes_avx512.h"
#include "kernels/x86/interleave_avx512.h"
#include "kernels/x86/scale_s8.h"

#include "kernels/x86/images_walk_s8.h"

namespace {

struct Images512 {
  static constexpr int kLanes = 16;

  __attribute__((always_inline)) static inline __m512i load_bytes(const int8_t* x, ptrdiff_t n) {
    if (n == 16) return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x)));
    return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(static_cast<__mmask16>(first_bytes(n)), x));
  }
  __attribute__((always_inline)) static inline __m512i times(__m512i a, __m512i b) {
    return _mm512_mullo_epi32(a, b);
  }
  template <int Vectors>
  __attribute__((always_inline)) static inline void store(int8_t* y, const __m512i* v,
                                                          const teff_result& result, int32_t n) {
    store_results<Vectors>(y, v, result, n);
  }

  // sum / count, rounded half away from zero. Quotients differ from whole numbers by 1 / count at least,
  // which a float division of numbers below 2^23 does not round away.
  __attribute__((always_inline)) static inline __m512i averages(__m512i sums, int32_t count) {
    const __m512i sign = _mm512_srai_epi32(sums, 31);
    const __m512i rounded = _mm512_add_epi32(_mm512_abs_epi32(sums), _mm512_set1_epi32(count / 2));
    const __m512 quotient =
        _mm512_div_ps(_mm512_cvtepi32_ps(rounded), _mm512_set1_ps(static_cast<float>(count)));
    const __m512i whole = _mm512_cvttps_epi32(quotient);
    return _mm512_sub_epi32(_mm512_xor_si512(whole, sign), sign);
  }

  // Adds up to 64 neighbouring bytes of pixels, each sum in a lane as s8.h has them.
  struct PixelSums {
    static constexpr int kWidth = 64, kVectors = 4;
    __m512i sums[4];
    __mmask64 some;

    PixelSums(__m512i start, int32_t n) : sums{start, start, start, start}, some(first_bytes(n)) {}
    // `count` pixels from x on, `apart` from each other.
    __attribute__((always_inline)) void add(const int8_t* x, ptrdiff_t apart, int32_t count) {
      const __m512i zero = _mm512_setzero_si512();
      for (; count >= 4; count -= 4, x += 4 * apart)
        add_four(at(x), at(x + apart), at(x + 2 * apart), at(x + 3 * apart));
      if (count > 0)
        add_four(at(x), count > 1 ? at(x + apart) : zero, count > 2 ? at(x + 2 * apart) : zero, zero);
    }
    __attribute__((always_inline)) __m512i at(const int8_t* x) const {
      return _mm512_maskz_loadu_epi8(some, x);
    }
    __attribute__((always_inline)) void add_four(__m512i a, __m512i b, __m512i c, __m512i d) {
      const __m512i ones = _mm512_set1_epi8(1);
      const FourVectors x = interleaved(a, b, c, d);
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) add_products(sums[v], ones, x.v[v]);
    }
  };

  struct Maxima {
    static constexpr int kWidth = 64;
    __m512i most = _mm512_set1_epi8(-128);
    __mmask64 some;

    explicit Maxima(int32_t n) : some(first_bytes(n)) {}
    __attribute__((always_inline)) void add(const int8_t* x) {
      most = _mm512_max_epi8(most, _mm512_maskz_loadu_epi8(some, x));
    }
    __attribute__((always_inline)) void store(int8_t* y, int32_t lo, int32_t hi) const {
      const __m512i at_least = _mm512_max_epi8(most, _mm512_set1_epi8(static_cast<char>(lo)));
      _mm512_mask_storeu_epi8(y, some, _mm512_min_epi8(at_least, _mm512_set1_epi8(static_cast<char>(hi))));
    }
  };
};

}  // namespace

void teff_add_s8_avx512vnni(teff_add_x86 p, const int8_t* a, const int8_t* b, int8_t* y, teff_range r) {
  add<Images512>(p, a, b, y, r);
}

void teff_mul_s8_avx512vnni(teff_mul_x86 p, const int8_t* x, const int8_t* m, int8_t* y, teff_range r) {
  with_scaling(p.result, [&]<class Scaling>() { multiply<Images512, Scaling>(p, x, m, y, r); });
}

void teff_mean_s8_avx512vnni(teff_mean_x86 p, const int8_t* x, int8_t* y, teff_range r) {
  with_scaling(p.result, [&]<class Scaling>() { means<Images512, Scaling>(p, x, y, r); });
}

void teff_average_pool_s8_avx512vnni(teff_pool_x86 p, const int8_t* x, int8_t* y, teff_range r) {
  average_pool<Images512>(p, x, y, r);
}

void teff_max_pool_s8_avx512vnni(teff_pool_x86 p, const int8_t* x, int8_t* y, teff_range r) {
  max_pool<Images512>(p, x, y, r);
}

TEFF_TARGET_END

#endif
