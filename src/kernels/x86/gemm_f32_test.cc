#include "kernels/x86/gemm_f32.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/x86/testing.h"

namespace teff::x86 {
namespace {

struct Case {
  int32_t rows, columns, depth, gap;  // `gap`: floats between the rows of A and of C
};

struct Matrices {
  explicit Matrices(const Case& c)
      : shape(c),
        a(noise(size_of(c.rows, c.depth), 1)),
        b(noise(static_cast<size_t>(c.depth) * static_cast<size_t>(c.columns), 2)),
        bias(noise(static_cast<size_t>(c.columns), 3)) {
    packed.resize(static_cast<size_t>(packed_floats_f32(c.depth, c.columns)));
    pack_f32(b.data(), c.columns, 1, c.depth, c.columns, packed.data());
  }
  // The last row ends with its last element.
  size_t size_of(int32_t rows, int32_t width) const {
    return static_cast<size_t>(rows - 1) * static_cast<size_t>(width + shape.gap) +
           static_cast<size_t>(width);
  }

  // C, computed in pieces of `units` units.
  std::vector<float> product(const TilesF32* tiles, float lo, float hi, int32_t units) const {
    const Exact a_memory(a), bias_memory(bias), b_memory(packed);
    const size_t size = size_of(shape.rows, shape.columns);
    const Exact c_memory(std::vector<float>(size, -77));
    const GemmF32 p{.rows = shape.rows,
                    .columns = shape.columns,
                    .depth = shape.depth,
                    .a = a_memory.data(),
                    .a_step = shape.depth + shape.gap,
                    .b = b_memory.data(),
                    .c = c_memory.data(),
                    .c_step = shape.columns + shape.gap,
                    .bias = bias_memory.data(),
                    .lo = lo,
                    .hi = hi,
                    .tiles = tiles};
    const Exact scratch(std::vector<float>(static_cast<size_t>(gemm_f32_scratch(p))));
    for (int32_t i = 0; i < gemm_f32_units(p); i += units)
      gemm_f32(p, {i, std::min(i + units, gemm_f32_units(p))}, scratch.data());
    return {c_memory.data(), c_memory.data() + size};
  }

  // Each product and each addition is off by one part in 2^24 of at most the sum of all magnitudes.
  void expect_right(const std::vector<float>& c, float lo, float hi) const {
    for (int32_t r = 0; r < shape.rows; ++r)
      for (int32_t n = 0; n < shape.columns; ++n) {
        double sum = static_cast<double>(bias[n]), magnitude = std::abs(sum);
        for (int32_t k = 0; k < shape.depth; ++k) {
          const double term = static_cast<double>(a[r * (shape.depth + shape.gap) + k]) *
                              static_cast<double>(b[k * shape.columns + n]);
          sum += term, magnitude += std::abs(term);
        }
        const double clamped = std::min(std::max(sum, static_cast<double>(lo)), static_cast<double>(hi));
        const double bound = (shape.depth + 2) * magnitude * std::ldexp(1.0, -24);
        ASSERT_NEAR(static_cast<double>(c[r * (shape.columns + shape.gap) + n]), clamped, bound)
            << r << ", " << n;
      }
    for (int32_t r = 0; r + 1 < shape.rows; ++r)  // what lies between the rows stays
      for (int32_t n = shape.columns; n < shape.columns + shape.gap; ++n)
        ASSERT_EQ(c[r * (shape.columns + shape.gap) + n], -77.0f);
  }

  Case shape;
  std::vector<float> a, b, bias, packed;
};

void check(const Case& c) {
  SCOPED_TRACE(testing::Message() << c.rows << "x" << c.depth << " times " << c.depth << "x" << c.columns);
  const Matrices m(c);
  for (const TilesF32* tiles : tile_sets()) {
    const std::vector<float> whole = m.product(tiles, -kInfinity, kInfinity, 1 << 30);
    m.expect_right(whole, -kInfinity, kInfinity);
    m.expect_right(m.product(tiles, 0, 6, 1 << 30), 0, 6);
    EXPECT_EQ(m.product(tiles, -kInfinity, kInfinity, 1), whole);
    EXPECT_EQ(m.product(tiles, -kInfinity, kInfinity, 3), whole);
  }
}

TEST(GemmF32, EveryTileOfRowsAndColumns) {
  for (int32_t rows = 1; rows <= 16; ++rows)
    for (int32_t columns : {1, 15, 16, 17, 33, 48, 100}) check({rows, columns, 9, rows % 3});
}

TEST(GemmF32, DepthsInBlocks) {
  for (int32_t depth : {0, 1, 511, 512, 513, 1100}) check({29, 21, depth, 0});
}

TEST(GemmF32, RowsThatFallOnOneAnotherInTheCache) { check({30, 40, 40, 512 - 40}); }

TEST(GemmF32, WideProductsInStripes) { check({20, 530, 70, 1}); }

TEST(GemmF32, OneRowOfManyColumns) { check({1, 1000, 77, 0}); }

TEST(GemmF32, NotANumberStaysSo) {
  const float x = std::nanf("");
  for (const TilesF32* tiles : tile_sets())
    for (int32_t columns : {3, 16}) {
      std::vector<float> b(16, 1), packed(16), c(16);
      pack_f32(b.data(), columns, 1, 1, columns, packed.data());
      const GemmF32 p{.rows = 1,
                      .columns = columns,
                      .depth = 1,
                      .a = &x,
                      .a_step = 1,
                      .b = packed.data(),
                      .c = c.data(),
                      .c_step = columns,
                      .lo = 0,
                      .hi = 6,
                      .tiles = tiles};
      gemm_f32(p, {0, gemm_f32_units(p)}, nullptr);
      for (int32_t n = 0; n < columns; ++n) EXPECT_TRUE(std::isnan(c[n]));
    }
}

TEST(GemmF32, TransposedWeightsArePackedAlike) {
  const std::vector<float> b = noise(12 * 35, 4);  // [12][35]
  std::vector<float> transposed(b.size());
  for (size_t k = 0; k < 12; ++k)
    for (size_t n = 0; n < 35; ++n) transposed[n * 12 + k] = b[k * 35 + n];
  std::vector<float> one(static_cast<size_t>(packed_floats_f32(12, 35))), other(one.size());
  pack_f32(b.data(), 35, 1, 12, 35, one.data());
  pack_f32(transposed.data(), 1, 12, 12, 35, other.data());
  EXPECT_EQ(one, other);
}

}  // namespace
}  // namespace teff::x86
