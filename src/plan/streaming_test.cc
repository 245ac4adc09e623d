#include "plan/streaming.h"

#include <gtest/gtest.h>

#include <string>

#include "core/error.h"

#include "plan/testing.h"

namespace teff {
namespace {

using testing::Image;
using testing::WorkBuilder;

std::string text_of(std::span<const Run> runs) {
  std::string text;
  for (const Run& run : runs) text += fmt::format("{}:{}-{} ", run.step, run.begin, run.end);
  return text;
}

TEST(Streaming, MakesEachRowAsLateAsItCan) {
  WorkBuilder b;
  const int x = b.input({4, 4, 1});
  const int y = b.depthwise(x, {4, 4, 1}, {3, 1, 1, 1}, {3, 1, 1, 1});
  b.output(b.depthwise(y, {4, 4, 1}, {3, 1, 1, 1}, {3, 1, 1, 1}));
  const Segmentation both{.order = {0, 1}, .cuts = {2}};
  EXPECT_EQ(text_of(runs_of(b.work, both)), "0:0-2 1:0-1 0:2-3 1:1-2 0:3-4 1:2-4 ");
  EXPECT_EQ(text_of(runs_of(b.work, layer_wise(b.work, {0, 1}))), "0:0-4 1:0-4 ");
}

TEST(Streaming, RowsFromOutsideComeAsTheyAreWantedAndAllOfThem) {
  WorkBuilder b;
  const int x = b.camera({6, 4, 1});
  const int y = b.pool(x, {2, 4, 1}, {2, 2, 1, 0});
  b.output(b.depthwise(y, {2, 4, 1}, {1, 1, 1, 0}, {1, 1, 1, 0}));
  const Segmentation layers = layer_wise(b.work, {0, 1, 2});
  EXPECT_EQ(layers.cuts, (std::vector<int>{2, 3}));
  EXPECT_EQ(text_of(runs_of(b.work, layers)), "0:0-2 1:0-1 0:2-4 1:1-2 0:4-6 2:0-2 ");
}

TEST(Streaming, RowsFromOutsideStayTogetherWithAllThatReadThem) {
  WorkBuilder b;
  const int x = b.camera({4, 4, 1});
  const int y = b.depthwise(x, {4, 4, 1}, {3, 1, 1, 1}, {3, 1, 1, 1});
  const int sum = b.elementwise("ADD", {x, y}, {4, 4, 1});
  b.output(b.depthwise(sum, {4, 4, 1}, {1, 1, 1, 0}, {1, 1, 1, 0}));
  EXPECT_EQ(forbidden_ends(b.work, std::vector{0, 1, 2, 3}), (Range{1, 3}));
  const int whole = b.whole("SOFTMAX", {y}, {4, 4, 1});
  b.output(b.elementwise("ADD", {x, whole}, {4, 4, 1}));
  EXPECT_THROW(forbidden_ends(b.work, std::vector{0, 1, 2, 3, 4, 5}), Error);
}

TEST(Streaming, RowsBelowTheLastWindowAreNotMade) {
  WorkBuilder b;
  const int x = b.input({6, 4, 1});
  const int y = b.depthwise(x, {6, 4, 1}, {1, 1, 1, 0}, {1, 1, 1, 0});
  b.output(b.pool(y, {2, 4, 1}, {2, 2, 1, 0}));
  const Segmentation both{.order = {0, 1}, .cuts = {2}};
  EXPECT_EQ(text_of(runs_of(b.work, both)), "0:0-2 1:0-1 0:2-4 1:1-2 ");
}

TEST(Streaming, AStepThatTheLastOneDoesNotNeedRunsAsSoonAsItCan) {
  WorkBuilder b;
  const int x = b.input({3, 4, 1});
  const int y = b.depthwise(x, {3, 4, 1}, {1, 1, 1, 0}, {1, 1, 1, 0});
  b.output(b.mean_of_rows(y, {3, 1, 1}));
  b.output(b.gather("MEAN", y, {1, 4, 1}));
  const Segmentation all{.order = {0, 1, 2}, .cuts = {3}};
  EXPECT_EQ(text_of(runs_of(b.work, all)), "0:0-1 1:0-1 2:0-1 0:1-2 1:1-2 2:1-2 0:2-3 1:2-3 2:2-3 ");
}

}  // namespace
}  // namespace teff
