#include "graph/to_tflite.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "formats/tflite_schema.h"
#include "graph/op_table.h"

namespace teff {
namespace {

// --- fields into options: one overload for each type that a field may have ---

tflite::Value value_of(int field) { return int64_t{field}; }
tflite::Value value_of(bool field) { return int64_t{field}; }
tflite::Value value_of(float field) { return double{field}; }
tflite::Value value_of(const std::string& field) { return field; }
tflite::Value value_of(const std::vector<int64_t>& field) { return field; }
tflite::Value value_of(Activation field) { return static_cast<int64_t>(field); }
tflite::Value value_of(MirrorMode field) { return static_cast<int64_t>(field); }
tflite::Value value_of(Type field) { return int64_t{tflite::number_of_type(field)}; }
tflite::Value value_of(Padding field) {
  check(field != Padding::given,
        "TFLite knows padding `same` and `valid` only: keep the padding a node of its own (--no-fuse)");
  return static_cast<int64_t>(field);
}

template <class O>
tflite::Attributes all_fields(const O& op) {
  tflite::Attributes attributes;
  fields(op, [&](const char* name, const auto& field) { attributes.set(name, value_of(field)); });
  return attributes;
}

// Operators that share a struct share its members, but not all of them have the options: those may be left
// out only while they say what they say when nobody sets them.
tflite::Attributes options(const Op& op, int code) {
  const tflite::Attributes wanted = std::visit([](const auto& o) { return all_fields(o); }, op);
  const tflite::Attributes standard =
      std::visit([](const auto& o) { return all_fields(std::remove_cvref_t<decltype(o)>{}); }, op);
  const auto& rows = tflite::options_of(code).rows;
  tflite::Attributes result;
  for (const auto& [name, value] : wanted.values) {
    if (std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.name == name; }))
      result.set(name, value);
    else
      check(value == *standard.find(name), "TFLite has no option {} for it", name);
  }
  return result;
}

Bytes transpose_conv_bias_options(const TransposeConvBias& op) {
  value_of(op.padding);
  return Bytes::of(std::vector<int32_t>{op.padding == Padding::same ? 1 : 2, op.stride_w, op.stride_h});
}

// A flexbuffer {"cycles_max": n}, from the end: root (a map; the root's width), the map's value and its type,
// how many, the width and place of its keys.
Bytes circular_buffer_options(const CircularBuffer& op) {
  const auto n = static_cast<uint32_t>(op.cycles_max);
  const auto byte = [](uint32_t value) { return static_cast<uint8_t>(value); };
  std::vector<uint8_t> data = {'c', 'y', 'c', 'l', 'e', 's', '_', 'm', 'a', 'x', 0};
  data.insert(data.end(), {1, 12});                               // keys: one, 12 bytes back
  data.insert(data.end(), {0, 0, 0});                             // to a multiple of 4
  data.insert(data.end(), {4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0});  // keys 4 back, of width 1; one value
  data.insert(data.end(), {byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)});
  data.insert(data.end(), {6, 5, 0x26, 1});  // int32; the root: 5 back, a map of width 4, itself of width 1
  return Bytes::of(data);
}

Bytes custom_options(const Op& op) {
  if (const auto* o = std::get_if<TransposeConvBias>(&op)) return transpose_conv_bias_options(*o);
  if (const auto* o = std::get_if<CircularBuffer>(&op)) return circular_buffer_options(*o);
  return {};
}

// PAD and PADV2 are one operator here; the value tells them apart.
std::string_view name_in_file(const Node& node) {
  if (std::holds_alternative<Pad>(node.op) && node.inputs.size() == 3) return "PADV2";
  return op_name(node.op);
}

