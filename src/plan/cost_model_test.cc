#include "plan/cost_model.h"

#include <gtest/gtest.h>

#include "core/testing.h"
#include "kernels/c/rows.h"

namespace teff {
namespace {

Step convolution(int32_t size, int32_t kernel, int32_t channels, int32_t outputs) {
  const teff_window window{.in_h = size,
                           .in_w = size,
                           .channels = channels,
                           .out_h = size,
                           .out_w = size,
                           .kernel_h = kernel,
                           .kernel_w = kernel,
                           .stride_h = 1,
                           .stride_w = 1,
                           .dilation_h = 1,
                           .dilation_w = 1};
  Step step;
  step.kernel = KernelId::conv_rows_c;
  step.params = Params::of(teff_conv_rows{
      .window = window, .outputs = outputs, .in = {size, size * channels}, .out = {size, size * outputs}});
  step.units = size;
  return step;
}

// What a machine would take that does two instructions a product, seven a result and fifty a run; it takes
// pixels in twos.
double truth(int32_t size, int32_t kernel, int32_t channels, int32_t outputs) {
  const double blocks = kernel == 1 ? (size * size + 1) / 2 : size * ((size + 1) / 2);
  return 50 + 2 * blocks * outputs * (7 + 2 * kernel * kernel * channels);
}

struct Machine {
  std::vector<Step> steps;
  std::vector<CostSample> samples;
};
Machine counted_machine() {
  Machine machine;
  std::vector<double> costs;
  for (int32_t size : {5, 8, 20})
    for (int32_t kernel : {1, 3})
      for (int32_t channels : {3, 16, 64})
        for (int32_t outputs : {8, 32}) {
          machine.steps.push_back(convolution(size, kernel, channels, outputs));
          costs.push_back(truth(size, kernel, channels, outputs));
        }
  for (size_t i = 0; i < costs.size(); ++i)
    machine.samples.push_back({&machine.steps[i],
                               {static_cast<int32_t>(machine.steps[i].units)},
                               true,
                               {costs[i], costs[i] / 2, costs[i] / 10}});
  return machine;
}

TEST(CostModel, FindsTheCoefficientsOfAMachineThatHasThem) {
  const Machine machine = counted_machine();
  CostModel model(BoardIsa::c);
  const FitError error = model.fit(machine.samples);
  EXPECT_EQ(error.samples, machine.samples.size());
  EXPECT_LT(error.worst, 0.02);
  const double expected = truth(12, 3, 24, 16);
  const Cost cost = model.cost(convolution(12, 3, 24, 16), 12);
  EXPECT_NEAR(cost.instructions, expected, 0.02 * expected);
  EXPECT_NEAR(cost.loads, expected / 2, 0.02 * expected);
  EXPECT_NEAR(cost.stores, expected / 10, 0.02 * expected);
}

TEST(CostModel, FewSamplesChangeWhatTheySpeakOf) {
  CostModel model(BoardIsa::dsp);
  const Step seen = convolution(8, 1, 16, 16), other = convolution(16, 1, 16, 16);
  const double before = model.instructions(other, 16);
  const std::vector<CostSample> samples{{&seen, {8}, true, {2 * model.instructions(seen, 8), 0, 0}}};
  const double missed = model.error_in(samples).worst;
  EXPECT_LT(model.refine(samples).worst, missed / 4);
  EXPECT_GT(model.instructions(other, 16), 1.5 * before);
}

TEST(CostModel, MoreWorkNeverCostsLess) {
  const CostModel model(BoardIsa::dsp);
  EXPECT_LT(model.instructions(convolution(8, 3, 16, 16), 4),
            model.instructions(convolution(8, 3, 16, 16), 8));
  EXPECT_LT(model.instructions(convolution(8, 3, 16, 16), 8),
            model.instructions(convolution(8, 3, 16, 32), 8));
}

// Rows of five pixels fill three groups of two each, where a whole image of 25 pixels fills thirteen.
TEST(CostModel, RowByRowCostsMoreWhereRowsAreCutShort) {
  const Step whole = convolution(5, 1, 16, 16);
  const CostModel model(BoardIsa::c);
  EXPECT_GT(5 * model.instructions(whole, 1), model.instructions(whole, 5));
}

TEST(CostModel, IsReadAsItIsWritten) {
  CostModel model(BoardIsa::c);
  model.read("dense_c.own instructions 10 2.5 3\nadd_s8.any loads 1 4\n");
  CostModel again(BoardIsa::c);
  again.read(model.text());
  EXPECT_EQ(again.text(), model.text());
  EXPECT_NE(model.text().find("dense_c.own instructions 10 2.5 3\n"), std::string::npos);
}

TEST(CostModel, RefusesWhatItCannotRead) {
  CostModel model(BoardIsa::c);
  const auto complaint = [&](const char* text) { return error_of([&] { model.read(text); }); };
  EXPECT_EQ(complaint("dense_c.own loads 1 2 3\nadd_s8 loads one\n"),
            "line 2: 'add_s8 loads one' is not a kernel's way, what is counted, and coefficients");
  EXPECT_EQ(complaint("add_s8 cycles 1\n"),
            "line 1: 'add_s8 cycles 1' is not a kernel's way, what is counted, and coefficients");
}

}  // namespace
}  // namespace teff
