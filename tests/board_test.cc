// Programs for boards, run on the host: every tensor that a pass leaves has TFLite Micro's bytes, whichever
// instructions the kernels are made of.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <tuple>

#include "core/crc32.h"
#include "graph/load.h"
#include "plan/board.h"
#include "run/compile.h"
#include "run/instance.h"
#include "tests/golden.h"

namespace teff {
namespace {

std::shared_ptr<const Program> board_program(const std::string& file, const BoardOptions& options) {
  return compile(load_model(file), {}, [&](Model m) { return make_board_program(std::move(m), options); });
}

Checksums run(std::shared_ptr<const Program> program, const std::vector<std::byte>& input) {
  Instance instance(std::move(program), 1);
  std::memcpy(instance.input(0).bytes.data(), input.data(), input.size());
  Checksums checksums;
  instance.run(
      [&](const Node& node) { checksums[node.source] = crc32(instance.tensor(node.outputs[0]).bytes); });
  return checksums;
}

// What te_vww shows under sanitizers in seconds, mcunetv2 shows again in a minute.
bool too_slow(const std::string& name) { return TEFF_SANITIZED && name == "mcunetv2"; }

class BoardTest : public testing::TestWithParam<std::tuple<const char*, BoardIsa>> {};

TEST_P(BoardTest, EveryOperatorHasTfliteMicrosBytes) {
  const auto& [name, isa] = GetParam();
  const std::string model = shared() + "/models/" + name + ".tflite";
  if (!std::filesystem::exists(model)) GTEST_SKIP() << model << " is not there";
  if (too_slow(name)) GTEST_SKIP() << name << " is too slow under sanitizers";
  const Golden golden = read_golden(shared() + "/golden/" + name + ".txt");
  const auto program = board_program(model, {.isa = isa});
  for (const auto& [seed, expected] : golden.seeds) {
    const Checksums surviving = run(program, make_input(golden, seed));
    EXPECT_THAT(expected, testing::IsSupersetOf(surviving)) << "seed " << seed;
    EXPECT_TRUE(surviving.contains(expected.rbegin()->first)) << "the last operator's result is gone";
  }
}

// Rows that stream through the layers make the same output, and take no more memory.
TEST_P(BoardTest, TheLeastMemoryGivesTheSameOutput) {
  const auto& [name, isa] = GetParam();
  const std::string model = shared() + "/models/" + name + ".tflite";
  if (!std::filesystem::exists(model)) GTEST_SKIP() << model << " is not there";
  if (too_slow(name)) GTEST_SKIP() << name << " is too slow under sanitizers";
  const Golden golden = read_golden(shared() + "/golden/" + name + ".txt");
  const auto program = board_program(model, {.isa = isa, .memory = BoardMemory::least});
  EXPECT_LE(program->arena_bytes, board_program(model, {.isa = isa})->arena_bytes);
  RecordProperty("arena_bytes", std::to_string(program->arena_bytes));
  Instance instance(program, 1);
  for (const auto& [seed, expected] : golden.seeds) {
    const auto input = make_input(golden, seed);
    std::memcpy(instance.input(0).bytes.data(), input.data(), input.size());
    instance.run();
    EXPECT_EQ(crc32(instance.output(0).bytes), expected.rbegin()->second) << "seed " << seed;
  }
}

std::string name_of(const testing::TestParamInfo<std::tuple<const char*, BoardIsa>>& info) {
  const auto& [model, isa] = info.param;
  return fmt::format("{}_{}", model, isa == BoardIsa::c ? "c" : isa == BoardIsa::dsp ? "dsp" : "mve");
}

INSTANTIATE_TEST_SUITE_P(Models, BoardTest,
                         testing::Combine(testing::ValuesIn(kSharedModels),
                                          testing::Values(BoardIsa::c, BoardIsa::dsp, BoardIsa::mve)),
                         name_of);

}  // namespace
}  // namespace teff
