#include <cmath>

#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

// The types of a cell: activations, weights, biases, and the cell's state.
struct CellTypes {
  Type x, weights, bias, cell;
};
constexpr CellTypes kFloats{Type::f32, Type::f32, Type::f32, Type::f32};
constexpr CellTypes kInt8{Type::s8, Type::s8, Type::s32, Type::s16};
constexpr CellTypes kInt16{Type::s16, Type::s8, Type::s64, Type::s16};

struct CellSize {
  int64_t batch, in, cells, outputs;
};

// What a cell of floats may have besides gates: no input gate of its own, peepholes, projection (with a
// bias).
struct CellParts {
  bool couples = false, peeps = false, projects = false, projection_bias = false;
};

// The inputs 1 to 17 of TFLite's cells: weights, [peepholes], biases, [projection].
class CellBuilder {
 public:
  CellBuilder(CaseBuilder& c, const CellTypes& types, const CellSize& size)
      : c_(c), types_(types), size_(size) {
    if (quantized()) {
      x_ = types.x == Type::s8 ? c.quant(Type::s8) : c.symmetric(Type::s16);
      // What a gate lets through is below 1.
      h_ = types.x == Type::s8 ? CaseBuilder::scaled(1.0 / 128, c.integer(-5, 5))
                               : CaseBuilder::scaled(1.0 / 32768);
      x_.scales[0] = c.real(0.5f, 4) / (types.x == Type::s8 ? 128.0f : 32768.0f);
    }
  }

  bool quantized() const { return types_.x != Type::f32; }
  const Quant& x_quant() const { return x_; }
  const Quant& h_quant() const { return h_; }

  void add_weights(std::vector<TensorId>& inputs, const CellParts& parts) {
    const auto absent = [&](int gate) { return parts.couples && gate == 0; };
    const size_t first = inputs.size();
    add_gates(inputs, parts, size_.in);
    add_gates(inputs, parts, size_.outputs);
    for (int gate = 0; gate < 3; ++gate)
      inputs.push_back(parts.peeps && !absent(gate) ? vector(size_.cells, 1) : kNoTensor);
    for (size_t gate = 0; gate < 4; ++gate)
      inputs.push_back(absent(static_cast<int>(gate)) ? kNoTensor : bias(inputs[first + gate]));
    inputs.push_back(parts.projects ? matrix(size_.outputs, size_.cells) : kNoTensor);
    inputs.push_back(parts.projection_bias ? vector(size_.outputs, 0.5) : kNoTensor);
  }
  void add_gates(std::vector<TensorId>& inputs, const CellParts& parts, int64_t columns) {
    for (int gate = 0; gate < 4; ++gate)
      inputs.push_back(parts.couples && gate == 0 ? kNoTensor : matrix(size_.cells, columns));
  }
  void add_norms(std::vector<TensorId>& inputs, const CellParts& parts) {
    for (int gate = 0; gate < 4; ++gate)
      inputs.push_back(parts.couples && gate == 0 ? kNoTensor : vector(size_.cells, 1.5));
  }
  void add_state(std::vector<TensorId>& inputs) {
    inputs.push_back(c_.variable(types_.x, {size_.batch, size_.outputs}, h_));
    const Quant cell = quantized() ? CaseBuilder::scaled(std::ldexp(1.0, -c_.integer(10, 13))) : Quant{};
    inputs.push_back(c_.variable(types_.cell, {size_.batch, size_.cells}, cell));
  }

 private:
  TensorId matrix(int64_t rows, int64_t columns) {
    if (!quantized()) return c_.constant(Type::f32, {rows, columns}, {}, {-0.7, 0.7});
    return c_.constant(types_.weights, {rows, columns}, CaseBuilder::scaled(c_.real(0.2f, 1) / 127));
  }
  TensorId vector(int64_t size, double most) { return c_.constant(Type::f32, {size}, {}, {-most, most}); }
  TensorId bias(TensorId weights) {
    if (!quantized()) return vector(size_.cells, 0.5);
    const Quant quant = CaseBuilder::bias_quant(x_, c_.tensor(weights).quant);
    return c_.constant(types_.bias, {size_.cells}, quant, {-20000, 20000});
  }

