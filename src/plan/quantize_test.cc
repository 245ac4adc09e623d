#include "plan/quantize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace teff {
namespace {

double real_of(teff_factor f) { return std::ldexp(f.q, f.shift - 31); }

TEST(Factor, KnownValues) {
  EXPECT_EQ(factor_of(0.5).q, 1 << 30);
  EXPECT_EQ(factor_of(0.5).shift, 0);
  EXPECT_EQ(factor_of(1.0).shift, 1);
  EXPECT_EQ(factor_of(0).q, 0);
  EXPECT_EQ(factor_of(1e-12).q, 0);  // below 2^-32: flushed
  // Rounds up to the next power of two.
  EXPECT_EQ(factor_of(1 - 1e-12).q, 1 << 30);
  EXPECT_EQ(factor_of(1 - 1e-12).shift, 1);
}

TEST(Factor, IsWithinHalfAUnitOfItsLastBit) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> exponent(-30, 20);
  for (int i = 0; i < 10000; ++i) {
    const double real = std::exp2(exponent(random));
    EXPECT_NEAR(real_of(factor_of(real)) / real, 1, 0x1p-31);
  }
}

TEST(Factor, HostileScalesAreHarmless) {
  EXPECT_EQ(factor_of(std::nan("")).q, 0);
  EXPECT_EQ(factor_of(INFINITY).q, 0);
  EXPECT_LE(factor_of(1e300).shift, 30);
}

TEST(ActivationRange, ClampsAtTheQuantizedBounds) {
  const Quant quant{{0.05f}, {-10}};
  EXPECT_EQ(activation_range(Activation::none, Type::s8, quant).lo, -128);
  EXPECT_EQ(activation_range(Activation::relu, Type::s8, quant).lo, -10);
  EXPECT_EQ(activation_range(Activation::relu6, Type::s8, quant).hi, 110);  // 6 / 0.05 - 10
  EXPECT_EQ(activation_range(Activation::relu_n1_to_1, Type::s8, quant).lo, -30);
  EXPECT_EQ(activation_range(Activation::relu6, Type::s8, {{0.01f}, {0}}).hi, 127);
}

}  // namespace
}  // namespace teff
