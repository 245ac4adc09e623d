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
  int64_t batch, in, cells;
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

  void add_weights(std::vector<TensorId>& inputs, bool couples_gates, bool peeps) {
    const auto absent = [&](int gate) { return couples_gates && gate == 0; };
    const size_t first = inputs.size();
    for (int gate = 0; gate < 4; ++gate) inputs.push_back(absent(gate) ? kNoTensor : matrix(size_.in));
    for (int gate = 0; gate < 4; ++gate) inputs.push_back(absent(gate) ? kNoTensor : matrix(size_.cells));
    for (int gate = 0; gate < 3; ++gate)
      inputs.push_back(peeps && !absent(gate) ? c_.constant(Type::f32, {size_.cells}, {}, {-1, 1})
                                              : kNoTensor);
    for (size_t gate = 0; gate < 4; ++gate)
      inputs.push_back(absent(static_cast<int>(gate)) ? kNoTensor : bias(inputs[first + gate]));
    inputs.insert(inputs.end(), 2, kNoTensor);  // projection and its bias
  }
  void add_state(std::vector<TensorId>& inputs) {
    inputs.push_back(c_.variable(types_.x, {size_.batch, size_.cells}, h_));
    const Quant cell = quantized() ? CaseBuilder::scaled(std::ldexp(1.0, -c_.integer(10, 13))) : Quant{};
    inputs.push_back(c_.variable(types_.cell, {size_.batch, size_.cells}, cell));
  }

 private:
  TensorId matrix(int64_t columns) {
    if (!quantized()) return c_.constant(Type::f32, {size_.cells, columns}, {}, {-0.7, 0.7});
    return c_.constant(types_.weights, {size_.cells, columns}, CaseBuilder::scaled(c_.real(0.2f, 1) / 127));
  }
  TensorId bias(TensorId weights) {
    if (!quantized()) return c_.constant(Type::f32, {size_.cells}, {}, {-0.5, 0.5});
    const Quant quant = CaseBuilder::bias_quant(x_, c_.tensor(weights).quant);
    return c_.constant(types_.bias, {size_.cells}, quant, {-20000, 20000});
  }

  CaseBuilder& c_;
  CellTypes types_;
  CellSize size_;
  Quant x_, h_;
};

CellSize cell_size(CaseBuilder& c) { return {c.integer(1, 3), c.extent(9), c.extent(9)}; }

void unidirectional_lstm(CaseBuilder& c) {
  const CellTypes types = c.random.pick({kFloats, kInt8, kInt8, kInt16});
  const CellSize size = cell_size(c);
  const bool time_major = c.chance(0.4);
  const int64_t steps = c.integer(1, 5);
  const Shape shape = time_major ? Shape{steps, size.batch, size.in} : Shape{size.batch, steps, size.in};
  CellBuilder cell(c, types, size);
  std::vector<TensorId> inputs = {c.input(types.x, shape, cell.x_quant())};
  cell.add_weights(inputs, false, false);
  cell.add_state(inputs);
  inputs.insert(inputs.end(), 4, kNoTensor);  // layer norm
  const float clip = c.chance(0.3) ? c.real(0.3f, 6) : 0;
  c.node(Lstm{.cell_clip = clip, .time_major = time_major}, inputs, {c.output(types.x, cell.h_quant())});
  c.calls(c.integer(1, 3));
}

void bidirectional_lstm(CaseBuilder& c) {
  const CellSize size = cell_size(c);
  const bool time_major = c.chance(0.5), merges = c.chance(0.5), couples = c.chance(0.2),
             peeps = c.chance(0.3);
  const int64_t steps = c.integer(1, 5);
  const Shape shape = time_major ? Shape{steps, size.batch, size.in} : Shape{size.batch, steps, size.in};
  CellBuilder cell(c, kFloats, size);
  std::vector<TensorId> inputs = {c.input(Type::f32, shape)};
  cell.add_weights(inputs, couples, peeps), cell.add_weights(inputs, couples, peeps);
  cell.add_state(inputs), cell.add_state(inputs);
  inputs.insert(inputs.end(), 9, kNoTensor);  // auxiliary input and its weights
  std::vector<TensorId> outputs = {c.output(Type::f32)};
  if (!merges) outputs.push_back(c.output(Type::f32));
  c.node(BidirectionalLstm{.merge_outputs = merges, .time_major = time_major}, inputs, outputs);
  c.calls(c.integer(1, 2));
}

void lstm(CaseBuilder& c) {
  const CellSize size = cell_size(c);
  const bool couples = c.chance(0.3), peeps = c.chance(0.3);
  CellBuilder cell(c, kFloats, size);
  std::vector<TensorId> inputs = {c.input(Type::f32, {size.batch, size.in})};
  cell.add_weights(inputs, couples, peeps);
  cell.add_state(inputs);
  c.node(LstmStep{.cell_clip = c.chance(0.3) ? c.real(0.3f, 6) : 0}, inputs, {c.output(Type::f32)});
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
  const Quant state_zero = quantized ? CaseBuilder::scaled(state.scale()) : Quant{};
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
      c.chance(0.6) ? c.constant(quantized ? Type::s32 : type, {units}, bias, bias_values) : kNoTensor;
  const TensorId kept = c.variable(state_type, {batch, memory * filters}, state_zero);
  const Activation activation =
      quantized ? Activation::relu : c.random.pick({Activation::none, Activation::relu});
  c.node(Svdf{.rank = rank, .activation = activation}, {input, by_feature, by_time, offset, kept},
         {c.output(type, y)});
  c.calls(c.integer(1, 6));
}

}  // namespace

void cases_sequence(Registry& registry) {
  registry.add("UNIDIRECTIONAL_SEQUENCE_LSTM", unidirectional_lstm);
  registry.add("BIDIRECTIONAL_SEQUENCE_LSTM", bidirectional_lstm);
  registry.add("LSTM", lstm);
  registry.add("SVDF", svdf);
}

}  // namespace teff::conformance
