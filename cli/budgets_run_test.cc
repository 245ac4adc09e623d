// Flash as it is linked, against what is allowed.
#include "budgets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "board_run.h"
#include "budgets_testing.h"

namespace teff::cli {
namespace {

using testing::HasSubstr;

class FlashBudgets : public testing::TestWithParam<const char*> {};

TEST_P(FlashBudgets, TooLittleFlashNamesTheLeastThatCanAndTheLayer) {
  CompilationOptions options = options_for(GetParam());
  options.flash = 30000;
  const std::string message = refusal(options);
  EXPECT_THAT(message, HasSubstr("CONV_2D")) << message;
  if (!missing_tools(*options.target).empty()) {
    EXPECT_THAT(message, HasSubstr("the constants alone take"));
    return;
  }
  const int64_t least = least_in(message);
  ASSERT_GT(least, 42744) << message;
  options.flash = least;
  const Compilation c = compile_within("fashion", options);
  EXPECT_EQ(linked_flash(c.emitted, *options.target, c.emit_for), least);
}

INSTANTIATE_TEST_SUITE_P(Modes, FlashBudgets, testing::Values("speed", "flash"));

TEST(LittleFlash, TakesLessCode) {
  CompilationOptions options = options_for("speed");
  if (!missing_tools(*options.target).empty()) GTEST_SKIP() << missing_tools(*options.target);
  const Compilation fast = compile_within("fashion", options);
  const int64_t flash = *linked_flash(fast.emitted, *options.target, fast.emit_for);
  options.flash = flash;
  EXPECT_EQ(compile_within("fashion", options).emit_for, EmitFor::speed);
  options.flash = 9 * flash / 10;
  const Compilation small = compile_within("fashion", options);
  EXPECT_LE(linked_flash(small.emitted, *options.target, small.emit_for), *options.flash);
}

}  // namespace
}  // namespace teff::cli
