#include "plan/reasons.h"

#include <gtest/gtest.h>

#include "kernels/c/rows.h"
#include "plan/step_params.h"

namespace teff {
namespace {

Step convolution(KernelId kernel) {
  teff_conv_rows p{};
  p.window = {.in_h = 8,
              .in_w = 8,
              .channels = 4,
              .out_h = 8,
              .out_w = 8,
              .kernel_h = 3,
              .kernel_w = 5,
              .stride_h = 1,
              .stride_w = 1,
              .dilation_h = 2,
              .dilation_w = 1};
  p.outputs = 4;
  p.in = p.out = {8, 32};
  Step step;
  step.node = 0;
  step.kernel = kernel;
  step.params = Params::of(p);
  step.operands.resize(4, {Operand::Kind::tensor});
  step.units = 8;
  return step;
}

TEST(Reasons, KernelsAreSaidInWords) {
  EXPECT_EQ(kernel_words(convolution(KernelId::conv_rows_dsp)),
            "3x5 convolution, dilation 2x1: pairs of 16 bits");
  EXPECT_EQ(kernel_words(convolution(KernelId::conv_rows_c)), "3x5 convolution, dilation 2x1: plain C");
  Step step;
  step.kernel = KernelId::conv2d_s16;
  EXPECT_EQ(kernel_words(step), "convolution of int16");
  step.kernel = KernelId::add_rows_mve;
  EXPECT_EQ(kernel_words(step), "sum of two images: Helium's vectors");
}

TEST(Reasons, RowsThatTakeTurnsSayHowManyAreThere) {
  Plan plan;
  plan.steps = {convolution(KernelId::conv_rows_dsp), convolution(KernelId::conv_rows_dsp)};
  params_of<teff_conv_rows>(plan.steps[0]).out.rows = 3;
  plan.steps[0].why = "because";
  plan.order = {{0, 0, 3}, {1, 0, 1}, {0, 3, 8}, {1, 1, 8}};
  const std::vector<std::string> reasons = reasons_of(plan);
  EXPECT_EQ(reasons[0], "because; rows streamed: line buffer of 3 of 8 rows");
  EXPECT_EQ(reasons[1], "the only kernel for it; rows streamed: all 8 are kept");
  plan.order = {{0, 0, 3}, {0, 3, 8}, {1, 0, 8}};
  EXPECT_EQ(reasons_of(plan)[0], "because");
}

}  // namespace
}  // namespace teff
