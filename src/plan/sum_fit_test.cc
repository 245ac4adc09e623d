#include "plan/sum_fit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "plan/quantize.h"

namespace teff {
namespace {

struct Sum {
  double a_scale, b_scale, y_scale;
  int32_t a_zero, b_zero, y_zero, lo = -128, hi = 127;
};

// As TFLite prepares it.
teff_sum_scaling steps_of(const Sum& s) {
  const double twice = 2 * std::max(s.a_scale, s.b_scale);
  return {.a_zero = s.a_zero,
          .b_zero = s.b_zero,
          .y_zero = s.y_zero,
          .shift = 20,
          .a_factor = factor_of(s.a_scale / twice),
          .b_factor = factor_of(s.b_scale / twice),
          .y_factor = factor_of(twice / ((1 << 20) * s.y_scale))};
}

// All pairs as an image of 16 rows, by the kernel that knows no rows.
std::vector<int8_t> expected_of(const Sum& s, const std::vector<int8_t>& a, const std::vector<int8_t>& b) {
  const teff_sum_scaling steps = steps_of(s);
  teff_sum_params p{};
  p.over = {1, {65536}, {1}, {1}, {0}};
  p.a_zero = steps.a_zero, p.b_zero = steps.b_zero, p.y_zero = steps.y_zero, p.shift = steps.shift;
  p.a_factor = steps.a_factor, p.b_factor = steps.b_factor, p.y_factor = steps.y_factor;
  p.lo = s.lo, p.hi = s.hi;
  std::vector<int8_t> y(65536);
  teff_add_s8(p, a.data(), b.data(), y.data(), {0, 65536});
  return y;
}

void expect_same(const Sum& s, const teff_add_rows_params& p) {
  std::vector<int8_t> a(65536), b(65536), y(65536);
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = static_cast<int8_t>(i / 256), b[i] = static_cast<int8_t>(i % 256);
  teff_add_rows(p, a.data(), b.data(), y.data(), {0, p.height});
  ASSERT_EQ(y, expected_of(s, a, b));
  teff_add_rows(p, a.data(), b.data(), b.data(), {0, p.height});  // in place
  ASSERT_EQ(y, b);
}

teff_add_rows_params params_of(const Sum& s) {
  const teff_ring whole{16, 4096};
  return {.height = 16,
          .row = 4096,
          .a = whole,
          .b = whole,
          .out = whole,
          .lo = s.lo,
          .hi = s.hi,
          .steps = steps_of(s)};
}

// Whether there are coefficients; with them and without, the kernel has to agree.
bool fits(const Sum& s) {
  teff_add_rows_params p = params_of(s);
  expect_same(s, p);
  const auto linear = fit_sum(p.steps, s.lo, s.hi);
  if (!linear) return false;
  p.a_factor = linear->a_factor, p.b_factor = linear->b_factor;
  p.offset = linear->offset, p.right = linear->right;
  expect_same(s, p);
  return true;
}

TEST(SumFit, RandomSumsAreLinear) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> scale(0.01, 0.2), ratio(0.7, 1.8);
  const auto zero = [&random] { return static_cast<int32_t>(random() % 256) - 128; };
  const int sums = TEFF_SANITIZED ? 40 : 200;
  int linear = 0;
  for (int i = 0; i < sums; ++i) {
    Sum s{scale(random), scale(random), 0, zero(), zero(), zero()};
    s.y_scale = std::max(s.a_scale, s.b_scale) * ratio(random);
    if (i % 3 == 0) s.lo = s.y_zero;
    if (i % 5 == 0) s.hi = std::min(127, s.lo + 100);
    linear += fits(s);
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GE(linear, sums - sums / 40);
  RecordProperty("linear", linear);
}

TEST(SumFit, SumsOfOneScaleAreLinear) {
  EXPECT_TRUE(fits({0.05, 0.05, 0.05, 3, -4, 5}));
  EXPECT_TRUE(fits({0.05, 0.001, 0.05, -128, -128, -128}));
}

// (a + b) / 2 lies half-way between two results for every other pair. Factors a little too large take it away
// from zero on both sides.
TEST(SumFit, Ties) {
  EXPECT_TRUE(fits({0.05, 0.05, 0.1, 0, 0, 0}));
  EXPECT_TRUE(fits({0.05, 0.05, 0.1, -128, -128, -128}));
  EXPECT_TRUE(fits({0.05, 0.05, 0.1, 17, -3, 9}));
}

TEST(SumFit, ExtremeScales) {
  for (const double y : {1e-6, 1e-3, 10.0, 1e4}) fits({0.05, 0.07, y, -128, 127, 0});
  for (const double a : {1e-9, 1e-4, 1e3}) fits({a, 0.07, 0.06, -128, 127, 0});
}

}  // namespace
}  // namespace teff
