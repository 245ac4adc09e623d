#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "run/one_op.h"

namespace teff {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

OneOp gather(const std::vector<int32_t>& indices) {
  OneOp op(Gather{.axis = 1});
  op.input<int8_t>({2, 3}, {1, 2, 3, 4, 5, 6})
      .input<int32_t>({static_cast<int64_t>(indices.size())}, indices);
  return std::move(op.output(Type::s8));
}

TEST(Gather, PicksAlongAnAxis) {
  EXPECT_THAT(gather({2, 0, 2, 1}).values<int8_t>(), ElementsAre(3, 1, 3, 2, 6, 4, 6, 5));
}

TEST(Gather, RefusesAnIndexOutside) {
  EXPECT_THAT(error_of(gather({0, 3})), HasSubstr("an index points outside"));
  EXPECT_THAT(error_of(gather({-1})), HasSubstr("an index points outside"));
}

TEST(Gather, PicksForEachBatchItsOwn) {
  OneOp op(Gather{.axis = 2, .batch_dims = 1});
  op.input<float>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}).input<int64_t>({2, 1}, {1, 0}).output(Type::f32);
  EXPECT_EQ(op.shape(), Shape({2, 2, 1}));
  EXPECT_THAT(op.values<float>(), ElementsAre(2, 4, 5, 7));
}

TEST(GatherNd, PicksRunsByTuplesOfIndices) {
  OneOp op(GatherNd{});
  op.input<float>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}).input<int32_t>({2, 2}, {1, 0, 0, 1}).output(Type::f32);
  EXPECT_THAT(op.values<float>(), ElementsAre(5, 6, 3, 4));
}

TEST(GatherNd, RefusesATupleOutside) {
  OneOp op(GatherNd{});
  op.input<float>({2, 2}, {1, 2, 3, 4}).input<int32_t>({1, 2}, {0, 2}).output(Type::f32);
  EXPECT_THAT(error_of(op), HasSubstr("an index points outside"));
}

TEST(ShapeOf, IsTheShape) {
  OneOp op(ShapeOf{});
  op.input<int8_t>({2, 1, 3}, std::vector<int8_t>(6)).output(Type::s32);
  EXPECT_THAT(op.values<int32_t>(), ElementsAre(2, 1, 3));
}

TEST(Rank, IsTheNumberOfAxes) {
  OneOp op(Rank{});
  op.input<int8_t>({2, 1, 3}, std::vector<int8_t>(6)).output(Type::s32);
  EXPECT_THAT(op.values<int32_t>(), ElementsAre(3));
}

OneOp broadcast_args(const std::vector<int32_t>& a, const std::vector<int32_t>& b) {
  OneOp op(BroadcastArgs{});
  op.input<int32_t>({static_cast<int64_t>(a.size())}, a).input<int32_t>({static_cast<int64_t>(b.size())}, b);
  return std::move(op.output(Type::s32));
}

TEST(BroadcastArgs, JoinsShapesAsNumpyDoes) {
  EXPECT_THAT(broadcast_args({2, 1, 3}, {4, 1}).values<int32_t>(), ElementsAre(2, 4, 3));
  EXPECT_THAT(error_of(broadcast_args({2}, {3})), HasSubstr("another shape"));
}

template <class T>
OneOp sequence(T start, T limit, T delta) {
  OneOp op(RangeOf{});
  for (T value : {start, limit, delta}) op.constant(Shape{}, std::vector<T>{value});
  return std::move(op.output(type_of<T>()));
}

TEST(RangeOf, CountsFromStartToBeforeLimit) {
  EXPECT_THAT(sequence<int32_t>(2, 9, 3).values<int32_t>(), ElementsAre(2, 5, 8));
  EXPECT_THAT(sequence<int64_t>(1, -3, -2).values<int64_t>(), ElementsAre(1, -1));
  EXPECT_THAT(sequence<float>(0, 1, 0.25f).values<float>(), ElementsAre(0, 0.25f, 0.5f, 0.75f));
  EXPECT_EQ(sequence<int32_t>(5, 5, 1).shape(), Shape({0}));
}

TEST(RangeOf, RefusesSequencesWithoutEnd) {
  for (const OneOp& op : {sequence<int32_t>(0, 1, 0), sequence<int32_t>(0, 1, -1)})
    EXPECT_THAT(error_of(op), HasSubstr("do not make a sequence that ends"));
  EXPECT_THAT(error_of(sequence<float>(0, 1, 0)), HasSubstr("do not make a sequence"));
  EXPECT_THAT(error_of(sequence<int64_t>(INT64_MIN, INT64_MAX, 1)), HasSubstr("do not make a sequence"));
}

