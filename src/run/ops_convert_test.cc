#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/float16.h"
#include "kernels/c/convert.h"
#include "run/one_op.h"

namespace teff {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Quant scaled(float scale, int64_t zero = 0) { return {.scales = {scale}, .zeros = {zero}}; }

// --- CAST ---

template <class To, class From>
std::vector<To> cast(const std::vector<From>& values) {
  OneOp op(Cast{});
  op.input<From>({static_cast<int64_t>(values.size())}, values).output(type_of<To>());
  return op.template values<To>();
}

TEST(Cast, CutsFloatsToWholeNumbers) {
  EXPECT_THAT((cast<int32_t, float>({1.9f, -1.9f, -0.5f})), ElementsAre(1, -1, 0));
}

TEST(Cast, KeepsFloatsWithinTheRangeOfIntegers) {
  EXPECT_THAT((cast<int8_t, float>({300, -300, kInfinity, -kInfinity, kNan})),
              ElementsAre(127, -128, 127, -128, 0));
  EXPECT_THAT((cast<int32_t, float>({3e9f, -3e9f})), ElementsAre(INT32_MAX, INT32_MIN));
  EXPECT_THAT((cast<int64_t, float>({1e30f, -1e30f})), ElementsAre(INT64_MAX, INT64_MIN));
  EXPECT_THAT((cast<uint32_t, float>({-5, 5e9f})), ElementsAre(0u, UINT32_MAX));
  EXPECT_THAT((cast<uint64_t, float>({-5, 1e30f})), ElementsAre(0u, UINT64_MAX));
}

TEST(Cast, TakesTheLowBitsOfIntegers) {
  EXPECT_THAT((cast<int8_t, int32_t>({300, -129})), ElementsAre(44, 127));
  EXPECT_THAT((cast<int16_t, int64_t>({65537})), ElementsAre(1));
  EXPECT_THAT((cast<int32_t, uint8_t>({255})), ElementsAre(255));
}

TEST(Cast, MakesTruthOfAnythingButZero) {
  OneOp op(Cast{});
  op.input<float>({4}, {0, -0.0f, 0.25f, kNan}).output(Type::boolean);
  EXPECT_THAT(op.values<uint8_t>(), ElementsAre(0, 0, 1, 1));
}

// The kernels' halves are C, the readers' C++: the two agree for every number.
TEST(Cast, ReadsEveryHalfAsTheReadersDo) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    EXPECT_EQ(teff_bits_of(teff_from_half(half)), std::bit_cast<uint32_t>(float_from_half(half)));
    EXPECT_EQ(teff_bits_of(teff_from_bfloat(half)), std::bit_cast<uint32_t>(float_from_bfloat(half)));
    const float between = std::nextafterf(float_from_half(half), kInfinity);
    EXPECT_EQ(teff_to_half(between), half_from_float(between));
  }
}

TEST(Cast, RoundsToTheNearestBfloatTiesToEven) {
  EXPECT_EQ(teff_to_bfloat(1), 0x3F80);
  EXPECT_EQ(teff_to_bfloat(teff_float_of(0x3F808000)), 0x3F80);
  EXPECT_EQ(teff_to_bfloat(teff_float_of(0x3F818000)), 0x3F82);
  EXPECT_EQ(teff_to_bfloat(kInfinity), 0x7F80);
  EXPECT_TRUE(std::isnan(teff_from_bfloat(teff_to_bfloat(kNan))));
}

// --- QUANTIZE ---

template <class T>
std::vector<T> quantize(const std::vector<float>& values, const Quant& quant) {
  OneOp op(Quantize{});
  op.input<float>({static_cast<int64_t>(values.size())}, values).output(type_of<T>(), {}, quant);
  return op.template values<T>();
}

TEST(Quantize, RoundsHalvesAwayFromZero) {
  EXPECT_THAT(quantize<int8_t>({0.5f, 1.5f, -0.5f, -1.5f, 0.49999997f, -0.49999997f}, scaled(1)),
              ElementsAre(1, 2, -1, -2, 0, 0));
}

