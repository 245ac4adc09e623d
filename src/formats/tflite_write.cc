#include <algorithm>
#include <limits>
#include <unordered_map>

#include "core/error.h"
#include "formats/flatbuffer.h"
#include "formats/tflite.h"
#include "formats/tflite_blockwise.h"
#include "formats/tflite_fields.h"
#include "formats/tflite_schema.h"

namespace teff::tflite {
namespace {

using Fields = fb::Builder::Fields;

constexpr size_t kBufferAlignment = 16;

std::string_view as_text(const Bytes& data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

template <class T>
const T& wanted(const Value& value, const OptionRow& row, const char* what) {
  const T* held = std::get_if<T>(&value);
  check(held != nullptr, "option {} should be {}", row.name, what);
  return *held;
}

template <class T>
T integer(int64_t value, const OptionRow& row) {
  check(value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max(),
        "option {} cannot be {}", row.name, value);
  return static_cast<T>(value);
}

template <class T>
void integer_option(Fields& fields, const OptionRow& row, const Value& value) {
  const int64_t number = wanted<int64_t>(value, row, "an integer");
  fields.scalar(row.field, integer<T>(number, row), static_cast<T>(row.otherwise));
}

void float_option(Fields& fields, const OptionRow& row, const Value& value) {
  const int64_t* whole = std::get_if<int64_t>(&value);
  const double number = whole ? static_cast<double>(*whole) : wanted<double>(value, row, "a number");
  fields.scalar(row.field, static_cast<float>(number), static_cast<float>(row.otherwise));
}

std::vector<int32_t> integers(const std::vector<int64_t>& values, const OptionRow& row) {
  std::vector<int32_t> narrow;
  for (int64_t value : values) narrow.push_back(integer<int32_t>(value, row));
  return narrow;
}

// Equal vectors of indices in the narrowest type that holds them, as TFLite's converter chooses it.
struct NarrowIndices {
  IndexVectorType type;
  fb::Ref vector;
};
NarrowIndices narrow_indices(fb::Builder& builder, const std::vector<int32_t>& values) {
  if (values.empty()) return {kNoIndices, {}};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const auto as_table = [&](fb::Ref vector) {
    return builder.table(Fields().ref(IndexVectorField::values, vector));
  };
  // Narrow elements are aligned as the schema demands it: to 4 bytes, which all vectors are.
  if (*low >= 0 && *high <= 0xff)
    return {kUint8Indices, as_table(builder.vector(std::vector<uint8_t>(values.begin(), values.end())))};
  if (*low >= 0 && *high <= 0xffff)
    return {kUint16Indices, as_table(builder.vector(std::vector<uint16_t>(values.begin(), values.end())))};
  return {kInt32Indices, as_table(builder.vector(values))};
}

class Writer {
 public:
  std::vector<std::byte> write(const Model& model);

 private:
  uint32_t code_index(const Operator& op);
  uint32_t buffer_index(const Bytes& data);

  fb::Ref options(const Operator& op, const OptionTable& table);
  void option(Fields& fields, const OptionRow& row, const Value& value);
  fb::Ref operator_(const Operator& op);
  fb::Ref sparse_dimension(const SparseDimension& dimension);
  fb::Ref sparsity(const Sparsity& sparsity);
  fb::Ref affine(const Quant& quant);
  fb::Ref blockwise(size_t index, std::vector<Tensor>& tensors);
  fb::Ref quantization(size_t index, std::vector<Tensor>& tensors);
  fb::Ref tensor(size_t index, std::vector<Tensor>& tensors);
  fb::Ref subgraph(const Subgraph& graph);
  fb::Ref tensor_map(const std::vector<std::pair<std::string, int32_t>>& map);
  fb::Ref signatures(const Model& model);
  fb::Ref metadata(const Model& model);
  fb::Ref operator_codes();
  fb::Ref buffers();

  fb::Builder builder_;
  std::vector<const Operator*> codes_;   // the first operator with each code
  std::vector<Bytes> buffers_{Bytes()};  // the first is empty: no data
  std::unordered_map<std::string_view, uint32_t> buffer_of_content_;
};

uint32_t Writer::code_index(const Operator& op) {
  const auto known = std::find_if(codes_.begin(), codes_.end(), [&](const Operator* other) {
    return other->code == op.code && other->version == op.version && other->custom_name == op.custom_name;
  });
  const auto index = static_cast<uint32_t>(known - codes_.begin());
  if (known == codes_.end()) codes_.push_back(&op);
  return index;
}

uint32_t Writer::buffer_index(const Bytes& data) {
  if (!data.owned()) return 0;
  const auto [known, is_new] =
      buffer_of_content_.try_emplace(as_text(data), static_cast<uint32_t>(buffers_.size()));
  if (is_new) buffers_.push_back(data);
  return known->second;
}

void Writer::option(Fields& fields, const OptionRow& row, const Value& value) {
  switch (row.kind) {
    case OptionKind::i8: return integer_option<int8_t>(fields, row, value);
    case OptionKind::i32: return integer_option<int32_t>(fields, row, value);
    case OptionKind::u32: return integer_option<uint32_t>(fields, row, value);
    case OptionKind::i64: return integer_option<int64_t>(fields, row, value);
    case OptionKind::boolean: return integer_option<bool>(fields, row, value);
    case OptionKind::f32: return float_option(fields, row, value);
    case OptionKind::text:
      fields.ref(row.field, builder_.text(wanted<std::string>(value, row, "a text")));
      return;
    case OptionKind::i32s: {
      const auto& values = wanted<std::vector<int64_t>>(value, row, "integers");
      if (!values.empty()) fields.ref(row.field, builder_.vector(integers(values, row)));
      return;
    }
    case OptionKind::f32s: {
      const auto& values = wanted<std::vector<double>>(value, row, "numbers");
      fields.ref(row.field, builder_.vector(std::vector<float>(values.begin(), values.end())));
      return;
    }
  }
}

fb::Ref Writer::options(const Operator& op, const OptionTable& table) {
  check(!has_unread_options(op.code), "its options are not known, so it cannot be written");
  for (const auto& [name, value] : op.attributes.values)
    check(
        std::any_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return row.name == name; }),
        "TFLite has no option {} for it", name);
  if (table.member == 0) return {};
  Fields fields;
  for (const OptionRow& row : table.rows)
    if (const Value* value = op.attributes.find(row.name)) option(fields, row, *value);
  return builder_.table(std::move(fields));
}

fb::Ref Writer::operator_(const Operator& op) {
  const OptionTable& table = options_of(op.code);
  const fb::Ref options_ref = options(op, table);
  const bool second = table.member == 2;
  Fields fields;
  fields.scalar(OperatorField::opcode_index, code_index(op))
      .ref(OperatorField::inputs, builder_.vector(op.inputs))
      .ref(OperatorField::outputs, builder_.vector(op.outputs))
      .scalar(second ? OperatorField::options_2_type : OperatorField::options_type,
              static_cast<uint8_t>(table.number))
      .ref(second ? OperatorField::options_2 : OperatorField::options, options_ref);
  if (op.custom_options.owned())
    fields.ref(OperatorField::custom_options, builder_.bytes(op.custom_options.span(), kBufferAlignment));
  if (!op.intermediates.empty()) fields.ref(OperatorField::intermediates, builder_.vector(op.intermediates));
  return builder_.table(std::move(fields));
}

fb::Ref Writer::sparse_dimension(const SparseDimension& dimension) {
  if (!dimension.compressed)
    return builder_.table(Fields().scalar(DimensionField::dense_size, int32_t{dimension.dense_size}));
  const NarrowIndices segments = narrow_indices(builder_, dimension.segments);
  const NarrowIndices indices = narrow_indices(builder_, dimension.indices);
  return builder_.table(Fields()
                            .scalar(DimensionField::format, int8_t{1})
                            .scalar(DimensionField::segments_type, static_cast<uint8_t>(segments.type))
                            .ref(DimensionField::segments, segments.vector)
                            .scalar(DimensionField::indices_type, static_cast<uint8_t>(indices.type))
                            .ref(DimensionField::indices, indices.vector));
}

fb::Ref Writer::sparsity(const Sparsity& sparsity) {
  std::vector<fb::Ref> dimensions;
  for (const SparseDimension& dimension : sparsity.dimensions)
    dimensions.push_back(sparse_dimension(dimension));
  Fields fields;
  fields.ref(SparsityField::traversal_order, builder_.vector(sparsity.traversal_order));
  if (!sparsity.block_map.empty()) fields.ref(SparsityField::block_map, builder_.vector(sparsity.block_map));
  return builder_.table(fields.ref(SparsityField::dimensions, builder_.refs(dimensions)));
}

fb::Ref Writer::affine(const Quant& quant) {
  return builder_.table(Fields()
                            .ref(QuantizationField::scale, builder_.vector(quant.scales))
                            .ref(QuantizationField::zero_point, builder_.vector(quant.zeros))
                            .scalar(QuantizationField::quantized_dimension, int32_t{quant.axis}));
}

// The scales and zero points of blocks are tensors: those that the subgraph has, or new ones at its end.
fb::Ref Writer::blockwise(size_t index, std::vector<Tensor>& tensors) {
  const int32_t group = tensors[index].quant.group;
  check(static_cast<size_t>(tensors[index].quant.axis) + 1 == tensors[index].shape.size(),
        "groups along dimension {} cannot be written, only along the last", tensors[index].quant.axis);
  const int32_t scales = scales_tensor(tensors, index), zeros = zeros_tensor(tensors, index);
  const fb::Ref details = builder_.table(Fields()
                                             .scalar(BlockwiseField::scales, scales)
                                             .scalar(BlockwiseField::zero_points, zeros)
                                             .scalar(BlockwiseField::block_size, group));
  return builder_.table(Fields()
                            .scalar(QuantizationField::details_type, static_cast<uint8_t>(kBlockwise))
                            .ref(QuantizationField::details, details));
}

fb::Ref Writer::quantization(size_t index, std::vector<Tensor>& tensors) {
  const Quant& quant = tensors[index].quant;
  if (quant.empty()) return {};
  return quant.group == 0 ? affine(quant) : blockwise(index, tensors);
}

fb::Ref Writer::tensor(size_t index, std::vector<Tensor>& tensors) {
  // Before `tensor` is referred to: it may add tensors, which moves them.
  const fb::Ref quantization_ref = quantization(index, tensors);
  const Tensor& tensor = tensors[index];
  Fields fields;
  fields.ref(TensorField::shape, builder_.vector(tensor.shape))
      .scalar(TensorField::type, static_cast<int8_t>(number_of_type(tensor.type)))
      .scalar(TensorField::buffer, buffer_index(tensor.data))
      .ref(TensorField::name, builder_.text(tensor.name))
      .ref(TensorField::quantization, quantization_ref)
      .scalar(TensorField::is_variable, tensor.is_variable)
      .scalar(TensorField::has_rank, true);
  if (tensor.sparsity) fields.ref(TensorField::sparsity, sparsity(*tensor.sparsity));
  if (!tensor.shape_signature.empty())
    fields.ref(TensorField::shape_signature, builder_.vector(tensor.shape_signature));
  return builder_.table(std::move(fields));
}

fb::Ref Writer::subgraph(const Subgraph& graph) {
  std::vector<Tensor> tensors = graph.tensors;
  std::vector<fb::Ref> tensor_refs, operator_refs;
  for (size_t i = 0; i < tensors.size(); ++i)  // grows where block-wise scales are added
    tensor_refs.push_back(with_place(label(tensors[i], i), [&] { return tensor(i, tensors); }));
  for (size_t i = 0; i < graph.operators.size(); ++i)
    operator_refs.push_back(
        with_place(label(graph.operators[i], i), [&] { return operator_(graph.operators[i]); }));
  return builder_.table(Fields()
                            .ref(SubgraphField::tensors, builder_.refs(tensor_refs))
                            .ref(SubgraphField::inputs, builder_.vector(graph.inputs))
                            .ref(SubgraphField::outputs, builder_.vector(graph.outputs))
                            .ref(SubgraphField::operators, builder_.refs(operator_refs))
                            .ref(SubgraphField::name, builder_.text(graph.name)));
}

fb::Ref Writer::tensor_map(const std::vector<std::pair<std::string, int32_t>>& map) {
  std::vector<fb::Ref> entries;
  for (const auto& [name, tensor] : map)
    entries.push_back(builder_.table(Fields()
                                         .ref(TensorMapField::name, builder_.text(name))
                                         .scalar(TensorMapField::tensor, static_cast<uint32_t>(tensor))));
  return builder_.refs(entries);
}

fb::Ref Writer::signatures(const Model& model) {
  if (model.signatures.empty()) return {};
  std::vector<fb::Ref> entries;
  for (const Signature& signature : model.signatures)
    entries.push_back(
        builder_.table(Fields()
                           .ref(SignatureField::inputs, tensor_map(signature.inputs))
                           .ref(SignatureField::outputs, tensor_map(signature.outputs))
                           .ref(SignatureField::key, builder_.text(signature.key))
                           .scalar(SignatureField::subgraph, static_cast<uint32_t>(signature.subgraph))));
  return builder_.refs(entries);
}

fb::Ref Writer::metadata(const Model& model) {
  if (model.metadata.empty()) return {};
  std::vector<fb::Ref> entries;
  for (const auto& [name, data] : model.metadata)
    entries.push_back(builder_.table(Fields()
                                         .ref(MetadataField::name, builder_.text(name))
                                         .scalar(MetadataField::buffer, buffer_index(data))));
  return builder_.refs(entries);
}

fb::Ref Writer::operator_codes() {
  std::vector<fb::Ref> entries;
  for (const Operator* op : codes_) {
    Fields fields;
    fields
        .scalar(OperatorCodeField::deprecated_builtin_code,
                static_cast<int8_t>(std::min(op->code, kPlaceholderCode)))
        .scalar(OperatorCodeField::version, int32_t{op->version}, int32_t{1})
        .scalar(OperatorCodeField::builtin_code, int32_t{op->code});
    if (op->code == kCustom) fields.ref(OperatorCodeField::custom_code, builder_.text(op->custom_name));
    entries.push_back(builder_.table(std::move(fields)));
  }
  return builder_.refs(entries);
}

fb::Ref Writer::buffers() {
  std::vector<fb::Ref> entries;
  for (const Bytes& data : buffers_) {
    Fields fields;
    if (data.owned()) fields.ref(BufferField::data, builder_.bytes(data.span(), kBufferAlignment));
    entries.push_back(builder_.table(std::move(fields)));
  }
  return builder_.refs(entries);
}

std::vector<std::byte> Writer::write(const Model& model) {
  check_model(model);
  std::vector<fb::Ref> subgraphs;
  for (size_t i = 0; i < model.subgraphs.size(); ++i)
    subgraphs.push_back(
        with_place(fmt::format("subgraph {}", i), [&] { return subgraph(model.subgraphs[i]); }));
  Fields root;
  root.scalar(ModelField::version, kSchemaVersion)
      .ref(ModelField::operator_codes, operator_codes())
      .ref(ModelField::subgraphs, builder_.refs(subgraphs))
      .ref(ModelField::metadata, metadata(model))
      .ref(ModelField::signatures, signatures(model))
      .ref(ModelField::buffers, buffers());
  if (!model.description.empty()) root.ref(ModelField::description, builder_.text(model.description));
  return builder_.finish(builder_.table(std::move(root)), kIdentifier);
}

}  // namespace

std::vector<std::byte> tflite_bytes(const Model& model) { return Writer().write(model); }

}  // namespace teff::tflite
