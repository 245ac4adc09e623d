// Networks as C, compiled and run on this computer, under its sanitizers; and what takes its input row by
// row.
#include <gtest/gtest.h>

#include <filesystem>

#include "board_run.h"
#include "compile_testing.h"

namespace teff::cli {
namespace {

namespace fs = std::filesystem;

// --- on this computer ---

class EmittedFashion : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(EmittedFashion, ComputesTheSameAsTheHost) {
  const auto& [target, optimize] = GetParam();
  EXPECT_EQ(self_test(compiled("fashion", target, optimize).emitted), "");
}

INSTANTIATE_TEST_SUITE_P(Machines, EmittedFashion,
                         testing::Combine(testing::Values("m0plus", "m7", "m55"),
                                          testing::Values("speed", "sram")));

class EmittedShared : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(EmittedShared, ComputesTheSameAsTheHost) {
  const auto& [name, optimize] = GetParam();
  const std::string model = shared() + "/models/" + name + ".tflite";
  if (!fs::exists(model)) GTEST_SKIP() << model << " is not there";
  EXPECT_EQ(self_test(compiled(model, "m7", optimize).emitted), "");
}

INSTANTIATE_TEST_SUITE_P(Models, EmittedShared,
                         testing::Values(std::tuple("kws", "sram"), std::tuple("sww", "speed"),
                                         std::tuple("ad", "flash"), std::tuple("ic", "speed"),
                                         std::tuple("vww96", "sram"), std::tuple("te_vww", "sram"),
                                         std::tuple("kws_float", "speed")));

// --- the input row by row ---

class InputRows : public testing::TestWithParam<const char*> {};

TEST_P(InputRows, AreAskedForOnceAndTakeLessThanTheImage) {
  const Target& target = *find_target(GetParam());
  const std::string missing = missing_tools(target);
  if (!missing.empty()) GTEST_SKIP() << missing;
  for (const char* optimize : {"speed", "sram"}) {
    const Compilation c = compiled("fashion", GetParam(), optimize, false, true);
    const Measured m = measure(c.emitted, target, c.emit_for);
    EXPECT_TRUE(m.crc_ok) << m.difference;
    EXPECT_EQ(m.sram, c.emitted.arena_bytes) << optimize;
    EXPECT_LE(c.emitted.arena_bytes, compiled("fashion", GetParam(), optimize).emitted.arena_bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(Cores, InputRows, testing::Values("host", "m4", "m7", "m55", "riscv32"));

TEST(RowsOfTheInput, StayWithinTheArena) {
  EXPECT_EQ(self_test(compiled("fashion", "m7", "sram", false, true).emitted), "");
  const std::string model = shared() + "/models/vww96.tflite";
  if (!fs::exists(model)) GTEST_SKIP() << model << " is not there";
  const Compilation c = compiled(model, "m7", "sram", false, true);
  EXPECT_LE(c.emitted.arena_bytes, 15000);
  EXPECT_EQ(self_test(c.emitted), "");
}

}  // namespace
}  // namespace teff::cli
