#include "plan/pack_dsp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernels/c/conv_rows_c.h"
#include "kernels/c/conv_rows_dsp.h"
#include "kernels/c/dense_bytes_dsp.h"
#include "kernels/c/dense_c.h"
#include "kernels/c/dense_dsp.h"
#include "kernels/c/depthwise_rows_c.h"
#include "kernels/c/depthwise_rows_dsp.h"
#include "kernels/c/depthwise_taps_dsp.h"
#include "plan/pack_testing.h"

namespace teff {
namespace {

TEST(PackDsp, ConvolutionsAreThoseOfPlainC) {
  Random random(1);
  for (int round = 0; round < 3000; ++round) {
    const RandomConv conv(random);
    const teff_conv_rows& p = conv.p;
    std::vector<int8_t> expected(conv.results()), y(conv.results());
    call<teff_conv_rows, teff_conv_rows_c>(p, conv.x, pack_c(conv.constants()), expected,
                                           teff_conv_rows_c_scratch(&p), {0, p.window.out_h});
    const Bytes packed = pack_conv_rows_dsp(conv.constants());
    ASSERT_TRUE(packed.owned());
    const int32_t middle = random.in(0, p.window.out_h);
    const auto part = [&](teff_range range) {
      call<teff_conv_rows, teff_conv_rows_dsp>(p, conv.x, packed, y, teff_conv_rows_dsp_scratch(&p), range);
    };
    part({0, middle});
    part({middle, p.window.out_h});
    ASSERT_EQ(y, expected) << "round " << round;
  }
}

TEST(PackDsp, DepthwiseConvolutionsAreThoseOfPlainC) {
  Random random(4);
  for (int round = 0; round < 3000; ++round) {
    const int32_t channels = random.in(0, 3) ? 4 * random.in(1, 4) : random.in(1, 11);
    teff_window w = random_window(random, channels);
    if (random.in(0, 3)) {  // as in models
      w.kernel_h = w.kernel_w = 2 * random.in(1, 3) + 1;
      w.stride_w = w.stride_h = random.in(1, 2);
      w.dilation_h = w.dilation_w = 1;
      w.out_h = random.in(1, 9);
      w.out_w = random.in(1, 15);
    }
    const teff_depthwise_rows p{w,
                                {w.in_h, w.in_w * channels},
                                {w.out_h, w.out_w * channels},
                                random.in(-128, 127),
                                random_result(random)};
    const auto weights = random.bytes(int64_t{w.kernel_h} * w.kernel_w * channels, -128, 127);
    const auto constants = random_channels(random, channels, p.result.scaling);
    const ConvConstants c{w, channels, weights, constants};
    const auto x = random.bytes(int64_t{w.in_h} * w.in_w * channels, -128, 127);
    std::vector<int8_t> expected(static_cast<size_t>(w.out_h) * w.out_w * channels), y(expected.size());
    call<teff_depthwise_rows, teff_depthwise_rows_c>(p, x, pack_c(c), expected,
                                                     teff_depthwise_rows_c_scratch(&p), {0, w.out_h});
    const Bytes packed = pack_depthwise_rows_dsp(c), small = pack_depthwise_taps_dsp(c);
    const int32_t middle = random.in(0, w.out_h);
    for (const teff_range part : {teff_range{0, middle}, teff_range{middle, w.out_h}})
      call<teff_depthwise_rows, teff_depthwise_rows_dsp>(p, x, packed, y, teff_depthwise_rows_dsp_scratch(&p),
                                                         part);
    ASSERT_EQ(y, expected) << "round " << round;
    ASSERT_EQ(small.owned(), channels % 4 == 0);
    if (!small.owned()) continue;
    std::fill(y.begin(), y.end(), int8_t{0});
    call<teff_depthwise_rows, teff_depthwise_taps_dsp>(p, x, small, y, teff_depthwise_taps_dsp_scratch(&p),
                                                       {0, w.out_h});
    ASSERT_EQ(y, expected) << "tap by tap, round " << round;
  }
}

// Bands of rows, as far below their input as the planner lets them lie.
TEST(PackDsp, DepthwiseBandsAreThoseOfPlainCAndKeepTheirDistance) {
  Random random(6);
  for (int round = 0; round < 1000; ++round) {
    const int32_t channels = 4 * random.in(1, 4), height = random.in(1, 12), width = random.in(6, 15);
    const teff_window w{height, width, channels, height,          width,          3, 3, 1,
                        1,      1,     1,        random.in(0, 2), random.in(0, 2)};
    const int32_t row = width * channels, shift = teff_depthwise_band_dsp_rows(&w) - 1 + w.pad_top;
    teff_depthwise_rows p{w, {height, row}, {height, row}, random.in(-128, 127), random_result(random), 0};
    ASSERT_TRUE(teff_depthwise_has_bands_dsp(&w));
    const auto weights = random.bytes(int64_t{9} * channels, -128, 127);
    const auto constants = random_channels(random, channels, p.result.scaling);
    const Bytes packed = pack_depthwise_rows_dsp({w, channels, weights, constants});
    const auto x = random.bytes(int64_t{height} * row, -128, 127);
    std::vector<int8_t> expected(x.size());
    call<teff_depthwise_rows, teff_depthwise_rows_dsp>(p, x, packed, expected,
                                                       teff_depthwise_rows_dsp_scratch(&p), {0, height});
    p.banded = 1;
    std::vector<int8_t> memory(static_cast<size_t>(shift * row));
    memory.insert(memory.end(), x.begin(), x.end());
    std::vector<std::byte> scratch(static_cast<size_t>(teff_depthwise_rows_dsp_scratch(&p)));
    teff_depthwise_rows_dsp(p, memory.data() + shift * row, packed.data(), memory.data(), scratch.data(),
                            {0, height});
    memory.resize(x.size());
    ASSERT_EQ(memory, expected) << "round " << round;
  }
}

// Boards are given literal shapes, for which a kernel may go another way.
TEST(PackDsp, LiteralShapesGiveTheSame) {
  Random random(5);
  constexpr teff_window w{5, 5, 8, 5, 5, 7, 7, 1, 1, 1, 1, 3, 3};
  constexpr teff_depthwise_rows p{w, {5, 40}, {5, 40}, -9, {TEFF_SCALE_RIGHT, 0, 3, -128, 127}};
  const auto weights = random.bytes(49 * 8, -127, 127), x = random.bytes(5 * 40, -128, 127);
  const auto constants = random_channels(random, 8, p.result.scaling);
  const ConvConstants c{w, 8, weights, constants};
  const Bytes packed = pack_depthwise_rows_dsp(c);
  std::vector<int8_t> expected(5 * 40), y(expected.size());
  std::vector<std::byte> scratch(static_cast<size_t>(teff_depthwise_rows_dsp_scratch(&p)));
  call<teff_depthwise_rows, teff_depthwise_rows_c>(p, x, pack_c(c), expected,
                                                   teff_depthwise_rows_c_scratch(&p), {0, 5});
  teff_depthwise_rows_dsp(
      {{5, 5, 8, 5, 5, 7, 7, 1, 1, 1, 1, 3, 3}, {5, 40}, {5, 40}, -9, {TEFF_SCALE_RIGHT, 0, 3, -128, 127}},
      x.data(), packed.data(), y.data(), scratch.data(), {0, 5});
  EXPECT_EQ(y, expected);
}

TEST(PackDsp, FullyConnectedLayersAreThoseOfPlainC) {
  Random random(2);
  for (int round = 0; round < 1000; ++round) {
    const RandomDense dense(random);
    const teff_dense& p = dense.p;
    std::vector<int8_t> expected(dense.results()), y(dense.results());
    call<teff_dense, teff_dense_c>(p, dense.x, pack_c(dense.constants()), expected, 0, {0, p.outputs});
    const Bytes packed = pack_dense_dsp(dense.constants());
    ASSERT_TRUE(packed.owned());
    const int32_t middle = teff_min_s32(TEFF_DENSE_OUTPUTS_DSP * random.in(0, 3), p.outputs);
    for (const teff_range part : {teff_range{0, middle}, teff_range{middle, p.outputs}})
      call<teff_dense, teff_dense_dsp>(p, dense.x, packed, y, teff_dense_dsp_scratch(&p), part);
    ASSERT_EQ(y, expected) << "round " << round;
    std::fill(y.begin(), y.end(), int8_t{0});
    call<teff_dense, teff_dense_bytes_dsp>(p, dense.x, pack_c(dense.constants()), y,
                                           teff_dense_bytes_dsp_scratch(&p), {0, p.outputs});
    ASSERT_EQ(y, expected) << "bytes, round " << round;
  }
}

// Rows of an image that lies in rings of as few rows as possible, made one after the other.
TEST(PackDsp, RingsHoldOnlyWhatIsStillNeeded) {
  Random random(3);
  const teff_window w{9, 7, 4, 9, 7, 3, 3, 1, 1, 1, 1, 1, 1};
  const teff_conv_rows whole{w, 5, {9, 28}, {9, 35}, 3, {TEFF_SCALE_TFLITE, 0, -4, -128, 127}};
  const auto weights = random.bytes(5 * 9 * 4, -127, 127), x = random.bytes(9 * 28, -128, 127);
  const auto constants = random_channels(random, 5, TEFF_SCALE_TFLITE);
  const Bytes packed = pack_conv_rows_dsp({w, 5, weights, constants});
  std::vector<int8_t> expected(9 * 35), ring(3 * 28), row(35);
  call<teff_conv_rows, teff_conv_rows_dsp>(whole, x, packed, expected, teff_conv_rows_dsp_scratch(&whole),
                                           {0, 9});
  teff_conv_rows p = whole;
  p.in.rows = 3;
  p.out.rows = 1;
  for (int32_t oy = 0; oy < 9; ++oy) {
    for (int32_t iy = teff_max_s32(oy - 1, 0); iy <= teff_min_s32(oy + 1, 8); ++iy)
      std::copy_n(x.begin() + iy * 28, 28, ring.begin() + iy % 3 * 28);
    call<teff_conv_rows, teff_conv_rows_dsp>(p, ring, packed, row, teff_conv_rows_dsp_scratch(&p),
                                             {oy, oy + 1});
    ASSERT_EQ(row, std::vector<int8_t>(expected.begin() + oy * 35, expected.begin() + (oy + 1) * 35));
  }
}

TEST(PackDsp, WhatWouldNotBeExactIsNotPacked) {
  const teff_window w{1, 1, 600, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
  const std::vector<teff_channel> channels(2, {0, 1 << 30, -5});
  std::vector<int8_t> weights(1200, 127);
  EXPECT_FALSE(
      pack_conv_rows_dsp({w, 2, weights, channels}).owned());  // the second sum needs more than 24 bits
  std::fill(weights.begin() + 600, weights.end(), int8_t{100});
  EXPECT_TRUE(pack_conv_rows_dsp({w, 2, weights, channels}).owned());
  weights[0] = -1;
  weights[600] = -128;  // 256 * -128 - 1 is no int16
  EXPECT_FALSE(pack_conv_rows_dsp({w, 2, weights, channels}).owned());
  weights[0] = 0;
  EXPECT_TRUE(pack_conv_rows_dsp({w, 2, weights, channels}).owned());
}

}  // namespace
}  // namespace teff
