#include "plan/overlap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/streaming.h"
#include "plan/testing.h"

namespace teff {
namespace {

using ::testing::ElementsAre;
using testing::Image;
using testing::WorkBuilder;

// Where the result of the only step may begin, seen from its input.
std::vector<Range> distances(WorkBuilder& b, int y) {
  b.output(y);
  b.work.steps[0].scratch = 0;
  const std::vector<Buffer> buffers = buffers_of(b.work, runs_of(b.work, layer_wise(b.work, {0})));
  return forbidden_distances(buffers[0], buffers[1]);
}

TEST(Overlap, ADepthwiseConvolutionRunsTwoRowsAhead) {
  WorkBuilder b;
  const int x = b.input({8, 10, 1});
  EXPECT_THAT(distances(b, b.depthwise(x, {8, 10, 1}, {3, 1, 1, 1}, {3, 1, 1, 1})),
              ElementsAre(Range{-20, 80}));
}

// Two bands of four rows: the second reads from row 3 on, and row 7 lies before that.
TEST(Overlap, InBandsItRunsABandAhead) {
  WorkBuilder b;
  const int x = b.input({8, 10, 1}), y = b.depthwise(x, {8, 10, 1}, {3, 1, 1, 1}, {3, 1, 1, 1});
  b.work.steps[0].apart = true;
  b.work.steps[0].band = 4;
  EXPECT_THAT(distances(b, y), ElementsAre(Range{-50, 80}));
}

TEST(Overlap, PixelByPixelItRunsARowAndAPixelAhead) {
  WorkBuilder b;
  const int x = b.input({8, 10, 3});
  EXPECT_THAT(distances(b, b.depthwise(x, {8, 10, 3}, {3, 1, 1, 1}, {3, 1, 1, 1}, 1)),
              ElementsAre(Range{-33, 240}));
}

TEST(Overlap, ElementwiseIsInPlace) {
  WorkBuilder b;
  const int x = b.input({8, 10, 1});
  EXPECT_THAT(distances(b, b.elementwise("RELU", {x}, {8, 10, 1})), ElementsAre(Range{0, 80}));
}

TEST(Overlap, APointwiseConvolutionIsInPlaceUpToItsGrowth) {
  WorkBuilder b;
  const int x = b.input({2, 8, 3});  // eight groups of two pixels: 6 bytes become 20
  EXPECT_THAT(distances(b, b.conv(x, {2, 8, 10}, {}, {})), ElementsAre(Range{-7 * 14, 48}));
}

// The first group makes room for its own result, and so may the result begin above the input.
TEST(Overlap, OneThatShrinksGoesAnywhereBelow) {
  WorkBuilder b;
  const int x = b.input({2, 8, 10});  // 20 bytes become 6
  EXPECT_THAT(distances(b, b.conv(x, {2, 8, 3}, {}, {})), ElementsAre(Range{14, 160}));
}

TEST(Overlap, BuffersNeededAtOtherTimesDoNotMind) {
  const Buffer a{.bytes = 10, .needs = {{0, 5, 0, 10}, {6, 8, 0, 10}}};
  const Buffer b{.bytes = 10, .needs = {{5, 6, 0, 10}, {8, 9, 0, 10}}};
  EXPECT_TRUE(forbidden_distances(a, b).empty());
}

}  // namespace
}  // namespace teff
