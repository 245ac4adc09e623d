#include "formats/tflite.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/error.h"
#include "core/shape.h"
#include "formats/cursor.h"
#include "formats/tflite_schema.h"

namespace teff::tflite {
namespace {

enum class OptionsId {
  None,
  Unread,
#define OPTIONS(name, member, number) name,
#include "formats/tflite_schema.inc"
};

struct OperatorRow {
  std::string_view name;
  int code;
  OptionsId options;
};
constexpr OperatorRow kOperators[] = {
#define OPERATOR(name, code, options) {#name, code, OptionsId::options},
#include "formats/tflite_schema.inc"
};

constexpr bool rows_are_in_order_of_codes() {
  for (size_t i = 0; i < std::size(kOperators); ++i)
    if (kOperators[i].code != static_cast<int>(i)) return false;
  return true;
}
static_assert(rows_are_in_order_of_codes());

constexpr OptionRow kOptions[] = {
#define OPTION(options, name, field, kind, otherwise) {#name, field, OptionKind::kind, otherwise},
#include "formats/tflite_schema.inc"
};
constexpr OptionsId kTableOfOption[] = {
#define OPTION(options, name, field, kind, otherwise) OptionsId::options,
#include "formats/tflite_schema.inc"
};
static_assert(std::is_sorted(std::begin(kTableOfOption), std::end(kTableOfOption)));

std::span<const OptionRow> rows_of(OptionsId id) {
  const auto [first, last] = std::equal_range(std::begin(kTableOfOption), std::end(kTableOfOption), id);
  return std::span(kOptions).subspan(static_cast<size_t>(first - std::begin(kTableOfOption)),
                                     static_cast<size_t>(last - first));
}

const OptionTable& table_of(OptionsId id) {
  static const OptionTable tables[] = {
      {},
      {},
#define OPTIONS(name, member, number) {#name "Options", member, number, rows_of(OptionsId::name)},
#include "formats/tflite_schema.inc"
  };
  return tables[static_cast<size_t>(id)];
}

const OperatorRow* row_of(int code) {
  if (code < 0 || static_cast<size_t>(code) >= std::size(kOperators)) return nullptr;
  return &kOperators[code];
}

// The numbers of the schema's TensorType. Those that are missing are complex numbers (8, 11), variants (14),
// 2-bit integers (19) and 8-bit floats (21, 22).
struct TypeRow {
  int number;
  Type type;
};
constexpr TypeRow kTypes[] = {
    {0, Type::f32},    {1, Type::f16},       {2, Type::s32},  {3, Type::u8},   {4, Type::s64},
    {5, Type::string}, {6, Type::boolean},   {7, Type::s16},  {9, Type::s8},   {10, Type::f64},
    {12, Type::u64},   {13, Type::resource}, {15, Type::u32}, {16, Type::u16}, {17, Type::s4},
    {18, Type::bf16},  {20, Type::u4},
};

void check_tensor(const Tensor& tensor) {
  const Shape shape = Shape::checked(std::span<const int32_t>(tensor.shape));
  check(tensor.shape_signature.empty() || tensor.shape_signature.size() == tensor.shape.size(),
        "a shape signature of {} dimensions for a shape of {}", tensor.shape_signature.size(),
        tensor.shape.size());
  for (int32_t extent : tensor.shape_signature)
    check(extent >= -1, "a dimension of {} in the shape signature", extent);

  const Quant& quant = tensor.quant;
  check(quant.scales.size() == quant.zeros.size(), "{} scales, but {} zero points", quant.scales.size(),
        quant.zeros.size());
  check(quant.group >= 0, "groups of {} elements", quant.group);
  if (!quant.per_channel() && quant.group == 0) return;
  check(quant.axis >= 0 && quant.axis < shape.rank(), "quantized along axis {}, but it has {} dimensions",
        quant.axis, shape.rank());
  const int64_t channels = shape[quant.axis];
  if (quant.group == 0) {
    check(static_cast<int64_t>(quant.scales.size()) == channels, "{} scales for {} channels",
          quant.scales.size(), channels);
    return;
  }
  check(channels % quant.group == 0, "{} elements cannot be divided into groups of {}", channels,
        quant.group);
  check(static_cast<int64_t>(quant.scales.size()) == shape.elements() / quant.group,
        "{} scales for {} groups of {} elements", quant.scales.size(), shape.elements() / quant.group,
        quant.group);
}

// -1 stands for a tensor that is left out, where one may be.
void check_indices(std::span<const int32_t> indices, size_t tensors, bool may_be_left_out, const char* what) {
  for (int32_t index : indices)
    check((may_be_left_out && index == -1) || (index >= 0 && static_cast<size_t>(index) < tensors),
          "its {} name tensor {}, but there are {}", what, index, tensors);
}

void check_operator(const Operator& op, size_t tensors) {
  check(op.code >= 0, "there is no operator {}", op.code);
  check((op.code == kCustom) == !op.custom_name.empty(), "a custom operator has a name, and no other has");
  check_indices(op.inputs, tensors, true, "inputs");
  check_indices(op.outputs, tensors, true, "outputs");
  check_indices(op.intermediates, tensors, true, "intermediates");
}

void check_subgraph(const Subgraph& graph) {
  for (size_t i = 0; i < graph.tensors.size(); ++i)
    with_place(label(graph.tensors[i], i), [&] { check_tensor(graph.tensors[i]); });
  check_indices(graph.inputs, graph.tensors.size(), false, "inputs");
  check_indices(graph.outputs, graph.tensors.size(), false, "outputs");
  for (size_t i = 0; i < graph.operators.size(); ++i)
    with_place(label(graph.operators[i], i),
               [&] { check_operator(graph.operators[i], graph.tensors.size()); });
}

void check_signature(const Signature& signature, const Model& model) {
  check(signature.subgraph >= 0 && static_cast<size_t>(signature.subgraph) < model.subgraphs.size(),
        "it names subgraph {}, but there are {}", signature.subgraph, model.subgraphs.size());
  const size_t tensors = model.subgraphs[static_cast<size_t>(signature.subgraph)].tensors.size();
  for (const auto& [name, tensor] : signature.inputs) check_indices({&tensor, 1}, tensors, false, "inputs");
  for (const auto& [name, tensor] : signature.outputs) check_indices({&tensor, 1}, tensors, false, "outputs");
}

}  // namespace

const Value* Attributes::find(std::string_view name) const {
  for (const auto& [key, value] : values)
    if (key == name) return &value;
  return nullptr;
}

void Attributes::set(std::string name, Value value) {
  for (auto& [key, old] : values) {
    if (key != name) continue;
    old = std::move(value);
    return;
  }
  values.emplace_back(std::move(name), std::move(value));
}

std::string_view operator_name(int code) {
  const OperatorRow* row = row_of(code);
  return row ? row->name : std::string_view();
}

int operator_code(std::string_view name) {
  for (const OperatorRow& row : kOperators)
    if (row.name == name) return row.code;
  return -1;
}

bool looks_like_tflite(const Bytes& file) {
  constexpr size_t kAt = 4;  // after the distance to the root table
  return file.size() >= kAt + kIdentifier.size() &&
         std::memcmp(file.data() + kAt, kIdentifier.data(), kIdentifier.size()) == 0;
}

const OptionTable& options_of(int code) {
  const OperatorRow* row = row_of(code);
  return table_of(row ? row->options : OptionsId::None);
}

bool has_unread_options(int code) {
  const OperatorRow* row = row_of(code);
  return row && row->options == OptionsId::Unread;
}

std::optional<Type> type_of_number(int tensor_type) {
  for (const TypeRow& row : kTypes)
    if (row.number == tensor_type) return row.type;
  return std::nullopt;
}

int number_of_type(Type type) {
  return std::find_if(std::begin(kTypes), std::end(kTypes),
                      [&](const TypeRow& row) { return row.type == type; })
      ->number;
}

std::string label(const Operator& op, size_t index) {
  const std::string_view name =
      op.code == kCustom ? std::string_view(op.custom_name) : operator_name(op.code);
  return fmt::format("operator {} {}", index, name.empty() ? fmt::format("{}", op.code) : printable(name));
}

std::string label(const Tensor& tensor, size_t index) {
  return fmt::format("tensor {} '{}'", index, printable(tensor.name));
}

void check_model(const Model& model) {
  check(!model.subgraphs.empty(), "the model has no subgraph");
  for (size_t i = 0; i < model.subgraphs.size(); ++i)
    with_place(fmt::format("subgraph {}", i), [&] { check_subgraph(model.subgraphs[i]); });
  for (const Signature& signature : model.signatures)
    with_place(fmt::format("signature '{}'", printable(signature.key)),
               [&] { check_signature(signature, model); });
}

}  // namespace teff::tflite
