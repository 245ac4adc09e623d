// The vocabulary of scale_s8.h on 256 bits. For sources whose target has AVX2.
#pragma once

namespace {

#define TEFF_WORDS __attribute__((always_inline)) inline

using Sums = __m256i;  // of 32 bits; or products of 64

TEFF_WORDS Sums load(const int32_t* x) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x)); }
TEFF_WORDS Sums all(int32_t x) { return _mm256_set1_epi32(x); }
TEFF_WORDS Sums all_wide(int64_t x) { return _mm256_set1_epi64x(x); }
TEFF_WORDS Sums plus(Sums a, Sums b) { return _mm256_add_epi32(a, b); }
TEFF_WORDS Sums minus(Sums a, Sums b) { return _mm256_sub_epi32(a, b); }
TEFF_WORDS Sums greater(Sums a, Sums b) { return _mm256_max_epi32(a, b); }
TEFF_WORDS Sums both(Sums a, Sums b) { return _mm256_and_si256(a, b); }
TEFF_WORDS Sums shifted_left(Sums x, Sums n) { return _mm256_sllv_epi32(x, n); }
TEFF_WORDS Sums shifted_right(Sums x, Sums n) { return _mm256_srav_epi32(x, n); }
TEFF_WORDS Sums shifted_right(Sums x, __m128i n) { return _mm256_sra_epi32(x, n); }
TEFF_WORDS Sums half(Sums x) { return _mm256_srli_epi32(x, 1); }
TEFF_WORDS Sums signs(Sums x) { return _mm256_srai_epi32(x, 31); }
// x + 1 where a > b: a comparison gives -1.
TEFF_WORDS Sums one_more_where(Sums x, Sums a, Sums b) {
  return _mm256_sub_epi32(x, _mm256_cmpgt_epi32(a, b));
}
// Products of the even numbers, 64 bits each; odd ones are moved to where even ones are.
TEFF_WORDS Sums products(Sums a, Sums b) { return _mm256_mul_epi32(a, b); }
TEFF_WORDS Sums odd(Sums x) { return _mm256_srli_epi64(x, 32); }
TEFF_WORDS Sums plus_wide(Sums a, Sums b) { return _mm256_add_epi64(a, b); }
TEFF_WORDS Sums twice_wide(Sums x) { return _mm256_slli_epi64(x, 1); }
// The high halves of products, in order.
TEFF_WORDS Sums high_halves(Sums of_even, Sums of_odd) {
  return _mm256_blend_epi32(_mm256_srli_epi64(of_even, 32), of_odd, 0xAA);
}

#undef TEFF_WORDS

}  // namespace
