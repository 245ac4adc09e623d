#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/float16.h"
#include "run/one_op.h"

namespace teff {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;
using Floats = std::vector<float>;

Quant scaled(float scale, int64_t zero = 0) { return {{scale}, {zero}}; }

// Numbers without a pattern, in [-1, 1), the same on every machine.
Floats noise(int64_t n, uint32_t seed = 1) {
  Floats values(static_cast<size_t>(n));
  for (float& v : values) {
    seed = seed * 1664525 + 1013904223;
    v = static_cast<float>(static_cast<int32_t>(seed)) / 2147483648.0f;
  }
  return values;
}

// --- CONV_2D ---

TEST(Conv2D, SumsProductsOverTheWindow) {
  OneOp op(Conv2D{.padding = Padding::valid});
  op.input<float>({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9})
      .constant<float>({1, 2, 2, 1}, {1, 10, 100, 1000})
      .constant<float>({1}, {0.5f})
      .output(Type::f32);
  EXPECT_EQ(op.shape(), Shape({1, 2, 2, 1}));
  EXPECT_THAT(op.values<float>(), ElementsAre(5421.5f, 6532.5f, 8754.5f, 9865.5f));
}

TEST(Conv2D, ReadsZeroesOutsideOfTheImageAndPadsMoreBehindThanBefore) {
  OneOp op(Conv2D{.padding = Padding::same});
  op.input<float>({1, 2, 2, 1}, {1, 2, 3, 4}).constant<float>({1, 2, 2, 1}, {1, 10, 100, 1000});
  op.output(Type::f32);
  EXPECT_THAT(op.values<float>(), ElementsAre(4321, 402, 43, 4));
}

// Every output from the definition, in double precision.
Floats convolved(const Conv2D& op, const Floats& x, const Shape& xs, const Floats& w, const Shape& ws,
                 const Shape& ys) {
  const int64_t in_group = ws[3], out_group = ws[0] * ws[3] / xs[3];
  Floats y;
  for (int64_t unit = 0; unit < ys.elements(); ++unit) {
    const int64_t o = unit % ys[3], ox = unit / ys[3] % ys[2], oy = unit / ys[3] / ys[2] % ys[1];
    const int64_t n = unit / ys[3] / ys[2] / ys[1];
    double sum = 0;
    for (int64_t tap = 0; tap < ws.product(1, 4); ++tap) {
      const int64_t c = tap % ws[3], j = tap / ws[3] % ws[2], i = tap / ws[3] / ws[2];
      const int64_t iy = oy * op.stride_h - op.pads.top + i * op.dilation_h;
      const int64_t ix = ox * op.stride_w - op.pads.left + j * op.dilation_w;
      if (iy < 0 || iy >= xs[1] || ix < 0 || ix >= xs[2]) continue;
      const int64_t from = ((n * xs[1] + iy) * xs[2] + ix) * xs[3] + o / out_group * in_group + c;
      sum += static_cast<double>(x[static_cast<size_t>(from)]) *
             static_cast<double>(w[static_cast<size_t>(o * ws.product(1, 4) + tap)]);
    }
    y.push_back(static_cast<float>(sum));
  }
  return y;
}

TEST(Conv2D, TakesPaddingStrideDilationAndGroupsFromTheOperator) {
  const Conv2D op{.padding = Padding::given,
                  .stride_w = 2,
                  .stride_h = 3,
                  .dilation_w = 1,
                  .dilation_h = 2,
                  .pads = {.top = 4, .left = 1, .bottom = 3, .right = 0}};
  const Shape xs{2, 9, 7, 6}, ws{4, 3, 2, 3}, ys{2, 4, 4, 4};
  const Floats x = noise(xs.elements()), w = noise(ws.elements(), 2);
  for (const bool known : {true, false}) {
    OneOp net(op);
    net.input(xs, x);
    known ? net.constant(ws, w) : net.input(ws, w);
    net.output(Type::f32);
    ASSERT_EQ(net.shape(), ys);
    EXPECT_THAT(net.values<float>(), Pointwise(FloatNear(1e-5f), convolved(op, x, xs, w, ws, ys)));
  }
}

// real = 0.5 * (x - 1) against real = 0.25 * w; 1 in the result stands for 0.125.
TEST(Conv2D, ScalesInt8SumsByChannelAndClampsThem) {
  OneOp op(Conv2D{.padding = Padding::valid, .activation = Activation::relu});
  op.input<int8_t>({1, 1, 2, 1}, {5, 127}, scaled(0.5f, 1))
      .constant<int8_t>({3, 1, 1, 1}, {2, -1, 2}, {{0.25f, 0.25f, 0.5f}, {0, 0, 0}, 0})
      .constant<int32_t>({3}, {1, 0, 0})
      .output(Type::s8, {}, scaled(0.125f, -100));
  EXPECT_THAT(op.values<int8_t>(), ElementsAre(-91, -100, -84, 127, -100, 127));
}

TEST(Conv2D, UnpacksFourBitWeightsLowHalfFirst) {
  OneOp op(Conv2D{.padding = Padding::valid});
  op.input<int8_t>({1, 1, 1, 3}, {1, 10, 100}, scaled(1))
      .constant<uint8_t>({1, 1, 1, 3}, {0x2F, 0x08}, scaled(1))
      .output(Type::s8, {}, scaled(10));
  op.model().main().tensors[1].type = Type::s4;
  EXPECT_THAT(op.values<int8_t>(), ElementsAre(-78));  // (-1 + 20 - 800) / 10
}

TEST(Conv2D, DequantizesTheWeightsOfFloatNetworks) {
  OneOp op(Conv2D{.padding = Padding::valid});
  op.input<float>({1, 1, 1, 2}, {1, 10})
      .constant<int8_t>({2, 1, 1, 2}, {1, 2, 3, 4}, {{0.5f, 2}, {0, 0}, 0})
      .constant<uint16_t>({2}, {half_from_float(0.5f), half_from_float(-1)})
      .output(Type::f32);
  op.model().main().tensors[2].type = Type::f16;
  EXPECT_THAT(op.values<float>(), ElementsAre(11, 85));
}

// One more than the largest int32 is the smallest one in 32 bits, as TFLite adds up where biases have them.
TEST(Conv2D, AddsInt16ProductsAsWideAsTheBiasIs) {
  constexpr int32_t kLargest = std::numeric_limits<int32_t>::max();
  const auto net = [](auto bias) {
    OneOp op(Conv2D{.padding = Padding::valid});
    op.input<int16_t>({1, 1, 1, 1}, {1}, scaled(1)).constant<int8_t>({1, 1, 1, 1}, {1}, scaled(1));
    op.constant<decltype(bias)>({1}, {bias}).output(Type::s16, {}, scaled(131072));
    return op.values<int16_t>();
  };
  EXPECT_THAT(net(int32_t{kLargest}), ElementsAre(-16384));
  EXPECT_THAT(net(int64_t{kLargest}), ElementsAre(16384));
}

TEST(Conv2D, GivesTheSameBytesOnAnyNumberOfThreads) {
  OneOp op(Conv2D{});
  op.input({1, 31, 29, 5}, noise(31 * 29 * 5)).constant({7, 3, 3, 5}, noise(7 * 9 * 5, 3)).output(Type::f32);
  const auto one = op.ran(1), seven = op.ran(7);
  EXPECT_TRUE(std::ranges::equal(one->output(0).as<float>(), seven->output(0).as<float>()));
}

TEST(Conv2D, HasNothingToDoForEmptyImages) {
  OneOp op(Conv2D{});
  op.input<float>({1, 0, 5, 2}, {}).constant<float>({3, 1, 1, 2}, Floats(6)).output(Type::f32);
  EXPECT_EQ(op.shape(), Shape({1, 0, 5, 3}));
}

TEST(Conv2D, RefusesWeightsThatDoNotFit) {
  OneOp channels(Conv2D{});
  channels.input<float>({1, 2, 2, 3}, Floats(12)).constant<float>({1, 1, 1, 2}, Floats(2)).output(Type::f32);
  EXPECT_THAT(error_of(channels), HasSubstr("input 1x2x2x3 cannot be convolved with weights 1x1x1x2"));
  OneOp stride(Conv2D{.stride_w = 0});
  stride.input<float>({1, 2, 2, 1}, Floats(4)).constant<float>({1, 1, 1, 1}, Floats(1)).output(Type::f32);
  EXPECT_THAT(error_of(stride), HasSubstr("stride 0"));
  OneOp scales(Conv2D{});
  scales.input<int8_t>({1, 1, 1, 1}, {1}, scaled(1)).constant<int8_t>({3, 1, 1, 1}, {1, 2, 3});
  scales.output(Type::s8, {}, scaled(1));
  EXPECT_THAT(error_of(scales), HasSubstr("0 scales for 3 channels"));
}

TEST(Conv2D, RefusesWindowsWhoseExtentsCannotBeCounted) {
  OneOp op(Conv2D{.dilation_h = 2'000'000'000});
  op.input<float>({1, 2, 2, 1}, Floats(4)).constant<float>({1, 3, 1, 1}, Floats(3)).output(Type::f32);
  EXPECT_THAT(error_of(op), HasSubstr("a window of 3 with dilation 2000000000 is too large"));
}

// --- DEPTHWISE_CONV_2D ---

TEST(DepthwiseConv2D, GivesEveryChannelOutputsOfItsOwn) {
  OneOp op(DepthwiseConv2D{.padding = Padding::valid, .depth_multiplier = 2});
  op.input<float>({1, 1, 2, 2}, {1, 2, 3, 4})
      .constant<float>({1, 1, 2, 4}, {1, 10, 100, 1000, 1, 1, 1, 1})
      .constant<float>({4}, {0, 0, 0, 1})
      .output(Type::f32);
  EXPECT_EQ(op.shape(), Shape({1, 1, 1, 4}));
  EXPECT_THAT(op.values<float>(), ElementsAre(4, 13, 204, 2005));
}

TEST(DepthwiseConv2D, SubtractsTheZeroPointOnlyWithinTheImage) {
  OneOp op(DepthwiseConv2D{.padding = Padding::same});
  op.input<int8_t>({1, 1, 3, 1}, {5, 5, 5}, scaled(1, 4))
      .constant<int8_t>({1, 1, 3, 1}, {1, 10, 100}, scaled(1))
      .output(Type::s8, {}, scaled(1));
  EXPECT_THAT(op.values<int8_t>(), ElementsAre(110, 111, 11));
}

TEST(DepthwiseConv2D, RefusesAMultiplierThatContradictsTheShapes) {
  OneOp op(DepthwiseConv2D{.depth_multiplier = 3});
  op.input<float>({1, 1, 1, 2}, Floats(2)).constant<float>({1, 1, 1, 4}, Floats(4)).output(Type::f32);
  EXPECT_THAT(error_of(op), HasSubstr("a depth multiplier of 3 where 2 channels become 4"));
}

// --- TRANSPOSE_CONV ---

TEST(TransposeConv, SpreadsEveryInputOverAWindow) {
  OneOp op(TransposeConv{.padding = Padding::valid, .stride_w = 2, .stride_h = 1});
  op.constant<int32_t>({4}, {1, 1, 5, 1})
      .constant<float>({1, 1, 3, 1}, {1, 2, 3})
      .input<float>({1, 1, 2, 1}, {10, 100})
      .constant<float>({1}, {0.5f})
      .output(Type::f32);
  EXPECT_EQ(op.shape(), Shape({1, 1, 5, 1}));
  EXPECT_THAT(op.values<float>(), ElementsAre(10.5f, 20.5f, 130.5f, 200.5f, 300.5f));
}

TEST(TransposeConv, MayLeaveOutputsThatNothingReaches) {
  OneOp op(TransposeConv{.padding = Padding::valid, .stride_w = 3, .stride_h = 1});
  op.constant<int32_t>({4}, {1, 1, 6, 1})
      .constant<float>({1, 1, 1, 1}, {2})
      .input<float>({1, 1, 2, 1}, {10, 100})
      .output(Type::f32);
  EXPECT_THAT(op.values<float>(), ElementsAre(20, 0, 0, 200, 0, 0));
}

TEST(TransposeConv, ScalesInt8SumsOnce) {
  OneOp op(TransposeConv{.padding = Padding::same, .stride_w = 2, .stride_h = 1});
  op.constant<int32_t>({4}, {1, 1, 4, 2})
      .constant<int8_t>({2, 1, 3, 1}, {1, 2, 3, 10, 20, 30}, {{0.5f, 0.25f}, {0, 0}, 0})
      .input<int8_t>({1, 1, 2, 1}, {3, 4}, scaled(1, 1))
      .constant<int32_t>({2}, {10, 0})
      .output(Type::s8, {}, scaled(1, 5));
  // Outputs 2, 4, 6 + 3, 6 and 20, 40, 60 + 30, 60 in sums of the inputs 2 and 3.
  EXPECT_THAT(op.values<int8_t>(), ElementsAre(11, 10, 12, 15, 15, 28, 13, 20));
}

TEST(TransposeConvBias, MakesTheImageAsLargeAsTheStrideSays) {
  OneOp op(TransposeConvBias{.padding = Padding::same, .stride_w = 2, .stride_h = 2});
  op.input<float>({1, 1, 2, 1}, {1, 10})
      .constant<float>({1, 2, 2, 1}, {1, 2, 3, 4})
      .constant<float>({1}, {0.5f})
      .output(Type::f32);
  EXPECT_EQ(op.shape(), Shape({1, 2, 4, 1}));
  EXPECT_THAT(op.values<float>(), ElementsAre(1.5f, 2.5f, 10.5f, 20.5f, 3.5f, 4.5f, 30.5f, 40.5f));
}

// --- pooling ---

OneOp pool(Pool2D op) {
  op.stride_w = op.stride_h = 2, op.filter_width = op.filter_height = 2;
  OneOp net(op);
  net.input<float>({1, 3, 3, 1}, {1, 2, 3, 4, -5, 6, 7, 8, 9}).output(Type::f32);
  return net;
}

TEST(Pool2D, CountsOnlyWhatLiesWithinTheImage) {
  EXPECT_THAT(pool({.kind = PoolKind::average}).values<float>(), ElementsAre(0.5f, 4.5f, 7.5f, 9));
  EXPECT_THAT(pool({.kind = PoolKind::max}).values<float>(), ElementsAre(4, 6, 8, 9));
  EXPECT_THAT(
      pool({.kind = PoolKind::l2}).values<float>(),
      ElementsAre(FloatEq(std::sqrt(11.5f)), FloatEq(std::sqrt(22.5f)), FloatEq(std::sqrt(56.5f)), 9));
}

TEST(Pool2D, LeavesOutWindowsThatDoNotFit) {
  EXPECT_THAT(pool({.kind = PoolKind::max, .padding = Padding::valid}).values<float>(), ElementsAre(4));
}

TEST(Pool2D, RoundsAveragesAwayFromZero) {
  OneOp op(Pool2D{.kind = PoolKind::average, .stride_w = 2, .filter_width = 2});
  op.input<int8_t>({1, 1, 4, 1}, {1, 2, -1, -2}, scaled(1)).output(Type::s8, {}, scaled(1));
  EXPECT_THAT(op.values<int8_t>(), ElementsAre(2, -2));
}

// Added one after the other, 65536 tenths are 6553.6 by six parts in ten thousand only.
TEST(Pool2D, AveragesWholeImages) {
  OneOp op(Pool2D{
      .kind = PoolKind::average, .padding = Padding::valid, .filter_width = 256, .filter_height = 256});
  op.input<float>({1, 256, 256, 1}, Floats(65536, 0.1f)).output(Type::f32);
  EXPECT_THAT(op.values<float>(), ElementsAre(FloatNear(0.1f, 2e-6f)));
}

TEST(Pool2D, RefusesToRescale) {
  OneOp op(Pool2D{.kind = PoolKind::max});
  op.input<int8_t>({1, 1, 1, 1}, {1}, scaled(1)).output(Type::s8, {}, scaled(2));
  EXPECT_THAT(error_of(op), HasSubstr("need the same scale and zero point"));
}

}  // namespace
}  // namespace teff
