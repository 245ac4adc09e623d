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

namespace {

__attribute__((always_inline)) inline __m512i load_words(const int8_t* x) {
  return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x)));
}
__attribute__((always_inline)) inline __m512i load_words(const int8_t* x, ptrdiff_t n) {
  return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(static_cast<__mmask16>(first_bytes(n)), x));
}

struct LinearSum {
  __m512i a_factor, b_factor, offset;
  __m128i right;
  explicit LinearSum(const teff_add_x86& p)
      : a_factor(_mm512_set1_epi32(p.a_factor)),
        b_factor(_mm512_set1_epi32(p.b_factor)),
        offset(_mm512_set1_epi32(p.offset)),
        right(_mm_cvtsi32_si128(p.right)) {}
  __attribute__((always_inline)) __m512i operator()(__m512i a, __m512i b) const {
    const __m512i sum = _mm512_add_epi32(_mm512_mullo_epi32(a, a_factor), _mm512_mullo_epi32(b, b_factor));
    return _mm512_sra_epi32(_mm512_add_epi32(sum, offset), right);
  }
};

// Products of 16 channels with what they are multiplied with, less its zero point.
template <class Scaling>
struct Product {
  __m512i zero, start;
  Scale scale;
  Scaling scaling;
  explicit Product(const teff_mul_x86& p)
      : zero(_mm512_set1_epi32(p.x_zero)),
        start(_mm512_set1_epi32(p.scale.start)),
        scale(scale_of(p.scale)),
        scaling(p.result) {}
  __attribute__((always_inline)) __m512i operator()(__m512i x, __m512i m) const {
    const __m512i product = _mm512_mullo_epi32(_mm512_sub_epi32(x, zero), m);
    return scaling(_mm512_add_epi32(product, start), scale);
  }
};

template <class Scaling>
void multiply(const teff_mul_x86& p, const int8_t* x, const int8_t* m, int8_t* y, teff_range r) {
  const Product<Scaling> product(p);
  const __m512i m_zero = _mm512_set1_epi32(p.m_zero);
  for (int32_t c = 0; c < p.channels; c += 16) {
    const int32_t n = p.channels - c < 16 ? p.channels - c : 16;
    const __m512i factor = _mm512_sub_epi32(load_words(m + c, n), m_zero);
    for (int32_t i = r.begin; i < r.end; ++i) {
      const ptrdiff_t at = static_cast<ptrdiff_t>(i) * p.channels + c;
      const __m512i v[1] = {product(n == 16 ? load_words(x + at) : load_words(x + at, n), factor)};
      store_results<1>(y + at, v, p.result, n);
    }
  }
}

// Adds up to 64 neighbouring bytes of pixels, each sum in a lane as s8.h has them.
class PixelSums {
 public:
  explicit PixelSums(__m512i start) : sums_{{start, start, start, start}} {}

  // `count` pixels from x on, `apart` from each other, n bytes of each.
  __attribute__((always_inline)) void add(const int8_t* x, ptrdiff_t apart, int32_t count, __mmask64 n) {
    const __m512i zero = _mm512_setzero_si512();
    for (; count >= 4; count -= 4, x += 4 * apart)
      add_four(_mm512_maskz_loadu_epi8(n, x), _mm512_maskz_loadu_epi8(n, x + apart),
               _mm512_maskz_loadu_epi8(n, x + 2 * apart), _mm512_maskz_loadu_epi8(n, x + 3 * apart));
    if (count > 0)
      add_four(_mm512_maskz_loadu_epi8(n, x), count > 1 ? _mm512_maskz_loadu_epi8(n, x + apart) : zero,
               count > 2 ? _mm512_maskz_loadu_epi8(n, x + 2 * apart) : zero, zero);
  }
  const FourVectors& sums() const { return sums_; }

 private:
  __attribute__((always_inline)) void add_four(__m512i a, __m512i b, __m512i c, __m512i d) {
    const __m512i ones = _mm512_set1_epi8(1);
    const FourVectors x = interleaved(a, b, c, d);
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) add_products(sums_.v[v], ones, x.v[v]);
  }
  FourVectors sums_;
};

template <class Scaling>
void means(const teff_mean_x86& p, const int8_t* x, int8_t* y, teff_range r) {
  const Scaling scaling(p.result);
  const Scale scale = scale_of(p.scale);
  for (int32_t unit = r.begin; unit < r.end; ++unit) {
    const int8_t* from = x + static_cast<ptrdiff_t>(unit) * p.count * p.inner;
    int8_t* to = y + static_cast<ptrdiff_t>(unit) * p.inner;
    for (int32_t c = 0; c < p.inner; c += 64) {
      const int32_t n = p.inner - c < 64 ? p.inner - c : 64;
      PixelSums sums(_mm512_set1_epi32(p.scale.start));
      sums.add(from + c, p.inner, p.count, first_bytes(n));
      __m512i v[4];
      for (int i = 0; i < 4; ++i) v[i] = scaling(sums.sums().v[i], scale);
      store_results<4>(to + c, v, p.result, n);
    }
  }
}

