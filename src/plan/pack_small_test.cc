// The kernels as small code has them, which is that of boards in flash mode.
#define TEFF_SMALL 1

#include <gtest/gtest.h>

#include <vector>

#include "kernels/c/conv_rows_c.h"
#include "kernels/c/conv_rows_dsp.h"
#include "kernels/c/dense_c.h"
#include "kernels/c/dense_dsp.h"
#include "plan/pack_dsp.h"
#include "plan/pack_testing.h"

namespace teff {
namespace {

TEST(PackSmall, ConvolutionsAreThoseOfPlainC) {
  Random random(11);
  for (int round = 0; round < 2000; ++round) {
    const int32_t channels = random.in(0, 1) ? 4 * random.in(1, 6) : random.in(1, 11);
    const int32_t outputs = random.in(1, 13);
    const bool pointwise = random.in(0, 2) == 0;
    const teff_window w = pointwise ? pointwise_window(random, channels) : random_window(random, channels);
    const teff_conv_rows p{w,
                           outputs,
                           {w.in_h, w.in_w * channels},
                           {w.out_h, w.out_w * outputs},
                           random.in(-128, 127),
                           random_result(random)};
    const auto weights = random.bytes(int64_t{outputs} * w.kernel_h * w.kernel_w * channels, -127, 127);
    const auto constants = random_channels(random, outputs, p.result.scaling);
    const ConvConstants c{w, outputs, weights, constants};
    const auto x = random.bytes(int64_t{w.in_h} * w.in_w * channels, -128, 127);
    std::vector<int8_t> expected(static_cast<size_t>(w.out_h) * w.out_w * outputs), y(expected.size());
    call<teff_conv_rows, teff_conv_rows_c>(p, x, pack_c(c), expected, teff_conv_rows_c_scratch(&p),
                                           {0, w.out_h});
    call<teff_conv_rows, teff_conv_rows_dsp>(p, x, pack_conv_rows_dsp(c), y, teff_conv_rows_dsp_scratch(&p),
                                             {0, w.out_h});
    ASSERT_EQ(y, expected) << "round " << round;
  }
}

TEST(PackSmall, FullyConnectedLayersAreThoseOfPlainC) {
  Random random(12);
  for (int round = 0; round < 500; ++round) {
    const teff_dense p{random.in(1, 70), random.in(1, 20), random_result(random)};
    const auto weights = random.bytes(int64_t{p.inputs} * p.outputs, -127, 127);
    const auto constants = random_channels(random, p.outputs, p.result.scaling);
    const ConvConstants c{{1, 1, p.inputs, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0}, p.outputs, weights, constants};
    const auto x = random.bytes(p.inputs, -128, 127);
    std::vector<int8_t> expected(static_cast<size_t>(p.outputs)), y(expected.size());
    call<teff_dense, teff_dense_c>(p, x, pack_c(c), expected, 0, {0, p.outputs});
    call<teff_dense, teff_dense_dsp>(p, x, pack_dense_dsp(c), y, teff_dense_dsp_scratch(&p), {0, p.outputs});
    ASSERT_EQ(y, expected) << "round " << round;
  }
}

}  // namespace
}  // namespace teff
