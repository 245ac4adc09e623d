// From sums to int8 on 512 bits: teff_result of kernels/c/rows.h, 16 sums a vector. For sources that have
// included a target_avx512*.h.
#pragma once

namespace {

// The high halves of the products of 32 bits. `round` is added to the products of 64 bits.
__attribute__((always_inline)) inline __m512i high_products(__m512i a, __m512i b, __m512i round) {
  const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(a, b), round);
  const __m512i odd =
      _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(a, 32), _mm512_srli_epi64(b, 32)), round);
  return _mm512_mask_shuffle_epi32(odd, 0x5555, even, (_MM_PERM_ENUM)0xF5);
}
__attribute__((always_inline)) inline __m512i high_products(__m512i a, __m512i b) {
  const __m512i even = _mm512_mul_epi32(a, b);
  const __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(a, 32), _mm512_srli_epi64(b, 32));
  return _mm512_mask_shuffle_epi32(odd, 0x5555, even, (_MM_PERM_ENUM)0xF5);
}

// The constants of a vector of outputs; `shift` as packed for the layer's scaling (plan/pack_x86.h).
struct Scale {
  __m512i multiplier, offset, shift;
};

// TEFF_SCALE_HIGH.
struct ScaleHigh {
  __m128i right;
  explicit ScaleHigh(const teff_result& r) : right(_mm_cvtsi32_si128(r.right)) {}
  __attribute__((always_inline)) __m512i operator()(__m512i sum, const Scale& s) const {
    return _mm512_sra_epi32(_mm512_add_epi32(high_products(sum, s.multiplier), s.offset), right);
  }
};

// TEFF_SCALE_HIGH2 and RIGHT: of doubled sums, with the sign added.
struct ScaleSigned {
  __m512i round;
  explicit ScaleSigned(const teff_result& r)
      : round(_mm512_set1_epi64(r.scaling == TEFF_SCALE_RIGHT ? INT64_C(1) << 31 : 0)) {}
  __attribute__((always_inline)) __m512i operator()(__m512i sum, const Scale& s) const {
    const __m512i twice = _mm512_add_epi32(sum, sum);
    const __m512i high = _mm512_add_epi32(high_products(twice, s.multiplier, round), s.offset);
    return _mm512_srav_epi32(_mm512_add_epi32(high, _mm512_srai_epi32(sum, 31)), s.shift);
  }
};

// TEFF_SCALE_TFLITE: teff_scale step by step; `offset` is the zero point, `shift` positive for one to the
// left. q is never negative, so the doubling product saturates nowhere.
struct ScaleStepwise {
  explicit ScaleStepwise(const teff_result&) {}
  __attribute__((always_inline)) __m512i operator()(__m512i sum, const Scale& s) const {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i left = _mm512_max_epi32(s.shift, zero);
    const __m512i right = _mm512_max_epi32(_mm512_sub_epi32(zero, s.shift), zero);
    const __m512i x = _mm512_sllv_epi32(sum, left);
    const __m512i half = _mm512_set1_epi64(INT64_C(1) << 30);
    const __m512i even = _mm512_slli_epi64(_mm512_add_epi64(_mm512_mul_epi32(x, s.multiplier), half), 1);
    const __m512i odd = _mm512_slli_epi64(
        _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(s.multiplier, 32)),
                         half),
        1);
    const __m512i high = _mm512_mask_shuffle_epi32(odd, 0x5555, even, (_MM_PERM_ENUM)0xF5);
    // Rounding shift, ties away from zero: the rest against half of what is shifted out.
    const __m512i mask =
        _mm512_sub_epi32(_mm512_sllv_epi32(_mm512_set1_epi32(1), right), _mm512_set1_epi32(1));
    const __m512i rest = _mm512_and_si512(high, mask);
    const __m512i threshold = _mm512_sub_epi32(_mm512_srli_epi32(mask, 1), _mm512_srai_epi32(high, 31));
    const __m512i shifted = _mm512_srav_epi32(high, right);
    const __mmask16 up = _mm512_cmpgt_epi32_mask(rest, threshold);
    const __m512i rounded = _mm512_mask_add_epi32(shifted, up, shifted, _mm512_set1_epi32(1));
    return _mm512_add_epi32(rounded, s.offset);
  }
};

}  // namespace
