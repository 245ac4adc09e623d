#include "plan/lowering.h"

#include "plan/values.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace teff {
namespace {

constexpr int64_t kAlignment =
    16;  // of state and scratch; wide enough for any scalar and for TFLite's buffers

int64_t align(int64_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

template <class T>
std::vector<int64_t> widened(const std::byte* data, size_t size) {
  std::vector<T> values(size / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), data, values.size() * sizeof(T));
  return {values.begin(), values.end()};
}

std::vector<int64_t> integers_of(Type type, const Bytes& bytes) {
  switch (type) {
    case Type::s8: return widened<int8_t>(bytes.data(), bytes.size());
    case Type::u8: return widened<uint8_t>(bytes.data(), bytes.size());
    case Type::s16: return widened<int16_t>(bytes.data(), bytes.size());
    case Type::s32: return widened<int32_t>(bytes.data(), bytes.size());
    case Type::s64: return widened<int64_t>(bytes.data(), bytes.size());
    default: fail("a value of type {} where integers are expected", name_of(type));
  }
}

}  // namespace

int64_t StateLayout::add(int64_t bytes, std::byte fill) {
  const int64_t offset = align(initial_.bytes);
  initial_.bytes = offset + bytes;
  if (fill != std::byte{}) initial_.pieces.push_back({offset, bytes, fill});
  return offset;
}

int64_t StateLayout::variable(const std::string& name, int64_t bytes, std::optional<std::byte> fill) {
  auto v = std::find_if(variables_.begin(), variables_.end(), [&](const auto& x) { return x.name == name; });
  if (v == variables_.end()) v = variables_.insert(v, {name, add(bytes), bytes, false});
  check(v->bytes == bytes, "variable '{}' has {} bytes here and {} elsewhere", name, bytes, v->bytes);
  if (fill && !v->filled) {
    initial_.pieces.push_back({v->offset, bytes, *fill});
    v->filled = true;
  }
  return v->offset;
}

const Tensor& Lowering::in(int i) const {
  check(has(i), "input {} is missing", i);
  return graph_.tensor(node().inputs[static_cast<size_t>(i)]);
}

const Tensor& Lowering::out(int i) const { return graph_.tensor(node().outputs.at(static_cast<size_t>(i))); }

std::span<const std::byte> Lowering::bytes(int i) const {
  const Bytes& value = in(i).value();
  check(value.owned(), "input {} ({}) has to be known before the network runs", i,
        describe(graph_, node().inputs[static_cast<size_t>(i)]));
  return value.span();
}

std::vector<int64_t> Lowering::integers(int i) const {
  bytes(i);
  return integers_of(in(i).type, in(i).value());
}

std::vector<float> Lowering::floats(int i) const { return floats_of(in(i), bytes(i)); }

void Lowering::unsupported(const std::string& what) const {
  std::string types;
  for (int i = 0; i < inputs(); ++i)
    if (has(i)) types += fmt::format("{}{}", types.empty() ? "" : ", ", name_of(in(i).type));
  types += " ->";
  for (int i = 0; i < outputs(); ++i) types += fmt::format(" {}", name_of(out(i).type));
  fail("no kernel for types {}: {}", types, what);
}

Operand Lowering::input(int i) const {
  if (!has(i)) return {};
  return {Operand::Kind::tensor, node().inputs[static_cast<size_t>(i)]};
}

Operand Lowering::output(int i) const {
  return {Operand::Kind::tensor, node().outputs.at(static_cast<size_t>(i))};
}

Operand Lowering::constant(Bytes bytes) {
  plan_.constants.push_back(std::move(bytes));
  return {Operand::Kind::constant, static_cast<int64_t>(plan_.constants.size()) - 1};
}

Operand Lowering::scratch(int64_t bytes) {
  const int64_t offset = scratch_;
  scratch_ = align(scratch_ + bytes);
  plan_.scratch_bytes = std::max(plan_.scratch_bytes, scratch_);
  return {Operand::Kind::scratch, offset, bytes};
}

Operand Lowering::state(int64_t bytes, std::byte fill) {
  return {Operand::Kind::state, state_.add(bytes, fill)};
}

Operand Lowering::variable(const std::string& name, int64_t bytes, std::optional<std::byte> fill) {
  return {Operand::Kind::state, state_.variable(name, bytes, fill)};
}

Operand Lowering::temporary(Type type, int64_t elements) {
  plan_.tensors.push_back({.type = type, .bytes = bytes_for(type, elements)});
  plan_.tensors.back().location.place = Location::Place::arena;
  return {Operand::Kind::tensor, static_cast<int64_t>(plan_.tensors.size()) - 1};
}

void Lowering::alias(int output, int input) {
  const TensorId from = node().inputs.at(static_cast<size_t>(input));
  const TensorId to = node().outputs.at(static_cast<size_t>(output));
  auto& tensors = plan_.tensors;
  check(tensors[static_cast<size_t>(from)].bytes == tensors[static_cast<size_t>(to)].bytes,
        "{} becomes {}: another number of bytes", describe(graph_, from), describe(graph_, to));
  const TensorId root = tensors[static_cast<size_t>(from)].alias_of;
  tensors[static_cast<size_t>(to)].alias_of = root == kNoTensor ? from : root;
  Step step;
  step.kind = Step::Kind::alias;
  step.node = node_;
  step.operands = {this->output(output), this->input(input)};
  plan_.steps.push_back(std::move(step));
}

void Lowering::call(Step::Kind kind, int first, int second, int first_input) {
  Step step;
  step.kind = kind;
  step.node = node_;
  step.first = first, step.second = second;
  if (first_input > 0) step.operands = {input(0)};
  for (int i = first_input; i < inputs(); ++i) step.inputs.push_back(node().inputs[static_cast<size_t>(i)]);
  step.outputs = node().outputs;
  plan_.steps.push_back(std::move(step));
}

void Lowering::expect_type(const Operand& operand, PointerType wanted) const {
  if (operand.kind != Operand::Kind::tensor) return;
  const Type type = plan_.tensors[static_cast<size_t>(operand.index)].type;
  if (points_to(wanted, type)) return;
  const auto id = static_cast<TensorId>(operand.index);
  unsupported(static_cast<size_t>(id) < graph_.tensors.size()
                  ? fmt::format("{} would have to have another type", describe(graph_, id))
                  : "this combination is not supported");
}

void Lowering::add_step(KernelId kernel, Params params, int64_t units, double unit_cost,
                        std::vector<Operand> operands) {
  if (units <= 0) return;
  check(units <= std::numeric_limits<int32_t>::max(), "{} units of work are too many", units);
  Step step;
  step.node = node_;
  step.kernel = kernel;
  step.params = std::move(params);
  step.operands = std::move(operands);
  step.units = units;
  step.unit_cost = unit_cost;
  plan_.steps.push_back(std::move(step));
}

}  // namespace teff
