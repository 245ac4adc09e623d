// teff tune on an emulated board.
#include <gtest/gtest.h>

#include <cstdlib>

#include "models.h"
#include "process.h"
#include "tune_search.h"

namespace teff::cli {
namespace {

TEST(TuneOnEmulator, IsNeverWorseThanCompileAndGoesOnWhereItWas) {
  const CompilationOptions options{.target = find_target("m7")};
  if (!missing_tools(*options.target).empty()) GTEST_SKIP() << missing_tools(*options.target);
  const TemporaryDirectory folder;
  setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
  const auto search = [&](int budget) {
    Measurer measurer(*options.target, model_bytes("fashion").span());
    TuneResult result = tune("fashion", options, measurer, budget, [](const Tried&, const Measurement&) {});
    return std::pair(std::move(result), measurer.measured());
  };
  const auto [first, measured] = search(2);
  EXPECT_EQ(measured, 2);
  EXPECT_LE(first.measured.total.instructions, first.usual.total.instructions);
  EXPECT_LE(first.best.emitted.arena_bytes, first.sram);
  EXPECT_LE(first.refined.median, 0.1);
  const auto [second, more] = search(1);
  EXPECT_LE(more, 1);
  EXPECT_LE(second.measured.total.instructions, first.measured.total.instructions);
  unsetenv("XDG_CACHE_HOME");
}

}  // namespace
}  // namespace teff::cli
