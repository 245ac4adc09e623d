#include "plan/layout.h"

#include <gtest/gtest.h>

#include <random>

#include "plan/plan.h"

namespace teff {
namespace {

// A plan of `steps` steps over tensors of given sizes; uses[s] are the tensors that step s touches.
struct Case {
  Graph graph;
  Plan plan;

  TensorId tensor(int64_t bytes) {
    graph.tensors.emplace_back();
    plan.tensors.push_back({.bytes = bytes});
    plan.tensors.back().location.place = Location::Place::arena;
    return static_cast<TensorId>(plan.tensors.size()) - 1;
  }
  void step(std::vector<TensorId> uses) {
    Step step;
    for (TensorId id : uses) step.operands.push_back({Operand::Kind::tensor, id});
    plan.steps.push_back(std::move(step));
  }
  int64_t offset(TensorId id) const { return plan.tensors[static_cast<size_t>(id)].location.offset; }
};

TEST(Layout, AChainTakesItsTwoLargestNeighbours) {
  Case c;
  const TensorId a = c.tensor(640), b = c.tensor(1280), d = c.tensor(320), e = c.tensor(64);
  c.graph.inputs = {a};
  c.graph.outputs = {e};
  c.step({a, b});
  c.step({b, d});
  c.step({d, e});
  EXPECT_EQ(lay_out(c.graph, c.plan, 0), 640 + 1280);
}

TEST(Layout, AnAliasLiesWhereItsOriginalLiesAndKeepsItAlive) {
  Case c;
  const TensorId a = c.tensor(64), view = c.tensor(64), b = c.tensor(64), d = c.tensor(64);
  c.plan.tensors[static_cast<size_t>(view)].alias_of = a;
  c.graph.inputs = {a};
  c.graph.outputs = {d};
  c.step({a, view});
  c.step({a, b});
  c.step({view, b, d});
  lay_out(c.graph, c.plan, 0);
  EXPECT_EQ(c.offset(view), c.offset(a));
  EXPECT_NE(c.offset(b), c.offset(a));
  EXPECT_NE(c.offset(d), c.offset(a));
}

TEST(Layout, AllOutputsOfANodeLastUntilItIsDone) {
  Case c;
  const TensorId a = c.tensor(64), first = c.tensor(64), second = c.tensor(64);
  c.graph.inputs = {a};
  c.graph.nodes.push_back({Split{.num_splits = 2}, {a}, {first, second}});
  c.step({a, first});
  c.step({a, second});
  c.plan.steps_end = {2};
  lay_out(c.graph, c.plan, 0);
  EXPECT_NE(c.offset(first), c.offset(second));
}

TEST(Layout, BeginsWhereItIsTold) {
  Case c;
  const TensorId a = c.tensor(100);
  c.graph.inputs = {a};
  EXPECT_EQ(lay_out(c.graph, c.plan, 4096), 4096 + 128);
  EXPECT_EQ(c.offset(a), 4096);
}

TEST(Layout, NothingThatIsNeededAtOnceOverlaps) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    Case c;
    for (int i = 0; i < 30; ++i) c.tensor(static_cast<int64_t>(random() % 5000));
    for (int s = 0; s < 40; ++s)
      c.step({static_cast<TensorId>(random() % 30), static_cast<TensorId>(random() % 30)});
    const int64_t end = lay_out(c.graph, c.plan, 0);
    for (const PlannedTensor& a : c.plan.tensors) {
      if (a.last_step < a.first_step) continue;
      EXPECT_LE(a.location.offset + a.bytes, end);
      EXPECT_EQ(a.location.offset % 64, 0);
      for (const PlannedTensor& b : c.plan.tensors) {
        if (&a == &b || b.last_step < a.first_step || a.last_step < b.first_step ||
            b.last_step < b.first_step)
          continue;
        EXPECT_TRUE(a.location.offset + a.bytes <= b.location.offset ||
                    b.location.offset + b.bytes <= a.location.offset);
      }
    }
  }
}

}  // namespace
}  // namespace teff
