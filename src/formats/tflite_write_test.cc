#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "core/file.h"
#include "core/testing.h"
#include "formats/tflite.h"
#include "formats/tflite_schema.h"

namespace teff::tflite {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Model written_and_read(const Model& model) { return read_tflite(Bytes::own(tflite_bytes(model))); }

std::string error_of(const Model& model) {
  return teff::error_of([&] { tflite_bytes(model); });
}

Tensor tensor(std::string name, Type type, std::vector<int32_t> shape) {
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.type = type;
  tensor.shape = std::move(shape);
  return tensor;
}

template <class T>
Tensor constant(std::string name, std::vector<int32_t> shape, const std::vector<T>& values) {
  Tensor result = tensor(std::move(name), type_of<T>(), std::move(shape));
  result.data = Bytes::of(values);
  return result;
}

Operator operator_named(std::string_view name, std::vector<int32_t> inputs, std::vector<int32_t> outputs) {
  Operator op;
  op.code = operator_code(name);
  op.inputs = std::move(inputs);
  op.outputs = std::move(outputs);
  return op;
}

// y = x + x
Model tiny() {
  Subgraph graph;
  graph.name = "main";
  graph.tensors = {tensor("x", Type::f32, {2}), tensor("y", Type::f32, {2})};
  graph.inputs = {0};
  graph.outputs = {1};
  Operator add = operator_named("ADD", {0, 0}, {1});
  add.attributes.set("fused_activation_function", int64_t{1});
  add.attributes.set("pot_scale_int16", int64_t{1});
  graph.operators = {add};
  Model model;
  model.subgraphs = {graph};
  return model;
}

// A value that is no default, for each kind of option.
Value some_value(OptionKind kind, int n) {
  switch (kind) {
    case OptionKind::f32: return 0.5 + n;
    case OptionKind::text: return "text " + std::to_string(n);
    case OptionKind::i32s: return std::vector<int64_t>{n, -n, INT32_MAX};
    case OptionKind::f32s: return std::vector<double>{0.25, -1.5 * n};
    case OptionKind::u32: return int64_t{UINT32_MAX} - n;
    case OptionKind::i64: return INT64_MIN + n;
    default: return int64_t{n};
  }
}

// Every operator of the schema that can be written, each with options that are not the default.
Model every_operator() {
  Model model = tiny();
  Subgraph& graph = model.subgraphs[0];
  graph.operators.clear();
  for (int code = 0; !operator_name(code).empty(); ++code) {
    if (has_unread_options(code)) continue;
    Operator op = operator_named(operator_name(code), {0, -1}, {1});
    op.version = code % 7 + 1;
    if (code == kCustom) op.custom_name = "Mine";
    int n = 2;
    for (const OptionRow& row : options_of(code).rows)
      op.attributes.values.emplace_back(row.name, row.kind == OptionKind::boolean
                                                      ? Value(int64_t{row.otherwise == 0})
                                                      : some_value(row.kind, ++n));
    graph.operators.push_back(op);
  }
  return model;
}

TEST(TfliteWriter, WritesATinyModel) {
  const std::vector<std::byte> file = tflite_bytes(tiny());
  EXPECT_TRUE(looks_like_tflite(Bytes::own(file)));
  EXPECT_LT(file.size(), 400u);
  EXPECT_EQ(written_and_read(tiny()), tiny());
}

TEST(TfliteWriter, WritesEveryOperatorWithItsOptions) {
  const Model model = every_operator();
  EXPECT_GT(model.subgraphs[0].operators.size(), 180u);
  EXPECT_EQ(written_and_read(model), model);
}

TEST(TfliteWriter, FillsInTheDefaultsOfOptionsThatAreLeftOut) {
  Model model = tiny();
  model.subgraphs[0].operators[0].attributes = {};
  const Operator add = written_and_read(model).subgraphs[0].operators[0];
  EXPECT_EQ(std::get<int64_t>(*add.attributes.find("fused_activation_function")), 0);
  EXPECT_EQ(std::get<int64_t>(*add.attributes.find("pot_scale_int16")), 1);
}

TEST(TfliteWriter, KeepsEverythingThatAModelCanSay) {
  Model model = tiny();
  model.description = "all of it";
  Subgraph& graph = model.subgraphs[0];
  for (int type = 0; type <= static_cast<int>(Type::resource); ++type)
    graph.tensors.push_back(tensor("typed", static_cast<Type>(type), {1, 2, 3}));
  graph.tensors.push_back(tensor("scalar", Type::f32, {}));
  graph.tensors.push_back(constant<int32_t>("none", {0}, {}));
  graph.tensors.push_back(constant<int64_t>("long", {2}, {INT64_MIN, 1}));
  Tensor quantized = constant<int8_t>("channels", {2, 2}, {1, 2, 3, 4});
  quantized.quant = {{0.5f, 0.25f}, {1, -1}, 1};
  quantized.shape_signature = {2, -1};
  graph.tensors.push_back(quantized);
  Tensor state = tensor("state", Type::s8, {4});
  state.quant = {{2.0f}, {-128}, 0};
  state.is_variable = true;
  graph.tensors.push_back(state);
  Operator custom = operator_named("CUSTOM", {0}, {1});
  custom.custom_name = "Mine";
  custom.custom_options = Bytes::of(std::vector<char>{'a', 'b'});
  custom.intermediates = {2, 3};
  graph.operators.push_back(custom);
  model.subgraphs.push_back(Subgraph());
  model.signatures = {{"serve", 0, {{"in", 0}}, {{"out", 1}}}, {"empty", 1, {}, {}}};
  model.metadata = {{"a", Bytes::of(std::vector<char>{'1', '2'})}, {"b", Bytes()}, {"c", Bytes::own({})}};
  EXPECT_EQ(written_and_read(model), model);
}

TEST(TfliteWriter, KeepsSparsityInIndicesOfEveryWidth) {
  for (int32_t largest : {255, 256, 65535, 65536, -1}) {
    Model model = tiny();
    SparseDimension dense, compressed;
    dense.dense_size = 3;
    compressed.compressed = true;
    compressed.segments = {0, 2, largest};
    compressed.indices = {1};
    model.subgraphs[0].tensors[0].sparsity = Sparsity{{0, 1, 2}, {1}, {dense, compressed}};
    EXPECT_EQ(written_and_read(model), model) << largest;
  }
}

// Many small operators without weights are the largest thing that so small a file can honestly describe.
TEST(TfliteWriter, WritesGraphsOfManyOperatorsThatCanBeRead) {
  Model model = tiny();
  Operator conv = operator_named("CONV_2D", {0}, {1});
  for (const OptionRow& row : options_of(conv.code).rows)
    conv.attributes.set(std::string(row.name), int64_t{row.otherwise});
  model.subgraphs[0].operators.assign(20'000, conv);
  EXPECT_EQ(written_and_read(model), model);
}

TEST(TfliteWriter, StoresEqualConstantsOnceAndAligned) {
  Model model = tiny();
  const std::vector<float> weights(1000, 1.5f);
  for (int i = 0; i < 5; ++i) model.subgraphs[0].tensors.push_back(constant<float>("w", {1000}, weights));
  const std::vector<std::byte> bytes = tflite_bytes(model);
  EXPECT_LT(bytes.size(), 5000u);
  const Bytes file = Bytes::own(bytes);
  const std::vector<Tensor> tensors = read_tflite(file).subgraphs[0].tensors;
  EXPECT_EQ(tensors[2].data.data(), tensors[6].data.data());
  EXPECT_EQ((tensors[2].data.data() - file.data()) % 16, 0);
}

TEST(TfliteWriter, GivesEqualBytesForEqualModels) {
  EXPECT_EQ(tflite_bytes(every_operator()), tflite_bytes(every_operator()));
}

Model with_blocks(std::vector<int64_t> zeros) {
  Model model = tiny();
  Tensor blocks = constant<int8_t>("w", {2, 4}, std::vector<int8_t>(8, 1));
  blocks.quant = {{1.0f, 2.0f, 3.0f, 4.0f}, std::move(zeros), 1, 2};
  model.subgraphs[0].tensors.push_back(blocks);
  return model;
}

TEST(TfliteWriter, AddsATensorForTheScalesOfBlocksUnlessThereIsOne) {
  const Model model = with_blocks({0, 0, 0, 0});
  const Model once = written_and_read(model);
  const auto& tensors = once.subgraphs[0].tensors;
  ASSERT_EQ(tensors.size(), 4u);
  EXPECT_EQ(tensors[2], model.subgraphs[0].tensors[2]);
  EXPECT_EQ(tensors[3], constant<float>("w_scales", {2, 2}, {1, 2, 3, 4}));
  EXPECT_EQ(written_and_read(once), once);
}

TEST(TfliteWriter, AddsATensorForTheZeroPointsOfBlocks) {
  const Model model = with_blocks({5, 6, 7, -8});
  const Model once = written_and_read(model);
  const auto& tensors = once.subgraphs[0].tensors;
  ASSERT_EQ(tensors.size(), 5u);
  EXPECT_EQ(tensors[2], model.subgraphs[0].tensors[2]);
  EXPECT_EQ(tensors[4], constant<int64_t>("w_zeros", {2, 2}, {5, 6, 7, -8}));
  EXPECT_EQ(written_and_read(once), once);
}

TEST(TfliteWriter, RefusesWhatTheFormatCannotSay) {
  const auto error_with = [](std::string option, Value value) {
    Model model = tiny();
    model.subgraphs[0].operators[0].attributes.set(std::move(option), std::move(value));
    return error_of(model);
  };
  EXPECT_EQ(error_with("stride_w", int64_t{1}),
            "subgraph 0: operator 0 ADD: TFLite has no option stride_w for it");
  EXPECT_THAT(error_with("fused_activation_function", int64_t{128}), HasSubstr("cannot be 128"));
  EXPECT_THAT(error_with("fused_activation_function", 1.0), HasSubstr("should be an integer"));
  EXPECT_THAT(error_with("pot_scale_int16", int64_t{2}), HasSubstr("option pot_scale_int16 cannot be 2"));
}

TEST(TfliteWriter, RefusesWhatTheReaderWouldRefuse) {
  Model input = tiny(), shape = tiny(), quant = tiny(), custom = tiny(), unread = tiny();
  input.subgraphs[0].operators[0].inputs = {2};
  EXPECT_THAT(error_of(input), HasSubstr("operator 0 ADD: its inputs name tensor 2, but there are 2"));
  shape.subgraphs[0].tensors[0].shape = {-1};
  EXPECT_THAT(error_of(shape), HasSubstr("tensor 0 'x': a dimension of -1"));
  quant.subgraphs[0].tensors[0].quant = {{1, 2, 3}, {0, 0, 0}, 0};
  EXPECT_THAT(error_of(quant), HasSubstr("3 scales for 2 channels"));
  custom.subgraphs[0].operators[0].code = kCustom;
  EXPECT_THAT(error_of(custom), HasSubstr("a custom operator has a name"));
  unread.subgraphs[0].operators[0] = operator_named("STABLEHLO_GATHER", {0}, {1});
  EXPECT_THAT(error_of(unread), HasSubstr("STABLEHLO_GATHER: its options are not known"));
  EXPECT_EQ(error_of(Model()), "the model has no subgraph");
}

TEST(TfliteOperators, HaveNamesAndCodes) {
  EXPECT_EQ(operator_name(3), "CONV_2D");
  EXPECT_EQ(operator_code("CONV_2D"), 3);
  EXPECT_EQ(operator_name(kCustom), "CUSTOM");
  EXPECT_EQ(operator_name(209), "STABLEHLO_CASE");
  EXPECT_EQ(operator_name(210), "");
  EXPECT_EQ(operator_name(-1), "");
  EXPECT_EQ(operator_code("NO_SUCH_OPERATOR"), -1);
}

TEST(TfliteOperators, HaveTheOptionsOfTheSchema) {
  EXPECT_EQ(options_of(operator_code("REDUCE_MAX")).name, "ReducerOptions");
  EXPECT_EQ(options_of(operator_code("CONV_3D_TRANSPOSE")).number, 106);
  EXPECT_EQ(options_of(operator_code("RIGHT_SHIFT")).number, 126);
  EXPECT_EQ(options_of(operator_code("DILATE")).member, 2);
  EXPECT_EQ(options_of(operator_code("DILATE")).number, 18);
  EXPECT_EQ(options_of(operator_code("LOGISTIC")).member, 0);
}

std::filesystem::path shared_models() {
  const char* shared = std::getenv("TEFF_SHARED");
  return std::filesystem::path(shared ? shared : TEFF_ROOT "/../shared") / "models";
}

TEST(TfliteRealModels, AreTheSameWhenTheyAreWrittenAndReadAgain) {
  const std::filesystem::path folder = shared_models();
  if (!std::filesystem::is_directory(folder))
    GTEST_SKIP() << "no models: " << folder
                 << " is not there; set TEFF_SHARED to the folder that has models/";
  int models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".tflite") continue;
    SCOPED_TRACE(entry.path().string());
    const Model model = read_tflite(map_file(entry.path().string()));
    const std::vector<std::byte> bytes = tflite_bytes(model);
    const Model again = read_tflite(Bytes::own(bytes));
    EXPECT_TRUE(again == model);
    EXPECT_EQ(tflite_bytes(again), bytes);
    ++models;
  }
  EXPECT_GT(models, 0);
}

}  // namespace
}  // namespace teff::tflite
