#include "graph/to_tflite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "graph/from_tflite.h"
#include "graph/op_table.h"

namespace teff {
namespace {

bool same_bytes(const Bytes& a, const Bytes& b) {
  return a.owned() == b.owned() && std::ranges::equal(a.span(), b.span());
}

// Every field of an operator as text, with its name in front.
std::string words(const Op& op) {
  std::string text(op_name(op));
  const auto add = [&](const char* name, const auto& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (std::is_same_v<Field, std::string>)
      text += fmt::format(" {}={}", name, field);
    else if constexpr (std::is_same_v<Field, std::vector<int64_t>>)
      for (int64_t value : field) text += fmt::format(" {}[]={}", name, value);
    else
      text += fmt::format(" {}={}", name, static_cast<double>(field));
  };
  std::visit([&](const auto& o) { fields(o, add); }, op);
  return text;
}

void expect_equal(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.type, b.type) << a.name;
  EXPECT_EQ(a.shape, b.shape) << a.name;
  EXPECT_EQ(a.quant, b.quant) << a.name;
  EXPECT_EQ(a.is_variable, b.is_variable) << a.name;
  EXPECT_EQ(a.flexible, b.flexible) << a.name;
  EXPECT_TRUE(same_bytes(a.data, b.data)) << a.name;
}

void expect_equal(const Graph& a, const Graph& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.inputs, b.inputs);
  EXPECT_EQ(a.outputs, b.outputs);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (size_t i = 0; i < a.tensors.size(); ++i) expect_equal(a.tensors[i], b.tensors[i]);
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (size_t i = 0; i < a.nodes.size(); ++i) {
    EXPECT_EQ(words(a.nodes[i].op), words(b.nodes[i].op));
    EXPECT_EQ(a.nodes[i].inputs, b.nodes[i].inputs);
    EXPECT_EQ(a.nodes[i].outputs, b.nodes[i].outputs);
  }
}

Model written_and_read(const Model& model) {
  return from_tflite(tflite::read_tflite(Bytes::own(tflite::tflite_bytes(to_tflite(model)))));
}

void expect_survives(const Model& model) {
  const Model again = written_and_read(model);
  EXPECT_EQ(model.description, again.description);
  ASSERT_EQ(model.metadata.size(), again.metadata.size());
  ASSERT_EQ(model.graphs.size(), again.graphs.size());
  for (size_t i = 0; i < model.graphs.size(); ++i) expect_equal(model.graphs[i], again.graphs[i]);
}

// A graph of one operator that reads and writes float vectors.
Model model_of(Op op, int inputs = 1) {
  Model model;
  Graph& graph = model.graphs.emplace_back();
  for (int i = 0; i <= inputs; ++i)
    graph.add({.name = fmt::format("t{}", i), .type = Type::f32, .shape = Shape{3}});
  Node node{std::move(op), {}, {inputs}};
  for (TensorId i = 0; i < inputs; ++i) node.inputs.push_back(i);
  graph.inputs = node.inputs;
  graph.outputs = node.outputs;
  graph.nodes.push_back(std::move(node));
  return model;
}

TEST(ToTflite, EveryOperatorComesBackAsItself) {
  for (const OpRow& row : op_table()) {
    if (std::holds_alternative<CircularBuffer>(row.prototype)) continue;
    SCOPED_TRACE(row.name);
    expect_survives(model_of(row.prototype));
  }
}

TEST(ToTflite, OptionsComeBack) {
  expect_survives(model_of(Conv2D{.padding = Padding::valid,
                                  .stride_w = 3,
                                  .stride_h = 2,
                                  .dilation_w = 5,
                                  .dilation_h = 4,
                                  .activation = Activation::relu6}));
  expect_survives(model_of(Reshape{.new_shape = {1, -1, 3}}));
  expect_survives(model_of(LeakyRelu{.alpha = 0.1f}));
  expect_survives(model_of(ShapeOf{.out_type = Type::s64}));
  expect_survives(model_of(VarHandle{.container = "c", .shared_name = "state"}, 0));
  expect_survives(model_of(TransposeConvBias{.padding = Padding::valid, .stride_w = 2, .stride_h = 3}));
  expect_survives(model_of(StridedSlice{.begin_mask = 1, .end_mask = 2, .shrink_axis_mask = 4}));
}

TEST(ToTflite, APadWithAValueIsPadv2) {
  EXPECT_EQ(to_tflite(model_of(Pad{}, 2)).subgraphs[0].operators[0].code, tflite::operator_code("PAD"));
  EXPECT_EQ(to_tflite(model_of(Pad{}, 3)).subgraphs[0].operators[0].code, tflite::operator_code("PADV2"));
}

TEST(ToTflite, VersionsFollowTheType) {
  Model model = model_of(Conv2D{});
  EXPECT_EQ(to_tflite(model).subgraphs[0].operators[0].version, 1);
  model.main().tensor(0).type = Type::s8;
  EXPECT_EQ(to_tflite(model).subgraphs[0].operators[0].version, 3);
}

TEST(ToTflite, SaysWhatTfliteHasNoWordsFor) {
  const auto message = [](Op op) {
    try {
      to_tflite(model_of(std::move(op)));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(message(Conv2D{.padding = Padding::given}), testing::HasSubstr("node 0 CONV_2D"));
  EXPECT_THAT(message(Binary{.kind = BinaryKind::maximum, .activation = Activation::relu}),
              testing::HasSubstr("no option fused_activation_function"));
}

// Where there are models of others: TEFF_MODELS names a folder.
TEST(ToTflite, RealModelsSurvive) {
  const char* folder = std::getenv("TEFF_MODELS");
  if (!folder) GTEST_SKIP() << "TEFF_MODELS is not set";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".tflite") continue;
    SCOPED_TRACE(entry.path());
    expect_survives(from_tflite(tflite::read_tflite(map_file(entry.path()))));
  }
}

}  // namespace
}  // namespace teff
