#include "tests/conformance/check.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "formats/tflite.h"
#include "graph/from_tflite.h"
#include "run/compile.h"
#include "run/instance.h"

namespace teff::conformance {
namespace {

Model model_of(const PackedCase& c) { return from_tflite(tflite::read_tflite(c.model)); }

void set_inputs(Instance& instance, const PackedCase& c, uint32_t call) {
  for (size_t i = 0; i < c.inputs.size(); ++i) {
    const auto into = instance.input(static_cast<int>(i)).bytes;
    check(c.inputs[i].size() == into.size() * c.calls, "input {} has {} bytes, but takes {}", i,
          c.inputs[i].size(), into.size() * c.calls);
    if (!into.empty()) std::memcpy(into.data(), c.inputs[i].data() + call * into.size(), into.size());
  }
}

double value_at(Type type, const Bytes& data, size_t i) {
  switch (type) {
    case Type::f32: return data.as<float>()[i];
    case Type::s8: return data.as<int8_t>()[i];
    case Type::s16: return data.as<int16_t>()[i];
    case Type::s32: return data.as<int32_t>()[i];
    case Type::s64: return static_cast<double>(data.as<int64_t>()[i]);
    default: return std::to_integer<int>(data.span()[i]);
  }
}

size_t width_of(Type type) {
  return type == Type::f32 || type == Type::s8 || type == Type::s16 || type == Type::s32 || type == Type::s64
             ? static_cast<size_t>(bits_of(type) / 8)
             : 1;
}

std::string at_element(const Tensor& tensor, size_t i, double got, double wanted) {
  std::string place;
  auto rest = static_cast<int64_t>(i);
  const auto strides = strides_of(tensor.shape);
  for (int axis = 0; axis < tensor.shape.rank(); ++axis) {
    place += fmt::format("{}{}", axis ? "," : "", rest / strides[axis]);
    rest %= strides[axis];
  }
  return fmt::format("[{}] is {}, should be {}", place, got, wanted);
}

std::string float_difference(const Tensor& tensor, const Bytes& got, const Bytes& wanted, double tolerance) {
  const auto a = got.as<float>(), b = wanted.as<float>();
  double largest = 0;
  for (float value : b)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(double{value}));
  for (size_t i = 0; i < a.size(); ++i) {
    const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
    // Written so that NaN is not close to anything.
    if (!same && !(std::abs(double{a[i]} - b[i]) <= tolerance * largest))
      return at_element(tensor, i, a[i], b[i]);
  }
  return {};
}

std::string integer_difference(const Tensor& tensor, const Bytes& got, const Bytes& wanted) {
  size_t count = 0, first = 0;
  const size_t width = width_of(tensor.type), elements = got.size() / width;
  for (size_t i = 0; i < elements; ++i) {
    if (std::memcmp(got.data() + i * width, wanted.data() + i * width, width) == 0) continue;
    if (count++ == 0) first = i;
  }
  if (count == 0) return {};
  return fmt::format(
      "{} ({} of {} differ)",
      at_element(tensor, first, value_at(tensor.type, got, first), value_at(tensor.type, wanted, first)),
      count, elements);
}

std::string tensor_difference(const Tensor& tensor, const Bytes& got, const Bytes& wanted, double tolerance) {
  if (got.size() != wanted.size()) return fmt::format("{} bytes, should be {}", got.size(), wanted.size());
  if (std::ranges::equal(got.span(), wanted.span())) return {};
  return tensor.type == Type::f32 ? float_difference(tensor, got, wanted, tolerance)
                                  : integer_difference(tensor, got, wanted);
}

std::string words(const Tensor& t) {
  std::string quant;
  if (!t.quant.empty())
    quant = t.quant.per_channel() ? fmt::format(" {} scales along {}", t.quant.scales.size(), t.quant.axis)
                                  : fmt::format(" scale {} zero {}", t.quant.scale(), t.quant.zero());
  std::string value;
  if (t.is_constant() && t.shape.elements() <= 8)
    for (int64_t i = 0; i < t.shape.elements(); ++i)
      value += fmt::format(" {}", value_at(t.type, t.data, static_cast<size_t>(i)));
  return fmt::format("{} {}x{}{}{}", t.name, name_of(t.type), to_string(t.shape), quant,
                     value.empty() ? "" : " =" + value);
}

std::string words(const Op& op) {
  std::string text(op_name(op));
  const auto add = [&](const char* name, const auto& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (std::is_arithmetic_v<Field> || std::is_enum_v<Field>)
      text += fmt::format(" {}={}", name, static_cast<double>(field));
  };
  std::visit([&](const auto& o) { fields(o, add); }, op);
  return text;
}

}  // namespace

std::vector<Bytes> run_case(const PackedCase& c, bool fuse) {
  CompileOptions options;
  options.fuse = fuse;
  const auto program = compile(model_of(c), options);
  Instance instance(program, 1);
  check(c.inputs.size() == program->model.main().inputs.size(), "{} inputs are packed", c.inputs.size());
  std::vector<std::vector<std::byte>> outputs(program->model.main().outputs.size());
  for (uint32_t call = 0; call < c.calls; ++call) {
    set_inputs(instance, c, call);
    instance.run();
    for (size_t i = 0; i < outputs.size(); ++i) {
      const auto bytes = instance.output(static_cast<int>(i)).bytes;
      outputs[i].insert(outputs[i].end(), bytes.begin(), bytes.end());
    }
  }
  std::vector<Bytes> result;
  for (auto& output : outputs) result.push_back(Bytes::own(std::move(output)));
  return result;
}

std::string difference(const PackedCase& c, const std::vector<Bytes>& got, const std::vector<Bytes>& wanted,
                       double tolerance) {
  const Model model = model_of(c);
  const Graph& graph = model.main();
  check(got.size() == wanted.size() && got.size() == graph.outputs.size(), "{} outputs, should be {}",
        got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    const Tensor& tensor = graph.tensor(graph.outputs[i]);
    const std::string found = tensor_difference(tensor, got[i], wanted[i], tolerance);
    if (!found.empty()) return fmt::format("output {}: {}", i, found);
  }
  return {};
}

std::string check_case(const PackedCase& c, const Answer& answer, double tolerance) {
  for (bool fuse : {false, true}) {
    const std::string found = difference(c, run_case(c, fuse), answer.outputs, tolerance);
    if (!found.empty()) return fuse ? found + " (fused)" : found;
  }
  return {};
}

std::string describe_case(const PackedCase& c) {
  const Model model = model_of(c);
  std::string text;
  for (const Graph& graph : model.graphs) {
    for (const Node& node : graph.nodes) {
      text += fmt::format("    {}\n", words(node.op));
      for (TensorId id : node.inputs)
        text += fmt::format("      in  {}\n", id == kNoTensor ? "-" : words(graph.tensor(id)));
      for (TensorId id : node.outputs) text += fmt::format("      out {}\n", words(graph.tensor(id)));
    }
  }
  return text;
}

}  // namespace teff::conformance
