#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "run/one_op.h"

namespace teff {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Ints = std::vector<int32_t>;

template <class T = int32_t>
std::vector<T> counting(int64_t n) {
  std::vector<T> values(static_cast<size_t>(n));
  std::iota(values.begin(), values.end(), T{1});
  return values;
}

// --- TRANSPOSE ---

OneOp transpose(const Shape& shape, const Ints& permutation) {
  OneOp op(Transpose{});
  op.input<int32_t>(shape, counting(shape.elements()));
  op.constant<int32_t>({static_cast<int64_t>(permutation.size())}, permutation);
  return std::move(op.output(Type::s32));
}

TEST(Transpose, MovesRowsToColumns) {
  EXPECT_THAT(transpose({2, 3}, {1, 0}).values<int32_t>(), ElementsAre(1, 4, 2, 5, 3, 6));
}

TEST(Transpose, TakesElementsFromWhereThePermutationSays) {
  // out[i][j][k] = in at the position whose axis permutation[0] is i, permutation[1] is j, ...
  const OneOp op = transpose({2, 3, 4}, {2, 0, 1});
  EXPECT_EQ(op.shape(), Shape({4, 2, 3}));
  EXPECT_THAT(op.values<int32_t>(), ElementsAre(1, 5, 9, 13, 17, 21, 2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19,
                                                23, 4, 8, 12, 16, 20, 24));
}

// Every permutation of axes that do not fit squares and vectors evenly, against the definition.
TEST(Transpose, GivesTheDefinitionForEveryPermutationTypeAndThreadCount) {
  const Shape shape{3, 35, 2, 19};
  const auto in = strides_of(shape);
  Ints permutation = {0, 1, 2, 3};
  do {
    const OneOp op = transpose(shape, permutation);
    const auto instance = op.ran(3);
    const View out = instance->output(0);
    const auto values = out.as<int32_t>();
    const auto strides = strides_of(out.shape);
    for (int64_t i = 0; i < shape.elements(); ++i) {
      int64_t from = 0;
      for (size_t a = 0; a < 4; ++a)
        from += i / strides[a] % out.shape[static_cast<int>(a)] * in[static_cast<size_t>(permutation[a])];
      ASSERT_EQ(values[static_cast<size_t>(i)], from + 1);
    }
  } while (std::next_permutation(permutation.begin(), permutation.end()));
}

TEST(Transpose, RefusesWhatIsNoPermutation) {
  EXPECT_THAT(error_of(transpose({2, 3}, {0, 0})), HasSubstr("axis 0 appears twice"));
  EXPECT_THAT(error_of(transpose({2, 3}, {0, 2})), HasSubstr("axis 2"));
  EXPECT_THAT(error_of(transpose({2, 3}, {1, 0, 2})), HasSubstr("3 elements for 2 axes"));
}

// --- joining and splitting ---

TEST(Concatenation, JoinsAlongAnAxis) {
  OneOp op(Concatenation{.axis = -1});
  op.input<int8_t>({2, 1}, {1, 2}).input<int8_t>({2, 2}, {3, 4, 5, 6}).constant<int8_t>({2, 0}, {});
  EXPECT_THAT(op.output(Type::s8).values<int8_t>(), ElementsAre(1, 3, 4, 2, 5, 6));
}

TEST(Concatenation, DoesNotRescaleInt8) {
  OneOp op(Concatenation{});
  op.input<int8_t>({1}, {1}, {.scales = {0.5f}, .zeros = {0}});
  op.input<int8_t>({1}, {1}, {.scales = {0.25f}, .zeros = {0}});
  op.output(Type::s8, {}, {.scales = {0.5f}, .zeros = {0}});
  EXPECT_THAT(error_of(op), HasSubstr("input 1 is quantized differently"));
}

TEST(Concatenation, RefusesShapesThatDiffer) {
  OneOp op(Concatenation{.axis = 0});
  op.input<float>({1, 2}, {1, 2}).input<float>({1, 3}, {1, 2, 3}).output(Type::f32);
  EXPECT_THAT(error_of(op), HasSubstr("1x2 and 1x3"));
}

TEST(Split, CutsEqualParts) {
  OneOp op(Split{.num_splits = 2});
  op.constant<int32_t>({1}, {1}).input<int32_t>({2, 4}, counting(8));
  op.output(Type::s32).output(Type::s32);
  EXPECT_THAT(op.values<int32_t>(0), ElementsAre(1, 2, 5, 6));
  EXPECT_THAT(op.values<int32_t>(1), ElementsAre(3, 4, 7, 8));
}

TEST(SplitV, CutsPartsOfGivenSizesOneOfThemLeftOver) {
  OneOp op(SplitV{.num_splits = 2});
  op.input<int32_t>({2, 3}, counting(6)).constant<int32_t>({2}, {1, -1}).constant<int32_t>({1}, {-1});
  op.output(Type::s32).output(Type::s32);
  EXPECT_THAT(op.values<int32_t>(0), ElementsAre(1, 4));
  EXPECT_THAT(op.values<int32_t>(1), ElementsAre(2, 3, 5, 6));
}

TEST(SplitV, RefusesSizesThatDoNotAddUp) {
  for (const Ints& sizes : {Ints{1, 1}, Ints{-1, 4}, Ints{-1, -1}, Ints{-2, 5}}) {
    OneOp op(SplitV{.num_splits = 2});
    op.input<int32_t>({2, 3}, counting(6)).constant<int32_t>({2}, sizes).constant<int32_t>({1}, {1});
    op.output(Type::s32).output(Type::s32);
    EXPECT_THAT(error_of(op), HasSubstr("SPLIT_V"));
  }
}

TEST(Pack, AddsAnAxis) {
  OneOp op(Pack{.values_count = 2, .axis = 1});
  op.input<int32_t>({3}, {1, 2, 3}).input<int32_t>({3}, {4, 5, 6}).output(Type::s32);
  EXPECT_EQ(op.shape(), Shape({3, 2}));
  EXPECT_THAT(op.values<int32_t>(), ElementsAre(1, 4, 2, 5, 3, 6));
}

TEST(Unpack, TakesAnAxisApart) {
  OneOp op(Unpack{.num = 2, .axis = 1});
  op.input<int32_t>({3, 2}, counting(6)).output(Type::s32).output(Type::s32);
  EXPECT_THAT(op.values<int32_t>(0), ElementsAre(1, 3, 5));
  EXPECT_THAT(op.values<int32_t>(1), ElementsAre(2, 4, 6));
}

// --- slices ---

OneOp slice(const Ints& begin, const Ints& size) {
  OneOp op(Slice{});
  op.input<int32_t>({3, 4}, counting(12)).constant<int32_t>({2}, begin).constant<int32_t>({2}, size);
  return std::move(op.output(Type::s32));
}

TEST(Slice, TakesABoxAndMinusOneMeansTheRest) {
  EXPECT_THAT(slice({1, 1}, {2, 2}).values<int32_t>(), ElementsAre(6, 7, 10, 11));
  EXPECT_THAT(slice({2, 2}, {-1, -1}).values<int32_t>(), ElementsAre(11, 12));
  EXPECT_EQ(slice({3, 0}, {-1, 4}).shape(), Shape({0, 4}));
}

TEST(Slice, RefusesToLeaveTheTensor) {
  EXPECT_THAT(error_of(slice({2, 0}, {2, 1})), HasSubstr("a slice of 2 from 2 on of an axis of 3"));
  EXPECT_THAT(error_of(slice({-1, 0}, {1, 1})), HasSubstr("a slice starts at -1"));
}

OneOp slice_at(const Ints& begin) {
  OneOp op(Slice{});
  op.input<int32_t>({3, 4}, counting(12)).input<int32_t>({2}, begin).constant<int32_t>({2}, {2, 2});
  return std::move(op.output(Type::s32));
}

TEST(Slice, MayStartWhereOnlyTheRunTells) {
  EXPECT_THAT(slice_at({1, 2}).values<int32_t>(), ElementsAre(7, 8, 11, 12));
  EXPECT_THAT(error_of(slice_at({2, 0})), HasSubstr("an index points outside"));
  EXPECT_THAT(error_of(slice_at({0, -1})), HasSubstr("an index points outside"));
}

TEST(DynamicUpdateSlice, WritesABoxThatIsMovedToFit) {
  OneOp op(DynamicUpdateSlice{});
  op.input<int32_t>({3, 3}, counting(9)).input<int32_t>({2, 2}, {-1, -2, -3, -4});
  op.input<int32_t>({2}, {7, -5}).output(Type::s32);
  EXPECT_THAT(op.values<int32_t>(), ElementsAre(1, 2, 3, -1, -2, 6, -3, -4, 9));
}

struct Strided {
  StridedSlice op;
  Ints begin, end, strides;
  Shape shape;
  Ints values;
};

class StridedSliceTest : public testing::TestWithParam<Strided> {};

TEST_P(StridedSliceTest, OfATwoByThreeByFourTensor) {
  const auto& c = GetParam();
  const Shape entries{static_cast<int64_t>(c.begin.size())};
  OneOp op(c.op);
  op.input<int32_t>({2, 3, 4}, counting(24)).constant(entries, c.begin);
  op.constant(entries, c.end).constant(entries, c.strides).output(Type::s32);
  EXPECT_EQ(op.shape(), c.shape);
  EXPECT_EQ(op.values<int32_t>(), c.values);
}

INSTANTIATE_TEST_SUITE_P(
    All, StridedSliceTest,
    testing::Values(
        Strided{{}, {0, 1, 1}, {1, 3, 4}, {1, 1, 2}, {1, 2, 2}, {6, 8, 10, 12}},
        Strided{{}, {-1, -1, -1}, {-3, -3, -4}, {-1, -1, -2}, {2, 2, 2}, {24, 22, 20, 18, 12, 10, 8, 6}},
        Strided{
            {.begin_mask = 4, .end_mask = 4}, {1, 2, 9}, {2, 3, 9}, {1, 1, -1}, {1, 1, 4}, {24, 23, 22, 21}},
        Strided{{}, {0, 0, 3}, {2, 1, 1}, {1, 1, 1}, {2, 1, 0}, {}},
        Strided{{.shrink_axis_mask = 3}, {1, -1, 0}, {0, 0, 2}, {1, 1, 1}, {2}, {21, 22}},
        Strided{
            {.shrink_axis_mask = 1}, {1}, {2}, {1}, {3, 4}, {13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24}},
        Strided{{.ellipsis_mask = 1, .shrink_axis_mask = 2},
                {0, 2},
                {0, 3},
                {1, 1},
                {2, 3},
                {3, 7, 11, 15, 19, 23}},
        Strided{{.ellipsis_mask = 2, .new_axis_mask = 4, .shrink_axis_mask = 9},
                {1, 0, 0, 3},
                {2, 0, 0, 4},
                {1, 1, 1, 1},
                {3, 1},
                {16, 20, 24}},
        Strided{{.offset = true}, {1, 0, 1}, {1, 1, 2}, {1, 1, 1}, {1, 1, 2}, {14, 15}}));

TEST(StridedSlice, RefusesAStrideOfZeroAndAnIndexOutside) {
  for (const auto& [begin, stride] : {std::pair{0, 0}, std::pair{5, 1}}) {
    OneOp op(StridedSlice{.shrink_axis_mask = 1});
    op.input<int32_t>({3}, counting(3)).constant<int32_t>({1}, {begin}).constant<int32_t>({1}, {6});
    op.constant<int32_t>({1}, {stride}).output(Type::s32);
    EXPECT_THAT(error_of(op), HasSubstr(stride == 0 ? "stride 0 is 0" : "index 5 is outside"));
  }
}

TEST(Reverse, TurnsAxesRound) {
  OneOp op(Reverse{});
  op.input<int8_t>({2, 3}, counting<int8_t>(6)).constant<int32_t>({1}, {-1}).output(Type::s8);
  EXPECT_THAT(op.values<int8_t>(), ElementsAre(3, 2, 1, 6, 5, 4));
}

// --- repeating ---

TEST(Tile, RepeatsAlongEachAxis) {
  OneOp op(Tile{});
  op.input<int32_t>({2, 2}, counting(4)).constant<int32_t>({2}, {2, 2}).output(Type::s32);
  EXPECT_THAT(op.values<int32_t>(), ElementsAre(1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4));
}

TEST(Tile, TakesAllEightAxes) {
  OneOp op(Tile{});
  op.input<int8_t>({2, 2, 2, 2, 2, 2, 2, 2}, counting<int8_t>(256));
  op.constant<int32_t>({8}, {2, 2, 2, 2, 2, 2, 2, 2}).output(Type::s8);
  const auto values = op.values<int8_t>();
  ASSERT_EQ(values.size(), 65536u);
  for (size_t i = 0; i < values.size(); ++i) {
    size_t from = 0;  // each axis of 4 has its place in two bits of i; its lower bit is the input's
    for (size_t axis = 0; axis < 8; ++axis) from |= (i >> (2 * axis) & 1) << axis;
    ASSERT_EQ(values[i], static_cast<int8_t>(from + 1)) << i;
  }
}

TEST(BroadcastTo, RepeatsExtentsOfOne) {
  OneOp op(BroadcastTo{});
  op.input<float>({2, 1}, {1, 2}).constant<int32_t>({3}, {2, 2, 3}).output(Type::f32);
  EXPECT_THAT(op.values<float>(), ElementsAre(1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2));
}

TEST(Fill, WritesOneValueEverywhere) {
  OneOp op(Fill{});
  op.constant<int64_t>({2}, {2, 2}).input<int64_t>({}, {7}).output(Type::s64);
  EXPECT_THAT(op.values<int64_t>(), ElementsAre(7, 7, 7, 7));
}

TEST(BroadcastTo, RefusesMoreElementsThanCanBeCounted) {
  OneOp op(BroadcastTo{});
  op.input<float>({}, {1}).constant<int32_t>({2}, {65536, 65536}).output(Type::f32);
  EXPECT_THAT(error_of(op), HasSubstr("65536x65536 has more than 2147483647 elements"));
}

// --- padding ---

TEST(Pad, PutsTheZeroPointAround) {
  OneOp op(Pad{});
  op.input<int8_t>({2, 2}, {1, 2, 3, 4}).constant<int32_t>({2, 2}, {1, 0, 1, 2});
  op.output(Type::s8, {}, {.scales = {1}, .zeros = {-9}});
  EXPECT_THAT(op.values<int8_t>(), ElementsAre(-9, -9, -9, -9, -9, -9, 1, 2, -9, -9, -9, 3, 4, -9, -9));
}

TEST(Pad, PutsAGivenValueAround) {
  OneOp op(Pad{});
  op.input<float>({1, 2}, {1, 2}).constant<int32_t>({2, 2}, {0, 1, 1, 0}).input<float>({}, {5});
  EXPECT_THAT(op.output(Type::f32).values<float>(), ElementsAre(5, 1, 2, 5, 5, 5));
}

TEST(MirrorPad, ReflectsWithAndWithoutTheEdge) {
  for (const MirrorMode mode : {MirrorMode::reflect, MirrorMode::symmetric}) {
    OneOp op(MirrorPad{.mode = mode});
    op.input<float>({2, 3}, {1, 2, 3, 4, 5, 6}).constant<int32_t>({2, 2}, {1, 0, 1, 2}).output(Type::f32);
    if (mode == MirrorMode::reflect)
      EXPECT_THAT(op.values<float>(), ElementsAre(5, 4, 5, 6, 5, 4, 2, 1, 2, 3, 2, 1, 5, 4, 5, 6, 5, 4));
    else
      EXPECT_THAT(op.values<float>(), ElementsAre(1, 1, 2, 3, 3, 2, 1, 1, 2, 3, 3, 2, 4, 4, 5, 6, 6, 5));
  }
}

TEST(MirrorPad, RefusesToReflectMoreThanThereIs) {
  OneOp op(MirrorPad{.mode = MirrorMode::reflect});
  op.input<float>({2}, {1, 2}).constant<int32_t>({1, 2}, {2, 0}).output(Type::f32);
  EXPECT_THAT(error_of(op), HasSubstr("axis 0 of 2 is padded by 2 and 0"));
}

// --- blocks ---

TEST(SpaceToDepth, GathersBlocksAndDepthToSpaceSpreadsThem) {
  OneOp forth(SpaceToDepth{.block_size = 2});
  forth.input<int32_t>({1, 2, 4, 1}, counting(8)).output(Type::s32);
  EXPECT_EQ(forth.shape(), Shape({1, 1, 2, 4}));
  EXPECT_THAT(forth.values<int32_t>(), ElementsAre(1, 2, 5, 6, 3, 4, 7, 8));
  OneOp back(DepthToSpace{.block_size = 2});
  back.input<int32_t>({1, 1, 2, 4}, {1, 2, 5, 6, 3, 4, 7, 8}).output(Type::s32);
  EXPECT_EQ(back.values<int32_t>(), counting(8));
}

TEST(SpaceToBatch, DealsOutPaddedBlocksAndBatchToSpaceCollectsThem) {
  OneOp forth(SpaceToBatch{});
  forth.input<int32_t>({1, 2, 3, 1}, {1, 2, 3, 4, 5, 6}).constant<int32_t>({2}, {1, 2});
  forth.constant<int32_t>({2, 2}, {0, 1, 1, 0}).output(Type::s32);
  EXPECT_EQ(forth.shape(), Shape({2, 3, 2, 1}));
  EXPECT_THAT(forth.values<int32_t>(), ElementsAre(0, 2, 0, 5, 0, 0, 1, 3, 4, 6, 0, 0));
  OneOp back(BatchToSpace{});
  back.input<int32_t>({2, 3, 2, 1}, {0, 2, 0, 5, 0, 0, 1, 3, 4, 6, 0, 0}).constant<int32_t>({2}, {1, 2});
  back.constant<int32_t>({2, 2}, {0, 1, 1, 0}).output(Type::s32);
  EXPECT_EQ(back.values<int32_t>(), counting(6));
}

// What becomes of padding TFLite Micro leaves to chance: here it is the real 0, as in TFLite.
TEST(SpaceToBatch, PadsWithTheZeroPoint) {
  OneOp op(SpaceToBatch{});
  op.input<int8_t>({1, 1, 1}, {5}).constant<int32_t>({1}, {2}).constant<int32_t>({1, 2}, {1, 2});
  op.output(Type::s8, {}, {.scales = {1}, .zeros = {-7}});
  EXPECT_EQ(op.shape(), Shape({2, 2, 1}));
  EXPECT_THAT(op.values<int8_t>(), ElementsAre(-7, -7, 5, -7));
}

TEST(SpaceToBatch, RefusesExtentsThatAreNoWholeBlocks) {
  OneOp op(SpaceToBatch{});
  op.input<int32_t>({1, 3, 1}, counting(3)).constant<int32_t>({1}, {2}).constant<int32_t>({1, 2}, {0, 0});
  EXPECT_THAT(error_of(op.output(Type::s32)), HasSubstr("an extent of 3 is not made of blocks of 2"));
}

// --- what none of them does ---

TEST(Moving, RefusesPackedTypesAndTypesThatDiffer) {
  OneOp differ(Reverse{});
  differ.input<int8_t>({2}, {1, 2}).constant<int32_t>({1}, {0}).output(Type::f32);
  EXPECT_THAT(error_of(differ), HasSubstr("of one type"));
  OneOp packed(Reverse{});
  packed.input<int8_t>({2}, {1, 2}).constant<int32_t>({1}, {0}).output(Type::s4);
  packed.model().main().tensors[0].type = Type::s4;
  EXPECT_THAT(error_of(packed), HasSubstr("only types of whole bytes"));
}

TEST(Moving, LeavesEmptyTensorsEmpty) {
  EXPECT_EQ(transpose({0, 3}, {1, 0}).shape(), Shape({3, 0}));
  OneOp op(Pad{});
  op.input<float>({0, 2}, {}).constant<int32_t>({2, 2}, {1, 0, 0, 0}).output(Type::f32);
  EXPECT_THAT(op.values<float>(), ElementsAre(0, 0));
}

}  // namespace
}  // namespace teff
