#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "run/one_op.h"

namespace teff {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Quant scaled(float scale, int64_t zero = 0) { return {{scale}, {zero}}; }

// --- FULLY_CONNECTED ---

OneOp connected(const FullyConnected& op, const Shape& shape) {
  OneOp net(op);
  net.input<float>(shape, {1, 2, 3, 4})
      .constant<float>({3, 2}, {1, 10, 100, 1000, -1, 0})
      .constant<float>({3}, {0, 1, 0})
      .output(Type::f32);
  return net;
}

TEST(FullyConnected, MultipliesEveryRow) {
  const OneOp op = connected({.activation = Activation::relu}, {2, 1, 2});
  EXPECT_EQ(op.shape(), Shape({2, 3}));
  EXPECT_THAT(op.values<float>(), ElementsAre(21, 2101, 0, 43, 4301, 0));
}

TEST(FullyConnected, KeepsTheOtherAxesWhereAsked) {
  EXPECT_EQ(connected({.keep_num_dims = true}, {2, 1, 2}).shape(), Shape({2, 1, 3}));
  EXPECT_THAT(error_of(connected({.keep_num_dims = true}, {2, 2, 1})), HasSubstr("cannot be multiplied"));
}

// Sums of (x - 1) * (w - 2) = 2 * 3 + 4 * 5 in quarters, the bias too.
TEST(FullyConnected, CentresInputsAndWeights) {
  OneOp op(FullyConnected{});
  op.input<int8_t>({1, 2}, {3, 5}, scaled(0.5f, 1))
      .constant<int8_t>({1, 2}, {5, 7}, scaled(0.5f, 2))
      .constant<int32_t>({1}, {6})
      .output(Type::s8, {}, scaled(1, 10));
  EXPECT_THAT(op.values<int8_t>(), ElementsAre(18));
}

TEST(FullyConnected, TakesInt16WithBiasesOf64Bits) {
  OneOp op(FullyConnected{});
  op.input<int16_t>({1, 1}, {1000}, scaled(1))
      .constant<int8_t>({3, 1}, {1, 2, 100}, {{1, 2, 1}, {0, 0, 0}, 0})
      .constant<int64_t>({3}, {0, 10, 0})
      .output(Type::s16, {}, scaled(2));
  EXPECT_THAT(op.values<int16_t>(), ElementsAre(500, 2010, 32767));
}

TEST(FullyConnected, RefusesABiasOfAnotherLength) {
  OneOp op(FullyConnected{});
  op.input<float>({1, 1}, {1}).constant<float>({2, 1}, {1, 2}).constant<float>({1}, {1}).output(Type::f32);
  EXPECT_THAT(error_of(op), HasSubstr("a bias of 1 for 2 outputs"));
}

// --- BATCH_MATMUL ---

TEST(BatchMatMul, MultipliesMatricesLyingEitherWay) {
  const std::vector<float> a = {1, 2, 3, 4, 5, 6}, at = {1, 4, 2, 5, 3, 6};
  const std::vector<float> b = {1, 10, 100, 1000, 1, 1}, bt = {1, 100, 1, 10, 1000, 1};
  for (const bool adj_x : {false, true})
    for (const bool adj_y : {false, true}) {
      OneOp op(BatchMatMul{.adj_x = adj_x, .adj_y = adj_y});
      adj_x ? op.input<float>({3, 2}, at) : op.input<float>({2, 3}, a);
      adj_y ? op.input<float>({2, 3}, bt) : op.input<float>({3, 2}, b);
      op.output(Type::f32);
      EXPECT_THAT(op.values<float>(), ElementsAre(204, 2013, 510, 5046)) << adj_x << adj_y;
    }
}

TEST(BatchMatMul, BroadcastsBatches) {
  OneOp op(BatchMatMul{});
  op.input<float>({2, 1, 1, 1}, {1, 2}).input<float>({3, 1, 1}, {10, 100, 1000}).output(Type::f32);
  EXPECT_EQ(op.shape(), Shape({2, 3, 1, 1}));
  EXPECT_THAT(op.values<float>(), ElementsAre(10, 100, 1000, 20, 200, 2000));
}

TEST(BatchMatMul, CentresBothInt8Inputs) {
  OneOp op(BatchMatMul{});
  op.input<int8_t>({1, 2}, {3, 5}, scaled(0.5f, 1)).input<int8_t>({2, 1}, {5, 7}, scaled(0.5f, 2));
  op.output(Type::s8, {}, scaled(0.5f, -10));
  EXPECT_THAT(op.values<int8_t>(), ElementsAre(3));
}

TEST(BatchMatMul, RefusesMatricesThatDoNotFit) {
  OneOp op(BatchMatMul{});
  op.input<float>({2, 3}, std::vector<float>(6)).input<float>({2, 3}, std::vector<float>(6));
  op.output(Type::f32);
  EXPECT_THAT(error_of(op), HasSubstr("matrices 2x3 and 2x3 cannot be multiplied"));
}

// --- EMBEDDING_LOOKUP ---

OneOp looked_up(const std::vector<int32_t>& ids, Type result) {
  OneOp op(EmbeddingLookup{});
  op.input<int32_t>({static_cast<int64_t>(ids.size())}, ids)
      .constant<int8_t>({3, 2}, {1, 2, 3, 4, 5, 6}, scaled(0.5f))
      .output(result, {}, result == Type::s8 ? scaled(0.5f) : Quant{});
  return op;
}

TEST(EmbeddingLookup, FetchesRows) {
  EXPECT_EQ(looked_up({2, 0}, Type::s8).shape(), Shape({2, 2}));
  EXPECT_THAT(looked_up({2, 0}, Type::s8).values<int8_t>(), ElementsAre(5, 6, 1, 2));
}

TEST(EmbeddingLookup, DequantizesThemForAFloatResult) {
  EXPECT_THAT(looked_up({1}, Type::f32).values<float>(), ElementsAre(1.5f, 2.0f));
}

TEST(EmbeddingLookup, RefusesNumbersOutsideOfTheTable) {
  EXPECT_THAT(error_of(looked_up({3}, Type::s8)), HasSubstr("an index points outside of the tensor"));
  EXPECT_THAT(error_of(looked_up({-1}, Type::f32)), HasSubstr("an index points outside of the tensor"));
}

}  // namespace
}  // namespace teff
