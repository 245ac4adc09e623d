#include <algorithm>
#include <cstdint>

#include "core/error.h"
#include "core/shape.h"
#include "formats/flatbuffer.h"
#include "formats/tflite.h"
#include "formats/tflite_blockwise.h"
#include "formats/tflite_fields.h"
#include "formats/tflite_schema.h"

namespace teff::tflite {
namespace {

Value read_option(const fb::Table& table, const OptionRow& row) {
  switch (row.kind) {
    case OptionKind::i8: return int64_t{table.scalar<int8_t>(row.field, static_cast<int8_t>(row.otherwise))};
    case OptionKind::i32: return int64_t{table.scalar<int32_t>(row.field, row.otherwise)};
    case OptionKind::u32:
      return int64_t{table.scalar<uint32_t>(row.field, static_cast<uint32_t>(row.otherwise))};
    case OptionKind::i64: return table.scalar<int64_t>(row.field, row.otherwise);
    case OptionKind::f32: return double{table.scalar<float>(row.field, static_cast<float>(row.otherwise))};
    case OptionKind::boolean: return int64_t{table.scalar<bool>(row.field, row.otherwise != 0)};
    case OptionKind::text: return table.text(row.field);
    case OptionKind::i32s: {
      const std::vector<int32_t> values = table.vector<int32_t>(row.field);
      return std::vector<int64_t>(values.begin(), values.end());
    }
    case OptionKind::f32s: {
      const std::vector<float> values = table.vector<float>(row.field);
      return std::vector<double>(values.begin(), values.end());
    }
  }
  return {};
}

Value default_option(const OptionRow& row) {
  switch (row.kind) {
    case OptionKind::f32: return static_cast<double>(row.otherwise);
    case OptionKind::text: return std::string();
    case OptionKind::i32s: return std::vector<int64_t>();
    case OptionKind::f32s: return std::vector<double>();
    default: return static_cast<int64_t>(row.otherwise);
  }
}

// The table of options of an operator; none where the file has none, which means all defaults. TFLite takes
// options of another operator for none at all; to compute something else than what the file says would be
// worse than to refuse it.
std::optional<fb::Table> options_table(const fb::Table& op, const OptionTable& wanted) {
  if (wanted.rows.empty()) return std::nullopt;
  const int first = op.scalar<uint8_t>(OperatorField::options_type);
  const int second = op.scalar<uint8_t>(OperatorField::options_2_type);
  if (first == 0 && second == 0) return std::nullopt;
  check(
      first == (wanted.member == 1 ? wanted.number : 0) && second == (wanted.member == 2 ? wanted.number : 0),
      "at byte {}: its options should be {} (number {} of BuiltinOptions{}), but are {} and {} of the second",
      op.where(), wanted.name, wanted.number, wanted.member == 2 ? "2" : "", first, second);
  return op.table(wanted.member == 1 ? OperatorField::options : OperatorField::options_2);
}

Attributes read_attributes(const fb::Table& op, int code) {
  Attributes attributes;
  const OptionTable& wanted = options_of(code);
  const std::optional<fb::Table> table = options_table(op, wanted);
  op.source().charge(wanted.rows.size() * sizeof(attributes.values[0]));
  attributes.values.reserve(wanted.rows.size());
  for (const OptionRow& row : wanted.rows)
    attributes.values.emplace_back(row.name, table ? read_option(*table, row) : default_option(row));
  return attributes;
}

template <class T>
std::vector<int32_t> widened(const std::vector<T>& values) {
  return std::vector<int32_t>(values.begin(), values.end());
}

std::vector<int32_t> read_sparse_indices(const fb::Table& dimension, int type_field, int field) {
  const int type = dimension.scalar<uint8_t>(type_field);
  const std::optional<fb::Table> vector = dimension.table(field);
  if (type == kNoIndices || !vector) return {};
  switch (type) {
    case kInt32Indices: return vector->vector<int32_t>(IndexVectorField::values);
    case kUint16Indices: return widened(vector->vector<uint16_t>(IndexVectorField::values));
    case kUint8Indices: return widened(vector->vector<uint8_t>(IndexVectorField::values));
    default: fail("at byte {}: sparse indices of an unknown type {}", dimension.where(), type);
  }
}

SparseDimension read_sparse_dimension(const fb::Table& table) {
  SparseDimension dimension;
  const int format = table.scalar<int8_t>(DimensionField::format);
  check(format == 0 || format == 1, "at byte {}: a sparse dimension of unknown format {}", table.where(),
        format);
  dimension.compressed = format == 1;
  if (dimension.compressed) {
    dimension.segments = read_sparse_indices(table, DimensionField::segments_type, DimensionField::segments);
    dimension.indices = read_sparse_indices(table, DimensionField::indices_type, DimensionField::indices);
  } else {
    dimension.dense_size = table.scalar<int32_t>(DimensionField::dense_size);
    check(dimension.dense_size >= 0, "at byte {}: a dense dimension of {}", table.where(),
          dimension.dense_size);
  }
  return dimension;
}

Sparsity read_sparsity(const fb::Table& table) {
  Sparsity sparsity;
  sparsity.traversal_order = table.vector<int32_t>(SparsityField::traversal_order);
  sparsity.block_map = table.vector<int32_t>(SparsityField::block_map);
  for (const fb::Table& dimension : table.tables(SparsityField::dimensions))
    sparsity.dimensions.push_back(read_sparse_dimension(dimension));
  return sparsity;
}

Quant read_affine(const fb::Table& table, size_t rank) {
  Quant quant;
  quant.scales = table.vector<float>(QuantizationField::scale);
  quant.zeros = table.vector<int64_t>(QuantizationField::zero_point);
  if (quant.scales.empty()) return {};
  if (quant.zeros.empty()) quant.zeros = {0};
  if (quant.zeros.size() == 1) quant.zeros.resize(quant.scales.size(), quant.zeros[0]);
  quant.axis = table.scalar<int32_t>(QuantizationField::quantized_dimension);
  // One scale belongs to no axis.
  if (quant.scales.size() == 1 && (quant.axis < 0 || static_cast<size_t>(quant.axis) >= rank)) quant.axis = 0;
  return quant;
}

class Reader {
 public:
  explicit Reader(const Bytes& file) : source_(file), root_(fb::Table::root(source_)) {}

