#include "emit/c_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace teff {
namespace {

TEST(CText, NamesAreNamesInC) {
  EXPECT_EQ(c_identifier("kws"), "kws");
  EXPECT_EQ(c_identifier("My Model-v2.1"), "my_model_v2_1");
  EXPECT_EQ(c_identifier("3d"), "model_3d");
  EXPECT_EQ(c_identifier("math"), "model_math");
  EXPECT_EQ(c_identifier("\xc3\xa9"), "model");
  EXPECT_EQ(c_identifier(""), "model");
}

TEST(CText, NumbersReadBackAsThemselves) {
  EXPECT_EQ(c_integer(std::numeric_limits<int32_t>::min()), "(-2147483647 - 1)");
  EXPECT_EQ(c_integer(-5), "-5");
  EXPECT_EQ(c_integer(int64_t{1} << 40), "INT64_C(1099511627776)");
  EXPECT_EQ(c_integer(std::numeric_limits<int64_t>::min()), "(-INT64_C(9223372036854775807) - 1)");
  for (float value : {0.1f, 1.0f, -3e38f, 1e-45f, 0.003921569f, 16777216.0f}) {
    const std::string text = c_float(value);
    EXPECT_EQ(text.back(), 'f') << text;
    EXPECT_EQ(std::strtof(text.c_str(), nullptr), value) << text;
    EXPECT_NE(text.find_first_of(".e"), std::string::npos) << text;
  }
  EXPECT_EQ(c_float(-std::numeric_limits<float>::infinity()), "-__builtin_inff()");
}

TEST(CText, CommentsStayComments) {
  EXPECT_EQ(c_comment("a */ b"), "a *  b");
  EXPECT_EQ(c_comment("/* x"), "/  x");
  EXPECT_EQ(c_comment("a\nb\\"), "a.b.");
}

}  // namespace
}  // namespace teff
