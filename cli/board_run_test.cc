// Networks as C on emulated boards.
#include <gtest/gtest.h>

#include <filesystem>

#include "ablation.h"
#include "board_run.h"
#include "compile_testing.h"
#include "core/error.h"

namespace teff::cli {
namespace {

namespace fs = std::filesystem;

class OnBoard : public testing::TestWithParam<const char*> {};

TEST_P(OnBoard, ComputesTheSameAndTouchesWhatWasPlanned) {
  const Target& target = *find_target(GetParam());
  const std::string missing = missing_tools(target);
  if (!missing.empty()) GTEST_SKIP() << missing;
  for (const char* optimize : {"speed", "sram"}) {
    const Compilation c = compiled("fashion", GetParam(), optimize);
    const Measured m = measure(c.emitted, target, c.emit_for);
    EXPECT_TRUE(m.crc_ok) << m.difference;
    EXPECT_EQ(m.sram, c.emitted.arena_bytes) << optimize;
    EXPECT_EQ(m.guarded,
              target.name == "cortex-m4" || target.name == "cortex-m7" || target.name == "cortex-m0plus");
    EXPECT_GT(m.stack, 0);
    EXPECT_LT(m.stack, 1024);
    EXPECT_GT(m.total.loads, m.total.stores);
    int64_t sum = 0;
    for (const Counted& layer : m.layers) sum += layer.instructions;
    EXPECT_NEAR(static_cast<double>(sum), static_cast<double>(m.total.instructions),
                0.1 * static_cast<double>(m.total.instructions));
  }
}

INSTANTIATE_TEST_SUITE_P(Cores, OnBoard, testing::Values("m0plus", "m4", "m7", "m33", "m55", "riscv32"));

// A shared network in all modes where nothing else runs it: bench/mcu --check does on M7 and M55.
class SmallOnBoard : public testing::TestWithParam<std::tuple<const char*, const char*, const char*>> {};

TEST_P(SmallOnBoard, ComputesTheSame) {
  const auto& [name, core, optimize] = GetParam();
  const std::string model = name == std::string("fashion") ? name : shared() + "/models/" + name + ".tflite";
  const Target& target = *find_target(core);
  const std::string missing = missing_tools(target);
  if (!missing.empty()) GTEST_SKIP() << missing;
  if (model != name && !fs::exists(model)) GTEST_SKIP() << model << " is not there";
  const Compilation c = compiled(model, core, optimize);
  const Measured m = measure(c.emitted, target, c.emit_for);
  EXPECT_TRUE(m.crc_ok) << m.difference;
  EXPECT_EQ(m.sram, c.emitted.arena_bytes);
}

INSTANTIATE_TEST_SUITE_P(Shared, SmallOnBoard,
                         testing::Combine(testing::Values("kws"), testing::Values("m4", "riscv32", "host"),
                                          testing::Values("speed", "sram", "flash")));
INSTANTIATE_TEST_SUITE_P(Fashion, SmallOnBoard,
                         testing::Combine(testing::Values("fashion"),
                                          testing::Values("m4", "riscv32", "host"),
                                          testing::Values("flash")));

// A machine whose fast memory is small.
TEST(OnBoard, ComputesTheSameWithItsMemoryInSeveralRegions) {
  Target target = *find_target("m7");
  const std::string missing = missing_tools(target);
  if (!missing.empty()) GTEST_SKIP() << missing;
  target.sram = {{"near", 6000}, {"far", 20000}};
  for (const char* optimize : {"speed", "sram"}) {
    target.sram[1].bytes = optimize == std::string("speed") ? 20000 : 5000;
    const Compilation c =
        compile_for("fashion", {.target = &target, .optimize = optimize, .sram = {}, .flash = {}});
    const std::vector<ArenaPart>& parts = c.program->arena_parts;
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_LE(parts[0].bytes, target.sram[0].bytes);
    EXPECT_LE(parts[1].bytes, target.sram[1].bytes);
    EXPECT_EQ(self_test(c.emitted), "");
    if (optimize == std::string("sram")) continue;
    const Measured m = measure(c.emitted, target, c.emit_for);
    EXPECT_TRUE(m.crc_ok) << m.difference;
    EXPECT_EQ(m.sram, c.emitted.arena_bytes);
  }
}

TEST(OnBoard, EveryOptimisationSavesInstructionsAndIsCounted) {
  const Target& target = *find_target("m7");
  const std::string missing = missing_tools(target);
  if (!missing.empty()) GTEST_SKIP() << missing;
  const CompilationOptions options{.target = &target, .optimize = "speed", .sram = {}, .flash = {}};
  const Compilation c = compile_for("fashion", options);
  const int64_t instructions = count(c.emitted, target, c.emit_for).total.instructions;
  const auto ablated = ablate_instructions(c, options);
  EXPECT_EQ(ablated.size(), 5u);
  for (const CountedAblation& a : ablated) EXPECT_GT(a.instructions, instructions) << a.technique;
}

TEST(OnBoard, WhatGoesBeyondTheArenaIsCaught) {
  const Target& target = *find_target("m7");
  const std::string missing = missing_tools(target);
  if (!missing.empty()) GTEST_SKIP() << missing;
  Compilation c = compiled("fashion", "m7", "speed");
  for (EmittedFile& file : c.emitted.files) {
    const std::string is = fmt::format("_ARENA_BYTES {}", c.emitted.arena_bytes);
    const size_t at = file.text.find(is);
    if (at != std::string::npos)
      file.text.replace(at, is.size(), fmt::format("_ARENA_BYTES {}", c.emitted.arena_bytes - 1024));
  }
  EXPECT_THROW(measure(c.emitted, target, c.emit_for), Error);
}

}  // namespace
}  // namespace teff::cli
