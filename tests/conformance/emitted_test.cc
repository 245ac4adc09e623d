// Every operator as C: the recorded cases written out, compiled and run, layer by layer as the host computes
// them.
#include <gtest/gtest.h>

#include "cli/compile_testing.h"
#include "core/error.h"
#include "core/file.h"
#include "formats/tflite.h"
#include "graph/from_tflite.h"
#include "plan/board.h"
#include "run/compile.h"
#include "tests/conformance/pack.h"

namespace teff::conformance {
namespace {

const std::vector<Recorded>& recorded() {
  static const auto all = read_recorded(map_file(TEFF_ROOT "/tests/conformance/recorded.bin"));
  return all;
}

// Empty: it computes the same. The inputs are the self-test's own; where they make the operator impossible
// (an index out of range), there is nothing to compare.
std::string self_test(const PackedCase& c, const std::string& name) {
  const auto program = compile(from_tflite(tflite::read_tflite(c.model)), {}, [](Model model) {
    return make_board_program(std::move(model), {.isa = BoardIsa::dsp});
  });
  std::vector<RecordedCall> calls;
  try {
    calls = cli::record(*program);
  } catch (const Error&) {
    return "";
  }
  return cli::self_test(emit(*program, {.name = name, .recorded = calls}));
}

class EmittedOperator : public testing::TestWithParam<size_t> {};

TEST_P(EmittedOperator, ComputesTheSameAsTheHost) {
  const Recorded& r = recorded()[GetParam()];
  if (r.cases.empty()) GTEST_SKIP() << "no case is recorded";
  EXPECT_EQ(self_test(r.cases[0], r.op), "");
}

INSTANTIATE_TEST_SUITE_P(Operators, EmittedOperator, testing::Range<size_t>(0, recorded().size()),
                         [](const auto& info) { return recorded()[info.param].op; });

}  // namespace
}  // namespace teff::conformance