  CaseBuilder& c_;
  CellTypes types_;
  CellSize size_;
  Quant x_, h_;
};

CellSize cell_size(CaseBuilder& c, const CellParts& parts = {}) {
  const int64_t batch = c.integer(1, 3), in = c.extent(9), cells = c.extent(9);
  return {batch, in, cells, parts.projects ? c.extent(7) : cells};
}

CellParts cell_parts(CaseBuilder& c) {
  CellParts parts{.couples = c.chance(0.3), .peeps = c.chance(0.3), .projects = c.chance(0.3)};
  parts.projection_bias = parts.projects && c.chance(0.5);
  return parts;
}

float clip(CaseBuilder& c) { return c.chance(0.3) ? c.real(0.3f, 6) : 0; }

// Larger ones drive gates to where small differences of their sums are large ones of their exponentials.
constexpr Values kReals = {-2, 2};

// [time, batch, width] or [batch, time, width].
Shape sequence(bool time_major, int64_t steps, int64_t batch, int64_t width) {
  return time_major ? Shape{steps, batch, width} : Shape{batch, steps, width};
}

void unidirectional_lstm(CaseBuilder& c) {
  const CellTypes types = c.random.pick({kFloats, kFloats, kInt8, kInt8, kInt16});
  const bool plain = types.x != Type::f32 || c.chance(0.5), norms = !plain && c.chance(0.4);
  const CellParts parts = plain ? CellParts{} : cell_parts(c);
  const CellSize size = cell_size(c, parts);
  const bool time_major = c.chance(0.4);
  CellBuilder cell(c, types, size);
  const Shape shape = sequence(time_major, c.integer(1, 5), size.batch, size.in);
  std::vector<TensorId> inputs = {
      c.input(types.x, shape, cell.x_quant(), cell.quantized() ? Values{} : kReals)};
  cell.add_weights(inputs, parts);
  cell.add_state(inputs);
  if (norms)
    cell.add_norms(inputs, parts);
  else
    inputs.insert(inputs.end(), 4, kNoTensor);
  c.node(Lstm{.cell_clip = clip(c), .proj_clip = clip(c), .time_major = time_major}, inputs,
         {c.output(types.x, cell.h_quant())});
  c.calls(c.integer(1, 3));
}

// The auxiliary input has weights of its own, or is what the second network reads.
void bidirectional_lstm(CaseBuilder& c) {
  const CellParts parts = cell_parts(c);
  CellSize size = cell_size(c, parts);
  const bool time_major = c.chance(0.5), merges = c.chance(0.5), aux = c.chance(0.4),
             aux_weights = aux && c.chance(0.5);
  // LiteRT takes the step from one output to the next for that between states, and reads past the last.
  if (merges && !time_major) size.batch = 1;
  const int64_t steps = c.integer(1, 5), aux_width = aux_weights ? c.extent(7) : size.in;
  CellBuilder cell(c, kFloats, size);
  std::vector<TensorId> inputs = {
      c.input(Type::f32, sequence(time_major, steps, size.batch, size.in), {}, kReals)};
  cell.add_weights(inputs, parts), cell.add_weights(inputs, parts);
  cell.add_state(inputs), cell.add_state(inputs);
  inputs.push_back(aux ? c.input(Type::f32, sequence(time_major, steps, size.batch, aux_width), {}, kReals)
                       : kNoTensor);
  if (aux_weights)
    cell.add_gates(inputs, parts, aux_width), cell.add_gates(inputs, parts, aux_width);
  else
    inputs.insert(inputs.end(), 8, kNoTensor);
  std::vector<TensorId> outputs = {c.output(Type::f32)};
  if (!merges) outputs.push_back(c.output(Type::f32));
  c.node(
      BidirectionalLstm{
          .cell_clip = clip(c), .proj_clip = clip(c), .merge_outputs = merges, .time_major = time_major},
      inputs, outputs);
  c.calls(c.integer(1, 2));
}

