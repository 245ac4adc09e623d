#include "tests/conformance/case.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/float16.h"
#include "core/view.h"
#include "graph/infer.h"
#include "run/compile.h"

namespace teff::conformance {
namespace {

struct Range {
  double least, most;
};

template <class T>
Range limits() {
  return {static_cast<double>(std::numeric_limits<T>::min()),
          static_cast<double>(std::numeric_limits<T>::max())};
}

Range range_of(Type type) {
  switch (type) {
    case Type::s4: return {-8, 7};
    case Type::u4: return {0, 15};
    case Type::s8: return limits<int8_t>();
    case Type::u8: return limits<uint8_t>();
    case Type::s16: return limits<int16_t>();
    case Type::u16: return limits<uint16_t>();
    case Type::s32: return limits<int32_t>();
    case Type::u32: return limits<uint32_t>();
    case Type::s64: return {-9.0e18, 9.0e18};
    case Type::u64: return {0, 1.8e19};
    case Type::boolean: return {0, 1};
    default: return {-1, 1};
  }
}

// A range that suits the type where the generator names none. Integers of 32 bits and more are mostly small:
// the largest ones overflow in sums, which is another engine's undefined behaviour.
Range draw_range(Random& random, Type type) {
  if (is_float(type)) {
    const double magnitude = random.pick({0.1, 1.0, 1.0, 6.0, 40.0});
    return {-magnitude, magnitude};
  }
  if (type == Type::s32 || type == Type::s64) {
    const double magnitude = std::pow(10.0, random.real(0.5, 6));
    return {-magnitude, magnitude};
  }
  return range_of(type);
}

template <class T>
void put(std::vector<std::byte>& data, T value) {
  const auto bytes = std::as_bytes(std::span<const T, 1>(&value, 1));
  data.insert(data.end(), bytes.begin(), bytes.end());
}

void put_as(Type type, double value, std::vector<std::byte>& data) {
  switch (type) {
    case Type::f32: return put(data, static_cast<float>(value));
    case Type::f64: return put(data, value);
    case Type::f16: return put(data, half_from_float(static_cast<float>(value)));
    case Type::s8: return put(data, static_cast<int8_t>(value));
    case Type::u8:
    case Type::boolean: return put(data, static_cast<uint8_t>(value));
    case Type::s16: return put(data, static_cast<int16_t>(value));
    case Type::u16: return put(data, static_cast<uint16_t>(value));
    case Type::s32: return put(data, static_cast<int32_t>(value));
    case Type::u32: return put(data, static_cast<uint32_t>(value));
    case Type::s64: return put(data, static_cast<int64_t>(value));
    case Type::u64: return put(data, static_cast<uint64_t>(value));
    default: fail("no data are drawn for {}", name_of(type));
  }
}

Bytes two_to_a_byte(const std::vector<double>& values) {
  std::vector<std::byte> data((values.size() + 1) / 2);
  for (size_t i = 0; i < values.size(); ++i)
    data[i / 2] |= static_cast<std::byte>((static_cast<int>(values[i]) & 15) << (4 * (i % 2)));
  return Bytes::own(std::move(data));
}

Bytes stored_as(Type type, const std::vector<double>& values) {
  if (type == Type::s4 || type == Type::u4) return two_to_a_byte(values);
  std::vector<std::byte> data;
  for (double value : values) put_as(type, value, data);
  return Bytes::own(std::move(data));
}

}  // namespace

// --- draws ---

int64_t CaseBuilder::extent(int64_t most) {
  const int64_t drawn = random.pick<int64_t>({1, 1, 2, 2, 3, 4, 5, 7, 8, 11, 13, 16, 17, 23, 31, 33});
  return std::min(drawn, most);
}

Shape CaseBuilder::shape(int least_rank, int most_rank, int64_t most_elements) {
  Shape shape;
  const int rank = integer(least_rank, most_rank);
  int64_t left = most_elements;
  for (int i = 0; i < rank; ++i) {
    shape.push_back(extent(left));
    left = std::max<int64_t>(left / shape.back(), 1);
  }
  // The large extents come first so far.
  for (int i = rank - 1; i > 0; --i) std::swap(shape[i], shape[integer(0, i)]);
  if (rank > 0 && chance(1.0 / 40)) shape[integer(0, rank - 1)] = 0;
  return shape;
}

Shape CaseBuilder::broadcastable(const Shape& to) {
  const int skipped = chance(0.5) ? 0 : integer(0, to.rank());
  Shape shape;
  for (int i = skipped; i < to.rank(); ++i) shape.push_back(chance(0.4) ? 1 : to[i]);
  return shape;
}

Activation CaseBuilder::activation() {
  return random.pick(
      {Activation::none, Activation::none, Activation::relu, Activation::relu6, Activation::relu_n1_to_1});
}

Quant CaseBuilder::scaled(double scale, int64_t zero) { return {{static_cast<float>(scale)}, {zero}}; }

Quant CaseBuilder::symmetric(Type type) {
  if (!is_quantizable(type)) return {};
  // What a range of about 0.1 to 100 gives.
  const double steps = range_of(type == Type::s32 ? Type::s16 : type).most;
  return scaled(std::pow(10.0, random.real(-1, 2)) / steps);
}

Quant CaseBuilder::quant(Type type) {
  Quant quant = symmetric(type);
  const bool has_zero = type == Type::s8 || type == Type::u8 || type == Type::s4 || type == Type::u4;
  if (!has_zero) return quant;
  const auto [least, most] = range_of(type);
  quant.zeros[0] = random.between(static_cast<int64_t>(least), static_cast<int64_t>(most));
  if (chance(0.2)) quant.zeros[0] = static_cast<int64_t>(chance(0.5) ? least : most);
  return quant;
}

Quant CaseBuilder::per_channel(int64_t channels, int axis) {
  Quant quant{{}, {}, axis};
  const double about = std::pow(10.0, random.real(-3, -1));
  for (int64_t i = 0; i < channels; ++i)
    quant.scales.push_back(static_cast<float>(about * random.real(0.2, 2)));
  quant.zeros.assign(quant.scales.size(), 0);
  return quant;
}

Quant CaseBuilder::product_quant(Type type, const Quant& a, const Quant& b, double terms, Type b_type) {
  if (!is_quantizable(type)) return {};
  Quant quant = this->quant(type);
  const double b_scale = *std::max_element(b.scales.begin(), b.scales.end());
  // Uniform values deviate by the largest over the square root of 3; of sums the square root of the terms
  // remains.
  const double most = range_of(type).most;
  const double spread =
      a.scale() * most * b_scale * range_of(b_type).most / 3 * std::sqrt(std::max(terms, 1.0));
  quant.scales[0] = static_cast<float>(spread * random.real(0.3, 4) / most);
  return quant;
}

Quant CaseBuilder::bias_quant(const Quant& a, const Quant& b) {
  Quant quant = b;
  quant.axis = 0;
  for (float& scale : quant.scales) scale *= a.scale();
  quant.zeros.assign(quant.scales.size(), 0);
  return quant;
}

// --- tensors ---

Bytes CaseBuilder::data(Type type, int64_t elements, const Values& values, int64_t zero) {
  Random r(random.bits());  // one draw for all of it
  const Range drawn = draw_range(r, type);
  const double least = values.least.value_or(drawn.least), most = values.most.value_or(drawn.most);
  const double edges = r.pick({0.0, 0.05, 0.3});
  std::vector<double> result;
  for (int64_t i = 0; i < elements; ++i) {
    double value = is_float(type) ? r.real(least, most) : std::floor(r.real(least, most + 1));
    if (r.chance(edges)) value = r.pick({least, most, static_cast<double>(zero)});
    result.push_back(std::clamp(value, least, most));
  }
  return stored_as(type, result);
}

TensorId CaseBuilder::add(Type type, const Shape& shape, const Quant& quant, const char* name) {
  Tensor tensor;
  tensor.type = type;
  tensor.shape = shape;
  tensor.quant = quant;
  const TensorId id = model_.main().add(std::move(tensor));
  this->tensor(id).name = fmt::format("{}{}", name, id);
  return id;
}

TensorId CaseBuilder::input(Type type, const Shape& shape, const Quant& quant, const Values& values) {
  const TensorId id = add(type, shape, quant, "in");
  model_.main().inputs.push_back(id);
  inputs_.emplace_back(id, values);
  return id;
}

TensorId CaseBuilder::constant(Type type, const Shape& shape, const Quant& quant, const Values& values) {
  return constant(type, shape, quant, data(type, shape.elements(), values, quant.zero()));
}

TensorId CaseBuilder::constant(Type type, const Shape& shape, const Quant& quant, Bytes data) {
  const TensorId id = add(type, shape, quant, "constant");
  tensor(id).data = std::move(data);
  return id;
}

TensorId CaseBuilder::constant(const std::vector<int32_t>& values) {
  return constant(values, Shape{static_cast<int64_t>(values.size())});
}

TensorId CaseBuilder::constant(const std::vector<int32_t>& values, const Shape& shape) {
  return constant(Type::s32, shape, {}, Bytes::of(values));
}

TensorId CaseBuilder::operand(Type type, const Shape& shape, const Quant& quant, const Values& values) {
  return chance(0.5) ? input(type, shape, quant, values) : constant(type, shape, quant, values);
}

TensorId CaseBuilder::variable(Type type, const Shape& shape, const Quant& quant) {
  const TensorId id = add(type, shape, quant, "state");
  tensor(id).is_variable = true;
  return id;
}

TensorId CaseBuilder::output(Type type, const Quant& quant, const Shape& shape) {
  const TensorId id = add(type, shape, quant, "out");
  model_.main().outputs.push_back(id);
  return id;
}

TensorId CaseBuilder::intermediate(Type type, const Quant& quant) { return add(type, {}, quant, "between"); }

void CaseBuilder::node(Op op, std::vector<TensorId> inputs, std::vector<TensorId> outputs) {
  model_.main().nodes.push_back({std::move(op), std::move(inputs), std::move(outputs)});
}

Case CaseBuilder::finish() {
  verify(model_);
  // On a copy: what shape arithmetic finds out is not in the file.
  Model inferred = model_;
  infer_shapes(inferred, evaluate, true);
  for (size_t g = 0; g < model_.graphs.size(); ++g)
    for (size_t i = 0; i < model_.graphs[g].tensors.size(); ++i)
      model_.graphs[g].tensors[i].shape = inferred.graphs[g].tensors[i].shape;
  Case result;
  result.calls = calls_;
  for (const auto& [id, values] : inputs_) {
    const Tensor& t = tensor(id);
    result.inputs.push_back(data(t.type, t.shape.elements() * calls_, values, t.quant.zero()));
  }
  result.model = std::move(model_);
  return result;
}

// --- the registry ---

void Registry::add(std::string op, Generator generate, double tolerance) {
  entries_.push_back({std::move(op), std::move(generate), tolerance});
}

const Registry::Entry* Registry::find(std::string_view op) const {
  const auto entry =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.op == op; });
  return entry == entries_.end() ? nullptr : &*entry;
}

const Registry& registry() {
  static const Registry all = [] {
    Registry r;
    cases_window(r), cases_matrix(r), cases_elementwise(r), cases_convert(r), cases_axes(r);
    cases_resize(r), cases_move(r), cases_index(r), cases_sequence(r), cases_state(r);
    return r;
  }();
  return all;
}

Case make_case(const Registry::Entry& entry, uint64_t seed, int index) {
  // FNV-1a over the name, so that operators do not draw the same shapes.
  uint64_t mixed = 0xcbf29ce484222325u;
  for (char letter : entry.op) mixed = (mixed ^ static_cast<uint8_t>(letter)) * 0x100000001b3u;
  Random random(mixed + seed * 0x9e3779b97f4a7c15u + static_cast<uint64_t>(index) * 0xd1342543de82ef95u);
  CaseBuilder builder(random);
  entry.generate(builder);
  Case result = builder.finish();
  result.index = index;
  return result;
}

}  // namespace teff::conformance
