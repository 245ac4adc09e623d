#include "core/function_ref.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace teff {
namespace {

int twice(int x) { return 2 * x; }

int call(FunctionRef<int(int)> function, int x) { return function(x); }

TEST(FunctionRef, RefersToFunctionsAndLambdas) {
  EXPECT_EQ(call([](int x) { return x + 1; }, 4), 5);
  EXPECT_EQ(call([y = 3](int x) { return x * y; }, 4), 12);
  EXPECT_EQ(call([](int x) { return static_cast<short>(x); }, 4), 4);
  int (*function)(int) = twice;
  EXPECT_EQ(call(function, 4), 8);
}

TEST(FunctionRef, CallsTheOriginalNotACopy) {
  auto counter = [n = 0](int) mutable { return ++n; };
  EXPECT_EQ(call(counter, 0), 1);
  EXPECT_EQ(call(counter, 0), 2);
  const auto constant = [](int x) { return -x; };
  EXPECT_EQ(call(constant, 4), -4);
}

TEST(FunctionRef, PassesArgumentsThrough) {
  auto take = [](std::unique_ptr<int> p, int& out) { out = *p; };
  FunctionRef<void(std::unique_ptr<int>, int&)> function = take;
  int out = 0;
  function(std::make_unique<int>(7), out);
  EXPECT_EQ(out, 7);
}

TEST(FunctionRef, TwoWordsAreAllOfIt) {
  EXPECT_EQ(sizeof(FunctionRef<void()>), 2 * sizeof(void*));
  EXPECT_TRUE((std::is_trivially_copyable_v<FunctionRef<void()>>));
  EXPECT_FALSE((std::is_constructible_v<FunctionRef<void()>, int>));
  EXPECT_FALSE((std::is_constructible_v<FunctionRef<void(int)>, void (*)()>));
}

}  // namespace
}  // namespace teff
