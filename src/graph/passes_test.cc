#include "graph/passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/pass.h"

namespace teff {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Quant kFine{.scales = {0.5f}, .zeros = {3}}, kCoarse{.scales = {1.0f}, .zeros = {3}};

// A graph that is written down operator by operator.
class Sketch {
 public:
  Graph graph;

  TensorId input(const Shape& shape, Type type = Type::f32, Quant quant = {}) {
    graph.inputs.push_back(graph.add({.type = type, .shape = shape, .quant = std::move(quant)}));
    return graph.inputs.back();
  }
  template <class T>
  TensorId constant(const Shape& shape, const std::vector<T>& values) {
    return graph.add({.type = type_of<T>(), .shape = shape, .data = Bytes::of(values)});
  }
  TensorId list(const std::vector<int32_t>& values) {
    return constant<int32_t>({static_cast<int64_t>(values.size())}, values);
  }
  // The operator's result has that shape, and the first input's type and quantization.
  TensorId add(Op op, const std::vector<TensorId>& inputs, const Shape& shape) {
    Tensor out{.shape = shape};
    if (!inputs.empty()) out.type = graph.tensor(inputs[0]).type, out.quant = graph.tensor(inputs[0]).quant;
    const TensorId id = graph.add(std::move(out));
    graph.nodes.push_back({std::move(op), inputs, {id}, static_cast<int>(graph.nodes.size())});
    return id;
  }
  void result(TensorId id) { graph.outputs.push_back(id); }

