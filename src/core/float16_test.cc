#include "core/float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace teff {
namespace {

// The standard's words: 1 bit of sign, 5 of exponent, 10 of fraction.
double value_of(uint16_t half) {
  const int exponent = half >> 10 & 31, fraction = half & 1023;
  const double magnitude = exponent == 0    ? std::ldexp(fraction, -24)
                           : exponent == 31 ? std::numeric_limits<double>::infinity()
                                            : std::ldexp(1024 + fraction, exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

bool is_nan(uint16_t half) { return (half & 0x7FFF) > 0x7C00; }

TEST(Half, EveryOneIsReadExactlyAndWrittenBack) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const uint16_t half = static_cast<uint16_t>(bits);
    const float value = float_from_half(half);
    if (is_nan(half)) {
      EXPECT_TRUE(std::isnan(value) && is_nan(half_from_float(value))) << bits;
      continue;
    }
    ASSERT_EQ(value, value_of(half)) << bits;
    ASSERT_EQ(std::signbit(value), (half & 0x8000) != 0) << bits;
    ASSERT_EQ(half_from_float(value), half) << bits;
  }
}

TEST(Half, WhatLiesBetweenTwoGoesToTheNearestAndFromTheMiddleToTheEven) {
  for (uint16_t low = 0; low < 0x7BFF; ++low) {
    const uint16_t high = low + 1;
    const float middle = static_cast<float>((value_of(low) + value_of(high)) / 2);  // exact
    ASSERT_EQ(half_from_float(middle), low % 2 == 0 ? low : high) << low;
    ASSERT_EQ(half_from_float(std::nextafter(middle, 0.0f)), low) << low;
    ASSERT_EQ(half_from_float(std::nextafter(middle, HUGE_VALF)), high) << low;
    ASSERT_EQ(half_from_float(-middle), 0x8000 | (low % 2 == 0 ? low : high)) << low;
  }
}

TEST(Half, WhatIsTooLargeIsInfinite) {
  EXPECT_EQ(half_from_float(65519.996f), 0x7BFF);
  EXPECT_EQ(half_from_float(65520.0f), 0x7C00);
  EXPECT_EQ(half_from_float(1e30f), 0x7C00);
  EXPECT_EQ(half_from_float(-HUGE_VALF), 0xFC00);
  EXPECT_EQ(half_from_float(std::numeric_limits<float>::denorm_min()), 0);
}

TEST(Bfloat, IsTheUpperHalfOfAFloat) {
  EXPECT_EQ(float_from_bfloat(0x3F80), 1.0f);
  EXPECT_EQ(float_from_bfloat(0xC049), -3.140625f);
  EXPECT_TRUE(std::isinf(float_from_bfloat(0x7F80)));
  EXPECT_TRUE(std::isnan(float_from_bfloat(0x7FC0)));
}

}  // namespace
}  // namespace teff
