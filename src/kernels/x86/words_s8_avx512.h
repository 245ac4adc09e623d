// The vocabulary of scale_s8.h on 512 bits. For sources whose target has AVX-512 F, BW, DQ and VL.
#pragma once

#if !defined(__clang__)
// g++ 12 fills what an instruction leaves alone from a variable that is set to itself.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace {

#define TEFF_WORDS __attribute__((always_inline)) inline

using Sums = __m512i;  // of 32 bits; or products of 64

TEFF_WORDS Sums load(const int32_t* x) { return _mm512_loadu_si512(x); }
TEFF_WORDS Sums all(int32_t x) { return _mm512_set1_epi32(x); }
TEFF_WORDS Sums all_wide(int64_t x) { return _mm512_set1_epi64(x); }
TEFF_WORDS Sums plus(Sums a, Sums b) { return _mm512_add_epi32(a, b); }
TEFF_WORDS Sums minus(Sums a, Sums b) { return _mm512_sub_epi32(a, b); }
TEFF_WORDS Sums greater(Sums a, Sums b) { return _mm512_max_epi32(a, b); }
TEFF_WORDS Sums both(Sums a, Sums b) { return _mm512_and_si512(a, b); }
TEFF_WORDS Sums shifted_left(Sums x, Sums n) { return _mm512_sllv_epi32(x, n); }
TEFF_WORDS Sums shifted_right(Sums x, Sums n) { return _mm512_srav_epi32(x, n); }
TEFF_WORDS Sums shifted_right(Sums x, __m128i n) { return _mm512_sra_epi32(x, n); }
TEFF_WORDS Sums half(Sums x) { return _mm512_srli_epi32(x, 1); }
TEFF_WORDS Sums signs(Sums x) { return _mm512_srai_epi32(x, 31); }
// x + 1 where a > b.
TEFF_WORDS Sums one_more_where(Sums x, Sums a, Sums b) {
  return _mm512_mask_add_epi32(x, _mm512_cmpgt_epi32_mask(a, b), x, _mm512_set1_epi32(1));
}
// Products of the even numbers, 64 bits each; odd ones are moved to where even ones are.
TEFF_WORDS Sums products(Sums a, Sums b) { return _mm512_mul_epi32(a, b); }
TEFF_WORDS Sums odd(Sums x) { return _mm512_srli_epi64(x, 32); }
TEFF_WORDS Sums plus_wide(Sums a, Sums b) { return _mm512_add_epi64(a, b); }
TEFF_WORDS Sums twice_wide(Sums x) { return _mm512_slli_epi64(x, 1); }
// The high halves of products, in order. (A shuffle of integers would take its order as an immediate, which
// g++ 12 does not compile without optimization.)
TEFF_WORDS Sums high_halves(Sums of_even, Sums of_odd) {
  return _mm512_castps_si512(
      _mm512_mask_movehdup_ps(_mm512_castsi512_ps(of_odd), 0x5555, _mm512_castsi512_ps(of_even)));
}

#undef TEFF_WORDS

}  // namespace
