#include "emit/order.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace teff {
namespace {

Plan plan_with(std::vector<Run> order, std::vector<int64_t> units) {
  Plan plan;
  for (int64_t count : units) {
    plan.steps.emplace_back();
    plan.steps.back().units = count;
  }
  plan.order = std::move(order);
  return plan;
}

TEST(Order, StepsThatTakeTurnsAreOneSegment) {
  const Plan plan =
      plan_with({{0, 0, 2}, {1, 0, 1}, {0, 2, 4}, {1, 1, 2}, {2, 0, 7}, {3, 0, 1}, {4, 0, 1}, {3, 1, 2}},
                {4, 2, 7, 2, 1});
  const auto segments = segments_of(plan);
  ASSERT_EQ(segments.size(), 3u);
  EXPECT_EQ(segments[0].steps, (std::vector<int>{0, 1}));
  EXPECT_EQ(segments[0].turns.size(), 4u);
  EXPECT_EQ(segments[1].steps, std::vector<int>{2});
  EXPECT_EQ(segments[2].steps, (std::vector<int>{3, 4}));
}

TEST(Order, RunsOfOneStepInARowAreOne) {
  const auto segments = segments_of(plan_with({{0, 0, 1}, {0, 1, 2}, {1, 0, 1}, {0, 2, 3}}, {3, 1}));
  ASSERT_EQ(segments.size(), 1u);
  ASSERT_EQ(segments[0].turns.size(), 3u);
  EXPECT_EQ(segments[0].turns[0].count, 2);
}

TEST(Order, AStepThatSkipsRowsIsRefused) {
  EXPECT_THROW(segments_of(plan_with({{0, 0, 1}, {0, 2, 3}}, {3})), Error);
}

// What the emitted loop does with the table gives the runs back.
TEST(Order, TheTableSaysTheRuns) {
  Segment segment{.steps = {7, 8, 9}, .turns = {}};
  for (int i = 0; i < 50; ++i) segment.turns.push_back({i % 3, i == 20 ? 300 : 1 + i % 5});
  const PackedOrder order = packed(segment);
  EXPECT_EQ(order.bits, 2);
  EXPECT_TRUE(order.wide);
  std::vector<int32_t> done(3), wanted(3);
  for (uint16_t entry : order.entries) done[entry & 3] += (entry >> order.bits) + 1;
  for (const Segment::Turn& turn : segment.turns) wanted[static_cast<size_t>(turn.step)] += turn.count;
  EXPECT_EQ(done, wanted);
  EXPECT_EQ(order.entries.size(), segment.turns.size());
}

}  // namespace
}  // namespace teff
