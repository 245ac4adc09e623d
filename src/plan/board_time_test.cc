#include "plan/board_time.h"

#include <gtest/gtest.h>

namespace teff {
namespace {

TEST(BoardTime, KnownLatenciesComeOutWithinTheStatedError) {
  const auto kws = estimate_time("cortex-m4", {7'845'241, 1'722'568});
  ASSERT_TRUE(kws);
  EXPECT_NEAR(kws->cycles, 99.8e-3 * 120e6, kws->error * 99.8e-3 * 120e6);
  EXPECT_GT(kws->error, 0.05);
  EXPECT_LT(kws->error, 0.20);
}

TEST(BoardTime, IsProportionalToWhatWasCounted) {
  for (const char* core : {"cortex-m4", "cortex-m33", "cortex-m7", "cortex-m85"}) {
    const auto one = estimate_time(core, {1000, 200}), ten = estimate_time(core, {10000, 2000});
    ASSERT_TRUE(one && ten) << core;
    EXPECT_NEAR(ten->cycles, 10 * one->cycles, 1e-6 * ten->cycles) << core;
    EXPECT_FALSE(one->based_on.empty());
  }
}

TEST(BoardTime, AnM33TakesFewerCyclesThanAnM4) {
  EXPECT_LT(estimate_time("cortex-m33", {1000, 200})->cycles,
            estimate_time("cortex-m4", {1000, 200})->cycles);
}

TEST(BoardTime, SaysNothingAboutCoresWithoutPublishedLatencies) {
  EXPECT_FALSE(estimate_time("cortex-m55", {1000, 200}));
  EXPECT_FALSE(estimate_time("riscv32", {1000, 200}));
}

}  // namespace
}  // namespace teff