// The first version of each operator that takes its input's type: newer runtimes take all up to theirs, older
// ones refuse what they could not compute. Operators that are not listed stay at 1.
struct VersionRow {
  std::string_view name;
  int f32, s8, s16;
};
constexpr VersionRow kVersions[] = {
    {"ADD", 1, 2, 4},
    {"ARG_MAX", 1, 2, 2},
    {"ARG_MIN", 1, 2, 2},
    {"AVERAGE_POOL_2D", 1, 2, 3},
    {"BATCH_MATMUL", 1, 2, 3},
    {"BATCH_TO_SPACE_ND", 1, 2, 2},
    {"BROADCAST_TO", 2, 2, 3},
    {"CONCATENATION", 1, 2, 3},
    {"CONV_2D", 1, 3, 4},
    {"DEPTHWISE_CONV_2D", 1, 3, 5},
    {"DEQUANTIZE", 1, 2, 3},
    {"EQUAL", 1, 2, 2},
    {"FULLY_CONNECTED", 1, 4, 7},
    {"GATHER", 1, 2, 4},
    {"GREATER", 1, 2, 2},
    {"GREATER_EQUAL", 1, 2, 2},
    {"L2_NORMALIZATION", 1, 2, 2},
    {"LEAKY_RELU", 1, 2, 2},
    {"LESS", 1, 2, 2},
    {"LESS_EQUAL", 1, 2, 2},
    {"LOGISTIC", 1, 2, 3},
    {"LOG_SOFTMAX", 1, 2, 2},
    {"MAXIMUM", 1, 2, 3},
    {"MAX_POOL_2D", 1, 2, 3},
    {"MEAN", 1, 2, 3},
    {"MINIMUM", 1, 2, 3},
    {"MUL", 1, 2, 4},
    {"NOT_EQUAL", 1, 2, 2},
    {"PACK", 1, 2, 3},
    {"PAD", 1, 2, 3},
    {"PADV2", 1, 2, 3},
    {"QUANTIZE", 1, 1, 2},
    {"RELU", 1, 2, 3},
    {"RELU6", 1, 2, 3},
    {"RESHAPE", 1, 1, 1},
    {"RESIZE_BILINEAR", 1, 2, 4},
    {"RESIZE_NEAREST_NEIGHBOR", 1, 2, 4},
    {"SELECT", 1, 2, 2},
    {"SLICE", 1, 2, 4},
    {"SOFTMAX", 1, 2, 3},
    {"SPACE_TO_BATCH_ND", 1, 2, 2},
    {"SPACE_TO_DEPTH", 1, 2, 2},
    {"SPLIT", 1, 2, 4},
    {"SPLIT_V", 1, 2, 2},
    {"STRIDED_SLICE", 1, 2, 4},
    {"SUB", 1, 2, 5},
    {"SUM", 1, 2, 2},
    {"SVDF", 1, 3, 3},
    {"TANH", 1, 2, 3},
    {"TRANSPOSE", 1, 2, 4},
    {"TRANSPOSE_CONV", 1, 2, 4},
    {"UNPACK", 1, 2, 4},
};

Type type_that_counts(const Graph& graph, const Node& node) {
  for (TensorId id : node.inputs)
    if (id != kNoTensor && is_quantizable(graph.tensor(id).type) && graph.tensor(id).type != Type::s32)
      return graph.tensor(id).type;
  return Type::f32;
}

int version(const Graph& graph, const Node& node, std::string_view name) {
  const auto row = std::find_if(std::begin(kVersions), std::end(kVersions),
                                [&](const VersionRow& r) { return r.name == name; });
  if (row == std::end(kVersions)) return 1;
  switch (type_that_counts(graph, node)) {
    case Type::s8: return row->s8;
    case Type::s16: return row->s16;
    default: return row->f32;
  }
}

tflite::Operator operator_of(const Graph& graph, const Node& node) {
  tflite::Operator result;
  const std::string_view name = name_in_file(node);
  const int code = tflite::operator_code(name);
  result.code = code < 0 ? tflite::kCustom : code;
  if (code < 0)
    result.custom_name = name;
  else
    result.attributes = options(node.op, code), result.version = version(graph, node, name);
  result.custom_options = custom_options(node.op);
  result.inputs = node.inputs;
  result.outputs = node.outputs;
  return result;
}

std::optional<tflite::Sparsity> sparsity_of(const SparseLayout* layout) {
  if (!layout) return std::nullopt;
  tflite::Sparsity result;
  result.traversal_order = layout->traversal_order;
  result.block_map = layout->block_map;
  for (const auto& d : layout->dimensions)
    result.dimensions.push_back({d.compressed, d.dense_size, d.segments, d.indices});
  return result;
}

tflite::Tensor tensor_of(const Tensor& tensor) {
  tflite::Tensor result;
  result.name = tensor.name;
  result.type = tensor.type;
  for (int64_t extent : tensor.shape) {
    check(extent <= INT32_MAX, "TFLite has no words for extents like those of {}", to_string(tensor.shape));
    result.shape.push_back(static_cast<int32_t>(extent));
  }
  if (tensor.flexible) result.shape_signature.assign(result.shape.size(), -1);
  result.data = tensor.data;
  result.quant = tensor.quant;
  result.is_variable = tensor.is_variable;
  result.sparsity = sparsity_of(tensor.sparse.get());
  return result;
}

tflite::Subgraph subgraph_of(const Graph& graph) {
  tflite::Subgraph result;
  result.name = graph.name;
  result.inputs = graph.inputs;
  result.outputs = graph.outputs;
  for (size_t i = 0; i < graph.tensors.size(); ++i)
    result.tensors.push_back(
        with_place(describe(graph, static_cast<TensorId>(i)), [&] { return tensor_of(graph.tensors[i]); }));
  for (const Node& node : graph.nodes)
    result.operators.push_back(with_place(place_of(graph, node), [&] { return operator_of(graph, node); }));
  return result;
}

}  // namespace

tflite::Model to_tflite(const Model& model) {
  tflite::Model file;
  file.description = model.description;
  file.metadata = model.metadata;
  for (const Graph& graph : model.graphs) file.subgraphs.push_back(subgraph_of(graph));
  return file;
}

}  // namespace teff
