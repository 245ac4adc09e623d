#include "plan/reorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/budget.h"
#include "plan/testing.h"

namespace teff {
namespace {

using ::testing::ElementsAre;
using testing::Image;
using testing::WorkBuilder;

// Two branches that shrink to little, written side by side: large, large, small, small, sum.
WorkBuilder two_branches() {
  WorkBuilder b;
  const int x = b.input({8, 8, 4});
  const int wide0 = b.whole("WIDE0", {x}, {8, 8, 64});
  const int wide1 = b.whole("WIDE1", {x}, {8, 8, 64});
  const int small0 = b.whole("SMALL0", {wide0}, {8, 8, 4});
  const int small1 = b.whole("SMALL1", {wide1}, {8, 8, 4});
  b.output(b.elementwise("ADD", {small0, small1}, {8, 8, 4}));
  return b;
}

TEST(Reorder, OneBranchAfterTheOther) {
  EXPECT_THAT(order_of_least_peak(two_branches().work, PeakOf::apart), ElementsAre(0, 2, 1, 3, 4));
}

TEST(Reorder, LayerWiseMemoryMakesUseOfIt) {
  const Work work = two_branches().work;
  const MemoryPlan plan = layer_wise_memory(work);
  EXPECT_EQ(plan.places.bytes, 8 * 8 * (64 + 4 + 4));
  EXPECT_THAT(plan.segmentation.order, ElementsAre(0, 2, 1, 3, 4));
}

TEST(Reorder, StaysAsItIsWhereItHasTo) {
  Work work = two_branches().work;
  work.keeps_order = true;
  EXPECT_THAT(order_of_least_peak(work, PeakOf::apart), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Reorder, GivesUpWhereThereIsTooMuchToLookAt) {
  EXPECT_THAT(order_of_least_peak(two_branches().work, PeakOf::apart, 2), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Reorder, AChainHasOneOrder) {
  WorkBuilder b;
  int x = b.input({4, 4, 4});
  for (int i = 0; i < 150; ++i) x = b.whole("STEP", {x}, {4, 4, 4 + i % 3});
  b.output(x);
  const std::vector<int> order = order_of_least_peak(b.work, PeakOf::overlaid);
  for (int i = 0; i < 150; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

// A tensor that two steps write piece by piece is read after both.
TEST(Reorder, ReadersWaitForAllWriters) {
  WorkBuilder b;
  const int x = b.input({1, 1, 16});
  const int y = b.whole("FIRST", {x}, {1, 1, 32});
  b.work.steps.push_back({.name = "SECOND",
                          .reads = {{.tensor = x, .row_bytes = 16}, {.tensor = y, .row_bytes = 32}},
                          .writes = {{.tensor = y, .row_bytes = 32}}});
  b.output(b.whole("READER", {y}, {1, 1, 4}));
  expect_sound(b.work);
  EXPECT_THAT(order_of_least_peak(b.work, PeakOf::apart), ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace teff
