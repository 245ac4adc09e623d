#include "plan/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "plan/testing.h"

namespace teff {
namespace {

using ::testing::HasSubstr;
using testing::Image;
using testing::Window;
using testing::WorkBuilder;

// A small MobileNet: what is large comes first.
Work network() {
  WorkBuilder b;
  const Window three{3, 1, 1, 1}, half{3, 2, 1, 1};
  int x = b.input({32, 32, 3});
  x = b.conv(x, {16, 16, 16}, half, half);
  x = b.depthwise(x, {16, 16, 16}, three, three);
  x = b.conv(x, {16, 16, 32}, {}, {});
  x = b.depthwise(x, {8, 8, 32}, half, half);
  x = b.conv(x, {8, 8, 64}, {}, {});
  x = b.gather("MEAN", x, {1, 1, 64});
  b.output(b.whole("FULLY_CONNECTED", {x}, {1, 1, 10}));
  return b.work;
}

TEST(Budget, TheFrontGoesFromTheFastestToTheSmallest) {
  const Work work = network();
  const std::vector<MemoryPlan> front = memory_front(work);
  ASSERT_GE(front.size(), 2u);
  EXPECT_EQ(front.front().places.bytes, layer_wise_memory(work).places.bytes);
  EXPECT_EQ(front.front().runs.size(), work.steps.size());
  EXPECT_LE(front.back().places.bytes, least_memory(work).places.bytes);
  for (size_t i = 1; i < front.size(); ++i) {
    EXPECT_LT(front[i].places.bytes, front[i - 1].places.bytes);
    EXPECT_GE(front[i].cost, front[i - 1].cost);
  }
}

TEST(Budget, TheCheapestThatFits) {
  const Work work = network();
  for (const MemoryPlan& plan : memory_front(work)) {
    const MemoryPlan fits = fit_memory(work, plan.places.bytes);
    EXPECT_LE(fits.places.bytes, plan.places.bytes);
    EXPECT_LE(fits.cost, plan.cost);
  }
}

TEST(Budget, TooLittleNamesTheLeastAndWhoNeedsIt) {
  const Work work = network();
  const int64_t least = least_memory(work).places.bytes;
  try {
    fit_memory(work, least - 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(fmt::format("{} bytes of memory do not suffice", least - 1)));
    EXPECT_THAT(error.what(), HasSubstr(fmt::format("the least is {}", least)));
    EXPECT_THAT(error.what(), HasSubstr("#"));  // the step's name
  }
}

TEST(Budget, TheCostIsTheCallers) {
  const Work work = network();
  const RunCost rows_are_dear = [](const WorkStep& step, int32_t units) {
    return units == step.units ? 1.0 : 100.0;
  };
  EXPECT_GT(memory_front(work, rows_are_dear).back().cost, memory_front(work).back().cost);
}

// Three layers that might be in place, of which two gain where they are not.
TEST(Budget, RoomIsUsedForWhatGainsMost) {
  WorkBuilder b;
  const int x = b.input({4, 4, 16});  // 256 bytes
  const int y = b.conv(x, {4, 4, 16}, {}, {});
  const int z = b.conv(y, {4, 4, 16}, {}, {});
  b.output(b.conv(z, {4, 4, 16}, {}, {}));
  b.work.steps[0].apart_gain = 1;
  b.work.steps[2].apart_gain = 2;
  const auto apart = [&](const MemoryPlan& plan, int from, int to) {
    const std::vector<int64_t>& at = plan.places.tensors;
    return std::abs(at[static_cast<size_t>(from)] - at[static_cast<size_t>(to)]) >= 256;
  };
  const MemoryPlan small = least_memory(b.work);
  EXPECT_EQ(small.places.bytes, 256 + 64);
  EXPECT_FALSE(apart(small, 0, 1) || apart(small, 2, 3));
  const MemoryPlan large = fit_memory(b.work, 1000);
  EXPECT_EQ(large.places.bytes, layer_wise_memory(b.work).places.bytes);
  EXPECT_EQ(large.places.bytes, memory_front(b.work).front().places.bytes);
  EXPECT_TRUE(apart(large, 0, 1) && apart(large, 2, 3));
  EXPECT_LE(large.places.bytes, 512 + 64);
}

// Of a band's rows only as many lie between result and input, and they take their own scratch.
TEST(Budget, BandsTakeTheirRowsAndTheirScratch) {
  testing::WorkBuilder b;
  const int x = b.input({8, 10, 1});
  b.output(b.depthwise(x, {8, 10, 1}, {3, 1, 1, 1}, {3, 1, 1, 1}));
  b.work.steps[0].apart_gain = 1;
  b.work.steps[0].band = 4;
  b.work.steps[0].scratch = 8;
  b.work.steps[0].apart_scratch = 40;
  const MemoryPlan fast = layer_wise_memory(b.work), small = least_memory(b.work);
  EXPECT_TRUE(fast.apart[0]);
  EXPECT_FALSE(small.apart[0]);
  EXPECT_GE(fast.places.bytes, 80 + 50 + 40);
  EXPECT_LE(fast.places.bytes, 80 + 50 + 40 + 16);
  EXPECT_LE(small.places.bytes, 80 + 20 + 8 + 16);
}

TEST(Budget, TheHungriestStepOfALayerWisePlan) {
  const Work work = network();
  EXPECT_EQ(hungriest_step(work, layer_wise_memory(work)).name, "DEPTHWISE_CONV_2D#3");
}

}  // namespace
}  // namespace teff