// sum / count, rounded half away from zero. Quotients differ from whole numbers by 1 / count at least, which
// a float division of numbers below 2^23 does not round away.
__attribute__((always_inline)) inline __m512i averages(__m512i sums, int32_t count) {
  const __m512i sign = _mm512_srai_epi32(sums, 31);
  const __m512i rounded = _mm512_add_epi32(_mm512_abs_epi32(sums), _mm512_set1_epi32(count / 2));
  const __m512 quotient =
      _mm512_div_ps(_mm512_cvtepi32_ps(rounded), _mm512_set1_ps(static_cast<float>(count)));
  const __m512i whole = _mm512_cvttps_epi32(quotient);
  return _mm512_sub_epi32(_mm512_xor_si512(whole, sign), sign);
}

}  // namespace

void teff_add_s8_avx512vnni(teff_add_x86 p, const int8_t* a, const int8_t* b, int8_t* y, teff_range r) {
  const LinearSum sum(p);
  const teff_result range = {0, 0, 0, p.lo, p.hi};
  int32_t i = r.begin;
  for (; i + 16 <= r.end; i += 16) {
    const __m512i v[1] = {sum(load_words(a + i), load_words(b + i))};
    store_results<1>(y + i, v, range, 16);
  }
  if (i < r.end) {
    const __m512i v[1] = {sum(load_words(a + i, r.end - i), load_words(b + i, r.end - i))};
    store_results<1>(y + i, v, range, r.end - i);
  }
}

void teff_mul_s8_avx512vnni(teff_mul_x86 p, const int8_t* x, const int8_t* m, int8_t* y, teff_range r) {
  switch (p.result.scaling) {
    case TEFF_SCALE_HIGH: return multiply<ScaleHigh>(p, x, m, y, r);
    case TEFF_SCALE_TFLITE: return multiply<ScaleStepwise>(p, x, m, y, r);
    default: return multiply<ScaleSigned>(p, x, m, y, r);
  }
}

void teff_mean_s8_avx512vnni(teff_mean_x86 p, const int8_t* x, int8_t* y, teff_range r) {
  switch (p.result.scaling) {
    case TEFF_SCALE_HIGH: return means<ScaleHigh>(p, x, y, r);
    case TEFF_SCALE_TFLITE: return means<ScaleStepwise>(p, x, y, r);
    default: return means<ScaleSigned>(p, x, y, r);
  }
}

void teff_average_pool_s8_avx512vnni(teff_pool_x86 p, const int8_t* x, int8_t* y, teff_range r) {
  const int32_t channels = p.window.channels;
  const teff_result range = {0, 0, 0, p.lo, p.hi};
  for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {
    const teff_view view = teff_view_at(&p.window, pixel);
    const int32_t columns = view.columns.end - view.columns.begin;
    for (int32_t c = 0; c < channels; c += 64) {
      const int32_t n = channels - c < 64 ? channels - c : 64;
      PixelSums sums(_mm512_setzero_si512());
      for (int32_t i = view.rows.begin; i < view.rows.end; ++i)
        sums.add(x + teff_tap_offset(&p.window, view, i, view.columns.begin) + c, channels, columns,
                 first_bytes(n));
      __m512i v[4];
      for (int k = 0; k < 4; ++k)
        v[k] = averages(sums.sums().v[k], (view.rows.end - view.rows.begin) * columns);
      store_results<4>(y + static_cast<ptrdiff_t>(pixel) * channels + c, v, range, n);
    }
  }
}

void teff_max_pool_s8_avx512vnni(teff_pool_x86 p, const int8_t* x, int8_t* y, teff_range r) {
  const int32_t channels = p.window.channels;
  const __m512i lo = _mm512_set1_epi8(static_cast<char>(p.lo)),
                hi = _mm512_set1_epi8(static_cast<char>(p.hi));
  for (int32_t pixel = r.begin; pixel < r.end; ++pixel) {
    const teff_view view = teff_view_at(&p.window, pixel);
    for (int32_t c = 0; c < channels; c += 64) {
      const __mmask64 n = first_bytes(channels - c);
      __m512i most = _mm512_set1_epi8(-128);
      for (int32_t i = view.rows.begin; i < view.rows.end; ++i)
        for (int32_t j = view.columns.begin; j < view.columns.end; ++j)
          most = _mm512_max_epi8(most,
                                 _mm512_maskz_loadu_epi8(n, x + teff_tap_offset(&p.window, view, i, j) + c));
      most = _mm512_min_epi8(_mm512_max_epi8(most, lo), hi);
      _mm512_mask_storeu_epi8(y + static_cast<ptrdiff_t>(pixel) * channels + c, n, most);
    }
  }
}

TEFF_TARGET_END

#endif
