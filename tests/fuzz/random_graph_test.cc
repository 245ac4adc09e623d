#include "tests/fuzz/random_graph.h"

#include <gtest/gtest.h>

namespace teff {
namespace {

TEST(RandomGraph, PassesLeaveEveryResultAsItWas) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    conformance::Random random(seed);
    ASSERT_EQ(fusion_difference(random_graph(random)), "") << "seed " << seed;
  }
}

TEST(RandomGraph, MostGraphsHaveSeveralOperators) {
  int several = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    conformance::Random random(seed);
    several += random_graph(random).model.main().nodes.size() > 3;
  }
  EXPECT_GT(several, 50);
}

}  // namespace
}  // namespace teff
