// Inputs written down as words, which VPMADDWD multiplies without loss, and results packed to bytes, on 256
// bits. For sources whose target has AVX2.
#pragma once

namespace {

inline void fill_words(int16_t* to, int32_t value, ptrdiff_t n) {
  const __m256i v = _mm256_set1_epi16(static_cast<int16_t>(value));
  for (; n >= 16; n -= 16, to += 16) _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v);
  for (; n > 0; --n) *to++ = static_cast<int16_t>(value);
}

inline void copy_words(int16_t* to, const int8_t* from, ptrdiff_t n) {
  for (; n >= 16; n -= 16, to += 16, from += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_cvtepi8_epi16(bytes));
  }
  if (n >= 8) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_cvtepi8_epi16(bytes));
    n -= 8, to += 8, from += 8;
  }
  for (; n > 0; --n) *to++ = *from++;
}

// Stores the first n of 8 * Vectors results: vectors of a block as s8.h has them, cut off at lo and hi.
template <int Vectors>
__attribute__((always_inline)) inline void store_results(int8_t* y, const __m256i* v,
                                                         const teff_result& result, ptrdiff_t n) {
  const __m256i words = _mm256_packs_epi32(v[0], v[Vectors - 1]);
  __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  // Of a single vector each half of four stands there twice.
  if (Vectors == 1) bytes = _mm_shuffle_epi32(bytes, 0x08);
  bytes = _mm_max_epi8(bytes, _mm_set1_epi8(static_cast<char>(result.lo)));
  bytes = _mm_min_epi8(bytes, _mm_set1_epi8(static_cast<char>(result.hi)));
  if (n == 16) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(y), bytes);
  } else if (n == 8) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(y), bytes);
  } else {
    int8_t all[16];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(all), bytes);
    for (ptrdiff_t i = 0; i < n; ++i) y[i] = all[i];
  }
}

}  // namespace
