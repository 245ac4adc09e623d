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

// What a machine would take that does two instructions a product, seven a result and fifty a run.
double truth(int32_t size, int32_t kernel, int32_t channels, int32_t outputs) {
  const double groups = kernel == 1 ? (size * size + 3) / 4 : size * ((size + 3) / 4);
  return 50 + 4 * groups * outputs * (7 + 2 * kernel * kernel * channels);
}

TEST(CostModel, FindsTheCoefficientsOfAMachineThatHasThem) {
  std::vector<Step> steps;
  std::vector<double> costs;
  for (int32_t size : {5, 8, 20})
    for (int32_t kernel : {1, 3})
      for (int32_t channels : {3, 16, 64})
        for (int32_t outputs : {8, 32}) {
          steps.push_back(convolution(size, kernel, channels, outputs));
          costs.push_back(truth(size, kernel, channels, outputs));
        }
  std::vector<CostSample> samples;
  for (size_t i = 0; i < steps.size(); ++i)
    samples.push_back({&steps[i], static_cast<int32_t>(steps[i].units), costs[i]});
  CostModel model(Isa::c);
  EXPECT_LT(model.fit(samples), 0.01);
  EXPECT_NEAR(model.instructions(convolution(12, 3, 24, 16), 12), truth(12, 3, 24, 16),
              0.02 * truth(12, 3, 24, 16));
}

TEST(CostModel, MoreWorkNeverCostsLess) {
  const CostModel model(Isa::dsp);
  EXPECT_LT(model.instructions(convolution(8, 3, 16, 16), 4),
            model.instructions(convolution(8, 3, 16, 16), 8));
  EXPECT_LT(model.instructions(convolution(8, 3, 16, 16), 8),
            model.instructions(convolution(8, 3, 16, 32), 8));
}

// Rows of five pixels fill two groups of four each, where a whole image of 25 pixels fills seven.
TEST(CostModel, RowByRowCostsMoreWhereRowsAreCutShort) {
  const Step whole = convolution(5, 1, 16, 16);
  const CostModel model(Isa::c);
  EXPECT_GT(5 * model.instructions(whole, 1), model.instructions(whole, 5));
}

TEST(CostModel, IsReadAsItIsWritten) {
  CostModel model(Isa::c);
  model.read("dense_c 10 2.5 3\nadd_s8 1 4\n");
  CostModel again(Isa::c);
  again.read(model.text());
  EXPECT_EQ(again.text(), model.text());
  EXPECT_NE(model.text().find("dense_c 10 2.5 3\n"), std::string::npos);
}

TEST(CostModel, RefusesWhatItCannotRead) {
  CostModel model(Isa::c);
  EXPECT_EQ(error_of([&] { model.read("dense_c 1 2 3\nadd_s8 one\n"); }),
            "line 2: 'add_s8 one' is not a kernel's name and its coefficients");
  EXPECT_EQ(error_of([&] { model.read("add_s8\n"); }),
            "line 1: 'add_s8' is not a kernel's name and its coefficients");
}

}  // namespace
}  // namespace teff
