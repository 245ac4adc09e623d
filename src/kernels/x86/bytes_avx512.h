// Inputs written down for VPDPBUSD, and results packed to bytes, on 512 bits. For sources that have included
// a target_avx512*.h.
#pragma once

namespace {

constexpr __mmask64 first_bytes(ptrdiff_t n) { return n >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1; }

// sums + inputs * weights. (g++ 12 copies the sums for each of its own.)
__attribute__((always_inline)) inline void add_products(__m512i& sums, __m512i inputs, __m512i weights) {
  __asm__("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(inputs), "v"(weights));
}

// VPDPBUSD takes unsigned bytes: inputs have 128 added, which flips their top bit.
inline void fill_raised(uint8_t* to, int32_t value, ptrdiff_t n) {
  const __m512i v = _mm512_set1_epi8(static_cast<char>(value ^ 0x80));
  for (; n >= 64; n -= 64, to += 64) _mm512_storeu_si512(to, v);
  if (n > 0) _mm512_mask_storeu_epi8(to, first_bytes(n), v);
}

inline void copy_raised(uint8_t* to, const int8_t* from, ptrdiff_t n) {
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(0x80));
  for (; n >= 64; n -= 64, to += 64, from += 64)
    _mm512_storeu_si512(to, _mm512_xor_si512(_mm512_loadu_si512(from), flip));
  if (n > 0)
    _mm512_mask_storeu_epi8(to, first_bytes(n),
                            _mm512_xor_si512(_mm512_maskz_loadu_epi8(first_bytes(n), from), flip));
}

// `count` pieces of `bytes` that begin `apart` from each other, side by side.
inline void copy_raised_apart(uint8_t* to, const int8_t* from, ptrdiff_t bytes, ptrdiff_t apart,
                              ptrdiff_t count) {
  if (bytes % 16 != 0 && bytes != 8) {
    for (; count > 0; --count, to += bytes, from += apart) copy_raised(to, from, bytes);
    return;
  }
  const __m128i flip = _mm_set1_epi8(static_cast<char>(0x80));
  for (; count > 0; --count, from += apart) {
    if (bytes == 8) {
      const __m128i v = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
      _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_xor_si128(v, flip));
    }
    for (ptrdiff_t i = 0; i + 16 <= bytes; i += 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm_xor_si128(v, flip));
    }
    to += bytes;
  }
}

// Stores the first n of 16 * Vectors results: vectors of a block as s8.h has them, cut off at lo and hi.
template <int Vectors>
__attribute__((always_inline)) inline void store_results(int8_t* y, const __m512i* v,
                                                         const teff_result& result, int32_t n) {
  const __m128i lo = _mm_set1_epi8(static_cast<char>(result.lo)),
                hi = _mm_set1_epi8(static_cast<char>(result.hi));
  if constexpr (Vectors == 4) {
    __m512i bytes = _mm512_packs_epi16(_mm512_packs_epi32(v[0], v[1]), _mm512_packs_epi32(v[2], v[3]));
    bytes = _mm512_min_epi8(_mm512_max_epi8(bytes, _mm512_broadcast_i32x4(lo)), _mm512_broadcast_i32x4(hi));
    if (n == 64)
      _mm512_storeu_si512(y, bytes);
    else
      _mm512_mask_storeu_epi8(y, first_bytes(n), bytes);
  } else if constexpr (Vectors == 2) {
    __m256i bytes = _mm512_cvtsepi16_epi8(_mm512_packs_epi32(v[0], v[1]));
    bytes = _mm256_min_epi8(_mm256_max_epi8(bytes, _mm256_broadcastsi128_si256(lo)),
                            _mm256_broadcastsi128_si256(hi));
    if (n == 32)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(y), bytes);
    else
      _mm256_mask_storeu_epi8(y, static_cast<__mmask32>(first_bytes(n)), bytes);
  } else {
    const __m128i bytes = _mm_min_epi8(_mm_max_epi8(_mm512_cvtsepi32_epi8(v[0]), lo), hi);
    if (n == 16)
      _mm_storeu_si128(reinterpret_cast<__m128i*>(y), bytes);
    else if (n == 8)
      _mm_storel_epi64(reinterpret_cast<__m128i*>(y), bytes);
    else
      _mm_mask_storeu_epi8(y, static_cast<__mmask16>(first_bytes(n)), bytes);
  }
}

// Results of pixels that lie `outputs` bytes apart. Those of few outputs that fill a vector together are
// stored as one.
template <int Pixels, int Vectors>
__attribute__((always_inline)) inline void store_pixels(int8_t* y, const __m512i (&v)[Pixels][Vectors],
                                                        const teff_result& result, int32_t n,
                                                        int32_t outputs) {
  constexpr int kTogether = 4 / Vectors;
  if constexpr (kTogether > 1 && Pixels % kTogether == 0)
    if (outputs == 16 * Vectors) {
      const __m512i lo = _mm512_set1_epi8(static_cast<char>(result.lo)),
                    hi = _mm512_set1_epi8(static_cast<char>(result.hi));
      const __m512i fours = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
      const __m512i eights = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
#pragma GCC unroll 8
      for (int r = 0; r < Pixels; r += kTogether, y += 64) {
        __m512i bytes =
            _mm512_packs_epi16(_mm512_packs_epi32(v[r][0], v[r + 1 / Vectors][1 % Vectors]),
                               _mm512_packs_epi32(v[r + 2 / Vectors][0], v[r + 3 / Vectors][3 % Vectors]));
        bytes =
            Vectors == 1 ? _mm512_permutexvar_epi32(fours, bytes) : _mm512_permutexvar_epi64(eights, bytes);
        _mm512_storeu_si512(y, _mm512_min_epi8(_mm512_max_epi8(bytes, lo), hi));
      }
      return;
    }
#pragma GCC unroll 16
  for (int r = 0; r < Pixels; ++r)
    store_results<Vectors>(y + static_cast<ptrdiff_t>(r) * outputs, v[r], result, n);
}

}  // namespace
