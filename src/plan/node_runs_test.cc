#include "plan/node_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace teff {
namespace {

using testing::ElementsAre;

Step step_of(int node, int64_t units) {
  Step step;
  step.node = node;
  step.units = units;
  return step;
}

TEST(NodeRuns, EachNodeIsDoneAtOnceWhereNothingElseIsSaid) {
  Plan plan;
  plan.steps = {step_of(0, 7), step_of(1, 9)};
  plan.steps_end = {1, 2};
  const auto nodes = runs_of_nodes(plan);
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_THAT(nodes[0].runs, ElementsAre(7));
  EXPECT_THAT(nodes[1].runs, ElementsAre(9));
}

TEST(NodeRuns, RunsThatFollowEachOtherAreOne) {
  Plan plan;
  plan.steps = {step_of(0, 4), step_of(1, 2)};
  plan.steps_end = {1, 2};
  plan.order = {{0, 0, 2}, {0, 2, 3}, {1, 0, 1}, {0, 3, 4}, {1, 1, 2}};
  const auto nodes = runs_of_nodes(plan);
  EXPECT_THAT(nodes[0].runs, ElementsAre(3, 1));
  EXPECT_THAT(nodes[1].runs, ElementsAre(1, 1));
}

TEST(NodeRuns, NodesOfSeveralStepsAreLeftOut) {
  Plan plan;
  plan.steps = {step_of(0, 4), step_of(0, 2), step_of(1, 3)};
  plan.steps_end = {2, 3};
  const auto nodes = runs_of_nodes(plan);
  ASSERT_EQ(nodes.size(), 1u);
  EXPECT_EQ(nodes[0].step->node, 1);
}

}  // namespace
}  // namespace teff
