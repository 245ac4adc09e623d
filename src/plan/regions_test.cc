#include "plan/regions.h"

#include <gtest/gtest.h>

#include <numeric>

#include "plan/budget.h"
#include "plan/testing.h"

namespace teff {
namespace {

using testing::WorkBuilder;

// A chain of 1x1 convolutions with scratch of 2 * 2 * 16 bytes each, which every pair of pixels goes through.
Work chain() {
  WorkBuilder b;
  int x = b.input({16, 16, 16});
  for (int i = 0; i < 3; ++i) x = b.conv(x, {16, 16, 16}, {}, {});
  b.output(x);
  return b.work;
}

TEST(Regions, OneThatHoldsAllIsUsedAlone) {
  const Work work = chain();
  const MemoryPlan plan = layer_wise_memory(work);
  const std::vector<MemoryRegion> regions{{"fast", plan.places.bytes}, {"slow", 100000}};
  const auto placed = place_in_regions(work, plan, regions);
  ASSERT_TRUE(placed);
  ASSERT_EQ(placed->parts.size(), 1u);
  EXPECT_EQ(placed->parts[0].region, "fast");
  EXPECT_EQ(placed->places.tensors, plan.places.tensors);
}

TEST(Regions, WhatIsAccessedMostForItsBytesLiesInTheFastest) {
  const Work work = chain();
  const MemoryPlan plan = layer_wise_memory(work);
  const std::vector<MemoryRegion> regions{{"fast", 256}, {"slow", 100000}};
  const auto placed = place_in_regions(work, plan, regions);
  ASSERT_TRUE(placed);
  ASSERT_EQ(placed->parts.size(), 2u);
  EXPECT_LE(placed->parts[0].bytes, 256);
  for (int64_t offset : placed->places.scratch) EXPECT_LT(offset, placed->parts[0].bytes);
  for (int64_t offset : placed->places.tensors) EXPECT_GE(offset, placed->parts[1].begin);
  EXPECT_EQ(placed->places.bytes, placed->parts[1].begin + placed->parts[1].bytes);
  EXPECT_NEAR(placed->parts[0].accesses + placed->parts[1].accesses, 1, 1e-9);
  check_memory(work, plan.runs, placed->places);
}

TEST(Regions, TooSmallOnesHoldNothing) {
  const Work work = chain();
  const std::vector<MemoryRegion> regions{{"fast", 256}, {"slow", 1000}};
  EXPECT_FALSE(place_in_regions(work, least_memory(work), regions));
  EXPECT_FALSE(place_in_one_region(work, least_memory(work), regions));
}

// Where slow memory has to be used, the core waits for each word that is read or written there.
TEST(Regions, WaitingIsCounted) {
  const Work work = chain();
  const MemoryPlan plan = layer_wise_memory(work);
  const std::vector<MemoryRegion> regions{{"fast", 256}, {"slow", 100000, 3, true}};
  const auto placed = place_in_regions(work, plan, regions);
  ASSERT_TRUE(placed);
  const std::vector<double> accesses = accesses_of(work, plan.runs, buffers_of(work, plan.runs));
  const double all = std::accumulate(accesses.begin(), accesses.end(), 0.0);
  EXPECT_EQ(placed->parts[0].waits, 0);
  EXPECT_NEAR(placed->parts[1].waits, 3 * all * placed->parts[1].accesses / 4, 1e-6);
  EXPECT_NEAR(placed->waits(), placed->parts[1].waits, 1e-9);
  const auto slow = place_in_one_region(work, plan, std::span(regions).last(1));
  ASSERT_TRUE(slow);
  EXPECT_NEAR(slow->waits(), 3 * all / 4, 1e-6);
}

TEST(Regions, AccessesOfAConvolution) {
  WorkBuilder b;
  const int x = b.input({4, 4, 16});
  b.output(b.conv(x, {4, 4, 8}, {}, {}));
  const MemoryPlan plan = layer_wise_memory(b.work);
  const std::vector<Buffer> buffers = buffers_of(b.work, plan.runs);
  const std::vector<double> accesses = accesses_of(b.work, plan.runs, buffers);
  ASSERT_EQ(buffers.size(), 3u);
  EXPECT_EQ(accesses[0], 4 * 4 * 16);        // each byte of the input once
  EXPECT_EQ(accesses[1], 4 * 4 * 8);         // of the result
  EXPECT_EQ(accesses[2], 4 * 2 * 2.0 * 64);  // four rows of two pairs of pixels, written and read
}

}  // namespace
}  // namespace teff
