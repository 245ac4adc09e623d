// Every int8 kernel of this processor beside the plain one, on random layers.
#include <gtest/gtest.h>

#include "kernels/c/conv2d.h"
#include "kernels/c/depthwise_conv2d.h"
#include "kernels/c/fully_connected.h"
#include "plan/host_testing.h"

namespace teff {
namespace {

constexpr Isa kWithKernels[] = {Isa::avx2, Isa::avx512vnni};

class HostS8 : public HostTest {};

teff_requantize random_result(HostRandom& random) {
  teff_requantize r{};
  r.zero = random.one_in(2) ? -128 : random.in(-128, 127);
  r.lo = random.one_in(3) ? random.in(-128, 0) : -128;
  r.hi = random.one_in(3) ? random.in(r.lo, 127) : 127;
  r.factor_step = random.in(0, 1);
  return r;
}

// Factors that bring sums of that many products to the range of int8 and somewhat beyond; rarely, large ones.
std::vector<teff_factor> random_factors(HostRandom& random, int32_t n, int32_t taps) {
  int32_t shift = -6;
  for (int32_t i = taps; i > 1; i /= 4) --shift;
  const int32_t unlike = random.one_in(8) ? 8 : random.in(0, 3);
  std::vector<teff_factor> factors;
  for (int32_t i = 0; i < n; ++i)
    factors.push_back({(1 << 30) + random.in(0, (1 << 30) - 1), shift + random.in(0, unlike)});
  return factors;
}

std::vector<int32_t> random_biases(HostRandom& random, int32_t n) {
  std::vector<int32_t> biases;
  for (int32_t i = 0; i < n; ++i) biases.push_back(random.in(-4000, 4000));
  return biases;
}

int32_t random_channels(HostRandom& random) {
  return random.one_in(4) ? random.in(1, 200) : random.one_in(2) ? random.in(1, 20) : 8 * random.in(1, 10);
}

teff_window random_window(HostRandom& random, int32_t channels) {
  const bool one = random.one_in(3);
  teff_window w{};
  w.channels = channels;
  w.kernel_h = one ? 1 : random.in(1, 5), w.kernel_w = one ? 1 : random.in(1, 5);
  w.stride_h = random.in(1, 2), w.stride_w = random.one_in(3) ? random.in(1, 3) : 1;
  w.dilation_h = random.one_in(5) ? 2 : 1, w.dilation_w = random.one_in(5) ? 2 : 1;
  w.pad_top = random.in(0, w.kernel_h), w.pad_left = random.in(0, w.kernel_w);
  w.in_h = random.in(1, 9), w.in_w = random.in(1, 12);
  w.out_h = random.in(1, 6), w.out_w = random.in(1, 9);
  if (one) {
    w.pad_top = w.pad_left = 0;
    w.in_h = (w.out_h - 1) * w.stride_h + random.in(1, 2);
    w.in_w = (w.out_w - 1) * w.stride_w + random.in(1, 2);
  }
  return w;
}

TEST_P(HostS8, Convolutions) {
  HostRandom random(1);
  for (int k = 0; k < 90; ++k) {
    SCOPED_TRACE(k);
    const teff_window w = random_window(random, random_channels(random));
    const int32_t images = random.in(1, 2), outputs = random_channels(random);
    const int32_t taps = w.kernel_h * w.kernel_w * w.channels, pixels = images * w.out_h * w.out_w;
    const teff_conv2d_params p{w, 1, outputs, random.in(-128, 127), random_result(random)};
    SingleStep step;
    const Operand x = step.input(Type::s8, Shape{images, w.in_h, w.in_w, w.channels},
                                 random.bytes(int64_t{images} * w.in_h * w.in_w * w.channels));
    const Operand y =
        step.output(Type::s8, Shape{images, w.out_h, w.out_w, outputs}, int64_t{pixels} * outputs);
    const auto biases = random_biases(random, outputs);
    step.set(KernelId::conv2d_s8, p, pixels,
             {x, step.constant(random.bytes(int64_t{outputs} * taps)),
              random.one_in(4) ? Operand{} : step.constant(biases),
              step.constant(random_factors(random, outputs, taps)), y, SingleStep::scratch(4 * taps)});
    expect_same(step, random, GetParam());
    if (HasFatalFailure()) return;
  }
}

TEST_P(HostS8, DepthwiseConvolutions) {
  HostRandom random(3);
  for (int k = 0; k < 90; ++k) {
    SCOPED_TRACE(k);
    teff_window w = random_window(random, random.one_in(8) ? random.in(300, 1100) : random_channels(random));
    if (random.one_in(2)) w.kernel_h = w.kernel_w = 3;
    const int32_t images = random.in(1, 2), taps = w.kernel_h * w.kernel_w;
    const int32_t pixels = images * w.out_h * w.out_w;
    const teff_depthwise_conv2d_params p{w, 1, random.in(-128, 127), random_result(random)};
    SingleStep step;
    const Operand x = step.input(Type::s8, Shape{images, w.in_h, w.in_w, w.channels},
                                 random.bytes(int64_t{images} * w.in_h * w.in_w * w.channels));
    const Operand y =
        step.output(Type::s8, Shape{images, w.out_h, w.out_w, w.channels}, int64_t{pixels} * w.channels);
    step.set(
        KernelId::depthwise_conv2d_s8, p, pixels,
        {x, step.constant(random.bytes(int64_t{w.channels} * taps)),
         step.constant(random_biases(random, w.channels)),
         step.constant(random_factors(random, w.channels, taps)), y, SingleStep::scratch(4 * w.channels)});
    expect_same(step, random, GetParam());
    if (HasFatalFailure()) return;
  }
}

TEST_P(HostS8, FullyConnectedLayers) {
  HostRandom random(2);
  for (int k = 0; k < 80; ++k) {
    SCOPED_TRACE(k);
    const int32_t rows = random.one_in(2) ? 1 : random.in(2, 20);
    const int32_t inputs = random_channels(random), outputs = random_channels(random);
    const teff_fully_connected_params p{inputs, outputs, random.in(-128, 127), 0, random_result(random)};
    SingleStep step;
    const Operand x = step.input(Type::s8, Shape{rows, inputs}, random.bytes(int64_t{rows} * inputs));
    const Operand y = step.output(Type::s8, Shape{rows, outputs}, int64_t{rows} * outputs);
    step.set(KernelId::fully_connected_s8, p, int64_t{rows} * outputs,
             {x, step.constant(random.bytes(int64_t{outputs} * inputs)),
              step.constant(random_biases(random, outputs)),
              step.constant(random_factors(random, outputs, inputs)), y, SingleStep::scratch(2 * inputs)});
    expect_same(step, random, GetParam());
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, HostS8, testing::ValuesIn(kWithKernels), isa_name);

}  // namespace
}  // namespace teff
