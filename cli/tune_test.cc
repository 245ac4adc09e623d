// teff tune without an emulator: its usage, and a board that is played by a thread.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "command.h"
#include "core/testing.h"
#include "models.h"
#include "process.h"
#include "serial_testing.h"
#include "tune_search.h"

namespace teff::cli {
namespace {

using testing::HasSubstr;

// Measurements are kept in a folder of the test's.
class Tune : public testing::Test {
 protected:
  void SetUp() override { setenv("XDG_CACHE_HOME", folder_.path().c_str(), 1); }
  void TearDown() override { unsetenv("XDG_CACHE_HOME"); }

  TemporaryDirectory folder_;
};

// The network's layers take less with every program that is loaded.
class FasterAndFaster {
 public:
  explicit FasterAndFaster(size_t layers) : layers_(layers) {}
  std::string operator()(const std::string&) {
    const int64_t each = 1000 - 7 * runs_++;
    std::string text = "booted\nteff layers " + std::to_string(layers_) + "\n";
    for (size_t i = 0; i < layers_; ++i)
      text += "teff layer " + std::to_string(i) + " " + std::to_string(each) + "\n";
    return text + "teff end " + std::to_string(each * static_cast<int64_t>(layers_)) + "\n";
  }

 private:
  size_t layers_;
  int64_t runs_ = 0;
};

TEST_F(Tune, TakesWhatABoardRunsFastest) {
  const CompilationOptions options{.target = find_target("m7")};
  const size_t layers = compile_for("fashion", options).emitted.layers.size();
  FakeBoard board{FasterAndFaster(layers)};
  const SerialBoard serial{.device = board.device(), .load = "true", .seconds = 10};
  Measurer measurer(*options.target, model_bytes("fashion").span(), serial);
  std::vector<int64_t> seen;
  const TuneResult result = tune("fashion", options, measurer, 3, [&](const Tried&, const Measurement& best) {
    seen.push_back(best.total.instructions);
  });
  EXPECT_EQ(measurer.measured(), 3);
  EXPECT_EQ(result.usual.total.instructions, 1000 * static_cast<int64_t>(layers));
  EXPECT_LE(result.measured.total.instructions, result.usual.total.instructions);
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater<>()));
  EXPECT_GE(result.tried.size(), 3u);

  // What was measured need not be again: there is no board now.
  const SerialBoard gone{.device = "/dev/no-such", .load = "true"};
  Measurer again(*options.target, model_bytes("fashion").span(), gone);
  const TuneResult same = tune("fashion", options, again, 3, [](const Tried&, const Measurement&) {});
  EXPECT_EQ(again.measured(), 0);
  EXPECT_EQ(same.measured.total.instructions, result.measured.total.instructions);
}

TEST_F(Tune, SaysWhatKeepsItFromMeasuring) {
  const CompilationOptions options{.target = find_target("m7")};
  const auto error = [&](const SerialBoard& board) {
    Measurer measurer(*options.target, model_bytes("fashion").span(), board);
    return error_of([&] { tune("fashion", options, measurer, 2, [](const Tried&, const Measurement&) {}); });
  };
  EXPECT_THAT(error({.device = "/dev/no-such", .load = "true"}), HasSubstr("/dev/no-such: cannot be opened"));
  EXPECT_THAT(error({.device = "/dev/no-such", .load = "false"}), HasSubstr("false failed (1)"));
  FakeBoard board(once("teff layers 1\nteff layer 0 5\nteff end 5\n"));
  EXPECT_THAT(error({.device = board.device(), .load = "true"}),
              HasSubstr("the board times 1 layers, the network has 18"));
}

TEST_F(Tune, SaysWhatIsWrongWithItsUsage) {
  const auto error = [](std::vector<const char*> words) {
    try {
      kTune.run(Arguments(kTune.spec, words));
    } catch (const std::exception& problem) {
      return std::string(problem.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(error({"fashion"}), HasSubstr("--target NAME"));
  EXPECT_THAT(error({"fashion", "--target", "m7", "--serial", "/dev/null"}), HasSubstr("--load"));
  EXPECT_THAT(error({"fashion", "other", "--target", "m7"}), HasSubstr("one MODEL"));
  EXPECT_THAT(error({"fashion", "--target", "host"}), HasSubstr("this computer has no counter"));
  EXPECT_THAT(error({"fashion", "--fit"}), HasSubstr("--target for each instruction set"));
}

}  // namespace
}  // namespace teff::cli