void basic_lstm(CaseBuilder& c) {
  const CellSize size = cell_size(c);
  const Shape state = {size.batch, size.cells};
  const TensorId x = c.input(Type::f32, {size.batch, size.in}, {}, kReals),
                 h = c.input(Type::f32, state, {}, {-1, 1});
  const TensorId weights = c.constant(Type::f32, {4 * size.cells, size.in + size.cells}, {}, {-0.7, 0.7});
  const TensorId bias = c.constant(Type::f32, {4 * size.cells}, {}, {-0.5, 0.5});
  const TensorId cell = c.input(Type::f32, state, {}, {-2, 2});
  c.node(LstmStep{.kernel_type = 1}, {x, h, weights, bias, cell},
         {c.output(Type::f32), c.output(Type::f32), c.output(Type::f32), c.output(Type::f32)});
}

void lstm(CaseBuilder& c) {
  if (c.chance(0.3)) return basic_lstm(c);
  const CellParts parts = cell_parts(c);
  const CellSize size = cell_size(c, parts);
  CellBuilder cell(c, kFloats, size);
  std::vector<TensorId> inputs = {c.input(Type::f32, {size.batch, size.in}, {}, kReals)};
  cell.add_weights(inputs, parts);
  cell.add_state(inputs);
  if (c.chance(0.3)) cell.add_norms(inputs, parts);
  const Activation activation = c.random.pick({Activation::tanh, Activation::tanh, Activation::relu6});
  c.node(LstmStep{.activation = activation, .cell_clip = clip(c), .proj_clip = clip(c)}, inputs,
         {c.output(Type::f32)});
  c.calls(c.integer(1, 4));
}

void svdf(CaseBuilder& c) {
  const bool quantized = c.chance(0.6);
  const Type type = quantized ? Type::s8 : Type::f32;
  const Type state_type = !quantized ? Type::f32 : c.chance(0.7) ? Type::s16 : Type::s8;
  const int rank = c.integer(1, 3);
  const int64_t units = c.extent(6), filters = units * rank, in = c.extent(11), memory = c.integer(1, 8);
  const int64_t batch = c.integer(1, 2);
  const double most = state_type == Type::s8 ? 127 : 32767;
  const Quant x = c.quant(type), features = quantized ? c.symmetric(Type::s8) : Quant{};
  const Quant state = quantized ? c.product_quant(state_type, x, features, static_cast<double>(in)) : Quant{};
  const Quant state_zero =
      quantized ? CaseBuilder::scaled(state.scale(), state_type == Type::s8 ? c.integer(-9, 9) : 0) : Quant{};
  const Quant time = quantized ? CaseBuilder::scaled(c.real(0.3f, 1) / most) : Quant{};
  const Quant bias = quantized ? CaseBuilder::bias_quant(state_zero, time) : Quant{};
  Quant y = c.quant(type);
  if (quantized)
    y.scales[0] =
        static_cast<float>(state.scale() * most * time.scale() * most *
                           std::sqrt(static_cast<double>(memory * rank)) / 3 / 127 * c.real(0.3f, 2));
  const TensorId input = c.input(type, {batch, in}, x);
  const TensorId by_feature = c.constant(type, {filters, in}, features);
  const TensorId by_time = c.constant(state_type, {filters, memory}, time);
  const Values bias_values = quantized ? Values{-20000, 20000} : Values{};
  const TensorId offset =
      c.chance(0.9) ? c.constant(quantized ? Type::s32 : type, {units}, bias, bias_values) : kNoTensor;
  const TensorId kept = c.variable(state_type, {batch, memory * filters}, state_zero);
  const Activation activation =
      quantized ? Activation::relu : c.random.pick({Activation::none, Activation::relu});
  c.node(Svdf{.rank = rank, .activation = activation}, {input, by_feature, by_time, offset, kept},
         {c.output(type, y)});
  c.calls(c.integer(1, 6));
}

// Layer norms divide by deviations that may be small.
constexpr double kTolerance = 5e-5;

}  // namespace

void cases_sequence(Registry& registry) {
  registry.add("UNIDIRECTIONAL_SEQUENCE_LSTM", unidirectional_lstm, kTolerance);
  registry.add("BIDIRECTIONAL_SEQUENCE_LSTM", bidirectional_lstm, kTolerance);
  registry.add("LSTM", lstm, kTolerance);
  registry.add("SVDF", svdf, 5e-4);  // an activation may leave a sum that nearly cancels
}

}  // namespace teff::conformance
