#include "plan/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace teff {
namespace {

Tensor quantized(Type type, float scale, int64_t zero) {
  return {.type = type, .quant = {.scales = {scale}, .zeros = {zero}}};
}

TEST(ByteTable, IsInTheOrderOfBytes) {
  const auto table = byte_table(Type::s8, [](int32_t x) { return -x - 1; });
  EXPECT_EQ(static_cast<int8_t>(table[0]), -1);
  EXPECT_EQ(static_cast<int8_t>(table[127]), -128);
  EXPECT_EQ(static_cast<int8_t>(table[128]), 127);
  EXPECT_EQ(static_cast<int8_t>(table[255]), 0);
}

TEST(ByteTable, QuantizesAFunctionOfReals) {
  const auto table = byte_table(quantized(Type::s8, 0.5f, 10), quantized(Type::s8, 0.25f, -3),
                                [](float x) { return x * x; });
  // 14 is 2.0, whose square 4.0 is 16 - 3; 127 is 58.5: beyond the range.
  EXPECT_EQ(static_cast<int8_t>(table[14]), 13);
  EXPECT_EQ(static_cast<int8_t>(table[10]), -3);
  EXPECT_EQ(static_cast<int8_t>(table[127]), 127);
}

TEST(ByteTable, HoldsTheLeastWhereThereIsNoNumber) {
  const auto table =
      byte_table(quantized(Type::s8, 1, 0), quantized(Type::s8, 1, 0), [](float x) { return std::sqrt(x); });
  EXPECT_EQ(static_cast<int8_t>(table[128]), -128);
  EXPECT_EQ(static_cast<int8_t>(table[100]), 10);
}

TEST(Int16Table, IsCloseBetweenItsEntriesToo) {
  const Tensor x = quantized(Type::s16, 4.0f / 32768, 0), y = quantized(Type::s16, 64.0f / 32768, 0);
  const auto table = int16_table(x, y, [](float v) { return std::exp(v); });
  double worst = 0;
  for (int value = -32768; value < 32768; ++value) {
    const int entry = 256 + (value >> 7), part = value & 127;
    const double line =
        table[static_cast<size_t>(entry)] +
        (table[static_cast<size_t>(entry) + 1] - table[static_cast<size_t>(entry)]) * part / 128.0;
    worst = std::max(worst, std::abs(line - std::exp(value * 4.0 / 32768) * 512));
  }
  // A line over h = 1/64 lies up to h^2/8 * e^4 = 0.85 steps off, of which half remains. TFLite spreads the
  // entries up to 32767 instead of 32768: one step of x at the end, where that is 3.4 of y. Roundings make
  // the rest.
  EXPECT_LT(worst, 4.5);
}

// Entries that TFLite's documentation of the format gives: the middle, where rounding alone would differ, the
// end.
TEST(SigmoidTable, IsTheOneOfTFLite) {
  const auto table = sigmoid_table();
  ASSERT_EQ(table.size(), 256u);
  EXPECT_EQ(table[0], 32768);
  EXPECT_EQ(table[4], 35493);
  EXPECT_EQ(table[24], 47911);
  EXPECT_EQ(table[35], 53169);
  EXPECT_EQ(table[66], 61599);
  EXPECT_EQ(table[255], 65535);
}

}  // namespace
}  // namespace teff
