#include "budgets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "budgets_testing.h"
#include "compile_testing.h"
#include "core/error.h"

namespace teff::cli {
namespace {

using testing::HasSubstr;

class Budgets : public testing::TestWithParam<const char*> {};

TEST_P(Budgets, TooLittleSramNamesTheLeastThatCanAndTheLayer) {
  CompilationOptions options = options_for(GetParam());
  options.sram = 1024;
  const std::string message = refusal(options);
  EXPECT_THAT(message, HasSubstr("CONV_2D")) << message;
  const int64_t least = least_in(message);
  ASSERT_GT(least, 1024) << message;
  options.sram = least;
  EXPECT_EQ(compile_within("fashion", options).emitted.arena_bytes, least);
  options.sram = least - 1;
  EXPECT_EQ(least_in(refusal(options)), least);
}

INSTANTIATE_TEST_SUITE_P(Modes, Budgets, testing::Values("speed", "sram", "flash"));

TEST(Budgets, FloatInputsThatMightGoAreSpokenOf) {
  const std::string model = shared() + "/models/mcunetv2.tflite";
  CompilationOptions options = options_for("speed");
  options.sram = 400000;
  if (!std::filesystem::exists(model)) GTEST_SKIP() << model << " is not there";
  try {
    compile_within(model, options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("--io int8"));
    EXPECT_THAT(error.what(), HasSubstr("the least is 602112"));
  }
}

}  // namespace
}  // namespace teff::cli