  Model read();

 private:
  struct OperatorCode {
    int code = 0, version = 1;
    std::string custom_name;
  };

  static OperatorCode read_operator_code(const fb::Table& table);
  // Bytes at an offset from the beginning of the file, as very large files have them.
  Bytes outside(uint64_t offset, uint64_t size) const;
  Bytes read_buffer(const fb::Table& table) const;
  const Bytes& buffer(uint32_t index) const;
  Bytes constant(uint32_t index, Type type) const;

  Subgraph read_subgraph(const fb::Table& table) const;
  void read_tensor(const fb::Table& table, Tensor& tensor) const;
  void read_quantization(const fb::Table& table, Tensor& tensor, const Subgraph& graph) const;
  void read_operator(const fb::Table& table, Operator& op) const;
  Quant read_blockwise(const fb::Table& details, const Tensor& tensor, const Subgraph& graph) const;

  fb::Source source_;
  fb::Table root_;
  std::vector<OperatorCode> codes_;
  std::vector<Bytes> buffers_;
};

Reader::OperatorCode Reader::read_operator_code(const fb::Table& table) {
  OperatorCode code;
  // Old files have only the first, which ends at 127; new files have both.
  code.code = std::max<int>(table.scalar<int8_t>(OperatorCodeField::deprecated_builtin_code),
                            table.scalar<int32_t>(OperatorCodeField::builtin_code));
  check(code.code >= 0, "at byte {}: there is no operator {}", table.where(), code.code);
  code.version = table.scalar<int32_t>(OperatorCodeField::version, 1);
  if (code.code != kCustom) return code;
  code.custom_name = table.text(OperatorCodeField::custom_code);
  check(!code.custom_name.empty(), "at byte {}: a custom operator without a name", table.where());
  return code;
}

Bytes Reader::outside(uint64_t offset, uint64_t size) const {
  check(offset <= source_.size() && size <= source_.size() - offset,
        "data of {} bytes at byte {} in a file that ends at byte {}", size, offset, source_.size());
  return source_.slice(static_cast<size_t>(offset), static_cast<size_t>(size));
}

Bytes Reader::read_buffer(const fb::Table& table) const {
  const std::optional<Bytes> data = table.bytes(BufferField::data);
  const auto offset = table.scalar<uint64_t>(BufferField::offset);
  if (offset > kNoOffset && (!data || data->size() == 0))
    return outside(offset, table.scalar<uint64_t>(BufferField::size));
  return data.value_or(Bytes());
}

const Bytes& Reader::buffer(uint32_t index) const {
  check(index < buffers_.size(), "it names buffer {}, but there are {}", index, buffers_.size());
  return buffers_[index];
}

// The data of a tensor. No bytes are no constant, as TFLite has it.
Bytes Reader::constant(uint32_t index, Type type) const {
  if (index == 0) return {};
  const Bytes& data = buffer(index);
  if (data.size() == 0) return {};
  const auto alignment = static_cast<size_t>(std::max(bits_of(type) / 8, 1));
  if (reinterpret_cast<uintptr_t>(data.data()) % alignment == 0) return data;
  source_.charge(data.size());
  return Bytes::of(data.span());
}

void Reader::read_tensor(const fb::Table& table, Tensor& tensor) const {
  tensor.shape = table.vector<int32_t>(TensorField::shape);
  const int number = table.scalar<int8_t>(TensorField::type);
  const std::optional<Type> type = type_of_number(number);
  check(
      type.has_value(),
      "element type {} is not supported (complex numbers, variants, 2-bit integers and 8-bit floats are not)",
      number);
  tensor.type = *type;
  const auto external = table.scalar<uint32_t>(TensorField::external_buffer);
  check(external == 0, "its data are in another file (external buffer {}), which is not supported", external);
  tensor.data = constant(table.scalar<uint32_t>(TensorField::buffer), tensor.type);
  tensor.is_variable = table.scalar<bool>(TensorField::is_variable);
  tensor.shape_signature = table.vector<int32_t>(TensorField::shape_signature);
  if (const auto sparsity = table.table(TensorField::sparsity)) tensor.sparsity = read_sparsity(*sparsity);
}

void Reader::read_operator(const fb::Table& table, Operator& op) const {
  const auto index = table.scalar<uint32_t>(OperatorField::opcode_index);
  check(index < codes_.size(), "at byte {}: it names operator code {}, but there are {}", table.where(),
        index, codes_.size());
  op.code = codes_[index].code;
  op.version = codes_[index].version;
  source_.charge(codes_[index].custom_name.size());
  op.custom_name = codes_[index].custom_name;
  op.inputs = table.vector<int32_t>(OperatorField::inputs);
  op.outputs = table.vector<int32_t>(OperatorField::outputs);
  op.intermediates = table.vector<int32_t>(OperatorField::intermediates);
  op.attributes = read_attributes(table, op.code);
  op.custom_options = table.bytes(OperatorField::custom_options).value_or(Bytes());
  const auto offset = table.scalar<uint64_t>(OperatorField::large_custom_options_offset);
  if (offset > kNoOffset && op.custom_options.size() == 0)
    op.custom_options = outside(offset, table.scalar<uint64_t>(OperatorField::large_custom_options_size));
}

const Tensor& constant_tensor(const Subgraph& graph, int32_t index, const char* what) {
  check(index >= 0 && static_cast<size_t>(index) < graph.tensors.size() &&
            graph.tensors[static_cast<size_t>(index)].data.owned(),
        "its block-wise {} should be a constant tensor of the subgraph, not tensor {}", what, index);
  return graph.tensors[static_cast<size_t>(index)];
}

// Blocks lie along the last dimension; each has its own scale, in the order of the elements.
Quant Reader::read_blockwise(const fb::Table& details, const Tensor& tensor, const Subgraph& graph) const {
  Quant quant;
  quant.axis = static_cast<int>(tensor.shape.size()) - 1;
  quant.group = details.scalar<int32_t>(BlockwiseField::block_size);
  check(quant.group > 0, "block-wise quantized with blocks of {}", quant.group);
  const Tensor& scales = constant_tensor(graph, details.scalar<int32_t>(BlockwiseField::scales), "scales");
  source_.charge(scales.data.size() * (sizeof(float) + sizeof(int64_t)));
  quant.scales = block_scales(scales);
  const auto zeros = details.scalar<int32_t>(BlockwiseField::zero_points);
  if (zeros == -1) {
    quant.zeros.resize(quant.scales.size(), 0);
  } else {
    const Tensor& points = constant_tensor(graph, zeros, "zero points");
    source_.charge(points.data.size() * sizeof(int64_t));
    quant.zeros = block_zeros(points);
  }
  return quant;
}

void Reader::read_quantization(const fb::Table& table, Tensor& tensor, const Subgraph& graph) const {
  const auto quantization = table.table(TensorField::quantization);
  if (!quantization) return;
  const int details = quantization->scalar<uint8_t>(QuantizationField::details_type);
  check(details == kAffine || details == kBlockwise,
        "quantized in a way that is not supported (number {} of QuantizationDetails)", details);
  if (details == kAffine) {
    tensor.quant = read_affine(*quantization, tensor.shape.size());
    return;
  }
  const auto blockwise = quantization->table(QuantizationField::details);
  check(blockwise.has_value(), "at byte {}: block-wise quantization without its details",
        quantization->where());
  tensor.quant = read_blockwise(*blockwise, tensor, graph);
}

// A tensor without elements that nothing computes is a constant, although there are no bytes to say so.
void mark_empty_constants(Subgraph& graph) {
  std::vector<bool> computed(graph.tensors.size(), false);
  const auto mark = [&](const std::vector<int32_t>& indices) {
    for (int32_t i : indices)
      if (i >= 0 && static_cast<size_t>(i) < computed.size()) computed[static_cast<size_t>(i)] = true;
  };
  mark(graph.inputs);
  for (const Operator& op : graph.operators) mark(op.outputs), mark(op.intermediates);
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    Tensor& tensor = graph.tensors[i];
    const bool empty = std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end();
    if (empty && !computed[i] && !tensor.is_variable && !tensor.data.owned()) tensor.data = Bytes::own({});
  }
}

Subgraph Reader::read_subgraph(const fb::Table& table) const {
  Subgraph graph;
  graph.name = table.text(SubgraphField::name);
  const std::vector<fb::Table> tensors = table.tables(SubgraphField::tensors);
  source_.charge(tensors.size() * sizeof(Tensor));
  graph.tensors.resize(tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    graph.tensors[i].name = tensors[i].text(TensorField::name);
    with_place(label(graph.tensors[i], i), [&] { read_tensor(tensors[i], graph.tensors[i]); });
  }
  // Afterwards, because scales may be in other tensors.
  for (size_t i = 0; i < tensors.size(); ++i)
    with_place(label(graph.tensors[i], i), [&] { read_quantization(tensors[i], graph.tensors[i], graph); });

  graph.inputs = table.vector<int32_t>(SubgraphField::inputs);
  graph.outputs = table.vector<int32_t>(SubgraphField::outputs);
  const std::vector<fb::Table> operators = table.tables(SubgraphField::operators);
  source_.charge(operators.size() * sizeof(Operator));
  graph.operators.resize(operators.size());
  for (size_t i = 0; i < operators.size(); ++i)
    with_place(fmt::format("operator {}", i), [&] { read_operator(operators[i], graph.operators[i]); });
  mark_empty_constants(graph);
  return graph;
}

std::vector<std::pair<std::string, int32_t>> read_tensor_map(const fb::Table& table, int field) {
  std::vector<std::pair<std::string, int32_t>> map;
  for (const fb::Table& entry : table.tables(field)) {
    const auto tensor = entry.scalar<uint32_t>(TensorMapField::tensor);
    check(tensor <= INT32_MAX, "at byte {}: a signature names tensor {}", entry.where(), tensor);
    map.emplace_back(entry.text(TensorMapField::name), static_cast<int32_t>(tensor));
  }
  return map;
}

Signature read_signature(const fb::Table& table) {
  const auto subgraph = table.scalar<uint32_t>(SignatureField::subgraph);
  check(subgraph <= INT32_MAX, "at byte {}: a signature names subgraph {}", table.where(), subgraph);
  return {table.text(SignatureField::key), static_cast<int>(subgraph),
          read_tensor_map(table, SignatureField::inputs), read_tensor_map(table, SignatureField::outputs)};
}

Model Reader::read() {
  Model model;
  const auto version = root_.scalar<uint32_t>(ModelField::version);
  check(version == kSchemaVersion, "a TFLite file of version {} ({} is supported)", version, kSchemaVersion);
  model.version = static_cast<int>(version);
  model.description = root_.text(ModelField::description);
  for (const fb::Table& code : root_.tables(ModelField::operator_codes))
    codes_.push_back(read_operator_code(code));
  const std::vector<fb::Table> buffers = root_.tables(ModelField::buffers);
  for (size_t i = 0; i < buffers.size(); ++i)
    buffers_.push_back(with_place(fmt::format("buffer {}", i), [&] { return read_buffer(buffers[i]); }));
  const std::vector<fb::Table> subgraphs = root_.tables(ModelField::subgraphs);
  for (size_t i = 0; i < subgraphs.size(); ++i)
    model.subgraphs.push_back(
        with_place(fmt::format("subgraph {}", i), [&] { return read_subgraph(subgraphs[i]); }));
  for (const fb::Table& entry : root_.tables(ModelField::metadata))
    model.metadata.emplace_back(entry.text(MetadataField::name),
                                buffer(entry.scalar<uint32_t>(MetadataField::buffer)));
  for (const fb::Table& entry : root_.tables(ModelField::signatures))
    model.signatures.push_back(read_signature(entry));
  check_model(model);
  return model;
}

}  // namespace

Model read_tflite(const Bytes& file) {
  check(looks_like_tflite(file), "not a TFLite file: the letters {} are not at byte 4", kIdentifier);
  return Reader(file).read();
}

}  // namespace teff::tflite
