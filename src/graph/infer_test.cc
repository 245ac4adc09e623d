#include "graph/infer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/testing.h"

namespace teff {
namespace {

using testing::HasSubstr;

// Shapes are known without computing anything.
std::vector<Bytes> evaluate(const Graph&, const Node&) {
  ADD_FAILURE() << "nothing is to be computed";
  return {};
}

TEST(WindowAxis, SamePadsTheEndFirst) {
  // 5 of stride 2 under 3: positions -1, 1, 3: one before, one after.
  EXPECT_EQ(window_axis(5, 3, 2, 1, Padding::same).out, 3);
  EXPECT_EQ(window_axis(5, 3, 2, 1, Padding::same).pad_before, 1);
  // 6 under 3 with stride 2: positions 0, 2, 4: one after, none before.
  EXPECT_EQ(window_axis(6, 3, 2, 1, Padding::same).pad_before, 0);
}

TEST(WindowAxis, ValidTakesWholeWindowsOnly) {
  EXPECT_EQ(window_axis(6, 3, 2, 1, Padding::valid).out, 2);
  EXPECT_EQ(window_axis(7, 3, 1, 3, Padding::valid).out, 1);  // dilated, it reaches over 7
  EXPECT_EQ(window_axis(6, 3, 1, 3, Padding::valid).out, 0);
}

TEST(WindowAxis, GivenPaddingCountsOnBothSides) {
  const WindowAxis axis = window_axis(5, 3, 1, 1, Padding::given, 2, 1);
  EXPECT_EQ(axis.out, 6);
  EXPECT_EQ(axis.pad_before, 2);
}

TEST(WindowAxis, RefusesStridesAndDilationsThatMakeNoSense) {
  EXPECT_THAT(error_of([] { window_axis(5, 3, 0, 1, Padding::same); }), HasSubstr("stride 0"));
  EXPECT_THAT(error_of([] { window_axis(5, 3, 1, -1, Padding::same); }), HasSubstr("dilation -1"));
}

// reshape(x, shape(y)) where y's extents are read from the graph itself.
Model reshape_like() {
  Model model;
  Graph& graph = model.graphs.emplace_back();
  const TensorId x = graph.add({.name = "x", .shape = {6}, .source = 0});
  const TensorId y = graph.add({.name = "y", .shape = {2, 3}, .source = 1});
  const TensorId extents = graph.add({.name = "extents", .type = Type::s32, .shape = {2}, .source = 2});
  const TensorId z = graph.add({.name = "z", .shape = {2, 3}, .source = 3});
  graph.nodes.push_back({ShapeOf{}, {y}, {extents}, 0});
  graph.nodes.push_back({Reshape{}, {x, extents}, {z}, 1});
  graph.inputs = {x, y};
  graph.outputs = {z};
  return model;
}

TEST(InferShapes, FollowsShapeArithmetic) {
  Model model = reshape_like();
  model.main().tensor(1).shape = {3, 2};
  infer_shapes(model, evaluate, true);
  EXPECT_EQ(model.main().tensor(3).shape, (Shape{3, 2}));
  EXPECT_THAT(model.main().tensor(2).known.as<int32_t>(), testing::ElementsAre(3, 2));
}

TEST(InferShapes, RefusesAFileThatSaysOtherwise) {
  Model model = reshape_like();
  model.main().tensor(3).shape = {6, 1};
  EXPECT_EQ(error_of([&] { infer_shapes(model, evaluate, false); }),
            "node 1 RESHAPE: tensor 3 'z' is 6x1 in the file, but the operator makes it 2x3");
}

TEST(InferShapes, LeavesOpenWhatTheFileLeavesOpen) {
  Model model = reshape_like();
  model.main().tensor(3).shape = {6, 1};
  model.main().tensor(3).flexible = true;
  infer_shapes(model, evaluate, false);
  EXPECT_EQ(model.main().tensor(3).shape, (Shape{2, 3}));
}

}  // namespace
}  // namespace teff
