#include "graph/cost.h"

#include <gtest/gtest.h>

namespace teff {
namespace {

struct Layer {
  Graph graph;

  // One node with inputs and an output of these shapes; inputs after the first are constants.
  Layer(Op op, std::vector<Shape> inputs, Shape output) {
    Node node{std::move(op), {}, {}};
    for (const Shape& shape : inputs) {
      Tensor tensor{.type = Type::s8, .shape = shape};
      if (!node.inputs.empty()) tensor.data = Bytes::own(std::vector<std::byte>(shape.elements()));
      node.inputs.push_back(graph.add(std::move(tensor)));
    }
    node.outputs.push_back(graph.add({.type = Type::s8, .shape = output}));
    graph.nodes.push_back(std::move(node));
  }
  int64_t macs() const { return macs_of(graph, graph.nodes[0]); }
};

// The first layers of the keyword spotting network of MLPerf Tiny, and its classifier.
TEST(Macs, OfConvolutionsAreOutputsTimesWindow) {
  EXPECT_EQ(Layer(Conv2D{}, {{1, 49, 10, 1}, {64, 10, 4, 1}, {64}}, {1, 25, 5, 64}).macs(), 25 * 5 * 64 * 40);
  EXPECT_EQ(Layer(DepthwiseConv2D{}, {{1, 25, 5, 64}, {1, 3, 3, 64}, {64}}, {1, 25, 5, 64}).macs(),
            25 * 5 * 64 * 9);
  EXPECT_EQ(Layer(FullyConnected{}, {{1, 64}, {12, 64}, {12}}, {1, 12}).macs(), 64 * 12);
}

TEST(Macs, OfGroupsCountTheirOwnChannelsOnly) {
  EXPECT_EQ(Layer(Conv2D{}, {{1, 4, 4, 8}, {16, 1, 1, 2}}, {1, 4, 4, 16}).macs(), 16 * 16 * 2);
}

TEST(Macs, OfTransposedConvolutionsAreInputsTimesWindow) {
  EXPECT_EQ(Layer(TransposeConvBias{}, {{1, 3, 3, 8}, {4, 2, 2, 8}, {4}}, {1, 6, 6, 4}).macs(),
            9 * 8 * 4 * 4);
}

TEST(Macs, OfWhatIsNoSumOfProductsAreNone) {
  EXPECT_EQ(Layer(Unary{UnaryKind::relu}, {{1, 64}}, {1, 64}).macs(), 0);
}

TEST(Weights, CountConstantsOnly) {
  const Layer layer(Conv2D{}, {{1, 49, 10, 1}, {64, 10, 4, 1}, {64}}, {1, 25, 5, 64});
  EXPECT_EQ(weights_of(layer.graph, layer.graph.nodes[0]).elements, 64 * 40 + 64);
}

}  // namespace
}  // namespace teff
