#include "graph/pass_io.h"

#include <gtest/gtest.h>

namespace teff {
namespace {

Tensor tensor(Type type) {
  Tensor t;
  t.type = type;
  t.shape = Shape{1, 4};
  if (type == Type::s8) t.quant = {.scales = {0.5f}, .zeros = {3}};
  return t;
}

// x -> QUANTIZE -> a -> ABS -> b -> DEQUANTIZE -> y
Graph quantized_inside() {
  Graph graph;
  const TensorId x = graph.add(tensor(Type::f32)), a = graph.add(tensor(Type::s8)),
                 b = graph.add(tensor(Type::s8)), y = graph.add(tensor(Type::f32));
  graph.nodes.push_back({Quantize{}, {x}, {a}});
  graph.nodes.push_back({Unary{}, {a}, {b}});
  graph.nodes.push_back({Dequantize{}, {b}, {y}});
  graph.inputs = {x};
  graph.outputs = {y};
  return graph;
}

TEST(DropFloatIo, TakesTheConversionsAway) {
  Graph graph = quantized_inside();
  EXPECT_EQ(drop_float_io(graph), 2);
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.tensor(graph.inputs[0]).type, Type::s8);
  EXPECT_EQ(graph.tensor(graph.outputs[0]).type, Type::s8);
  EXPECT_EQ(drop_float_io(graph), 0);
}

TEST(DropFloatIo, LeavesWhatOthersRead) {
  Graph graph = quantized_inside();
  graph.nodes.push_back({Unary{}, {graph.inputs[0]}, {graph.add(tensor(Type::f32))}});
  graph.outputs.push_back(graph.nodes.back().outputs[0]);
  EXPECT_EQ(drop_float_io(graph), 1);
  EXPECT_EQ(graph.tensor(graph.inputs[0]).type, Type::f32);
}

}  // namespace
}  // namespace teff
