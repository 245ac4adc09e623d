#include "plan/segments.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "plan/testing.h"

namespace teff {
namespace {

using testing::Image;
using testing::Window;
using testing::WorkBuilder;

std::vector<int> in_order(const Work& work) {
  std::vector<int> order(work.steps.size());
  std::iota(order.begin(), order.end(), 0);
  return order;
}

int64_t layer_wise_bytes(const Work& work) {
  return place_segments(work, layer_wise(work, in_order(work)), one_a_run, 200).places.bytes;
}

MemoryPlan least(const Work& work) {
  SegmentChoice choice(work, in_order(work), one_a_run);
  return place_segments(work, choice.best(choice.least()), one_a_run, 200);
}

// A residual block of ResNet: x, two convolutions 3x3, and x added to it.
TEST(Segments, AResidualBlockNeedsLittleMoreThanItsInput) {
  WorkBuilder b;
  const int x = b.input({32, 32, 16});
  const Window w{3, 1, 1, 1};
  const int y = b.conv(b.conv(x, {32, 32, 16}, w, w), {32, 32, 16}, w, w);
  b.output(b.elementwise("ADD", {x, y}, {32, 32, 16}));
  const int64_t image = 32 * 32 * 16, row = 32 * 16, scratch = 2 * 2 * 9 * 16;
  EXPECT_EQ(layer_wise_bytes(b.work), 2 * image + row + 16 + scratch);
  // Beside the input, which the result overlays: three rows of the first, one of the second.
  EXPECT_LE(least(b.work).places.bytes, image + 4 * row + scratch);
}

TEST(Segments, WithTheSameBytesFewerRunsAreBetter) {
  WorkBuilder b;
  const int x = b.input({8, 8, 16});
  const int y = b.conv(x, {8, 8, 16}, {}, {});
  b.output(b.conv(y, {8, 8, 16}, {}, {}));
  EXPECT_EQ(least(b.work).runs.size(), 2u);  // both in place
}

// Any network that a few draws make: a chain with residual branches, odd sizes, strides, dilations, gathers.
class RandomNetwork {
 public:
  explicit RandomNetwork(uint32_t seed) : random_(seed) {}

  // `camera`: the input comes from outside, row by row.
  Work make(bool camera = false) {
    const Image image{draw(3, 19), draw(1, 9), draw(1, 7)};
    int x = camera ? b_.camera(image) : b_.input(image);
    const int blocks = draw(2, 6);
    for (int i = 0; i < blocks; ++i) x = draw(0, 3) == 0 ? residual(x) : layer(x);
    if (draw(0, 1) == 1) x = b_.gather("MEAN", x, {1, b_.image(x).width, b_.image(x).channels});
    if (draw(0, 2) == 0) x = b_.whole("SOFTMAX", {x}, b_.image(x), draw(0, 9));
    b_.output(x);
    return std::move(b_.work);
  }

 private:
  int draw(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }

  // A window and the extent of its result.
  std::pair<Window, int32_t> window(int32_t in, bool keep) {
    const int kernel = draw(1, std::min(4, in)), dilation = kernel > 1 ? draw(1, 2) : 1;
    const int span = (kernel - 1) * dilation + 1;
    const int stride = keep ? 1 : draw(1, 3);
    const int pad = keep ? (span - 1) / 2 : std::min(draw(0, 2), span - 1);
    const int out = keep ? in : std::max(1, (in + 2 * pad - span) / stride + 1);
    return {{kernel, stride, dilation, pad}, out};
  }

  int layer(int x, bool keep = false) {
    const Image in = b_.image(x);
    const auto [h, height] = window(in.height, keep);
    const auto [w, width] = window(in.width, keep);
    switch (draw(0, 4)) {
      case 0: return b_.conv(x, {height, width, keep ? in.channels : draw(1, 9)}, h, w);
      case 1: return b_.conv(x, {in.height, in.width, keep ? in.channels : draw(1, 9)}, {}, {});
      case 2: return b_.depthwise(x, {height, width, in.channels}, h, w, draw(0, 3));
      case 3: return keep ? b_.elementwise("RELU", {x}, in) : b_.pool(x, {height, width, in.channels}, h);
      default: return b_.elementwise("RELU", {x}, in);
    }
  }

  int residual(int x) {
    int y = x;
    const int layers = draw(1, 3);
    for (int i = 0; i < layers; ++i) y = layer(y, true);
    const Image image = b_.image(x);
    if (draw(0, 1) == 1) {
      const int mean = b_.gather("MEAN", y, {1, 1, image.channels});
      y = b_.elementwise("MUL", {y, mean}, image);
    }
    return b_.elementwise("ADD", {x, y}, image);
  }

  std::mt19937 random_;
  WorkBuilder b_;
};

TEST(Segments, EveryPlanOfRandomNetworksKeepsWhatIsNeeded) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    const Work work = RandomNetwork(seed).make();
    expect_sound(work);
    // place_segments checks what it places; here also any cuts whatever.
    std::mt19937 random(seed);
    SegmentChoice choice(work, in_order(work), one_a_run);
    const int64_t bound = choice.least();
    const MemoryPlan plan = place_segments(work, choice.best(bound), one_a_run, 50);
    EXPECT_GE(plan.places.bytes, plan.least);
    EXPECT_GE(layer_wise_bytes(work), bound);
    Segmentation any{.order = in_order(work), .cuts = {}};
    for (int i = 1; i < static_cast<int>(any.order.size()); ++i)
      if (random() % 2 == 0) any.cuts.push_back(i);
    any.cuts.push_back(static_cast<int>(any.order.size()));
    EXPECT_NO_THROW(place_segments(work, any, one_a_run, 20));
  }
}

TEST(Segments, AnInputThatComesInRowsIsNeverThereAsAWhole) {
  int less = 0;
  for (uint32_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    const Work work = RandomNetwork(seed).make(true), whole = RandomNetwork(seed).make();
    expect_sound(work);
    const MemoryPlan rows = least(work);
    EXPECT_LE(rows.places.bytes, layer_wise_bytes(work));
    less += rows.places.bytes < least(whole).places.bytes ? 1 : 0;
    int32_t delivered = 0;
    for (const teff::Run& run : rows.runs)
      if (run.step == 0) delivered += run.end - run.begin;
    EXPECT_EQ(delivered, work.steps[0].units);
  }
  EXPECT_GT(less, 30);
}

TEST(Segments, TheSameNetworkGivesTheSamePlan) {
  const Work work = RandomNetwork(7).make();
  const MemoryPlan a = least(work), b = least(work);
  EXPECT_EQ(a.places.tensors, b.places.tensors);
  EXPECT_EQ(a.places.scratch, b.places.scratch);
}

}  // namespace
}  // namespace teff
