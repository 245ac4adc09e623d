// Recurrent networks.
#include <algorithm>
#include <cmath>

#include "graph/lstm_inputs.h"
#include "kernels/c/lstm.h"
#include "kernels/c/svdf.h"
#include "plan/copy.h"
#include "plan/lower.h"
#include "plan/quantize.h"
#include "plan/tables.h"
#include "plan/weights.h"

namespace teff {
namespace {

// The order of gates in kernels.
constexpr LstmGate kOrder[] = {kForgetGate, kCellGate, kOutputGate, kInputGate};

// What the LSTM operators share.
struct LstmOptions {
  Activation activation;
  float cell_clip, proj_clip;
  bool time_major = false, backward = false;
};

// One network of an operator: its inputs, and where it writes what.
struct Network {
  Lowering& node;
  LstmInputs in;
  LstmOptions options;
  int output = 0;
  int64_t y_offset = 0;

  const Shape& weights() const { return node.in(in.weights + kForgetGate).shape; }
  int64_t cells() const { return weights()[0]; }
  int64_t outputs() const { return node.in(in.h_weights + kForgetGate).shape[1]; }
  int gates() const { return node.has(in.weights + kInputGate) ? 4 : 3; }

  // [time, batch, width], [batch, time, width], or one step: [batch, width].
  int64_t steps() const {
    const Shape& x = node.in(in.x).shape;
    return x.rank() == 2 ? 1 : x[options.time_major ? 0 : 1];
  }
  int64_t batch() const {
    const Shape& x = node.in(in.x).shape;
    return x[x.rank() == 3 && options.time_major ? 1 : 0];
  }
  // A sequence of which a network takes `width` elements from `offset` on.
  teff_sequence sequence(const Shape& shape, int64_t width, int64_t offset = 0) const {
    const int64_t row = shape.back();
    return {.width = int32_of(width),
            .step = int32_of(options.time_major ? batch() * row : row),
            .batch = int32_of(options.time_major ? row : steps() * row),
            .offset = int32_of(offset)};
  }
  double cost() const {
    return static_cast<double>(steps()) * gates() * static_cast<double>(cells() * (weights()[1] + outputs()));
  }
};

// --- float32 ---

// Appends matrices of all gates, [cells][columns] each, as [columns][gates][cells].
void add_transposed(const Network& n, int first, std::vector<float>& packed) {
  const auto cells = static_cast<size_t>(n.cells()), gates = static_cast<size_t>(n.gates());
  const auto columns = static_cast<size_t>(n.node.in(first + kForgetGate).shape[1]), start = packed.size();
  packed.resize(start + columns * gates * cells);
  for (size_t k = 0; k < gates; ++k) {
    const auto values = n.node.floats(first + kOrder[k]);
    for (size_t j = 0; j < cells; ++j)
      for (size_t i = 0; i < columns; ++i)
        packed[start + (i * gates + k) * cells + j] = values[j * columns + i];
  }
}

// Vectors of all gates in the kernels' order; a gate's input is `first` + its number; missing ones are zero.
Operand vectors(const Network& n, int first) {
  std::vector<float> packed;
  for (int k = 0; k < n.gates(); ++k) {
    const int i = first + kOrder[k];
    const auto values =
        n.node.has(i) ? n.node.floats(i) : std::vector<float>(static_cast<size_t>(n.cells()), 0.0f);
    packed.insert(packed.end(), values.begin(), values.end());
  }
  return n.node.constant(packed);
}

// There are peepholes for all gates but g.
Operand peepholes(const Network& n) {
  if (!n.node.has(n.in.peepholes + 1)) return Lowering::none();
  std::vector<float> packed;
  const int of_gate[] = {n.in.peepholes + 1, -1, n.in.peepholes + 2, n.in.peepholes};
  for (int k = 0; k < n.gates(); ++k) {
    const auto values =
        of_gate[k] < 0 ? std::vector<float>(static_cast<size_t>(n.cells()), 0.0f) : n.node.floats(of_gate[k]);
    packed.insert(packed.end(), values.begin(), values.end());
  }
  return n.node.constant(packed);
}

Operand projection(const Network& n) {
  if (!n.node.has(n.in.projection)) return Lowering::none();
  const auto values = n.node.floats(n.in.projection);
  const auto cells = static_cast<size_t>(n.cells()), outputs = static_cast<size_t>(n.outputs());
  std::vector<float> transposed(values.size());
  for (size_t o = 0; o < outputs; ++o)
    for (size_t j = 0; j < cells; ++j) transposed[j * outputs + o] = values[o * cells + j];
  return n.node.constant(transposed);
}

Operand packed_weights(const Network& n) {
  std::vector<float> packed;
  add_transposed(n, n.in.weights, packed);
  if (n.in.aux_weights >= 0) add_transposed(n, n.in.aux_weights, packed);
  add_transposed(n, n.in.h_weights, packed);
  return n.node.constant(packed);
}

void lower_f32(const Network& n) {
  const bool tanh = n.options.activation == Activation::tanh, aux = n.in.aux >= 0;
  const auto [lo, hi] = tanh ? FloatRange{-1, 1} : activation_range(n.options.activation);
  const Shape &x = n.node.in(n.in.x).shape, &y = n.node.out(n.output).shape;
  const teff_lstm_f32_params p{
      .x = n.sequence(x, x.back()),
      .aux = aux ? n.sequence(n.node.in(n.in.aux).shape, n.node.in(n.in.aux).shape.back()) : teff_sequence{},
      .y = n.sequence(y, n.outputs(), n.y_offset),
      .steps = int32_of(n.steps()),
      .backward = n.options.backward,
      .cells = int32_of(n.cells()),
      .gates = n.gates(),
      .tanh = tanh,
      .lo = lo,
      .hi = hi,
      .cell_clip = n.options.cell_clip,
      .output_clip = n.options.proj_clip};
  const bool norms = n.in.norms >= 0 && n.node.has(n.in.norms + kForgetGate);
  const int64_t sums = int32_of(p.gates * n.cells());
  n.node.step(KERNEL_ID(lstm_f32), p, n.batch(), n.cost(), n.node.input(n.in.x),
              aux ? n.node.input(n.in.aux) : Lowering::none(), packed_weights(n), vectors(n, n.in.biases),
              peepholes(n), norms ? vectors(n, n.in.norms) : Lowering::none(), projection(n),
              weights_f32(n.node, n.in.projection + 1), n.node.input(n.in.h), n.node.input(n.in.c),
              n.node.output(n.output), n.node.scratch(sums * static_cast<int64_t>(sizeof(float))));
}

// --- integers ---

constexpr float kSumScale = 1.0f / 4096, kGateScale = 1.0f / 32768;
constexpr const char* kLstmTypes =
    "supported are float32, and int8 or int16 with int8 weights, int16 cells and biases of int32 (int64 for "
    "int16)";

teff_factor product_factor(float a, float b, float to) {
  return factor_of(static_cast<double>(a) * static_cast<double>(b) / static_cast<double>(to));
}

teff_factor sum_factor(const Tensor& x, const Tensor& weights) {
  expect_per_tensor(weights, "weights");
  check(weights.quant.zero() == 0, "the weights ('{}') need a zero point of 0", weights.name);
  const teff_factor factor = product_factor(x.quant.scale(), weights.quant.scale(), kSumScale);
  check(x.type != Type::s16 || factor.shift < 15, "the scale of the weights ('{}') is too large",
        weights.name);
  return factor;
}

// The constants of all gates in the kernels' order.
Operand packed_bytes(Lowering& node, int first) {
  std::vector<std::byte> packed;
  for (LstmGate gate : kOrder) {
    const auto bytes = node.bytes(first + gate);
    packed.insert(packed.end(), bytes.begin(), bytes.end());
  }
  return node.constant(Bytes::own(std::move(packed)));
}

void expect_integer_types(const Network& n) {
  const Lowering& node = n.node;
  const Type x = node.in(n.in.x).type;
  bool fits = node.in(n.in.h).type == x && node.out().type == x && node.in(n.in.c).type == Type::s16;
  for (int gate = kInputGate; gate <= kOutputGate; ++gate) {
    if (!node.has(n.in.weights + gate)) node.unsupported("integer networks need all four gates");
    fits = fits && node.in(n.in.weights + gate).type == Type::s8;
    fits = fits && node.in(n.in.h_weights + gate).type == Type::s8;
    fits = fits && node.in(n.in.biases + gate).type == (x == Type::s8 ? Type::s32 : Type::s64);
  }
  if (!fits) node.unsupported(kLstmTypes);
  if (node.has(n.in.peepholes + 1) || node.has(n.in.projection) || node.has(n.in.norms + kForgetGate))
    node.unsupported("integer networks have neither peepholes nor projection nor norms");
  if (n.options.activation != Activation::tanh) node.unsupported("integer networks need the activation tanh");
  for (int i : {n.in.x, n.in.h, n.in.c}) {
    expect_per_tensor(node.in(i), i == n.in.x ? "input" : "state");
    check(node.in(i).type != Type::s16 || node.in(i).quant.zero() == 0, "'{}' needs a zero point of 0",
          node.in(i).name);
  }
}

// tanh reads c as a power of two: 3 * 2^k steps of its table for one of c's.
teff_sigmoid_s16_params cell_tanh(float scale) {
  const int k = 12 + static_cast<int>(std::lround(std::log2(scale)));
  check(k <= 14 && k >= -30, "the scale {} of the cells' state cannot be computed with", scale);
  return k >= 0 ? teff_sigmoid_s16_params{3 << k, 0} : teff_sigmoid_s16_params{3, -k};
}

int32_t quantized_clip(float clip, float scale) {
  if (!(clip > 0)) return 0;
  return static_cast<int32_t>(std::min(static_cast<double>(clip) / static_cast<double>(scale), 32767.0));
}

teff_lstm_integer_params integer_params(const Network& n) {
  const Tensor &x = n.node.in(n.in.x), &h = n.node.in(n.in.h);
  const float c_scale = n.node.in(n.in.c).quant.scale();
  teff_lstm_integer_params p{.x = n.sequence(x.shape, x.shape.back()),
                             .y = n.sequence(n.node.out().shape, n.cells()),
                             .steps = int32_of(n.steps()),
                             .cells = int32_of(n.cells()),
                             .x_zero = x.quant.zero(),
                             .h_zero = h.quant.zero(),
                             .keep = product_factor(kGateScale, c_scale, c_scale),
                             .add = product_factor(kGateScale, kGateScale, c_scale),
                             .out = product_factor(kGateScale, kGateScale, h.quant.scale()),
                             .clip = quantized_clip(n.options.cell_clip, c_scale),
                             .c_tanh = cell_tanh(c_scale)};
  for (int k = 0; k < 4; ++k) {
    p.x_factors[k] = sum_factor(x, n.node.in(n.in.weights + kOrder[k]));
    p.h_factors[k] = sum_factor(h, n.node.in(n.in.h_weights + kOrder[k]));
  }
  return p;
}

void lower_integer(const Network& n) {
  expect_integer_types(n);
  const teff_lstm_integer_params p = integer_params(n);
  const int64_t scratch = 2 * (int64_t{p.x.width} + 5 * int64_t{p.cells});
  const auto add = [&](auto tag) {
    n.node.step(tag, p, n.batch(), n.cost(), n.node.input(n.in.x), packed_bytes(n.node, n.in.weights),
                packed_bytes(n.node, n.in.h_weights), packed_bytes(n.node, n.in.biases),
                n.node.constant(sigmoid_table()), n.node.input(n.in.h), n.node.input(n.in.c), n.node.output(),
                n.node.scratch(scratch));
  };
  n.node.in(n.in.x).type == Type::s8 ? add(KERNEL_ID(lstm_s8)) : add(KERNEL_ID(lstm_s16));
}

// --- one step, gates in one matrix ---

void lower_basic(Lowering& node) {
  if (node.in(0).type != Type::f32) node.unsupported("the basic LSTM is supported for float32");
  const Shape &joined = node.out(2).shape, &sums = node.out(3).shape;
  int64_t begin = 0;
  for (int i = 0; i < 2; ++i) {
    const Shape& part = node.in(i).shape;
    Box box = box_of(part, part, joined);
    box.to_offset = begin;
    add_copy(node, Type::f32, box, node.input(i), node.output(2));
    begin += part[1];
  }
  const auto [lo, hi] = activation_range(Activation::none);
  const teff_fully_connected_f32_params product{
      .inputs = int32_of(joined[1]), .outputs = int32_of(sums[1]), .lo = lo, .hi = hi};
  node.step(KERNEL_ID(fully_connected_f32), product, sums.elements(), product.inputs, node.output(2),
            weights_f32(node, 2), weights_f32(node, 3), node.output(3));
  const teff_lstm_basic_params p{.cells = int32_of(node.out().shape[1])};
  node.step(KERNEL_ID(lstm_basic_f32), p, node.out().shape.elements(), 40, node.output(3), node.input(4),
            node.output(0), node.output(1));
}

// --- SVDF ---

void lower_svdf_f32(const Svdf& op, Lowering& node) {
  const auto [lo, hi] = activation_range(op.activation);
  const teff_svdf_f32_params p{.inputs = int32_of(node.in(0).shape[1]),
                               .outputs = int32_of(node.out().shape[1]),
                               .rank = op.rank,
                               .memory = int32_of(node.in(2).shape[1]),
                               .lo = lo,
                               .hi = hi};
  node.step(KERNEL_ID(svdf_f32), p, node.out().shape.elements(), p.rank * (p.inputs + 2.0 * p.memory),
            node.input(0), weights_f32(node, 1), weights_f32(node, 2), weights_f32(node, 3), node.input(4),
            node.output());
}

// The activation is not looked at: it is what the output's range leaves of a ReLU.
void lower_svdf_integer(const Svdf& op, Lowering& node) {
  const Tensor &x = node.in(0), &features = node.in(1), &time = node.in(2), &state = node.in(4),
               &y = node.out();
  for (const Tensor* t : {&x, &features, &time, &state, &y}) expect_per_tensor(*t, "tensor");
  check(features.quant.zero() == 0 && time.quant.zero() == 0, "weights need zero points of 0");
  // TFLite multiplies and divides these in single precision.
  const float to_state = x.quant.scale() * features.quant.scale() / state.quant.scale();
  const float to_result = state.quant.scale() * time.quant.scale() / y.quant.scale();
  const teff_svdf_integer_params p{.inputs = int32_of(x.shape[1]),
                                   .outputs = int32_of(y.shape[1]),
                                   .rank = op.rank,
                                   .memory = int32_of(time.shape[1]),
                                   .x_zero = x.quant.zero(),
                                   .state_zero = state.quant.zero(),
                                   .to_state = factor_of(to_state),
                                   .result = {.zero = y.quant.zero(), .lo = -128, .hi = 127},
                                   .to_result = factor_of(to_result)};
  const auto add = [&](auto tag) {
    node.step(tag, p, y.shape.elements(), p.rank * (p.inputs + 2.0 * p.memory), node.input(0), node.input(1),
              node.input(2), node.input(3), node.input(4), node.output(),
              node.scratch(2 * int64_t{p.inputs}));
  };
  state.type == Type::s8 ? add(KERNEL_ID(svdf_s8)) : add(KERNEL_ID(svdf_s16));
}

}  // namespace

void lower(const Lstm& op, Lowering& node) {
  const Network network{node, kLstmInputs, {op.activation, op.cell_clip, op.proj_clip, op.time_major}};
  switch (node.in(0).type) {
    case Type::f32: return lower_f32(network);
    case Type::s8:
    case Type::s16: return lower_integer(network);
    default: node.unsupported(kLstmTypes);
  }
}

void lower(const BidirectionalLstm& op, Lowering& node) {
  if (node.in(0).type != Type::f32) node.unsupported("float32 is supported");
  const LstmOptions options{op.activation, op.cell_clip, op.proj_clip, op.time_major};
  const Network forward{node, with_aux(kForwardInputs, node), options};
  Network backward{node, with_aux(kBackwardInputs, node), options};
  backward.options.backward = true;
  if (op.merge_outputs)
    backward.y_offset = forward.outputs();
  else
    backward.output = 1;
  lower_f32(forward);
  lower_f32(backward);
}

void lower(const LstmStep& op, Lowering& node) {
  if (op.kernel_type == 1) return lower_basic(node);
  if (node.in(0).type != Type::f32) node.unsupported("float32 is supported");
  lower_f32({node, kLstmInputs, {op.activation, op.cell_clip, op.proj_clip}});
}

void lower(const Svdf& op, Lowering& node) {
  if (node.in(0).type == Type::f32) return lower_svdf_f32(op, node);
  const Type time = node.in(2).type;
  if (node.in(0).type != Type::s8 || node.in(4).type != time || (time != Type::s8 && time != Type::s16))
    node.unsupported("supported are float32, and int8 with state and weights over time of int8 or int16");
  lower_svdf_integer(op, node);
}

}  // namespace teff
