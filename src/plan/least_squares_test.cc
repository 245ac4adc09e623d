#include "plan/least_squares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace teff {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

TEST(LeastSquares, FindsTheCoefficientsThatMadeTheNumbers) {
  std::vector<std::vector<double>> rows;
  std::vector<double> measured;
  for (int a : {1, 3, 50})
    for (int b : {2, 7, 900}) {
      rows.push_back({1.0, 1.0 * a, 1.0 * a * b});
      measured.push_back(40 + 3.0 * a + 0.5 * a * b);
    }
  EXPECT_THAT(fit_relative(rows, measured, 0),
              ElementsAre(DoubleNear(40, 1e-3), DoubleNear(3, 1e-3), DoubleNear(0.5, 1e-4)));
}

TEST(LeastSquares, NothingIsNegative) {
  // 10 - x, which only a negative coefficient makes.
  EXPECT_THAT(fit_relative({{1, 1}, {1, 2}, {1, 3}}, {9, 8, 7}, 0), ElementsAre(testing::Gt(7.0), 0.0));
}

// One number says nothing of two coefficients: they keep their relation.
TEST(LeastSquares, WithFewNumbersCoefficientsStayNearWhatTheyWere) {
  const auto x = fit_relative({{10, 10}}, {120}, 0, {5, 5}, 0.01);
  EXPECT_NEAR(x[0], x[1], 1e-6);
  EXPECT_NEAR(x[0], 6, 0.1);
  EXPECT_THAT(fit_relative({{10, 0}}, {120}, 0, {5, 7}, 0.01)[1], 7);
}

// A hundred instructions of an error matter as little in a layer that takes ten as in one that takes fifty.
TEST(LeastSquares, WhatIsSmallBesideTheFloorWeighsLittle) {
  const std::vector<std::vector<double>> rows{{10}, {10'000}};
  EXPECT_NEAR(fit_relative(rows, {100, 20'000}, 1000)[0], 2, 0.01);
  EXPECT_GT(fit_relative(rows, {100, 20'000}, 0)[0], 2.01);
}

}  // namespace
}  // namespace teff
