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
    const RandomConv conv(random);
    const teff_conv_rows& p = conv.p;
    std::vector<int8_t> expected(conv.results()), y(conv.results());
    call<teff_conv_rows, teff_conv_rows_c>(p, conv.x, pack_c(conv.constants()), expected,
                                           teff_conv_rows_c_scratch(&p), {0, p.window.out_h});
    call<teff_conv_rows, teff_conv_rows_dsp>(p, conv.x, pack_conv_rows_dsp(conv.constants()), y,
                                             teff_conv_rows_dsp_scratch(&p), {0, p.window.out_h});
    ASSERT_EQ(y, expected) << "round " << round;
  }
}

TEST(PackSmall, FullyConnectedLayersAreThoseOfPlainC) {
  Random random(12);
  for (int round = 0; round < 500; ++round) {
    const RandomDense dense(random);
    const teff_dense& p = dense.p;
    std::vector<int8_t> expected(dense.results()), y(dense.results());
    call<teff_dense, teff_dense_c>(p, dense.x, pack_c(dense.constants()), expected, 0, {0, p.outputs});
    call<teff_dense, teff_dense_dsp>(p, dense.x, pack_dense_dsp(dense.constants()), y,
                                     teff_dense_dsp_scratch(&p), {0, p.outputs});
    ASSERT_EQ(y, expected) << "round " << round;
  }
}

}  // namespace
}  // namespace teff
