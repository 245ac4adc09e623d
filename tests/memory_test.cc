// What the memory planner makes of real networks, as far as descriptions go: kernels with scratch as
// Armv7E-M's need it, int8 at both ends.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "graph/load.h"
#include "plan/budget.h"
#include "plan/testing.h"
#include "run/compile.h"
#include "tests/golden.h"

namespace teff {
namespace {

struct Known {
  const char* name;
  int64_t layer_wise, least;  // bytes: no more than these
};

// Found when this was written; fewer are welcome.
constexpr Known kKnown[] = {
    {"kws", 10560, 5088}, {"vww96", 37552, 27848},  {"ic", 33872, 14144},          {"ad", 768, 768},
    {"sww", 3840, 3722},  {"te_vww", 78016, 21616}, {"mcunetv2", 1210288, 240000},
};

class MemoryTest : public ::testing::TestWithParam<Known> {};

TEST_P(MemoryTest, TakesNoMoreThanEverBefore) {
  const Known& known = GetParam();
  const std::string file = fmt::format("{}/models/{}.tflite", shared(), known.name);
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not there";
  const auto program = compile(load_model(file));
  const Work work = testing::GraphWork(program->model.main()).take();
  expect_sound(work);
  const MemoryPlan layers = layer_wise_memory(work), least = least_memory(work);
  EXPECT_LE(layers.places.bytes, known.layer_wise);
  EXPECT_LE(least.places.bytes, known.least);
  RecordProperty("layer_wise", std::to_string(layers.places.bytes));
  RecordProperty("least", std::to_string(least.places.bytes));
}

INSTANTIATE_TEST_SUITE_P(Models, MemoryTest, ::testing::ValuesIn(kKnown),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace teff
