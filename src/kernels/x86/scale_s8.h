// From sums to numbers that are cut off to int8: teff_scaling of kernels/c/rows.h on vectors of sums. For
// sources that have included a words_s8_*.h.
#pragma once

namespace {

#define TEFF_WORDS __attribute__((always_inline)) inline

// The constants of a vector of outputs, as packed for the layer's scaling (scale_x86 of plan/pack_x86.h).
struct Scale {
  Sums multiplier, offset, shift;
};

// Of a block `width` sums wide, from one of its vectors on.
TEFF_WORDS Scale scale_at(const int32_t* constants, int width) {
  return {load(constants + width), load(constants + 2 * width), load(constants + 3 * width)};
}
TEFF_WORDS Scale scale_of(const teff_scale_x86& s) {
  return {all(s.multiplier), all(s.offset), all(s.shift)};
}

// TEFF_SCALE_HIGH.
struct ScaleHigh {
  __m128i right;
  explicit ScaleHigh(const teff_result& r) : right(_mm_cvtsi32_si128(r.right)) {}
  TEFF_WORDS Sums operator()(Sums sum, const Scale& s) const {
    const Sums high = high_halves(products(sum, s.multiplier), products(odd(sum), odd(s.multiplier)));
    return shifted_right(plus(high, s.offset), right);
  }
};

// TEFF_SCALE_HIGH2 and RIGHT: of doubled sums, with the sign added; the latter rounds its products.
struct ScaleSigned {
  Sums round;
  explicit ScaleSigned(const teff_result& r)
      : round(all_wide(r.scaling == TEFF_SCALE_RIGHT ? INT64_C(1) << 31 : 0)) {}
  TEFF_WORDS Sums operator()(Sums sum, const Scale& s) const {
    const Sums twice = plus(sum, sum);
    const Sums of_even = plus_wide(products(twice, s.multiplier), round);
    const Sums of_odd = plus_wide(products(odd(twice), odd(s.multiplier)), round);
    const Sums high = plus(high_halves(of_even, of_odd), s.offset);
    return shifted_right(plus(high, signs(sum)), s.shift);
  }
};

// TEFF_SCALE_TFLITE, step by step; `offset` is the zero point, `shift` positive for one to the left. The
// multiplier is never negative, so the doubling product saturates nowhere.
struct ScaleStepwise {
  explicit ScaleStepwise(const teff_result&) {}
  TEFF_WORDS Sums operator()(Sums sum, const Scale& s) const {
    const Sums left = greater(s.shift, all(0)), right = greater(minus(all(0), s.shift), all(0));
    const Sums x = shifted_left(sum, left), middle = all_wide(INT64_C(1) << 30);
    const Sums of_even = twice_wide(plus_wide(products(x, s.multiplier), middle));
    const Sums of_odd = twice_wide(plus_wide(products(odd(x), odd(s.multiplier)), middle));
    const Sums high = high_halves(of_even, of_odd);
    // What is shifted out against half of its range; halves go away from zero.
    const Sums mask = minus(shifted_left(all(1), right), all(1));
    const Sums threshold = minus(half(mask), signs(high));
    return plus(one_more_where(shifted_right(high, right), both(high, mask), threshold), s.offset);
  }
};

#undef TEFF_WORDS

// Calls with the class for the way in which these results are scaled.
template <class Call>
void with_scaling(const teff_result& result, const Call& call) {
  switch (result.scaling) {
    case TEFF_SCALE_HIGH: return call.template operator()<ScaleHigh>();
    case TEFF_SCALE_TFLITE: return call.template operator()<ScaleStepwise>();
    default: return call.template operator()<ScaleSigned>();
  }
}

}  // namespace