TEST(Quantize, StaysWithinTheType) {
  EXPECT_THAT(quantize<int8_t>({1000, -1000, kInfinity, -kInfinity}, scaled(1, 5)),
              ElementsAre(127, -128, 127, -128));
  EXPECT_THAT(quantize<uint8_t>({1, 300, -1}, scaled(1, 3)), ElementsAre(4, 255, 2));
  EXPECT_THAT(quantize<int16_t>({0.25f, 40000}, scaled(0.25f)), ElementsAre(1, 32767));
  EXPECT_THAT(quantize<int32_t>({5, 3e9f, -3e9f, kInfinity}, scaled(1, -7)),
              ElementsAre(-2, INT32_MAX, INT32_MIN, INT32_MAX));
}

TEST(Quantize, BringsIntegersToAnotherScale) {
  OneOp narrow(Quantize{});
  narrow.input<int16_t>({3}, {100, -100, 32767}, scaled(0.5f)).output(Type::s8, {}, scaled(1, 1));
  EXPECT_THAT(narrow.values<int8_t>(), ElementsAre(51, -49, 127));
  OneOp shifted(Quantize{});
  shifted.input<uint8_t>({3}, {0, 128, 255}, scaled(2, 128)).output(Type::s8, {}, scaled(2));
  EXPECT_THAT(shifted.values<int8_t>(), ElementsAre(-128, 0, 127));
}

TEST(Quantize, RefusesScalesThatAreNone) {
  for (float scale : {0.0f, -1.0f, kInfinity, kNan}) {
    OneOp op(Quantize{});
    op.input<float>({1}, {1}).output(Type::s8, {}, scaled(scale));
    EXPECT_THAT(error_of(op), HasSubstr("needs one positive scale"));
  }
}

// --- DEQUANTIZE ---

TEST(Dequantize, MultipliesByTheScale) {
  OneOp op(Dequantize{});
  op.input<int8_t>({3}, {-128, 0, 127}, scaled(0.5f, -28)).output(Type::f32);
  EXPECT_THAT(op.values<float>(), ElementsAre(-50, 14, 77.5f));
}

TEST(Dequantize, TakesEachChannelsScale) {
  OneOp op(Dequantize{});
  op.input<int8_t>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}, {.scales = {1, 10}, .zeros = {0, 1}, .axis = 1});
  EXPECT_THAT(op.output(Type::f32).values<float>(), ElementsAre(1, 2, 20, 30, 5, 6, 60, 70));
}

TEST(Dequantize, ReadsTheFirstOfTwoInt4FromTheLowBits) {
  OneOp op(Dequantize{});
  op.constant<uint8_t>({3}, {0x8F, 0x07}, scaled(0.5f)).output(Type::f32);
  op.model().main().tensors[0].type = Type::s4;
  EXPECT_THAT(op.values<float>(), ElementsAre(-0.5f, -4, 3.5f));
}

TEST(Dequantize, ReadsHalves) {
  OneOp op(Dequantize{});
  op.constant<uint16_t>({3}, {0x3C00, 0xC000, 0x0001}).output(Type::f32);
  op.model().main().tensors[0].type = Type::f16;
  EXPECT_THAT(op.values<float>(), ElementsAre(1, -2, std::ldexp(1.0f, -24)));
}

TEST(Dequantize, GivesTheSameOnThreeThreads) {
  const std::vector<int16_t> values(30000, 2);
  OneOp op(Dequantize{});
  op.input<int16_t>({100, 3, 100}, values, {.scales = {1, 2, 3}, .zeros = {0, 0, 0}, .axis = 1});
  const auto instance = op.output(Type::f32).ran(3);
  const auto result = instance->output(0).as<float>();
  for (size_t i = 0; i < result.size(); ++i) ASSERT_EQ(result[i], 2.0f * static_cast<float>(i / 100 % 3 + 1));
}

TEST(Dequantize, NeedsAScale) {
  OneOp op(Dequantize{});
  op.input<int8_t>({1}, {1}).output(Type::f32);
  EXPECT_THAT(error_of(op), HasSubstr("needs a scale"));
}

}  // namespace
}  // namespace teff
