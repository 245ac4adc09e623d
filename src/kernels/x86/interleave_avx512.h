// Four vectors of bytes as vectors of groups of four, one byte of each: what VPDPBUSD multiplies for a lane.
// For sources that have included a target_avx512*.h.
#pragma once

namespace {

// Of 64 bytes, 16 lanes a vector: byte 16 l + 4 v + e is lane 4 l + e of vector v.
struct FourVectors {
  __m512i v[4];
};

__attribute__((always_inline)) inline FourVectors interleaved(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab_low = _mm512_unpacklo_epi8(a, b), ab_high = _mm512_unpackhi_epi8(a, b);
  const __m512i cd_low = _mm512_unpacklo_epi8(c, d), cd_high = _mm512_unpackhi_epi8(c, d);
  return {{_mm512_unpacklo_epi16(ab_low, cd_low), _mm512_unpackhi_epi16(ab_low, cd_low),
           _mm512_unpacklo_epi16(ab_high, cd_high), _mm512_unpackhi_epi16(ab_high, cd_high)}};
}

}  // namespace
