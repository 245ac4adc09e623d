#include "core/error.h"

#include <gtest/gtest.h>

#include "core/testing.h"

namespace teff {
namespace {

TEST(Error, IsAFormattedMessage) {
  EXPECT_EQ(error_of([] { fail("byte {} of {}", 3, "x"); }), "byte 3 of x");
}

TEST(Error, IsThrownWhereACheckFails) {
  EXPECT_EQ(error_of([] { check(true, "never"); }), "no error");
  EXPECT_EQ(error_of([] { check(1 > 2, "{} is not more than {}", 1, 2); }), "1 is not more than 2");
}

TEST(Error, GathersPlacesOnItsWayOut) {
  EXPECT_EQ(error_of([] {
              with_place("model.tflite", [] { with_place("node 3", [] { fail("a dimension of -1"); }); });
            }),
            "model.tflite: node 3: a dimension of -1");
}

TEST(WithPlace, PassesResultsAndForeignExceptionsThrough) {
  int value = 4;
  int& same = with_place("here", [&]() -> int& { return value; });
  EXPECT_EQ(&same, &value);
  EXPECT_THROW(with_place("here", []() { throw std::logic_error("mistake"); }), std::logic_error);
}

}  // namespace
}  // namespace teff
