#include "kernels/c/base.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace {

// The definitions in wide arithmetic: ties of the product go up, ties of the shift away from zero.
int64_t high_mul(int64_t a, int64_t b) {
  return static_cast<int64_t>(std::floor((a * b + (INT64_C(1) << 30)) / 2147483648.0L));
}
int64_t shift_right(int64_t x, int n) {
  return static_cast<int64_t>(std::round(static_cast<long double>(x) / (INT64_C(1) << n)));
}

TEST(DoublingHighMul, KnownValues) {
  EXPECT_EQ(teff_doubling_high_mul(1 << 30, 1 << 30), 1 << 29);
  EXPECT_EQ(teff_doubling_high_mul(INT32_MIN, INT32_MIN), INT32_MAX);
  EXPECT_EQ(teff_doubling_high_mul(1, 1 << 30), 1);   // a half: up
  EXPECT_EQ(teff_doubling_high_mul(-1, 1 << 30), 0);  // minus a half: up too
}

TEST(RoundingShiftRight, TiesGoAwayFromZero) {
  EXPECT_EQ(teff_rounding_shift_right(3, 1), 2);
  EXPECT_EQ(teff_rounding_shift_right(-3, 1), -2);
  EXPECT_EQ(teff_rounding_shift_right(-7, 0), -7);
  EXPECT_EQ(teff_rounding_shift_right(INT32_MIN, 31), -1);
}

TEST(Requantization, AgreesWithItsDefinitionInWideArithmetic) {
  std::mt19937 random(1);
  for (int i = 0; i < 200000; ++i) {
    const auto a = static_cast<int32_t>(random()), b = static_cast<int32_t>(random());
    const int n = static_cast<int>(random() % 32);
    ASSERT_EQ(teff_doubling_high_mul(a, b), high_mul(a, b)) << a << " " << b;
    ASSERT_EQ(teff_rounding_shift_right(a, n), shift_right(a, n)) << a << " " << n;
  }
}

TEST(Requantization, OfWideSumsUsesSixteenBitsOfTheFactor) {
  // 0.75 = (3 * 2^29) * 2^-31; 2^40 + 1 times 0.75 does not fit, 2^30 + 2 does.
  EXPECT_EQ(teff_scale_s64((INT64_C(1) << 30) + 2, {3 << 29, 0}), 805306370);
  EXPECT_EQ(teff_scale_s64(-4, {3 << 29, 0}), -3);
  EXPECT_EQ(teff_scale_s64(-2, {3 << 29, 0}), -1);  // -1.5: up
}

}  // namespace
