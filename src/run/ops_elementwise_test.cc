#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "graph/op_table.h"
#include "kernels/c/fixed_point.h"
#include "run/one_op.h"

namespace teff {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Quant scaled(float scale, int64_t zero = 0) { return {.scales = {scale}, .zeros = {zero}}; }

template <class T>
std::vector<T> of_one(Op op, const std::vector<T>& x, const Quant& x_quant = {}, const Quant& y_quant = {}) {
  OneOp one(std::move(op));
  one.input<T>({static_cast<int64_t>(x.size())}, x, x_quant).output(type_of<T>(), {}, y_quant);
  return one.template values<T>();
}

template <class T>
std::vector<T> of_two(BinaryKind kind, const std::vector<T>& a, const std::vector<T>& b) {
  OneOp op(Binary{.kind = kind});
  op.input<T>({static_cast<int64_t>(a.size())}, a).template input<T>({static_cast<int64_t>(b.size())}, b);
  return op.output(type_of<T>()).template values<T>();
}

// --- one float ---

struct Function {
  UnaryKind kind;
  double (*exact)(double);
  float least = -20, most = 20;
};

double identity_sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

const Function kFunctions[] = {
    {UnaryKind::abs, std::fabs},
    {UnaryKind::ceil, std::ceil},
    {UnaryKind::cos, std::cos},
    {UnaryKind::elu, [](double x) { return x < 0 ? std::expm1(x) : x; }},
    {UnaryKind::exp, std::exp},
    {UnaryKind::floor, std::floor},
    {UnaryKind::hard_swish, [](double x) { return x * std::fmin(std::fmax(x + 3, 0), 6) / 6; }},
    {UnaryKind::log, std::log, 0.01f, 50},
    {UnaryKind::logistic, [](double x) { return 1 / (1 + std::exp(-x)); }, -80, 80},
    {UnaryKind::neg, [](double x) { return -x; }},
    {UnaryKind::relu, [](double x) { return std::fmax(x, 0); }},
    {UnaryKind::relu6, [](double x) { return std::fmin(std::fmax(x, 0), 6); }},
    {UnaryKind::relu_n1_to_1, [](double x) { return std::fmin(std::fmax(x, -1), 1); }},
    {UnaryKind::relu_0_to_1, [](double x) { return std::fmin(std::fmax(x, 0), 1); }},
    {UnaryKind::round, [](double x) { return std::nearbyint(x); }},
    {UnaryKind::rsqrt, [](double x) { return 1 / std::sqrt(x); }, 0.01f, 50},
    {UnaryKind::sign, identity_sign},
    {UnaryKind::sin, std::sin},
    {UnaryKind::sqrt, std::sqrt, 0, 50},
    {UnaryKind::square, [](double x) { return x * x; }},
    {UnaryKind::tanh, std::tanh},
};

TEST(Unary, IsTheFunctionOfEachFloat) {
  for (const Function& f : kFunctions) {
    std::vector<float> x(400);
    for (size_t i = 0; i < x.size(); ++i) x[i] = f.least + (f.most - f.least) * static_cast<float>(i) / 399;
    const auto y = of_one<float>(Unary{f.kind}, x);
    for (size_t i = 0; i < x.size(); ++i) {
      const double exact = f.exact(static_cast<double>(x[i]));
      EXPECT_NEAR(y[i], exact, 1e-6 + 3e-6 * std::abs(exact)) << op_name(Unary{f.kind}) << " of " << x[i];
    }
  }
}

TEST(Unary, RoundsHalvesToEven) {
  EXPECT_THAT(of_one<float>(Unary{UnaryKind::round}, {0.5f, 1.5f, 2.5f, -0.5f}), ElementsAre(0, 2, 2, 0));
}

TEST(Unary, KeepsNoNumbersAndInfinities) {
  const auto relu = of_one<float>(Unary{UnaryKind::relu}, {std::nanf(""), kInfinity, -kInfinity});
  EXPECT_TRUE(std::isnan(relu[0]));
  EXPECT_EQ(relu[1], kInfinity);
  EXPECT_EQ(relu[2], 0);
  EXPECT_THAT(of_one<float>(Unary{UnaryKind::logistic}, {-kInfinity, kInfinity}), ElementsAre(0, 1));
}

TEST(Unary, LeakyReluScalesWhatIsNegative) {
  EXPECT_THAT(of_one<float>(LeakyRelu{.alpha = 0.25f}, {-4, 0, 3}), ElementsAre(-1, 0, 3));
}

TEST(Unary, GeluIsItsInputWeightedByTheNormalDistribution) {
  EXPECT_THAT(of_one<float>(Gelu{}, {-10, -1, 0, 1, 10}),
              Pointwise(FloatNear(1e-6f), {0.0f, -0.15865525f, 0.0f, 0.84134475f, 10.0f}));
  EXPECT_THAT(of_one<float>(Gelu{.approximate = true}, {-1, 1}),
              Pointwise(FloatNear(1e-6f), {-0.15880801f, 0.84119199f}));
}

// --- one integer ---

TEST(Unary, IntegersWrapAround) {
  EXPECT_THAT(of_one<int32_t>(Unary{UnaryKind::abs}, {-5, INT32_MIN}), ElementsAre(5, INT32_MIN));
  EXPECT_THAT(of_one<int64_t>(Unary{UnaryKind::neg}, {7, INT64_MIN}), ElementsAre(-7, INT64_MIN));
  EXPECT_THAT(of_one<int32_t>(Unary{UnaryKind::square}, {-3, 65536}), ElementsAre(9, 0));
  EXPECT_THAT(of_one<int32_t>(Unary{UnaryKind::sign}, {-3, 0, 9}), ElementsAre(-1, 0, 1));
  EXPECT_THAT(of_one<int16_t>(Unary{UnaryKind::abs}, {-3, 4}), ElementsAre(3, 4));
}

TEST(Unary, NotTurnsTruthAround) {
  OneOp op(Unary{UnaryKind::logical_not});
  op.input<uint8_t>({3}, {0, 1, 2}).output(Type::boolean);
  op.model().main().tensors[0].type = Type::boolean;
  EXPECT_THAT(op.values<uint8_t>(), ElementsAre(1, 0, 0));
}

TEST(Unary, ZerosLikeIsZeroOfAnyType) {
  EXPECT_THAT(of_one<int64_t>(Unary{UnaryKind::zeros_like}, {1, 2, 3}), Each(0));
  EXPECT_THAT(of_one<float>(Unary{UnaryKind::zeros_like}, {1, 2, 3}), Each(0));
}

// --- one quantized number: the real function within a step ---

TEST(Unary, OfInt8IsWithinAStepOfTheFunction) {
  std::vector<int8_t> x(256);
  std::iota(x.begin(), x.end(), -128);
  const Quant in = scaled(0.05f, 11);
  const struct {
    UnaryKind kind;
    Quant out;
  } cases[] = {{UnaryKind::logistic, scaled(1.0f / 256, -128)},
               {UnaryKind::tanh, scaled(1.0f / 128)},
               {UnaryKind::hard_swish, scaled(0.05f, -100)},
               {UnaryKind::elu, scaled(0.06f, -20)},
               {UnaryKind::abs, scaled(0.05f, -128)},
               {UnaryKind::relu, scaled(0.07f, -60)},
               {UnaryKind::exp, scaled(2, -128)},
               {UnaryKind::sin, scaled(1.0f / 127)}};
  for (const auto& c : cases) {
    const auto y = of_one<int8_t>(Unary{c.kind}, x, in, c.out);
    const Function& f = *std::ranges::find(kFunctions, c.kind, &Function::kind);
    for (size_t i = 0; i < x.size(); ++i) {
      const double exact = f.exact(0.05 * (x[i] - 11)) / c.out.scale() + c.out.zero();
      EXPECT_NEAR(y[i], std::fmin(std::fmax(exact, -128), 127), 1.01)
          << op_name(Unary{c.kind}) << " of " << +x[i];
    }
  }
}

TEST(Unary, OfInt16IsWithinAFewStepsOfTheFunction) {
  std::vector<int16_t> x;
  for (int value = -32768; value < 32768; value += 37) x.push_back(static_cast<int16_t>(value));
  const Quant in = scaled(8.0f / 32768), out = scaled(1.0f / 32768);
  for (const UnaryKind kind : {UnaryKind::logistic, UnaryKind::tanh}) {
    const auto y = of_one<int16_t>(Unary{kind}, x, in, out);
    const Function& f = *std::ranges::find(kFunctions, kind, &Function::kind);
    for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(y[i], f.exact(x[i] * 8.0 / 32768) * 32768, 4);
  }
}

TEST(Unary, Int8LogisticNeedsItsZeroPoint) {
  OneOp op(Unary{UnaryKind::logistic});
  op.input<int8_t>({1}, {1}, scaled(1)).output(Type::s8, {}, scaled(1.0f / 256));
  EXPECT_THAT(error_of(op), HasSubstr("zero point -128"));
}

TEST(Unary, RefusesTypesThatItDoesNotTake) {
  EXPECT_THAT(error_of(std::move(OneOp(Unary{UnaryKind::exp}).input<int32_t>({1}, {1}).output(Type::s32))),
              HasSubstr("no kernel for types int32 -> int32"));
  EXPECT_THAT(error_of(std::move(OneOp(Unary{UnaryKind::exp}).input<float>({1}, {1}).output(Type::s32))),
              HasSubstr("no kernel for types float32 -> int32"));
}

TEST(FixedPoint, FunctionsAreExactToTwentyTwoBits) {
  for (int64_t x = INT32_MIN + 1; x < INT32_MAX; x += 7'654'321) {
    const double real = static_cast<double>(x) / (1 << 27);  // Q4
    EXPECT_NEAR(teff_logistic_q4(static_cast<int32_t>(x)) / 2147483648.0, 1 / (1 + std::exp(-real)), 2.4e-7);
    EXPECT_NEAR(teff_tanh_q4(static_cast<int32_t>(x)) / 2147483648.0, std::tanh(real), 2.4e-7);
  }
}

// --- two operands ---

TEST(Binary, FollowsNumpysBroadcasting) {
  OneOp op(Binary{.kind = BinaryKind::sub});
  op.input<float>({2, 1, 2}, {10, 20, 30, 40}).input<float>({3, 1}, {1, 2, 3}).output(Type::f32);
  EXPECT_EQ(op.shape(), Shape({2, 3, 2}));
  EXPECT_THAT(op.values<float>(), ElementsAre(9, 19, 8, 18, 7, 17, 29, 39, 28, 38, 27, 37));
}

TEST(Binary, RefusesShapesThatDoNotFit) {
  OneOp op(Binary{});
  op.input<float>({2}, {1, 2}).input<float>({3}, {1, 2, 3}).output(Type::f32);
  EXPECT_THAT(error_of(op), HasSubstr("shapes 2 and 3 cannot be broadcast together"));
}

TEST(Binary, OfNothingIsNothing) {
  OneOp op(Binary{});
  op.input<float>({0, 3}, {}).input<float>({3}, {1, 2, 3}).output(Type::f32);
  EXPECT_EQ(op.shape(), Shape({0, 3}));
}

TEST(Binary, ComputesWithFloats) {
  const std::vector<float> a = {7, -7, 2}, b = {2, 2, -3};
  EXPECT_THAT(of_two(BinaryKind::add, a, b), ElementsAre(9, -5, -1));
  EXPECT_THAT(of_two(BinaryKind::mul, a, b), ElementsAre(14, -14, -6));
  EXPECT_THAT(of_two(BinaryKind::div, a, b), ElementsAre(3.5f, -3.5f, 2.0f / -3));
  EXPECT_THAT(of_two(BinaryKind::maximum, a, b), ElementsAre(7, 2, 2));
  EXPECT_THAT(of_two(BinaryKind::minimum, a, b), ElementsAre(2, -7, -3));
  EXPECT_THAT(of_two(BinaryKind::squared_difference, a, b), ElementsAre(25, 81, 25));
  EXPECT_THAT(of_two(BinaryKind::floor_div, a, b), ElementsAre(3, -4, -1));
  EXPECT_THAT(of_two(BinaryKind::floor_mod, a, b), ElementsAre(1, 1, -1));
  EXPECT_THAT(of_two(BinaryKind::pow, a, b), ElementsAre(49, 49, 0.125f));
  EXPECT_FLOAT_EQ(of_two<float>(BinaryKind::atan2, {1}, {-1})[0], 2.3561945f);
}

TEST(Binary, FusesActivations) {
  OneOp op(Binary{.kind = BinaryKind::add, .activation = Activation::relu6});
  op.input<float>({3}, {-1, 3, 5}).constant<float>({}, {2}).output(Type::f32);
  EXPECT_THAT(op.values<float>(), ElementsAre(1, 5, 6));
}

TEST(Binary, IntegersWrapAround) {
  EXPECT_THAT(of_two<int32_t>(BinaryKind::add, {INT32_MAX, 1}, {1, 2}), ElementsAre(INT32_MIN, 3));
  EXPECT_THAT(of_two<int64_t>(BinaryKind::mul, {INT64_MIN, 3}, {-1, 4}), ElementsAre(INT64_MIN, 12));
  EXPECT_THAT(of_two<int32_t>(BinaryKind::div, {INT32_MIN, 7, -7}, {-1, 2, 2}),
              ElementsAre(INT32_MIN, 3, -3));
  EXPECT_THAT(of_two<int32_t>(BinaryKind::floor_div, {7, -7, 7}, {2, 2, -2}), ElementsAre(3, -4, -4));
  EXPECT_THAT(of_two<int32_t>(BinaryKind::floor_mod, {7, -7, 7, INT32_MIN}, {2, 2, -2, -1}),
              ElementsAre(1, 1, -1, 0));
  EXPECT_THAT(of_two<int32_t>(BinaryKind::pow, {3, 2, -1, 0, 5}, {4, 31, -3, 0, -1}),
              ElementsAre(81, INT32_MIN, -1, 1, 0));
}

TEST(Binary, SaysThatAnIntegerIsDividedByZero) {
  OneOp op(Binary{.kind = BinaryKind::floor_mod});
  op.input<int64_t>({2}, {1, 2}).input<int64_t>({2}, {1, 0}).output(Type::s64);
  EXPECT_THAT(error_of(op), HasSubstr("an integer is divided by zero"));
}

// 0.5 * 10 + 0.25 * 20 = 10, of which a step is 0.1; the zero points are 2, -4 and 7.
TEST(Binary, AddsAndMultipliesQuantizedNumbers) {
  const auto quantized = [](BinaryKind kind, float y_scale) {
    OneOp op(Binary{.kind = kind});
    op.input<int8_t>({1}, {12}, scaled(0.5f, 2)).input<int8_t>({1}, {16}, scaled(0.25f, -4));
    return op.output(Type::s8, {}, scaled(y_scale, 7)).values<int8_t>()[0];
  };
  EXPECT_EQ(quantized(BinaryKind::add, 0.1f), 107);
  EXPECT_EQ(quantized(BinaryKind::sub, 0.1f), 7);
  EXPECT_EQ(quantized(BinaryKind::mul, 0.25f), 107);
  EXPECT_EQ(quantized(BinaryKind::div, 0.125f), 15);
  EXPECT_EQ(quantized(BinaryKind::squared_difference, 0.25f), 7);
}

TEST(Binary, SurvivesEveryInt8WhateverTheScales) {
  std::vector<int8_t> all(256);
  std::iota(all.begin(), all.end(), -128);
  for (const BinaryKind kind : {BinaryKind::add, BinaryKind::mul, BinaryKind::div,
                                BinaryKind::squared_difference, BinaryKind::less}) {
    for (const float scale : {1e-38f, 1e-6f, 1.0f, 3e38f}) {
      OneOp op(Binary{.kind = kind});
      op.input<int8_t>({256, 1}, all, scaled(scale, -128)).input<int8_t>({256}, all, scaled(1, 127));
      op.output(kind == BinaryKind::less ? Type::boolean : Type::s8, {}, scaled(1 / scale, 3));
      EXPECT_EQ(op.shape(), Shape({256, 256}));
    }
  }
}

TEST(Binary, ComparesRealsNotWhatIsStored) {
  OneOp op(Binary{.kind = BinaryKind::greater});
  op.input<int8_t>({3}, {10, 11, 12}, scaled(0.5f)).input<int8_t>({3}, {22, 22, 22}, scaled(0.25f));
  EXPECT_THAT(op.output(Type::boolean).values<uint8_t>(), ElementsAre(0, 0, 1));
}

TEST(Binary, ComparesNothingWithNoNumber) {
  const auto compared = [](BinaryKind kind) {
    OneOp op(Binary{.kind = kind});
    op.input<float>({3}, {1, 2, std::nanf("")}).constant<float>({}, {2}).output(Type::boolean);
    return op.values<uint8_t>();
  };
  EXPECT_THAT(compared(BinaryKind::equal), ElementsAre(0, 1, 0));
  EXPECT_THAT(compared(BinaryKind::not_equal), ElementsAre(1, 0, 1));
  EXPECT_THAT(compared(BinaryKind::less_equal), ElementsAre(1, 1, 0));
  EXPECT_THAT(compared(BinaryKind::greater_equal), ElementsAre(0, 1, 0));
}

TEST(Binary, GivesTheSameOnAnyNumberOfThreads) {
  std::vector<int16_t> a(3 * 4000 * 5), b(4000);
  std::iota(a.begin(), a.end(), static_cast<int16_t>(-30000));
  std::iota(b.begin(), b.end(), static_cast<int16_t>(-2000));
  OneOp op(Binary{.kind = BinaryKind::add});
  op.input<int16_t>({3, 4000, 5}, a, scaled(0.001f)).input<int16_t>({4000, 1}, b, scaled(0.003f));
  op.output(Type::s16, {}, scaled(0.002f));
  const auto one = op.values<int16_t>();
  for (const int threads : {2, 7}) {
    const auto instance = op.ran(threads);
    const auto many = instance->output(0).as<int16_t>();
    EXPECT_TRUE(std::equal(one.begin(), one.end(), many.begin(), many.end()));
  }
}

// --- PRELU, ADD_N, SELECT ---

TEST(Prelu, HasASlopeForEachChannel) {
  OneOp op(Prelu{});
  op.input<float>({2, 2}, {-4, -4, 4, 4}).constant<float>({2}, {0.5f, -1}).output(Type::f32);
  EXPECT_THAT(op.values<float>(), ElementsAre(-2, 4, 4, 4));
}

TEST(Prelu, RefusesSlopesThatWidenTheInput) {
  OneOp op(Prelu{});
  op.input<float>({2}, {1, 2}).constant<float>({3, 2}, {1, 2, 3, 4, 5, 6}).output(Type::f32);
  EXPECT_THAT(error_of(op), HasSubstr("do not spread over"));
}

TEST(AddN, AddsAll) {
  OneOp op(AddN{});
  op.input<float>({2}, {1, 2}).input<float>({2}, {10, 20}).constant<float>({2}, {100, 200}).output(Type::f32);
  EXPECT_THAT(op.values<float>(), ElementsAre(111, 222));
}

template <class T>
void expect_selected() {
  OneOp op(Select{});
  op.input<uint8_t>({3, 1}, {0, 1, 2})
      .template input<T>({2}, {1, 2})
      .template input<T>({3, 2}, {3, 4, 5, 6, 7, 8});
  op.output(type_of<T>()).model().main().tensors[0].type = Type::boolean;
  EXPECT_THAT(op.template values<T>(), ElementsAre(3, 4, 1, 2, 1, 2));
}

TEST(Select, TakesElementsOfAnySize) {
  expect_selected<int8_t>();
  expect_selected<int16_t>();
  expect_selected<float>();
  expect_selected<int64_t>();
}

TEST(Select, OfOldChoosesRows) {
  OneOp op(SelectV1{});
  op.input<uint8_t>({2}, {1, 0}).input<int32_t>({2, 2}, {1, 2, 3, 4}).input<int32_t>({2, 2}, {5, 6, 7, 8});
  op.output(Type::s32).model().main().tensors[0].type = Type::boolean;
  EXPECT_THAT(op.values<int32_t>(), ElementsAre(1, 2, 7, 8));
}

}  // namespace
}  // namespace teff
