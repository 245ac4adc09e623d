#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "core/file.h"
#include "core/testing.h"
#include "formats/flatbuffer.h"
#include "formats/tflite.h"
#include "formats/tflite_fields.h"
#include "formats/tflite_schema.h"

namespace teff::tflite {
namespace {

using fb::Builder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using Fields = Builder::Fields;

template <class T>
std::vector<T> values_of(const Bytes& bytes) {
  return {bytes.as<T>().begin(), bytes.as<T>().end()};
}

std::string text_of(const Bytes& bytes) { return {bytes.as<char>().begin(), bytes.as<char>().end()}; }

int64_t integer(const Operator& op, std::string_view option) {
  return std::get<int64_t>(*op.attributes.find(option));
}

// features.tflite was written by TFLite's own code: see features.py beside it.
class ForeignFile : public testing::Test {
 protected:
  Bytes file = map_file(TEFF_ROOT "/tests/golden/tflite/features.tflite");
  Model model = read_tflite(file);
  const Subgraph& main = model.subgraphs.at(0);
};

TEST_F(ForeignFile, HasItsGraphs) {
  EXPECT_TRUE(looks_like_tflite(file));
  EXPECT_EQ(model.version, 3);
  EXPECT_EQ(model.description, "features");
  ASSERT_EQ(model.subgraphs.size(), 2u);
  EXPECT_EQ(main.name, "main");
  EXPECT_EQ(model.subgraphs[1].name, "init");
  EXPECT_THAT(main.inputs, ElementsAre(0));
  EXPECT_THAT(main.outputs, ElementsAre(8));
  EXPECT_EQ(main.tensors.size(), 9u);
  EXPECT_EQ(main.operators.size(), 6u);
}

TEST_F(ForeignFile, HasSignaturesAndMetadata) {
  ASSERT_EQ(model.signatures.size(), 1u);
  EXPECT_EQ(model.signatures[0].key, "serve");
  EXPECT_EQ(model.signatures[0].subgraph, 0);
  EXPECT_THAT(model.signatures[0].inputs, ElementsAre(Pair("x", 0)));
  EXPECT_THAT(model.signatures[0].outputs, ElementsAre(Pair("y", 8)));
  ASSERT_EQ(model.metadata.size(), 1u);
  EXPECT_EQ(model.metadata[0].first, "min_runtime_version");
  EXPECT_EQ(text_of(model.metadata[0].second), "1.14.0");
}

TEST_F(ForeignFile, HasShapesAndTypes) {
  EXPECT_EQ(main.tensors[0].name, "input");
  EXPECT_EQ(main.tensors[0].type, Type::s8);
  EXPECT_THAT(main.tensors[0].shape, ElementsAre(1, 2));
  EXPECT_THAT(main.tensors[0].shape_signature, ElementsAre(-1, 2));
  EXPECT_FALSE(main.tensors[0].data.owned());
  EXPECT_THAT(main.tensors[1].shape_signature, IsEmpty());
  EXPECT_FALSE(main.tensors[1].is_variable);
  EXPECT_TRUE(main.tensors[3].is_variable);
}

TEST_F(ForeignFile, HasConstantsAsSlicesOfTheFile) {
  EXPECT_THAT(values_of<int8_t>(main.tensors[1].data), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_GE(main.tensors[1].data.data(), file.data());
  EXPECT_LE(main.tensors[1].data.data(), file.data() + file.size());
}

TEST_F(ForeignFile, HasDataOutsideOfTheFlatbuffer) {
  EXPECT_THAT(values_of<int32_t>(main.tensors[2].data), ElementsAre(7, 8, 9));
  EXPECT_EQ(text_of(main.operators[3].custom_options), "large");
}

TEST_F(ForeignFile, HasQuantizationPerTensorAndPerChannel) {
  EXPECT_THAT(main.tensors[0].quant.scales, ElementsAre(0.5f));
  EXPECT_THAT(main.tensors[0].quant.zeros, ElementsAre(-3));
  EXPECT_THAT(main.tensors[1].quant.scales, ElementsAre(1.0f, 2.0f, 4.0f));
  EXPECT_THAT(main.tensors[1].quant.zeros, ElementsAre(0, 0, 0));
  EXPECT_EQ(main.tensors[1].quant.axis, 0);
  EXPECT_TRUE(main.tensors[3].quant.empty());
}

TEST_F(ForeignFile, HasQuantizationPerBlockWithScalesFromAnotherTensor) {
  const Quant& quant = main.tensors[5].quant;
  EXPECT_EQ(main.tensors[5].type, Type::s4);
  EXPECT_THAT(quant.scales, ElementsAre(0.5f, 1.0f, 1.5f, 2.0f));
  EXPECT_THAT(quant.zeros, ElementsAre(0, 0, 0, 0));
  EXPECT_EQ(quant.group, 2);
  EXPECT_EQ(quant.axis, 1);
}

TEST_F(ForeignFile, HasSparsity) {
  ASSERT_TRUE(main.tensors[4].sparsity.has_value());
  const Sparsity& sparsity = *main.tensors[4].sparsity;
  EXPECT_THAT(sparsity.traversal_order, ElementsAre(0, 1));
  ASSERT_EQ(sparsity.dimensions.size(), 2u);
  EXPECT_FALSE(sparsity.dimensions[0].compressed);
  EXPECT_EQ(sparsity.dimensions[0].dense_size, 2);
  EXPECT_TRUE(sparsity.dimensions[1].compressed);
  EXPECT_THAT(sparsity.dimensions[1].segments, ElementsAre(0, 1, 2));
  EXPECT_THAT(sparsity.dimensions[1].indices, ElementsAre(3, 0));
}

TEST_F(ForeignFile, TakesATensorWithoutElementsThatNothingComputesForAConstant) {
  EXPECT_TRUE(main.tensors[7].data.owned());
  EXPECT_EQ(main.tensors[7].data.size(), 0u);
}

TEST_F(ForeignFile, HasOperatorsWithOldAndNewCodes) {
  std::vector<std::string> names;
  for (const Operator& op : main.operators) names.emplace_back(operator_name(op.code));
  EXPECT_THAT(names, ElementsAre("FULLY_CONNECTED", "BROADCAST_ARGS", "CUSTOM", "CUSTOM",
                                 "STABLEHLO_SHIFT_LEFT", "CALL_ONCE"));
  EXPECT_EQ(main.operators[0].version, 5);
  EXPECT_EQ(main.operators[1].version, 2);
  EXPECT_EQ(main.operators[2].custom_name, "Mystery");
  EXPECT_EQ(text_of(main.operators[2].custom_options), "flex");
}

TEST_F(ForeignFile, HasOperandsAndOptions) {
  const Operator& op = main.operators[0];
  EXPECT_THAT(op.inputs, ElementsAre(0, 1, -1));
  EXPECT_THAT(op.outputs, ElementsAre(8));
  EXPECT_THAT(op.intermediates, ElementsAre(3));
  EXPECT_EQ(integer(op, "fused_activation_function"), 3);
  EXPECT_EQ(integer(op, "keep_num_dims"), 1);
  EXPECT_EQ(integer(op, "weights_format"), 0);
  EXPECT_EQ(op.attributes.find("stride_w"), nullptr);
  EXPECT_EQ(integer(main.operators[5], "init_subgraph_index"), 1);
}

TEST_F(ForeignFile, IsTheSameWhenItIsWrittenAndReadAgain) {
  EXPECT_EQ(read_tflite(Bytes::own(tflite_bytes(model))), model);
}

// A file with one subgraph of three tensors and one operator, any part of which a test can change.
struct Parts {
  Builder b;
  Fields root, graph, tensor, op, code, buffer;
  std::vector<int32_t> shape{2, 3}, inputs{0, 1}, outputs{2};
  uint32_t buffer_index = 1;
  std::vector<fb::Ref> signatures;

  Parts() {
    code.scalar(OperatorCodeField::builtin_code, int32_t{3});
    buffer.ref(BufferField::data, b.bytes(std::vector<std::byte>(24), 16));
  }

  std::vector<std::byte> file() {
    const fb::Ref plain = b.table(Fields().ref(TensorField::shape, b.vector(shape)));
    tensor.scalar(TensorField::buffer, buffer_index)
        .ref(TensorField::shape, b.vector(shape))
        .ref(TensorField::name, b.text("changed"));
    const std::vector<fb::Ref> tensors{plain, b.table(tensor), plain};
    op.ref(OperatorField::inputs, b.vector(inputs)).ref(OperatorField::outputs, b.vector(outputs));
    graph.ref(SubgraphField::tensors, b.refs(tensors))
        .ref(SubgraphField::inputs, b.vector(std::vector<int32_t>{0}))
        .ref(SubgraphField::operators, list({b.table(op)}));
    root.scalar(ModelField::version, uint32_t{3})
        .ref(ModelField::buffers, list({b.table(Fields()), b.table(buffer)}))
        .ref(ModelField::operator_codes, list({b.table(code)}))
        .ref(ModelField::subgraphs, list({b.table(graph)}));
    if (!signatures.empty()) root.ref(ModelField::signatures, b.refs(signatures));
    return b.finish(b.table(root), kIdentifier);
  }
  Model read() { return read_tflite(Bytes::own(file())); }
  std::string error() {
    return error_of([&] { read(); });
  }
  fb::Ref list(std::vector<fb::Ref> refs) { return b.refs(refs); }
};

TEST(TfliteReader, OptionsThatAreLeftOutHaveTheirDefaults) {
  const Model model = Parts().read();
  const Operator& conv = model.subgraphs[0].operators[0];
  EXPECT_EQ(integer(conv, "stride_w"), 0);
  EXPECT_EQ(integer(conv, "dilation_w_factor"), 1);
  EXPECT_EQ(conv.version, 1);
}

TEST(TfliteReader, RefusesOptionsOfAnotherOperator) {
  Parts parts;
  parts.op.scalar(OperatorField::options_type, uint8_t{5})
      .ref(OperatorField::options, parts.b.table(Fields()));
  EXPECT_THAT(parts.error(), HasSubstr("its options should be Conv2DOptions (number 1 of BuiltinOptions)"));
}

TEST(TfliteReader, KeepsOperatorsThatItDoesNotKnow) {
  Parts parts;
  parts.code = Fields().scalar(OperatorCodeField::builtin_code, int32_t{4711});
  const Model model = parts.read();
  EXPECT_EQ(model.subgraphs[0].operators[0].code, 4711);
  EXPECT_EQ(operator_name(4711), "");
  EXPECT_TRUE(model.subgraphs[0].operators[0].attributes.values.empty());
}

TEST(TfliteReader, ReadsCodesOfOldFiles) {
  Parts parts;
  parts.code = Fields().scalar(OperatorCodeField::deprecated_builtin_code, int8_t{25});
  EXPECT_EQ(operator_name(parts.read().subgraphs[0].operators[0].code), "SOFTMAX");
}

TEST(TfliteReader, RefusesACustomOperatorWithoutAName) {
  Parts parts;
  parts.code = Fields().scalar(OperatorCodeField::builtin_code, int32_t{kCustom});
  EXPECT_THAT(parts.error(), HasSubstr("a custom operator without a name"));
}

TEST(TfliteReader, NamesTheTensorOfAnUnsupportedType) {
  Parts parts;
  parts.tensor.scalar(TensorField::type, int8_t{8});
  EXPECT_THAT(parts.error(), HasSubstr("subgraph 0: tensor 1 'changed': element type 8 is not supported"));
}

TEST(TfliteReader, RefusesDataInAnotherFile) {
  Parts parts;
  parts.tensor.scalar(TensorField::external_buffer, uint32_t{2});
  EXPECT_THAT(parts.error(), HasSubstr("tensor 1 'changed': its data are in another file"));
}

TEST(TfliteReader, RefusesImpossibleShapes) {
  Parts negative, many, huge;
  negative.shape = {2, -1};
  EXPECT_THAT(negative.error(), HasSubstr("tensor 0 '': a dimension of -1"));
  many.shape = std::vector<int32_t>(9, 1);
  EXPECT_THAT(many.error(), HasSubstr("a shape of 9 dimensions"));
  huge.shape = {INT32_MAX, INT32_MAX, 2};
  EXPECT_THAT(huge.error(), HasSubstr("more elements than can be counted"));
}

TEST(TfliteReader, RefusesASignatureOfAnotherRank) {
  Parts parts;
  parts.tensor.ref(TensorField::shape_signature, parts.b.vector(std::vector<int32_t>{-1}));
  EXPECT_THAT(parts.error(), HasSubstr("a shape signature of 1 dimensions for a shape of 2"));
}

TEST(TfliteReader, RefusesIndicesOutOfRange) {
  Parts input, output, code, buffer;
  input.inputs = {0, 3};
  EXPECT_EQ(input.error(), "subgraph 0: operator 0 CONV_2D: its inputs name tensor 3, but there are 3");
  output.outputs = {-2};
  EXPECT_EQ(output.error(), "subgraph 0: operator 0 CONV_2D: its outputs name tensor -2, but there are 3");
  code.op.scalar(OperatorField::opcode_index, uint32_t{1});
  EXPECT_THAT(code.error(), HasSubstr("it names operator code 1, but there are 1"));
  buffer.buffer_index = 2;
  EXPECT_EQ(buffer.error(), "subgraph 0: tensor 1 'changed': it names buffer 2, but there are 2");
}

TEST(TfliteReader, RefusesSignaturesOfWhatIsNotThere) {
  Parts subgraph, tensor;
  subgraph.signatures = {subgraph.b.table(Fields().scalar(SignatureField::subgraph, uint32_t{1}))};
  EXPECT_EQ(subgraph.error(), "signature '': it names subgraph 1, but there are 1");
  const fb::Ref map = tensor.b.table(Fields().scalar(TensorMapField::tensor, uint32_t{3}));
  tensor.signatures = {tensor.b.table(Fields().ref(SignatureField::inputs, tensor.list({map})))};
  EXPECT_EQ(tensor.error(), "signature '': its inputs name tensor 3, but there are 3");
}

TEST(TfliteReader, RefusesOtherFilesAndVersions) {
  EXPECT_EQ(error_of([] {
              read_tflite(Bytes::of(std::vector<char>{'G', 'G', 'U', 'F'}));
            }),
            "not a TFLite file: the letters TFL3 are not at byte 4");
  Builder b;
  const auto old = b.finish(b.table(Fields().scalar(ModelField::version, uint32_t{2})), kIdentifier);
  EXPECT_EQ(error_of([&] { read_tflite(Bytes::own(old)); }), "a TFLite file of version 2 (3 is supported)");
  const auto empty = b.finish(b.table(Fields().scalar(ModelField::version, uint32_t{3})), kIdentifier);
  EXPECT_EQ(error_of([&] { read_tflite(Bytes::own(empty)); }), "the model has no subgraph");
}

TEST(TfliteReader, RefusesDataBeyondTheEndOfTheFile) {
  Parts parts;
  parts.buffer =
      Fields().scalar(BufferField::offset, uint64_t{1} << 60).scalar(BufferField::size, uint64_t{8});
  EXPECT_THAT(parts.error(), HasSubstr("buffer 1: data of 8 bytes at byte 1152921504606846976 in a file"));
  Parts size;
  size.buffer = Fields().scalar(BufferField::offset, uint64_t{16}).scalar(BufferField::size, UINT64_MAX);
  EXPECT_THAT(size.error(), HasSubstr("buffer 1: data of 18446744073709551615 bytes at byte 16"));
}

TEST(TfliteReader, TakesOffsetsUpToOneForNone) {
  Parts parts;
  parts.buffer = Fields().scalar(BufferField::offset, uint64_t{1}).scalar(BufferField::size, uint64_t{1});
  EXPECT_FALSE(parts.read().subgraphs[0].tensors[1].data.owned());
}

TEST(TfliteReader, CopiesAConstantWhoseAddressItsTypeDoesNotPermit) {
  Parts parts;
  parts.tensor.scalar(TensorField::type, int8_t{4});
  parts.buffer = Fields().scalar(BufferField::offset, uint64_t{17}).scalar(BufferField::size, uint64_t{48});
  const Model model = parts.read();
  const Bytes& data = model.subgraphs[0].tensors[1].data;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(data.data()) % alignof(int64_t), 0u);
  EXPECT_EQ(data.size(), 48u);
}

// The quantization of the tensor that can be changed, which has shape 2x3.
std::string quantization_error(std::vector<float> scales, std::vector<int64_t> zeros, int32_t axis) {
  Parts parts;
  parts.tensor.ref(TensorField::quantization,
                   parts.b.table(Fields()
                                     .ref(QuantizationField::scale, parts.b.vector(scales))
                                     .ref(QuantizationField::zero_point, parts.b.vector(zeros))
                                     .scalar(QuantizationField::quantized_dimension, axis)));
  return parts.error();
}

TEST(TfliteReader, ChecksQuantizationAgainstTheShape) {
  EXPECT_EQ(quantization_error({1, 2, 3}, {0, 0, 0}, 1), "no error");
  EXPECT_EQ(quantization_error({1, 2, 3}, {0}, 1), "no error");
  EXPECT_EQ(quantization_error({1}, {0}, 9), "no error");
  EXPECT_THAT(quantization_error({1, 2, 3}, {0, 0, 0}, 0), HasSubstr("3 scales for 2 channels"));
  EXPECT_THAT(quantization_error({1, 2, 3}, {0, 0, 0}, 2),
              HasSubstr("along axis 2, but it has 2 dimensions"));
  EXPECT_THAT(quantization_error({1, 2, 3}, {0, 0, 0}, -1), HasSubstr("along axis -1"));
  EXPECT_THAT(quantization_error({1, 2, 3}, {0, 0}, 1), HasSubstr("3 scales, but 2 zero points"));
}

std::string blockwise_error(int32_t scales, int32_t zeros, int32_t size) {
  Parts parts;
  const fb::Ref details = parts.b.table(Fields()
                                            .scalar(BlockwiseField::scales, scales)
                                            .scalar(BlockwiseField::zero_points, zeros)
                                            .scalar(BlockwiseField::block_size, size));
  parts.tensor.ref(TensorField::quantization,
                   parts.b.table(Fields()
                                     .scalar(QuantizationField::details_type, uint8_t{kBlockwise})
                                     .ref(QuantizationField::details, details)));
  return parts.error();
}

// Tensor 1 is 2x3 and holds 6 floats, so it can serve as its own scales for blocks of 1.
TEST(TfliteReader, ChecksBlocksAgainstTheShapeAndTheirScales) {
  EXPECT_EQ(blockwise_error(1, -1, 1), "no error");
  EXPECT_THAT(blockwise_error(1, -1, 0), HasSubstr("blocks of 0"));
  EXPECT_THAT(blockwise_error(1, -1, 2), HasSubstr("3 elements cannot be divided into groups of 2"));
  EXPECT_THAT(blockwise_error(1, -1, 3), HasSubstr("6 scales for 2 groups of 3 elements"));
  EXPECT_THAT(blockwise_error(0, -1, 1),
              HasSubstr("should be a constant tensor of the subgraph, not tensor 0"));
  EXPECT_THAT(blockwise_error(99, -1, 1), HasSubstr("not tensor 99"));
  EXPECT_THAT(blockwise_error(1, 1, 1), HasSubstr("block-wise zero points cannot be float32"));
}

TEST(TfliteReader, RefusesOtherKindsOfQuantization) {
  Parts parts;
  parts.tensor.ref(TensorField::quantization,
                   parts.b.table(Fields().scalar(QuantizationField::details_type, uint8_t{3})));
  EXPECT_THAT(parts.error(), HasSubstr("quantized in a way that is not supported (number 3"));
}

// A thousand subgraphs that are all the same table with a thousand tensors, which are all the same table.
TEST(TfliteReader, RefusesAFileThatDescribesMuchMoreThanItHolds) {
  Builder b;
  const fb::Ref tensor = b.table(Fields().ref(TensorField::name, b.text(std::string(1000, 'x'))));
  const fb::Ref tensors = b.refs(std::vector<fb::Ref>(1000, tensor));
  const fb::Ref graph = b.table(Fields().ref(SubgraphField::tensors, tensors));
  const fb::Ref graphs = b.refs(std::vector<fb::Ref>(1000, graph));
  const auto file =
      b.finish(b.table(Fields().scalar(ModelField::version, uint32_t{3}).ref(ModelField::subgraphs, graphs)),
               kIdentifier);
  EXPECT_LT(file.size(), 10'000u);
  EXPECT_THAT(error_of([&] { read_tflite(Bytes::own(file)); }),
              HasSubstr("describes far more than it holds"));
}

TEST(TfliteReader, SurvivesEveryTruncation) {
  const Bytes whole = map_file(TEFF_ROOT "/tests/golden/tflite/features.tflite");
  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes part = Bytes::of(whole.span().first(size));
    EXPECT_NE(error_of([&] { read_tflite(part); }), "no error") << size;
  }
}

TEST(TfliteReader, SurvivesEveryChangedByte) {
  const Bytes whole = map_file(TEFF_ROOT "/tests/golden/tflite/features.tflite");
  std::vector<std::byte> bytes(whole.span().begin(), whole.span().end());
  int refused = 0;
  for (std::byte& byte : bytes) {
    const std::byte before = byte;
    for (int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      byte = before ^ static_cast<std::byte>(flip);
      refused += error_of([&] { read_tflite(Bytes::of(std::span<const std::byte>(bytes))); }) != "no error";
    }
    byte = before;
  }
  EXPECT_GT(refused, 2000);
}

}  // namespace
}  // namespace teff::tflite
