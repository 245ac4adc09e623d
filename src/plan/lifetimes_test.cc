#include "plan/lifetimes.h"

#include <gtest/gtest.h>

#include "plan/streaming.h"
#include "plan/testing.h"

namespace teff {
namespace {

using testing::WorkBuilder;

TEST(Lifetimes, AnInputDiesRowByRowWhileTheResultGrows) {
  WorkBuilder b;
  const int x = b.input({4, 10, 1});
  const int y = b.depthwise(x, {4, 10, 1}, {3, 1, 1, 1}, {3, 1, 1, 1});
  b.output(y);
  b.work.steps[0].scratch = 0;
  const std::vector<Buffer> buffers = buffers_of(b.work, runs_of(b.work, layer_wise(b.work, {0})));
  ASSERT_EQ(buffers.size(), 2u);
  const auto need = [&](size_t buffer, int64_t tick) {
    for (const Need& n : buffers[buffer].needs)
      if (n.begin <= tick && tick < n.end) return Range{n.low, n.high};
    return Range{};
  };
  EXPECT_EQ(need(0, 0), (Range{0, 40}));
  EXPECT_EQ(need(0, 2), (Range{0, 40}));  // unit 1 reads rows 0 to 2
  EXPECT_EQ(need(0, 3), (Range{10, 40}));
  EXPECT_EQ(need(0, 4), (Range{20, 40}));
  EXPECT_EQ(need(0, 5), (Range{}));
  EXPECT_EQ(need(1, 0), (Range{}));
  EXPECT_EQ(need(1, 1), (Range{0, 10}));
  EXPECT_EQ(need(1, 5), (Range{0, 40}));
  EXPECT_EQ(most_needed(buffers), 60);  // 4 + 2 rows, or 3 + 3
}

TEST(Lifetimes, BetweenStepsThatTakeTurnsLieRings) {
  WorkBuilder b;
  const int x = b.input({9, 10, 1});
  const int y = b.depthwise(x, {9, 10, 1}, {3, 1, 1, 1}, {3, 1, 1, 1});
  const int z = b.depthwise(y, {9, 10, 1}, {3, 1, 2, 2}, {3, 1, 2, 2});  // dilated: sees 5 rows
  b.output(b.depthwise(z, {5, 10, 1}, {1, 2, 1, 0}, {1, 1, 1, 0}));
  const Segmentation all{.order = {0, 1, 2}, .cuts = {3}};
  for (const Buffer& buffer : buffers_of(b.work, runs_of(b.work, all))) {
    if (buffer.kind == Buffer::Kind::scratch) continue;
    EXPECT_EQ(buffer.ring_rows, buffer.index == y ? 5 : buffer.index == z ? 1 : 0);
  }
}

TEST(Lifetimes, RunsOfSomeRowsMayNeedLessScratch) {
  WorkBuilder b;
  const int x = b.input({9, 10, 1});
  const int y = b.depthwise(x, {9, 10, 1}, {3, 1, 1, 1}, {3, 1, 1, 1});
  b.output(b.depthwise(y, {9, 10, 1}, {3, 1, 1, 1}, {3, 1, 1, 1}));
  b.work.steps[0].scratch = 100, b.work.steps[0].part_scratch = 40;
  const auto scratch = [&](const Segmentation& segmentation) {
    for (const Buffer& buffer : buffers_of(b.work, runs_of(b.work, segmentation)))
      if (buffer.kind == Buffer::Kind::scratch && buffer.index == 0) return buffer.bytes;
    return int64_t{0};
  };
  EXPECT_EQ(scratch(layer_wise(b.work, {0, 1})), 100);
  EXPECT_EQ(scratch({.order = {0, 1}, .cuts = {2}}), 40);
}

}  // namespace
}  // namespace teff
