#include "plan/halo.h"

#include <gtest/gtest.h>

namespace teff {
namespace {

// MobileNetV2 at 224 x 224 (width 1): its layers, convolutions and depthwise ones, up to a number of blocks;
// the stem and the first block, which expands nothing, count as one.
class MobileNetV2 {
 public:
  explicit MobileNetV2(int blocks) {
    struct Stage {
      int expand, channels, repeats, stride;
    };
    constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                 {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    add(3, 2, 32, false);
    for (const Stage& stage : kStages)
      for (int i = 0; i < stage.repeats && blocks > 0; ++i, --blocks)
        add_block(stage.expand, stage.channels, i == 0 ? stage.stride : 1);
  }

  std::vector<PatchLayer> layers;

 private:
  void add_block(int expand, int channels, int stride) {
    const int wide = expand * channels_;
    if (expand > 1) add(1, 1, wide, false);
    add(3, stride, wide, true);
    add(1, 1, channels, false);
  }
  void add(int kernel, int stride, int channels, bool depthwise) {
    // Padded as PyTorch does it, one on either side.
    const int out = (size_ + 2 * (kernel / 2) - kernel) / stride + 1;
    const AxisWindow w{size_, out, kernel, stride, 1, kernel / 2};
    const int64_t macs = int64_t{1} * out * out * channels * kernel * kernel * (depthwise ? 1 : channels_);
    layers.push_back({w, w, channels_, channels, macs, false});
    size_ = out;
    channels_ = channels;
  }
  int size_ = 224, channels_ = 3;
};

constexpr double kAllMacs = 300.8e6;

struct Published {
  int blocks, patches;
  int layers;
  double ratio;       // MACs of the patched layers, to themselves computed once
  double total;       // more of the whole network's MACs, in percent
  int64_t kilobytes;  // of a patch with the result
};

class MobileNetPatches : public ::testing::TestWithParam<Published> {};

TEST_P(MobileNetPatches, CostWhatIsPublished) {
  const Published& p = GetParam();
  const std::vector<PatchLayer> layers = MobileNetV2(p.blocks).layers;
  EXPECT_EQ(static_cast<int>(layers.size()), p.layers);
  const PatchCost cost = patch_cost(layers, p.patches);
  EXPECT_NEAR(1 + cost.overhead(), p.ratio, 0.0006);
  EXPECT_NEAR(100 * static_cast<double>(cost.macs - cost.whole_macs) / kAllMacs, p.total, 0.06);
  EXPECT_NEAR(static_cast<double>(cost.patch_bytes + cost.result_bytes) / 1024,
              static_cast<double>(p.kilobytes), 0.6);
}

INSTANTIATE_TEST_SUITE_P(
    Stages, MobileNetPatches,
    ::testing::Values(Published{2, 4, 6, 1.068, 1.1, 171}, Published{3, 4, 9, 1.231, 5.8, 200},
                      Published{4, 2, 12, 1.096, 2.9, 458}, Published{4, 4, 12, 1.306, 9.3, 166},
                      Published{5, 4, 15, 1.773, 26.3, 239}, Published{6, 4, 18, 2.273, 47.9, 327}));

TEST(Halo, OnePatchIsTheWholeImage) {
  const PatchCost cost = patch_cost(MobileNetV2(4).layers, 1);
  EXPECT_EQ(cost.macs, cost.whole_macs);
  // The depthwise convolution of stride 2 in block 2, input and result: 1470 kB.
  EXPECT_EQ(cost.patch_bytes, 112 * 112 * 96 + 56 * 56 * 96);
}

TEST(Halo, PaddingIsNotComputed) {
  const AxisWindow w{10, 10, 3, 1, 2, 2};
  EXPECT_EQ(inputs_of(w, {0, 1}), (Range{0, 3}));
  EXPECT_EQ(inputs_of(w, {4, 6}), (Range{2, 8}));
  EXPECT_EQ(inputs_of(w, {9, 10}), (Range{7, 10}));
  EXPECT_TRUE(inputs_of(w, {}).empty());
}

TEST(Halo, PointwiseLayersHaveNone) {
  const AxisWindow w{7, 7, 1, 1, 1, 0};
  EXPECT_EQ(patch_cost({{w, w, 8, 8, 49 * 64, false}}, 3).overhead(), 0);
}

}  // namespace
}  // namespace teff
