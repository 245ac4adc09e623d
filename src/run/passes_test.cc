// Passes change nothing but the work: with them and without, every tensor that survives has the same bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "run/compile.h"
#include "run/instance.h"

namespace teff {
namespace {

using testing::ElementsAre;

class RandomGraph {
 public:
  explicit RandomGraph(unsigned seed) : random_(seed) { model_.graphs.emplace_back(); }

  int between(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }
  Quant quant() {
    const float scale = std::exp(std::uniform_real_distribution<float>(-5, 1)(random_));
    return {.scales = {scale}, .zeros = {between(-128, 127)}};
  }
  TensorId add(Type type, const Shape& shape, Quant quant, bool constant = false) {
    Tensor t{.type = type, .shape = shape, .quant = std::move(quant)};
    t.source = static_cast<TensorId>(graph().tensors.size());
    if (constant) t.data = bytes(type, shape.elements());
    return graph().add(std::move(t));
  }
  TensorId input(Type type, const Shape& shape, Quant quant) {
    graph().inputs.push_back(add(type, shape, std::move(quant)));
    return graph().inputs.back();
  }
  TensorId list(const Shape& shape, const std::vector<int32_t>& values) {
    return graph().add({.type = Type::s32, .shape = shape, .data = Bytes::of(values)});
  }
  TensorId node(Op op, std::vector<TensorId> inputs, Type type, const Quant& quant) {
    Tensor out{.type = type, .quant = quant};
    const TensorId id = graph().add(std::move(out));
    graph().nodes.push_back({std::move(op), std::move(inputs), {id}, static_cast<int>(graph().nodes.size())});
    return id;
  }
  Graph& graph() { return model_.main(); }
  const Model& model() const { return model_; }

  Bytes bytes(Type type, int64_t elements) {
    if (type == Type::f32) {
      std::vector<float> values(static_cast<size_t>(elements));
      for (float& v : values) v = std::normal_distribution<float>(0, 4)(random_);
      return Bytes::of(values);
    }
    std::vector<int8_t> values(static_cast<size_t>(elements));
    for (int8_t& v : values) v = static_cast<int8_t>(between(-128, 127));
    return Bytes::of(values);
  }

 private:
  Model model_;
  std::mt19937 random_;
};

struct Outcome {
  size_t nodes;
  std::vector<std::vector<std::byte>> outputs;
};

Outcome run(const Model& model, const std::vector<Bytes>& inputs, bool fuse) {
  // With plain kernels: those for this processor add floats in an order that depends on the shapes.
  Instance instance(compile(model, {.fuse = fuse}, make_program), 1);
  for (size_t i = 0; i < inputs.size(); ++i)
    std::copy(inputs[i].span().begin(), inputs[i].span().end(),
              instance.input(static_cast<int>(i)).bytes.begin());
  instance.run();
  Outcome outcome{instance.program().model.main().nodes.size(), {}};
  for (size_t i = 0; i < model.main().outputs.size(); ++i) {
    const auto bytes = instance.output(static_cast<int>(i)).bytes;
    outcome.outputs.emplace_back(bytes.begin(), bytes.end());
  }
  return outcome;
}

// PAD, convolution, activation, transposes there and elsewhere, a reshape: what every pass has a part in.
Model convolution_and_friends(RandomGraph& g, Type type) {
  const bool quantized = type == Type::s8;
  const Quant in = quantized ? g.quant() : Quant{}, out = quantized ? g.quant() : Quant{};
  const int channels = g.between(1, 5), outputs = g.between(1, 5);
  const TensorId x = g.input(type, {1, g.between(3, 6), g.between(3, 6), channels}, in);
  const TensorId by =
      g.list({4, 2}, {0, 0, g.between(0, 2), g.between(0, 2), g.between(0, 2), g.between(0, 2), 0, 0});
  const TensorId padded = g.node(Pad{}, {x, by}, type, in);
  Quant weight_quant;
  if (quantized) weight_quant = {.scales = {0.01f}, .zeros = {0}};
  const TensorId w = g.add(type, {outputs, 3, 3, channels}, weight_quant, true);
  const TensorId y = g.node(Conv2D{.padding = Padding::valid}, {padded, w}, type, out);
  const auto kind = std::array{UnaryKind::relu, UnaryKind::relu6,
                               UnaryKind::relu_n1_to_1}[static_cast<size_t>(g.between(0, 2))];
  const TensorId activated = g.node(Unary{kind}, {y}, type, out);
  const TensorId turned = g.node(Transpose{}, {activated, g.list({4}, {0, 3, 1, 2})}, type, out);
  const TensorId again = g.node(Transpose{}, {turned, g.list({4}, {0, 2, 3, 1})}, type, out);
  const TensorId flat = g.node(Reshape{.new_shape = {1, -1}}, {again}, type, out);
  g.graph().outputs = {flat};
  return g.model();
}

TEST(Passes, ChangeNoByte) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    RandomGraph g(seed);
    const Type type = seed % 2 ? Type::s8 : Type::f32;
    const Model model = convolution_and_friends(g, type);
    const std::vector<Bytes> inputs = {
        g.bytes(type, model.main().tensor(model.main().inputs[0]).shape.elements())};
    const Outcome with = run(model, inputs, true), without = run(model, inputs, false);
    ASSERT_EQ(with.outputs, without.outputs) << "seed " << seed;
    EXPECT_EQ(without.nodes, 6u);
    EXPECT_EQ(with.nodes, 2u) << "seed " << seed;  // the convolution and the reshape
  }
}

TEST(Passes, LeaveAConstantOutputReadable) {
  RandomGraph g(1);
  const TensorId x = g.input(Type::f32, {2, 3}, {});
  const TensorId shape = g.node(ShapeOf{}, {x}, Type::s32, {});
  g.graph().outputs = {shape};
  Instance instance(compile(g.model()), 1);
  instance.run();
  EXPECT_THAT(instance.output(0).as<int32_t>(), ElementsAre(2, 3));
  EXPECT_TRUE(instance.program().model.main().nodes.empty());
}

}  // namespace
}  // namespace teff