  std::vector<std::string> names() const {
    std::vector<std::string> list;
    for (const Node& node : graph.nodes) list.emplace_back(op_name(node.op));
    return list;
  }
  std::vector<std::string> names_after(void (*pass)(Graph&)) {
    pass(graph);
    remove_dead_code(graph);
    Model model;
    model.graphs.push_back(graph);
    verify(model);
    return names();
  }
};

// --- constant folding ---

std::vector<Bytes> evaluate_to_seven(const Graph&, const Node&) { return {Bytes::of(std::vector<float>{7})}; }

TEST(FoldConstants, ReplacesWhatIsMadeOfConstants) {
  Sketch s;
  const TensorId a = s.constant<float>({1}, {1});
  const TensorId sum = s.add(Binary{.kind = BinaryKind::add}, {a, a}, {1});
  const TensorId twice = s.add(Binary{.kind = BinaryKind::add}, {sum, a}, {1});
  s.result(s.add(Binary{.kind = BinaryKind::mul}, {s.input({1}), twice}, {1}));
  fold_constants(s.graph, evaluate_to_seven);
  EXPECT_THAT(s.names(), ElementsAre("MUL"));
  EXPECT_THAT(s.graph.tensor(twice).data.as<float>(), ElementsAre(7));
}

TEST(FoldConstants, TakesWhatShapeInferenceKnew) {
  Sketch s;
  const TensorId shape = s.add(ShapeOf{}, {s.input({2, 3})}, {2});
  s.graph.tensor(shape).type = Type::s32;
  s.graph.tensor(shape).known = Bytes::of(std::vector<int32_t>{2, 3});
  s.result(shape);
  fold_constants(s.graph, [](const Graph&, const Node&) -> std::vector<Bytes> { fail("not to be called"); });
  EXPECT_THAT(s.names(), IsEmpty());
  EXPECT_THAT(s.graph.tensor(shape).data.as<int32_t>(), ElementsAre(2, 3));
}

TEST(FoldConstants, LeavesWhatWouldGrow) {
  Sketch s;
  s.result(s.add(BroadcastTo{}, {s.constant<float>({1}, {1}), s.list({20000})}, {20000}));
  s.result(s.add(BroadcastTo{}, {s.constant<float>({1}, {1}), s.list({1})}, {1}));
  fold_constants(s.graph, evaluate_to_seven);
  EXPECT_THAT(s.names(), ElementsAre("BROADCAST_TO"));
}

TEST(FoldConstants, LeavesWhatCannotBeComputed) {
  Sketch s;
  s.result(s.add(Gather{}, {s.constant<float>({1}, {1}), s.list({5})}, {1}));
  fold_constants(s.graph, [](const Graph&, const Node&) -> std::vector<Bytes> { fail("an index"); });
  EXPECT_THAT(s.names(), ElementsAre("GATHER"));
}

TEST(FoldConstants, LeavesWhatReadsState) {
  Sketch s;
  const TensorId handle = s.add(VarHandle{}, {}, {});
  s.result(s.add(ReadVariable{}, {handle}, {1}));
  fold_constants(s.graph, evaluate_to_seven);
  EXPECT_THAT(s.names(), ElementsAre("VAR_HANDLE", "READ_VARIABLE"));
}

// --- shapes ---

TEST(SimplifyShapes, MergesChains) {
  Sketch s;
  const TensorId flat = s.add(Reshape{.new_shape = {6}}, {s.input({2, 3})}, {6});
  const TensorId wide = s.add(ExpandDims{}, {flat, s.list({0})}, {1, 6});
  s.result(s.add(Squeeze{}, {wide}, {6}));
  EXPECT_THAT(s.names_after(simplify_shapes), ElementsAre("RESHAPE"));
  EXPECT_EQ(s.graph.nodes[0].inputs, s.graph.inputs);
}

TEST(SimplifyShapes, RemovesWhatChangesNothing) {
  Sketch s;
  const TensorId x = s.input({2, 3});
  const TensorId same = s.add(Transpose{}, {x, s.list({0, 1})}, {2, 3});
  s.result(s.add(Unary{UnaryKind::abs}, {same}, {2, 3}));
  EXPECT_THAT(s.names_after(simplify_shapes), ElementsAre("ABS"));
  EXPECT_THAT(s.graph.nodes[0].inputs, ElementsAre(x));
}

TEST(SimplifyShapes, KeepsARenamingThatIsAnOutput) {
  Sketch s;
  s.result(s.add(Reshape{.new_shape = {2}}, {s.input({2})}, {2}));
  EXPECT_THAT(s.names_after(simplify_shapes), ElementsAre("RESHAPE"));
}

TEST(SimplifyShapes, KeepsAChangeOfQuantization) {
  Sketch s;
  const TensorId same = s.add(Reshape{.new_shape = {2}}, {s.input({2}, Type::s8, kFine)}, {2});
  s.graph.tensor(same).quant = kCoarse;
  s.result(s.add(Unary{UnaryKind::relu}, {same}, {2}));
  EXPECT_THAT(s.names_after(simplify_shapes), ElementsAre("RESHAPE", "RELU"));
}

TEST(SimplifyShapes, ComposesTransposes) {
  Sketch s;
  const TensorId once = s.add(Transpose{}, {s.input({2, 3, 4}), s.list({2, 0, 1})}, {4, 2, 3});
  s.result(s.add(Transpose{}, {once, s.list({0, 2, 1})}, {4, 3, 2}));
  EXPECT_THAT(s.names_after(simplify_shapes), ElementsAre("TRANSPOSE"));
  EXPECT_THAT(s.graph.tensor(s.graph.nodes[0].inputs[1]).data.as<int32_t>(), ElementsAre(2, 1, 0));
}

TEST(SimplifyShapes, TransposesThereAndBackAreNothing) {
  Sketch s;
  const TensorId x = s.input({2, 3, 4});
  const TensorId there = s.add(Transpose{}, {x, s.list({2, 0, 1})}, {4, 2, 3});
  const TensorId back = s.add(Transpose{}, {there, s.list({1, 2, 0})}, {2, 3, 4});
  s.result(s.add(Unary{UnaryKind::abs}, {back}, {2, 3, 4}));
  EXPECT_THAT(s.names_after(simplify_shapes), ElementsAre("ABS"));
  EXPECT_THAT(s.graph.nodes[0].inputs, ElementsAre(x));
}

TEST(SimplifyShapes, ATransposeOfOneAxisAndExtentsOfOneIsAReshape) {
  Sketch s;
  s.result(s.add(Transpose{}, {s.input({1, 5, 1, 7}), s.list({1, 0, 3, 2})}, {5, 1, 7, 1}));
  EXPECT_THAT(s.names_after(simplify_shapes), ElementsAre("RESHAPE"));
}

// --- activations ---

struct Pair {
  Sketch sketch;
  TensorId sum = kNoTensor, activated = kNoTensor;
};

Pair sum_and_relu(UnaryKind kind = UnaryKind::relu) {
  Pair p;
  const TensorId a = p.sketch.input({4}, Type::s8, kFine), b = p.sketch.input({4}, Type::s8, kFine);
  p.sum = p.sketch.add(Binary{.kind = BinaryKind::add}, {a, b}, {4});
  p.activated = p.sketch.add(Unary{kind}, {p.sum}, {4});
  p.sketch.result(p.activated);
  return p;
}

TEST(FuseActivations, MovesIntoTheOperatorBefore) {
  Pair p = sum_and_relu(UnaryKind::relu6);
  EXPECT_THAT(p.sketch.names_after(fuse_activations), ElementsAre("ADD"));
  EXPECT_EQ(std::get<Binary>(p.sketch.graph.nodes[0].op).activation, Activation::relu6);
  EXPECT_THAT(p.sketch.graph.nodes[0].outputs, ElementsAre(p.activated));
  EXPECT_EQ(p.sketch.graph.nodes[0].source, 0);
}

TEST(FuseActivations, KeepsWhatSomeoneElseReads) {
  Pair read = sum_and_relu();
  read.sketch.result(read.sketch.add(Unary{UnaryKind::neg}, {read.sum}, {4}));
  EXPECT_THAT(read.sketch.names_after(fuse_activations), ElementsAre("ADD", "RELU", "NEG"));
  Pair output = sum_and_relu();
  output.sketch.result(output.sum);
  EXPECT_THAT(output.sketch.names_after(fuse_activations), ElementsAre("ADD", "RELU"));
}

TEST(FuseActivations, DoesNotTouchAnotherScale) {
  Pair p = sum_and_relu();
  p.sketch.graph.tensor(p.activated).quant = kCoarse;
  EXPECT_THAT(p.sketch.names_after(fuse_activations), ElementsAre("ADD", "RELU"));
}

TEST(FuseActivations, LeavesAnActivationThatIsThereAlready) {
  Pair p = sum_and_relu();
  std::get<Binary>(p.sketch.graph.nodes[0].op).activation = Activation::relu6;
  EXPECT_THAT(p.sketch.names_after(fuse_activations), ElementsAre("ADD", "RELU"));
}

// --- padding ---

struct Padded {
  Sketch sketch;
  TensorId x = kNoTensor, padded = kNoTensor;
};

Padded padded_convolution(const std::vector<int32_t>& paddings, Padding padding = Padding::valid) {
  Padded p;
  p.x = p.sketch.input({1, 4, 4, 2}, Type::s8, kFine);
  const TensorId by = p.sketch.constant<int32_t>({4, 2}, paddings);
  p.padded = p.sketch.add(Pad{}, {p.x, by}, {1, 6, 6, 2});
  const TensorId weights = p.sketch.constant<int8_t>({1, 3, 3, 2}, std::vector<int8_t>(18));
  p.sketch.result(p.sketch.add(Conv2D{.padding = padding}, {p.padded, weights}, {1, 4, 4, 1}));
  return p;
}

TEST(FusePaddings, MovesIntoTheConvolution) {
  Padded p = padded_convolution({0, 0, 2, 0, 0, 2, 0, 0});
  EXPECT_THAT(p.sketch.names_after(fuse_paddings), ElementsAre("CONV_2D"));
  const auto& conv = std::get<Conv2D>(p.sketch.graph.nodes[0].op);
  EXPECT_EQ(conv.padding, Padding::given);
  EXPECT_EQ(conv.pads, (Pads{.top = 2, .left = 0, .bottom = 0, .right = 2}));
  EXPECT_EQ(p.sketch.graph.nodes[0].inputs[0], p.x);
}

TEST(FusePaddings, LeavesChannelsOtherScalesAndOtherWindowsAlone) {
  Padded channels = padded_convolution({0, 0, 1, 1, 1, 1, 0, 1});
  EXPECT_THAT(channels.sketch.names_after(fuse_paddings), ElementsAre("PAD", "CONV_2D"));
  Padded same = padded_convolution({0, 0, 1, 1, 1, 1, 0, 0}, Padding::same);
  EXPECT_THAT(same.sketch.names_after(fuse_paddings), ElementsAre("PAD", "CONV_2D"));
  Padded scale = padded_convolution({0, 0, 1, 1, 1, 1, 0, 0});
  scale.sketch.graph.tensor(scale.padded).quant = kCoarse;
  EXPECT_THAT(scale.sketch.names_after(fuse_paddings), ElementsAre("PAD", "CONV_2D"));
}

TEST(FusePaddings, TakesAGivenValueOnlyIfItIsTheZero) {
  for (const int8_t value : {3, 0}) {
    Padded p = padded_convolution({0, 0, 1, 1, 1, 1, 0, 0});
    p.sketch.graph.nodes[0].inputs.push_back(p.sketch.constant<int8_t>({}, {value}));
    EXPECT_EQ(p.sketch.names_after(fuse_paddings).size(), value == 3 ? 1u : 2u);
  }
}

// --- dead code ---

TEST(RemoveDeadCode, KeepsWhatIsReadOrActs) {
  Sketch s;
  const TensorId x = s.input({1});
  const TensorId handle = s.add(VarHandle{}, {}, {});
  const TensorId value = s.add(Unary{UnaryKind::abs}, {x}, {1});
  s.graph.nodes.push_back({AssignVariable{}, {handle, value}, {}, 2});
  const TensorId unread = s.add(Unary{UnaryKind::neg}, {x}, {1});
  s.add(Unary{UnaryKind::neg}, {unread}, {1});
  const TensorId dead_constant = s.list({1, 2});
  s.result(s.add(Unary{UnaryKind::sin}, {x}, {1}));
  remove_dead_code(s.graph);
  EXPECT_THAT(s.names(), ElementsAre("VAR_HANDLE", "ABS", "ASSIGN_VARIABLE", "SIN"));
  EXPECT_FALSE(s.graph.tensor(dead_constant).is_constant());
}

TEST(RemoveDeadCode, KeepsOperatorsThatAdvanceTheirState) {
  Sketch s;
  const TensorId state = s.graph.add({.shape = {1}, .is_variable = true});
  s.add(Svdf{}, {s.input({1}), state}, {1});
  remove_dead_code(s.graph);
  EXPECT_THAT(s.names(), ElementsAre("SVDF"));
}

}  // namespace
}  // namespace teff
