#include "graph/from_tflite.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/error.h"
#include "formats/flexbuffer.h"
#include "graph/op_table.h"

namespace teff {
namespace {

std::string name_of(const tflite::Operator& op) {
  if (op.code == tflite::kCustom) return op.custom_name;
  const std::string_view name = tflite::operator_name(op.code);
  return name.empty() ? fmt::format("builtin operator {}", op.code) : std::string(name);
}

// --- options into fields: one overload for each type that a field may have ---

class OptionReader {
 public:
  explicit OptionReader(const tflite::Attributes& attributes) : attributes_(attributes) {}

  template <class T>
  void operator()(const char* name, T& field) const {
    if (const tflite::Value* value = attributes_.find(name)) read(name, *value, field);
  }

 private:
  static int64_t integer(const char* name, const tflite::Value& value, int64_t least, int64_t most) {
    const auto* number = std::get_if<int64_t>(&value);
    check(number && *number >= least && *number <= most, "option {} is out of range", name);
    return *number;
  }
  static void read(const char* name, const tflite::Value& value, int& field) {
    field = static_cast<int>(
        integer(name, value, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
  }
  static void read(const char* name, const tflite::Value& value, bool& field) {
    field = integer(name, value, 0, 1) != 0;
  }
  static void read(const char* name, const tflite::Value& value, float& field) {
    const auto* number = std::get_if<double>(&value);
    check(number, "option {} is not a number", name);
    field = static_cast<float>(*number);
  }
  static void read(const char* name, const tflite::Value& value, std::string& field) {
    if (const auto* text = std::get_if<std::string>(&value))
      field = *text;
    else
      fail("option {} is not a text", name);
  }
  static void read(const char* name, const tflite::Value& value, std::vector<int64_t>& field) {
    if (const auto* list = std::get_if<std::vector<int64_t>>(&value))
      field = *list;
    else
      fail("option {} is not a list", name);
  }
  static void read(const char* name, const tflite::Value& value, Padding& field) {
    field = static_cast<Padding>(integer(name, value, 0, 1));
  }
  static void read(const char* name, const tflite::Value& value, Activation& field) {
    field = static_cast<Activation>(integer(name, value, 0, 5));
  }
  static void read(const char* name, const tflite::Value& value, MirrorMode& field) {
    field = static_cast<MirrorMode>(integer(name, value, 0, 1));
  }
  static void read(const char* name, const tflite::Value& value, Type& field) {
    field = integer(name, value, 0, 31) == kTensorTypeInt32 ? Type::s32 : Type::s64;
  }

  static constexpr int64_t kTensorTypeInt32 = 2;
  const tflite::Attributes& attributes_;
};

// Options of MediaPipe's custom operator are TFLite's C struct as it lies in memory: padding (1: same, 2:
// valid), stride_width, stride_height.
void read_transpose_conv_bias(const Bytes& options, TransposeConvBias& op) {
  check(options.size() >= 12, "custom options of {} bytes where 12 are expected", options.size());
  int32_t words[3];
  std::memcpy(words, options.data(), sizeof words);
  check(words[0] == 1 || words[0] == 2, "custom options name padding {}", words[0]);
  op.padding = words[0] == 1 ? Padding::same : Padding::valid;
  op.stride_w = words[1], op.stride_h = words[2];
}

void read_circular_buffer(const Bytes& options, CircularBuffer& op) {
  if (options.size() == 0) return;
  const int64_t cycles = first_integer_of_flexbuffer(options.span());
  check(cycles <= std::numeric_limits<int32_t>::max(), "custom options name {} cycles", cycles);
  op.cycles_max = static_cast<int>(std::max<int64_t>(cycles, 0));
}

Op read_op(const tflite::Operator& op) {
  const std::string name = name_of(op);
  const OpRow* row = find_op(name);
  check(row, "operator {} is not supported (teff operators lists those that are)", name);
  Op result = row->prototype;
  std::visit([&](auto& o) { fields(o, OptionReader(op.attributes)); }, result);
  if (auto* custom = std::get_if<TransposeConvBias>(&result))
    read_transpose_conv_bias(op.custom_options, *custom);
  if (auto* custom = std::get_if<CircularBuffer>(&result)) read_circular_buffer(op.custom_options, *custom);
  return result;
}

std::shared_ptr<const SparseLayout> read_sparsity(const tflite::Sparsity& file) {
  auto layout = std::make_shared<SparseLayout>();
  layout->traversal_order = file.traversal_order;
  layout->block_map = file.block_map;
  for (const auto& d : file.dimensions)
    layout->dimensions.push_back({d.compressed, d.dense_size, d.segments, d.indices});
  return layout;
}

// Kernels read constants through typed pointers; a file may put them anywhere.
Bytes aligned(const Bytes& data) {
  if (reinterpret_cast<uintptr_t>(data.data()) % 16 == 0) return data;
  return Bytes::of(data.span());
}

Tensor read_tensor(const tflite::Tensor& file, TensorId source) {
  Tensor t;
  t.name = file.name;
  t.type = file.type;
  t.source = source;
  t.is_variable = file.is_variable;
  t.quant = file.quant;
  if (t.quant.per_channel() && t.quant.zeros.empty()) t.quant.zeros.assign(t.quant.scales.size(), 0);
  const auto& open = file.shape_signature;
  t.flexible = std::find(open.begin(), open.end(), -1) != open.end();
  with_place(fmt::format("tensor {} '{}'", source, file.name),
             [&] { t.shape = Shape::checked(std::span(file.shape)); });
  if (file.data.owned()) t.data = aligned(file.data);
  if (file.sparsity) t.sparse = read_sparsity(*file.sparsity);
  return t;
}

// What a circular buffer gives is its state, whether the file says so or not.
void mark_circular_buffers(Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (!std::holds_alternative<CircularBuffer>(node.op)) continue;
    for (TensorId id : node.outputs)
      if (id >= 0 && static_cast<size_t>(id) < graph.tensors.size()) graph.tensor(id).is_variable = true;
  }
}

// "node 3 CONV_2D"; of another graph than the main one also which.
std::string place_of(size_t subgraph, size_t node, const std::string& name) {
  return subgraph == 0 ? fmt::format("node {} {}", node, name)
                       : fmt::format("subgraph {} node {} {}", subgraph, node, name);
}

Graph read_graph(const tflite::Subgraph& file, size_t index) {
  Graph graph;
  graph.name = file.name;
  for (size_t i = 0; i < file.tensors.size(); ++i)
    graph.tensors.push_back(read_tensor(file.tensors[i], static_cast<TensorId>(i)));
  for (size_t i = 0; i < file.operators.size(); ++i) {
    const tflite::Operator& op = file.operators[i];
    with_place(place_of(index, i, name_of(op)), [&] {
      graph.nodes.push_back({read_op(op), op.inputs, op.outputs, static_cast<int>(i)});
    });
  }
  graph.inputs = file.inputs;
  graph.outputs = file.outputs;
  mark_circular_buffers(graph);
  return graph;
}

}  // namespace

Model from_tflite(const tflite::Model& file) {
  Model model;
  model.description = file.description;
  model.metadata = file.metadata;
  for (const tflite::Subgraph& subgraph : file.subgraphs)
    model.graphs.push_back(read_graph(subgraph, model.graphs.size()));
  check(!file.subgraphs.empty(), "the file has no subgraph");
  for (const tflite::Operator& op : file.subgraphs.front().operators)
    model.source_ops.push_back({name_of(op), op.outputs.empty() ? kNoTensor : op.outputs.front()});
  verify(model);
  return model;
}

std::vector<Unsupported> unsupported_operators(const tflite::Model& file) {
  std::vector<Unsupported> list;
  for (size_t s = 0; s < file.subgraphs.size(); ++s) {
    const auto& operators = file.subgraphs[s].operators;
    for (size_t i = 0; i < operators.size(); ++i) {
      try {
        read_op(operators[i]);
      } catch (const Error& error) {
        const std::string name = name_of(operators[i]);
        list.push_back({static_cast<int>(s), static_cast<int>(i), name,
                        find_op(name) ? error.what() : "there is no such operator here"});
      }
    }
  }
  return list;
}

}  // namespace teff
