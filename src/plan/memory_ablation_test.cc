#include "plan/memory_ablation.h"

#include <gtest/gtest.h>

#include <map>

#include "plan/budget.h"
#include "plan/testing.h"

namespace teff {
namespace {

using testing::Window;
using testing::WorkBuilder;

std::map<std::string_view, int64_t> ablated(const Work& work, const MemoryPlan& plan) {
  std::map<std::string_view, int64_t> bytes;
  for (const MemoryAblation& a : ablate_memory(work, plan.runs, plan.places.bytes))
    bytes[a.technique] = a.bytes;
  return bytes;
}

// Two depthwise convolutions, each with 60 bytes of scratch.
TEST(MemoryAblation, OfAChainLayerByLayer) {
  WorkBuilder b;
  int x = b.input({8, 8, 16});
  x = b.depthwise(x, {8, 8, 16}, {3, 1, 1, 1}, {3, 1, 1, 1});
  x = b.depthwise(x, {8, 8, 16}, {3, 1, 1, 1}, {3, 1, 1, 1});
  b.output(x);
  const MemoryPlan plan = layer_wise_memory(b.work);
  auto bytes = ablated(b.work, plan);
  EXPECT_EQ(bytes["reuse of bytes that are not needed any more"], 3 * 1024 + 2 * 64);
  EXPECT_EQ(bytes["results over inputs as they are used up"], 2 * 1024 + 60);
  EXPECT_LT(plan.places.bytes, 2 * 1024);
  EXPECT_EQ(bytes["rows that take turns"], plan.places.bytes);
  EXPECT_EQ(bytes["another order of layers"], plan.places.bytes);
}

TEST(MemoryAblation, WithoutTurnsALeastPlanTakesWhatLayersTake) {
  WorkBuilder b;
  int x = b.input({32, 32, 3});
  x = b.conv(x, {16, 16, 16}, {3, 2, 1, 1}, {3, 2, 1, 1});
  x = b.depthwise(x, {16, 16, 16}, {3, 1, 1, 1}, {3, 1, 1, 1});
  x = b.conv(x, {16, 16, 64}, {}, {});
  b.output(b.gather("MEAN", x, {1, 1, 64}));
  const MemoryPlan plan = least_memory(b.work);
  auto bytes = ablated(b.work, plan);
  EXPECT_GT(bytes["rows that take turns"], 2 * plan.places.bytes);
  EXPECT_GE(bytes["results over inputs as they are used up"], plan.places.bytes);
  for (const auto& [technique, without] : bytes) EXPECT_GE(without, plan.places.bytes) << technique;
}

}  // namespace
}  // namespace teff
