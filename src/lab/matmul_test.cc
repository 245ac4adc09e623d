#include "lab/matmul.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "core/cpu.h"
#include "lab/micro_kernel.h"
#include "lab/oracle.h"

namespace teff::lab {
namespace {

struct Shape {
  int64_t m, k, n;
};
constexpr Shape kShapes[] = {{1, 1, 1},    {1, 7, 1},     {3, 2, 5},     {7, 13, 9},
                             {12, 40, 32}, {6, 5, 16},    {13, 33, 47},  {33, 65, 34},
                             {64, 64, 64}, {25, 700, 70}, {70, 31, 300}, {97, 11, 33}};

void expect_right(void (*run)(Matmul), const Shape& s, int threads, const std::string& name) {
  const auto a = random_floats(s.m * s.k, 3), b = random_floats(s.k * s.n, 4);
  std::vector<float> c(static_cast<size_t>(s.m * s.n), std::numeric_limits<float>::quiet_NaN());
  run({s.m, s.k, s.n, a.data(), b.data(), c.data(), threads});
  EXPECT_LE(largest_error(c, matmul64(s.m, s.k, s.n, a, b, 1)), allowed_error(s.k))
      << name << ", " << s.m << "x" << s.k << "x" << s.n << ", " << threads << " threads";
}

TEST(Matmul, EveryStepIsRightOnRaggedShapes) {
  for (const MatmulStep& step : matmul_steps()) {
    if (step.missing && step.missing()) continue;
    for (const Shape& shape : kShapes) {
      expect_right(step.run, shape, 1, step.name);
      if (step.threaded) expect_right(step.run, shape, 3, step.name);
    }
  }
}

TEST(Matmul, TheLadderBeginsWithNaiveAndHasNineStepsEverywhere) {
  std::set<std::string> names;
  int everywhere = 0;
  for (const MatmulStep& step : matmul_steps()) {
    EXPECT_TRUE(names.insert(step.name).second) << step.name;
    everywhere += !step.missing;
  }
  EXPECT_EQ(matmul_steps()[0].run, naive);
  EXPECT_GE(everywhere, 9);
}

TEST(Matmul, MicroKernelsAddToTheirBlock) {
  std::vector<const MicroKernel*> kernels{portable_micro_kernel()};
  if (cpu_has(Isa::avx2)) kernels.push_back(avx2_micro_kernel());
  if (cpu_has(Isa::avx512)) kernels.push_back(avx512_micro_kernel());
  for (const MicroKernel* kernel : kernels)
    for (int64_t k : {0, 1, 2, 9}) {
      const int64_t stride = kernel->columns + 3;
      const auto a = random_floats(k * kernel->rows, 5), b = random_floats(k * kernel->columns, 6);
      std::vector<float> c(static_cast<size_t>(kernel->rows * stride), 1.0f);
      kernel->add(k, a.data(), b.data(), c.data(), stride);
      for (int64_t i = 0; i < kernel->rows; ++i)
        for (int64_t j = 0; j < stride; ++j) {
          double sum = 1;
          for (int64_t s = 0; s < k && j < kernel->columns; ++s)
            sum += double{a[static_cast<size_t>(s * kernel->rows + i)]} *
                   b[static_cast<size_t>(s * kernel->columns + j)];
          EXPECT_NEAR(c[static_cast<size_t>(i * stride + j)], sum, allowed_error(k))
              << kernel->columns << " " << k;
        }
    }
}

TEST(Matmul, WhatIsWrongIsNoticed) {
  const auto a = random_floats(8 * 100, 1), b = random_floats(100 * 8, 2);
  const auto truth = matmul64(8, 100, 8, a, b, 1);
  std::vector<float> c(64);
  naive({8, 100, 8, a.data(), b.data(), c.data()});
  EXPECT_LE(largest_error(c, truth), allowed_error(100));
  c[9] += 0.001f;
  EXPECT_GT(largest_error(c, truth), allowed_error(100));
  c[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(largest_error(c, truth)));
}

}  // namespace
}  // namespace teff::lab
