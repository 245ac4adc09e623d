// Float layers that a host plan exchanges beside the plain ones: within what the order of additions may
// change, and to the bit whatever the number of threads. (What each kernel computes is held against float64
// in kernels/x86.)
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/c/conv2d.h"
#include "kernels/c/depthwise_conv2d.h"
#include "kernels/c/fully_connected.h"
#include "kernels/c/numbers.h"
#include "kernels/c/transpose_conv2d.h"
#include "plan/broadcast.h"
#include "plan/host_testing.h"

namespace teff {
namespace {

class HostF32 : public HostTest {
 protected:
  std::vector<float> noise(int64_t count) {
    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values) value = static_cast<float>(random_.in(-1000, 1000)) / 1000;
    return values;
  }
  Operand input(const Shape& shape) { return step_.input(Type::f32, shape, noise(shape.elements())); }
  Operand constant(int64_t count) { return step_.constant(noise(count)); }
  Operand output(const Shape& shape) { return step_.output(Type::f32, shape, shape.elements() * 4); }

  // Up to `terms` products of numbers up to 1 are added.
  void expect_close(int64_t terms) {
    const auto expected = step_.run();
    const Isa isa = GetParam();
    ASSERT_TRUE(step_.exchange(std::span(&isa, 1)));
    const auto result = step_.run();
    ASSERT_EQ(result.size(), expected.size());
    const auto at = [](const std::vector<std::byte>& bytes, size_t i) {
      float value;
      std::memcpy(&value, bytes.data() + i, sizeof value);
      return static_cast<double>(value);
    };
    const double bound = 2 * static_cast<double>(terms * terms) * std::ldexp(1.0, -24);
    for (size_t i = 0; i < result.size(); i += sizeof(float))
      ASSERT_NEAR(at(result, i), at(expected, i), bound);
    EXPECT_EQ(step_.run(3, 4), result);
  }

  static teff_window window(int32_t h, int32_t w, int32_t channels, int32_t kernel, int32_t pad) {
    return {.in_h = h,
            .in_w = w,
            .channels = channels,
            .out_h = h + 2 * pad - kernel + 1,
            .out_w = w + 2 * pad - kernel + 1,
            .kernel_h = kernel,
            .kernel_w = kernel,
            .stride_h = 1,
            .stride_w = 1,
            .dilation_h = 1,
            .dilation_w = 1,
            .pad_top = pad,
            .pad_left = pad};
  }

  void expect_convolution(const teff_window& w, int32_t groups, int32_t outputs) {
    const int32_t images = 2, taps = w.kernel_h * w.kernel_w * w.channels / groups;
    const teff_conv2d_f32_params p{.window = w, .groups = groups, .outputs = outputs, .lo = 0, .hi = 6};
    const Operand x = input({images, w.in_h, w.in_w, w.channels}), weights = constant(taps * outputs);
    const Operand y = output({images, w.out_h, w.out_w, outputs}), bias = constant(outputs);
    step_.set(KernelId::conv2d_f32, p, images * w.out_h * w.out_w,
              {x, weights, bias, y, step_.scratch(4 * taps)});
    expect_close(taps + 1);
  }

  HostRandom random_{1};
  SingleStep step_;
};

TEST_P(HostF32, Convolutions) { expect_convolution(window(6, 17, 5, 3, 1), 1, 20); }
TEST_P(HostF32, ConvolutionsOfOnePixel) { expect_convolution(window(6, 7, 24, 1, 0), 1, 37); }
TEST_P(HostF32, ConvolutionsWithOneOutput) { expect_convolution(window(6, 21, 24, 3, 1), 1, 1); }
TEST_P(HostF32, ConvolutionsInGroups) { expect_convolution(window(5, 6, 6, 3, 1), 2, 34); }

TEST_P(HostF32, DepthwiseConvolutions) {
  const teff_window w = window(9, 7, 19, 3, 1);
  const teff_depthwise_conv2d_f32_params p{.window = w, .multiplier = 1, .lo = 0, .hi = 6};
  const Operand x = input({1, 9, 7, 19}), weights = constant(9 * 19), bias = constant(19);
  step_.set(KernelId::depthwise_conv2d_f32, p, 63, {x, weights, bias, output({1, 9, 7, 19})});
  expect_close(10);
}

TEST_P(HostF32, DepthwiseConvolutionsOfOneChannel) {
  const teff_window w = window(9, 7, 1, 3, 1);
  const teff_depthwise_conv2d_f32_params p{.window = w, .multiplier = 33, .lo = -1, .hi = 6};
  const Operand x = input({1, 9, 7, 1}), weights = constant(9 * 33);
  step_.set(KernelId::depthwise_conv2d_f32, p, 63, {x, weights, Operand{}, output({1, 9, 7, 33})});
  expect_close(10);
}

TEST_P(HostF32, FullyConnectedLayers) {
  for (const int32_t outputs : {3, 50}) {
    step_ = SingleStep();
    const teff_fully_connected_f32_params p{.inputs = 40, .outputs = outputs, .lo = -100, .hi = 100};
    const Operand x = input({2, 40}), weights = constant(40 * outputs), bias = constant(outputs);
    step_.set(KernelId::fully_connected_f32, p, 2 * outputs, {x, weights, bias, output({2, outputs})});
    expect_close(41);
  }
}

TEST_P(HostF32, TransposedConvolutionsWithoutOverlap) {
  const teff_transpose_conv2d_f32_params p{.spread = {.in_h = 5,
                                                      .in_w = 18,
                                                      .channels = 16,
                                                      .out_h = 10,
                                                      .out_w = 36,
                                                      .outputs = 1,
                                                      .kernel_h = 2,
                                                      .kernel_w = 2,
                                                      .stride_h = 2,
                                                      .stride_w = 2},
                                           .lo = -100,
                                           .hi = 100};
  const Operand x = input({1, 5, 18, 16}), weights = constant(4 * 16), bias = constant(1);
  step_.set(KernelId::transpose_conv2d_f32, p, 360, {x, weights, bias, output({1, 10, 36, 1})});
  expect_close(17);
}

// The same to the bit.
TEST_P(HostF32, SumsOfImages) {
  const Shape shape = {1, 5, 7, 13};
  if (GetParam() == Isa::sse41) GTEST_SKIP() << "plain C has words of 128 bits already";
  const teff_numbers_f32_params p{.over = broadcast_over(shape, {shape, {1, 1, 1, 13}}), .lo = 0, .hi = 6};
  const Operand a = input(shape), b = input({1, 1, 1, 13});
  step_.set(KernelId::add_f32, p, shape.elements(), {a, b, output(shape)});
  const auto expected = step_.run();
  const Isa isa[] = {Isa::avx2, GetParam()};
  ASSERT_TRUE(step_.exchange(isa));
  EXPECT_EQ(step_.run(3, 4), expected);
}

INSTANTIATE_TEST_SUITE_P(Isas, HostF32, testing::Values(Isa::sse41, Isa::avx2, Isa::avx512), isa_name);

}  // namespace
}  // namespace teff
