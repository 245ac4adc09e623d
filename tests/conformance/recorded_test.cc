// Replays what tests/conformance/run recorded: answers of TFLite Micro to a few cases of every operator.
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/file.h"
#include "tests/conformance/check.h"
#include "tests/conformance/pack.h"

namespace teff::conformance {
namespace {

const std::vector<Recorded>& recorded() {
  static const auto all = read_recorded(map_file(TEFF_ROOT "/tests/conformance/recorded.bin"));
  return all;
}

class RecordedTest : public testing::TestWithParam<size_t> {};

TEST_P(RecordedTest, GivesTheSameAnswers) {
  const Recorded& r = recorded()[GetParam()];
  for (size_t i = 0; i < r.cases.size(); ++i) {
    SCOPED_TRACE(fmt::format("case {}\n{}", r.cases[i].index, describe_case(r.cases[i])));
    try {
      EXPECT_EQ(check_case(r.cases[i], r.answers[i], r.tolerance), "");
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Operators, RecordedTest, testing::Range<size_t>(0, recorded().size()),
                         [](const auto& info) { return recorded()[info.param].op; });

}  // namespace
}  // namespace teff::conformance
