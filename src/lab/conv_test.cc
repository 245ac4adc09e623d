#include "lab/conv.h"

#include <gtest/gtest.h>

#include <limits>

#include "lab/layouts.h"
#include "lab/oracle.h"
#include "lab/panels.h"

namespace teff::lab {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr ConvShape kShapes[] = {{1, 1, 1, 1},  {2, 3, 1, 5},   {3, 2, 17, 1},
                                 {5, 7, 3, 33}, {9, 8, 16, 32}, {13, 11, 20, 7}};

TEST(LabConv, EveryStepIsRightOnRaggedShapes) {
  for (const ConvShape& s : kShapes) {
    const auto x = random_floats(s.pixels() * s.in, 1), weights = random_floats(9 * s.in * s.out, 2);
    const auto truth = conv64(s.height, s.width, s.in, s.out, x, weights);
    const auto planes = as_planes<float>(x, s.in);
    const auto true_planes = as_planes<double>(truth, s.out);
    for (const ConvStep& step : conv_steps()) {
      const auto conv = step.make(s, weights.data());
      for (int again = 0; again < 2; ++again) {  // what the first run left behind does not matter
        std::vector<float> y(truth.size(), kNaN);
        conv->run((step.planes ? planes : x).data(), y.data());
        EXPECT_LE(largest_error(y, step.planes ? true_planes : truth), step.room * allowed_error(9 * s.in))
            << step.name << ", " << s.height << "x" << s.width << "x" << s.in << " to " << s.out;
      }
    }
  }
}

TEST(LabConv, WinogradNeedsFewerProducts) {
  const ConvShape s{8, 8, 3, 5};
  const std::vector<float> weights(9 * 15);
  EXPECT_EQ(direct_nhwc(s, weights.data())->products(), 64 * 9 * 15);
  EXPECT_EQ(winograd2(s, weights.data())->products() * 9, direct_nhwc(s, weights.data())->products() * 4);
  EXPECT_EQ(winograd4(s, weights.data())->products() * 4, direct_nhwc(s, weights.data())->products());
}

TEST(LabConv, OnlyIm2colWritesTheMatrixOfPatches) {
  const ConvShape s{8, 8, 3, 5};
  const std::vector<float> weights(9 * 15);
  const int64_t panel = panel_rows() * 27 * 4;
  EXPECT_EQ(im2col(s, weights.data())->scratch_bytes(), 64 * 27 * 4 + panel);
  EXPECT_EQ(implicit_gemm(s, weights.data())->scratch_bytes(), panel);
}

struct LayoutCase {
  std::vector<float> x, weights;
  std::vector<double> truth;
};

LayoutCase layout_case(const Image& i, bool depthwise) {
  LayoutCase c{
      random_floats(i.numbers(), 3), random_floats(i.channels * (depthwise ? 9 : i.channels), 4), {}};
  if (depthwise) {
    c.truth = depthwise64(i.height, i.width, i.channels, c.x, c.weights);
  } else {  // weights [out][in] are the right side of the product, transposed
    c.truth = matmul64(i.pixels(), i.channels, i.channels, c.x, as_planes<float>(c.weights, i.channels), 1);
  }
  return c;
}

TEST(LabConv, LayoutsAreRightOnRaggedShapes) {
  for (const Image& image : {Image{1, 1, 1}, {2, 1, 3}, {1, 5, 2}, {7, 6, 19}})
    for (const LayoutStep& step : layout_steps()) {
      LayoutCase c = layout_case(image, step.depthwise);
      if (step.planes)
        c.x = as_planes<float>(c.x, image.channels), c.truth = as_planes<double>(c.truth, image.channels);
      std::vector<float> y(c.truth.size(), kNaN);
      step.run(image, c.x.data(), c.weights.data(), y.data());
      EXPECT_LE(largest_error(y, c.truth), allowed_error(std::max<int64_t>(9, image.channels))) << step.name;
    }
}

TEST(LabConv, InPlaceNeedsOnePlaneMore) {
  const Image image{5, 4, 3};
  const LayoutCase c = layout_case(image, true);
  EXPECT_EQ(in_place_numbers(image), (1 + 3) * 20);
  std::vector<float> memory(static_cast<size_t>(in_place_numbers(image)), kNaN);
  std::ranges::copy(as_planes<float>(c.x, 3), memory.begin() + image.pixels());
  depthwise_in_place(image, memory.data(), c.weights.data());
  memory.resize(c.truth.size());
  EXPECT_LE(largest_error(memory, as_planes<double>(c.truth, 3)), allowed_error(9));
}

}  // namespace
}  // namespace teff::lab
