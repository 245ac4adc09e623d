#include "kernels/x86/conv_f32.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/x86/depthwise_f32.h"
#include "kernels/x86/strip_f32.h"
#include "kernels/x86/testing.h"

namespace teff::x86 {
namespace {

struct Case {
  teff_window window;
  int32_t groups, outputs, images;
};

int32_t out_of(int32_t in, int32_t kernel, int32_t stride, int32_t dilation, int32_t before, int32_t after) {
  return (in + before + after - (kernel - 1) * dilation - 1) / stride + 1;
}

// `pad` before and after both axes, one more after the rows.
teff_window window_of(int32_t h, int32_t w, int32_t channels, int32_t kernel_h, int32_t kernel_w,
                      int32_t stride, int32_t dilation, int32_t pad) {
  return {.in_h = h,
          .in_w = w,
          .channels = channels,
          .out_h = out_of(h, kernel_h, stride, dilation, pad, pad + 1),
          .out_w = out_of(w, kernel_w, stride, dilation, pad, pad),
          .kernel_h = kernel_h,
          .kernel_w = kernel_w,
          .stride_h = stride,
          .stride_w = stride,
          .dilation_h = dilation,
          .dilation_w = dilation,
          .pad_top = pad,
          .pad_left = pad};
}

// One result in float64, with the sum of the magnitudes of all that was added.
struct Sum {
  double value = 0, magnitude = 0;
  void add(double term) { value += term, magnitude += std::abs(term); }
};

// term(sum, index of the tap, index of the input pixel) for each tap inside of the window at a pixel.
template <class Term>
Sum over_window(const teff_window& w, int32_t pixel, Term term) {
  Sum sum;
  const teff_view v = teff_view_at(&w, pixel);
  for (int32_t i = v.rows.begin; i < v.rows.end; ++i)
    for (int32_t j = v.columns.begin; j < v.columns.end; ++j)
      term(sum, i * w.kernel_w + j, teff_tap_offset(&w, v, i, j) / w.channels);
  return sum;
}

Sum exact(const Case& c, const std::vector<float>& x, const std::vector<float>& weights, int32_t pixel,
          int32_t o) {
  const int32_t depth = c.window.channels / c.groups, outputs = c.outputs / c.groups, group = o / outputs;
  const int32_t taps = c.window.kernel_h * c.window.kernel_w;
  return over_window(c.window, pixel, [&](Sum& sum, int32_t tap, int64_t at) {
    for (int32_t k = 0; k < depth; ++k)
      sum.add(static_cast<double>(x[at * c.window.channels + group * depth + k]) *
              static_cast<double>(weights[((group * taps + tap) * depth + k) * outputs + o % outputs]));
  });
}

Sum exact_depthwise(const teff_window& w, const std::vector<float>& x, const std::vector<float>& weights,
                    int32_t pixel, int32_t channel) {
  return over_window(w, pixel, [&](Sum& sum, int32_t tap, int64_t at) {
    sum.add(static_cast<double>(x[at * w.channels + channel]) *
            static_cast<double>(weights[tap * w.channels + channel]));
  });
}

int32_t pixels_of(const Case& c) { return c.images * c.window.out_h * c.window.out_w; }

// Each product and each addition is off by one part in 2^24 of at most the sum of all magnitudes.
template <class Oracle>
void expect_right(const Case& c, const std::vector<float>& y, const std::vector<float>& bias, float lo,
                  float hi, Oracle oracle) {
  const int32_t terms = c.window.kernel_h * c.window.kernel_w * c.window.channels / c.groups + 2;
  for (int32_t pixel = 0; pixel < pixels_of(c); ++pixel)
    for (int32_t o = 0; o < c.outputs; ++o) {
      Sum sum = oracle(pixel, o);
      if (!bias.empty()) sum.add(static_cast<double>(bias[o]));
      const double expected = std::clamp(sum.value, static_cast<double>(lo), static_cast<double>(hi));
      ASSERT_NEAR(static_cast<double>(y[pixel * c.outputs + o]), expected,
                  terms * sum.magnitude * std::ldexp(1.0, -24))
          << "pixel " << pixel << ", output " << o;
    }
}

std::vector<float> image_of(const Case& c) {
  return noise(static_cast<size_t>(c.images * c.window.in_h * c.window.in_w * c.window.channels), 1);
}

std::vector<float> convolve(const Case& c, const TilesF32* tiles, const std::vector<float>& weights,
                            const std::vector<float>& bias, float lo, float hi, int32_t units) {
  const ConvF32 p{
      .window = c.window, .groups = c.groups, .outputs = c.outputs, .lo = lo, .hi = hi, .tiles = tiles};
  std::vector<float> packed(static_cast<size_t>(conv_f32_packed_floats(p)));
  conv_f32_pack(p, weights.data(), packed.data());
  const Exact x(image_of(c)), b(packed), added(bias);
  const size_t size = static_cast<size_t>(pixels_of(c) * c.outputs);
  const Exact y(std::vector<float>(size, -77));
  const int32_t all = conv_f32_units(p, c.images);
  for (int32_t i = 0; i < all; i += units)
    conv_f32(p, x.data(), b.data(), bias.empty() ? nullptr : added.data(), y.data(),
             {i, std::min(all, i + units)});
  return {y.data(), y.data() + size};
}

void check(const Case& c) {
  const teff_window& w = c.window;
  SCOPED_TRACE(testing::Message() << w.in_h << "x" << w.in_w << "x" << w.channels << ", kernel " << w.kernel_h
                                  << "x" << w.kernel_w << ", stride " << w.stride_h << ", dilation "
                                  << w.dilation_h << ", " << c.outputs << " outputs in " << c.groups
                                  << " groups");
  const auto weights =
      noise(static_cast<size_t>(w.kernel_h * w.kernel_w * w.channels / c.groups * c.outputs), 2);
  const auto bias = noise(static_cast<size_t>(c.outputs), 3);
  const auto x = image_of(c);
  const auto oracle = [&](int32_t pixel, int32_t o) { return exact(c, x, weights, pixel, o); };
  for (const TilesF32* tiles : tile_sets()) {
    const auto y = convolve(c, tiles, weights, bias, -kInfinity, kInfinity, 1 << 30);
    expect_right(c, y, bias, -kInfinity, kInfinity, oracle);
    expect_right(c, convolve(c, tiles, weights, {}, 0, 1, 1 << 30), {}, 0, 1, oracle);
    EXPECT_EQ(convolve(c, tiles, weights, bias, -kInfinity, kInfinity, 1), y);
  }
}

TEST(ConvF32, WindowsAndStrides) {
  for (int32_t kernel : {1, 2, 3, 5})
    for (int32_t stride : {1, 2})
      for (int32_t pad : {0, kernel / 2})
        check({window_of(7, 9, 3, kernel, kernel, stride, 1, pad), 1, 5, 1});
}

TEST(ConvF32, ManyPixelsChannelsAndImages) {
  check({window_of(5, 33, 4, 3, 3, 1, 1, 1), 1, 40, 2});
  check({window_of(33, 4, 17, 3, 1, 1, 1, 1), 1, 33, 1});
  check({window_of(1, 40, 8, 1, 5, 2, 1, 0), 1, 100, 1});
}

TEST(ConvF32, Dilation) { check({window_of(11, 10, 4, 3, 3, 1, 3, 3), 1, 17, 1}); }

TEST(ConvF32, Groups) { check({window_of(6, 7, 6, 3, 3, 1, 1, 1), 3, 51, 1}); }

TEST(ConvF32, AWindowLargerThanTheImage) { check({window_of(2, 3, 4, 5, 5, 1, 1, 2), 1, 16, 1}); }

TEST(ConvF32, WeightsBeyondTheCache) { check({window_of(2, 2, 500, 3, 3, 1, 1, 1), 1, 80, 1}); }

TEST(ConvF32, FewOutputsAreInnerProducts) {
  for (int32_t outputs : {1, 2, 3}) {
    check({window_of(7, 40, 5, 3, 7, 1, 1, 1), 1, outputs, 1});
    check({window_of(1, 90, 1, 1, 50, 2, 1, 0), 1, outputs, 2});
    check({window_of(20, 3, 33, 1, 1, 1, 1, 0), 1, outputs, 1});
  }
}

// A transposed convolution whose kernel is as large as its stride.
void check_spread(int32_t h, int32_t w, int32_t channels, int32_t outputs, int32_t stride_h,
                  int32_t stride_w) {
  const auto x = noise(static_cast<size_t>(h * w * channels), 1);
  const auto weights = noise(static_cast<size_t>(stride_h * stride_w * channels * outputs), 2);
  const auto bias = noise(static_cast<size_t>(outputs), 3);
  for (const TilesF32* tiles : tile_sets()) {
    const SpreadF32 p{.in_h = h,
                      .in_w = w,
                      .channels = channels,
                      .outputs = outputs,
                      .stride_h = stride_h,
                      .stride_w = stride_w,
                      .tiles = tiles};
    std::vector<float> packed(static_cast<size_t>(spread_f32_packed_floats(p)));
    spread_f32_pack(p, weights.data(), bias.data(), packed.data());
    const Exact in(x), constants(packed),
        y(std::vector<float>(static_cast<size_t>(h * w * stride_h * stride_w * outputs)));
    for (int32_t i = 0; i < spread_f32_units(p); ++i)
      spread_f32(p, in.data(), constants.data(), y.data(), {i, i + 1});
    for (int32_t at = 0; at < h * w * stride_h * stride_w * outputs; ++at) {
      const int32_t o = at % outputs, column = at / outputs % (w * stride_w),
                    row = at / outputs / (w * stride_w);
      const int32_t tap = row % stride_h * stride_w + column % stride_w;
      const int32_t from = (row / stride_h * w + column / stride_w) * channels;
      Sum sum;
      sum.add(static_cast<double>(bias[o]));
      for (int32_t c = 0; c < channels; ++c)
        sum.add(static_cast<double>(x[from + c]) *
                static_cast<double>(weights[(tap * channels + c) * outputs + o]));
      ASSERT_NEAR(static_cast<double>(y.data()[at]), sum.value,
                  (channels + 2) * sum.magnitude * std::ldexp(1.0, -24));
    }
  }
}

TEST(SpreadF32, FewOutputsAndMany) {
  check_spread(5, 21, 16, 1, 2, 2);
  check_spread(6, 4, 7, 20, 2, 3);
  check_spread(1, 3, 4, 2, 3, 1);
}

std::vector<float> convolve_depthwise(const Case& c, const StripsF32* strips,
                                      const std::vector<float>& weights, const std::vector<float>& bias,
                                      float lo, float hi, int32_t rows) {
  const DepthwiseF32 p{.window = c.window, .lo = lo, .hi = hi, .strips = strips};
  const Exact x(image_of(c)), w(weights), b(bias);
  const size_t size = static_cast<size_t>(pixels_of(c) * c.outputs);
  const Exact y(std::vector<float>(size, -77));
  const int32_t all = c.images * c.window.out_h;
  for (int32_t i = 0; i < all; i += rows)
    depthwise_f32(p, x.data(), w.data(), bias.empty() ? nullptr : b.data(), y.data(),
                  {i, std::min(all, i + rows)});
  return {y.data(), y.data() + size};
}

void check_depthwise(const teff_window& w, int32_t images) {
  SCOPED_TRACE(testing::Message() << w.in_h << "x" << w.in_w << "x" << w.channels << ", kernel " << w.kernel_h
                                  << "x" << w.kernel_w << ", stride " << w.stride_h << ", dilation "
                                  << w.dilation_h);
  const Case c{w, w.channels, w.channels, images};
  const auto weights = noise(static_cast<size_t>(w.kernel_h * w.kernel_w * w.channels), 2);
  const auto bias = noise(static_cast<size_t>(w.channels), 3);
  const auto x = image_of(c);
  const auto oracle = [&](int32_t pixel, int32_t o) { return exact_depthwise(w, x, weights, pixel, o); };
  for (const StripsF32* strips : strip_sets()) {
    const auto y = convolve_depthwise(c, strips, weights, bias, -kInfinity, kInfinity, 1 << 30);
    expect_right(c, y, bias, -kInfinity, kInfinity, oracle);
    expect_right(c, convolve_depthwise(c, strips, weights, {}, 0, 1, 1 << 30), {}, 0, 1, oracle);
    EXPECT_EQ(convolve_depthwise(c, strips, weights, bias, -kInfinity, kInfinity, 1), y);
  }
}

TEST(DepthwiseF32, WindowsAndStrides) {
  for (int32_t kernel : {1, 3, 5, 7})
    for (int32_t stride : {1, 2})
      for (int32_t channels : {3, 16, 20})
        check_depthwise(window_of(8, 13, channels, kernel, kernel, stride, 1, kernel / 2), 1);
}

TEST(DepthwiseF32, ManyPixelsChannelsImagesAndDilation) {
  check_depthwise(window_of(3, 40, 33, 3, 3, 1, 1, 1), 2);
  check_depthwise(window_of(30, 2, 8, 3, 3, 1, 1, 1), 1);
  check_depthwise(window_of(12, 12, 5, 3, 3, 1, 2, 2), 1);
}

}  // namespace
}  // namespace teff::x86