// --- DENSIFY ---

using Dimension = SparseLayout::Dimension;

OneOp densify(const Shape& shape, const std::vector<float>& values, SparseLayout layout) {
  OneOp op(Densify{});
  op.constant<float>(shape, values).output(Type::f32);
  op.model().main().tensors[0].sparse = std::make_shared<SparseLayout>(std::move(layout));
  return op;
}

TEST(Densify, PlacesTheValuesOfRows) {
  // Rows are stored, of each the columns that are not 0.
  const SparseLayout csr{
      .traversal_order = {0, 1},
      .dimensions = {{.dense_size = 3},
                     {.compressed = true, .segments = {0, 1, 1, 3}, .indices = {2, 0, 3}}}};
  EXPECT_THAT(densify({3, 4}, {1, 2, 3}, csr).values<float>(),
              ElementsAre(0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 3));
}

TEST(Densify, PlacesTheValuesOfColumns) {
  const SparseLayout csc{
      .traversal_order = {1, 0},
      .dimensions = {{.dense_size = 2}, {.compressed = true, .segments = {0, 1, 2}, .indices = {1, 0}}}};
  EXPECT_THAT(densify({2, 2}, {5, 6}, csc).values<float>(), ElementsAre(0, 6, 5, 0));
}

TEST(Densify, PlacesWholeBlocks) {
  // A 2x4 matrix of 2x2 blocks of which the second is stored.
  const SparseLayout blocks{.traversal_order = {0, 1, 2, 3},
                            .block_map = {0, 1},
                            .dimensions = {{.dense_size = 1},
                                           {.compressed = true, .segments = {0, 1}, .indices = {1}},
                                           {.dense_size = 2},
                                           {.dense_size = 2}}};
  EXPECT_THAT(densify({2, 4}, {1, 2, 3, 4}, blocks).values<float>(), ElementsAre(0, 0, 1, 2, 0, 0, 3, 4));
}

TEST(Densify, RefusesMetadataThatContradictThemselves) {
  const SparseLayout good{
      .traversal_order = {0, 1},
      .dimensions = {{.dense_size = 2}, {.compressed = true, .segments = {0, 1, 2}, .indices = {1, 0}}}};
  const auto error_with = [&](auto&& change) {
    SparseLayout bad = good;
    change(bad);
    return error_of(densify({2, 2}, {5, 6}, bad));
  };
  EXPECT_EQ(error_with([](SparseLayout&) {}), "no error");
  EXPECT_THAT(error_with([](auto& l) {
                l.traversal_order = {0, 0};
              }),
              HasSubstr("two levels run over axis 0"));
  EXPECT_THAT(error_with([](auto& l) { l.traversal_order = {0, 7}; }), HasSubstr("runs over axis 7"));
  EXPECT_THAT(error_with([](auto& l) { l.block_map = {0}; }), HasSubstr("1 blocks"));
  EXPECT_THAT(error_with([](auto& l) { l.dimensions[0].dense_size = 3; }), HasSubstr("3 positions"));
  EXPECT_THAT(error_with([](auto& l) { l.dimensions[1].segments = {0, 1}; }), HasSubstr("too few segments"));
  EXPECT_THAT(error_with([](auto& l) { l.dimensions[1].segments = {0, 1, 9}; }), HasSubstr("from 1 to 9"));
  EXPECT_THAT(error_with([](auto& l) { l.dimensions[1].segments = {0, -1, 2}; }), HasSubstr("from 0 to -1"));
  EXPECT_THAT(error_with([](auto& l) { l.dimensions[1].indices = {1, 2}; }), HasSubstr("index 2 of 2"));
  EXPECT_THAT(error_with([](auto& l) { l.dimensions[1] = {.dense_size = 2}; }), HasSubstr("too few values"));
}

TEST(Densify, RefusesAFewBytesThatClaimToBeHuge) {
  const SparseLayout empty{.traversal_order = {0},
                           .dimensions = {{.compressed = true, .segments = {0, 0}, .indices = {}}}};
  EXPECT_THAT(error_of(densify({2000000000}, {}, empty)), HasSubstr("8000000000 bytes"));
}

TEST(Densify, IsTheOnlyReaderOfSparseConstants) {
  OneOp op(Reverse{});
  op.constant<float>({2}, {1}).constant<int32_t>({1}, {0}).output(Type::f32);
  op.model().main().tensors[0].sparse = std::make_shared<SparseLayout>();
  EXPECT_THAT(error_of(op), HasSubstr("only DENSIFY reads"));
}

}  // namespace
}  // namespace teff
