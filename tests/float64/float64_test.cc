// Float operators against their definitions in float64, on the random cases of tests/conformance. Every
// result has a bound of its own, worked out with it (exact.h).
#include <gtest/gtest.h>

#include <cstring>

#include "run/compile.h"
#include "run/instance.h"
#include "tests/float64/values.h"

namespace teff::float64 {
namespace {

std::vector<Named> all() {
  std::vector<Named> all;
  for (const auto& family : {windows(), matrices(), axes(), functions(), sequences()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

std::vector<float> run(const conformance::Case& c, size_t outputs) {
  Instance instance(compile(c.model), 1);
  std::vector<float> results;
  for (size_t call = 0; call < static_cast<size_t>(c.calls); ++call) {
    for (size_t i = 0; i < c.inputs.size(); ++i) {
      const auto into = instance.input(static_cast<int>(i)).bytes;
      if (!into.empty()) std::memcpy(into.data(), c.inputs[i].data() + call * into.size(), into.size());
    }
    instance.run();
    for (size_t i = 0; i < std::min(outputs, c.model.main().outputs.size()); ++i) {
      const auto y = instance.output(static_cast<int>(i)).as<float>();
      results.insert(results.end(), y.begin(), y.end());
    }
  }
  return results;
}

// How results compare with what they should be, over all cases of an operator.
struct Comparison {
  double worst = 0;   // error in units of its bound
  int64_t all = 0;    // results
  int64_t loose = 0;  // those whose bound says little: not even two digits, and not that all is small
};

void compare(double got, const Exact& wanted, Comparison& all) {
  ++all.all;
  if (std::isnan(got) && std::isnan(wanted.value)) return;
  if (wanted.bound > 0.01 * std::max(std::abs(wanted.value), 1.0)) ++all.loose;
  if (got == wanted.value || wanted.bound == kInfinity) return;
  const double error = std::abs(got - wanted.value);
  all.worst = std::isnan(error) ? kInfinity : std::max(all.worst, error / wanted.bound);
}

class Float64Test : public testing::TestWithParam<Named> {};

TEST_P(Float64Test, ResultsAreWithinTheBoundOfFloat32) {
  const auto* entry = conformance::registry().find(GetParam().op);
  ASSERT_TRUE(entry);
  Comparison comparison;
  int compared = 0;
  for (int index = 0; index < 400 && compared < 100; ++index) {
    const conformance::Case c = make_case(*entry, 64, index);
    Values values(c);
    if (!values.all_float()) continue;
    const auto got = run(c, GetParam().outputs);
    const Results wanted = GetParam().definition(values);
    ASSERT_EQ(got.size(), wanted.size()) << "case " << index;
    for (size_t i = 0; i < got.size(); ++i) compare(static_cast<double>(got[i]), wanted[i], comparison);
    EXPECT_LE(comparison.worst, 1) << "case " << index;
    ++compared;
  }
  EXPECT_GE(compared, 40) << "too few cases are of floats";
  EXPECT_LE(comparison.loose, comparison.all / 20) << "of " << comparison.all << " results";
  RecordProperty("worst", std::to_string(comparison.worst));
  RecordProperty("loose", std::to_string(comparison.loose));
}

INSTANTIATE_TEST_SUITE_P(Operators, Float64Test, testing::ValuesIn(all()),
                         [](const auto& info) { return std::string(info.param.op); });

}  // namespace
}  // namespace teff::float64
