// Recurrent networks.
#include "core/view.h"
#include "graph/lstm_inputs.h"
#include "graph/rules.h"

namespace teff {
namespace {

void expect_shape(const Inference& node, int i, const Shape& shape, const char* what) {
  check(node.shape(i) == shape, "input {} ({}) is {} where {} is expected", i, what, to_string(node.shape(i)),
        to_string(shape));
}

// State may have any shape of that many elements.
void expect_state(const Inference& node, int i, int64_t elements) {
  const Tensor& state = node.in(i);
  check(state.is_variable && !state.is_constant(), "input {} is state and has to be a variable tensor", i);
  check(state.shape.elements() == elements, "input {} is {} where {} elements of state are expected", i,
        to_string(state.shape), elements);
}

// One tensor for each gate: all of them, or all but the input gate's where `no_input_gate`; where `optional`,
// none.
void expect_gates(const Inference& node, int first, const Shape& shape, bool no_input_gate, bool optional,
                  const char* what) {
  if (optional && !node.has(first + kForgetGate)) {
    for (int gate = kInputGate; gate <= kOutputGate; ++gate)
      check(!node.has(first + gate), "input {} ({}) is there, but others of its kind are missing",
            first + gate, what);
    return;
  }
  check(node.has(first) != no_input_gate, "input {} ({}) is {}, unlike the weights of that gate", first, what,
        no_input_gate ? "there" : "missing");
  for (int gate = no_input_gate ? kForgetGate : kInputGate; gate <= kOutputGate; ++gate)
    expect_shape(node, first + gate, shape, what);
}

void expect_peepholes(const Inference& node, int first, int64_t cells, bool no_input_gate) {
  const bool forget = node.has(first + 1), output = node.has(first + 2);
  check(forget == output && node.has(first) == (forget && !no_input_gate),
        "inputs {} to {} (peepholes) have to be all there or all missing", first, first + 2);
  for (int i = first; i < first + 3; ++i)
    if (node.has(i)) expect_shape(node, i, {cells}, "peepholes");
}

void expect_projection(const Inference& node, const LstmInputs& in, int64_t cells, int64_t outputs) {
  if (!node.has(in.projection)) {
    check(cells == outputs, "{} cells give {} outputs, but there is no projection", cells, outputs);
    check(!node.has(in.projection + 1), "input {} is the bias of a projection that is missing",
          in.projection + 1);
    return;
  }
  expect_shape(node, in.projection, {outputs, cells}, "projection");
  if (node.has(in.projection + 1)) expect_shape(node, in.projection + 1, {outputs}, "projection's bias");
}

// Checks all inputs of one network whose x is [..., inputs]; gives the number of its outputs.
int64_t check_lstm(const Inference& node, const LstmInputs& in, int64_t batch) {
  const int64_t inputs = node.shape(in.x).back();
  node.expect_rank(in.weights + kForgetGate, 2);
  node.expect_rank(in.h_weights + kForgetGate, 2);
  const int64_t cells = node.shape(in.weights + kForgetGate)[0];
  const int64_t outputs = node.shape(in.h_weights + kForgetGate)[1];
  const bool no_input_gate = !node.has(in.weights + kInputGate);
  check(cells > 0, "a network without cells");
  expect_gates(node, in.weights, {cells, inputs}, no_input_gate, false, "weights of x");
  expect_gates(node, in.h_weights, {cells, outputs}, no_input_gate, false, "weights of h");
  expect_gates(node, in.biases, {cells}, no_input_gate, false, "biases");
  expect_peepholes(node, in.peepholes, cells, no_input_gate);
  expect_projection(node, in, cells, outputs);
  if (in.norms >= 0) expect_gates(node, in.norms, {cells}, no_input_gate, true, "norms");
  if (in.aux_weights >= 0)
    expect_gates(node, in.aux_weights, {cells, node.shape(in.aux).back()}, no_input_gate, false,
                 "weights of the auxiliary input");
  expect_state(node, in.h, batch * outputs);
  expect_state(node, in.c, batch * cells);
  return outputs;
}

Shape with_last(Shape shape, int64_t last) {
  shape[shape.rank() - 1] = last;
  return shape;
}

}  // namespace

void infer(const Lstm& op, Inference& node) {
  node.expect(1, 24);
  node.expect_rank(0, 3);
  check(!op.diagonal_recurrent_tensors, "diagonal recurrent weights are not supported");
  const Shape& x = node.shape(0);
  node.set(0, with_last(x, check_lstm(node, kLstmInputs, x[op.time_major ? 1 : 0])));
}

void infer(const BidirectionalLstm& op, Inference& node) {
  node.expect(1, 48, 1, 2);
  node.expect_rank(0, 3);
  check(node.outputs() == (op.merge_outputs ? 1 : 2), "{} outputs where {} are expected", node.outputs(),
        op.merge_outputs ? 1 : 2);
  const Shape& x = node.shape(0);
  if (node.has(kForwardInputs.aux)) {
    const Shape& aux = node.shape(kForwardInputs.aux);
    check(aux.rank() == 3 && aux[0] == x[0] && aux[1] == x[1], "the auxiliary input is {} where x is {}",
          to_string(aux), to_string(x));
  }
  const int64_t batch = x[op.time_major ? 1 : 0];
  const int64_t forward = check_lstm(node, with_aux(kForwardInputs, node), batch);
  const int64_t backward = check_lstm(node, with_aux(kBackwardInputs, node), batch);
  node.set(0, with_last(x, op.merge_outputs ? forward + backward : forward));
  if (!op.merge_outputs) node.set(1, with_last(x, backward));
}

// Kind 0 is one step of the above; kind 1 has x, h, weights of both, bias, c, and gives h, c, and what it
// computes on the way: x and h joined, and the gates' sums.
void infer(const LstmStep& op, Inference& node) {
  check(op.kernel_type == 0 || op.kernel_type == 1, "kernel type {}", op.kernel_type);
  node.expect(1, 24, 1, 4);
  node.expect_rank(0, 2);
  const Shape& x = node.shape(0);
  const int64_t batch = x[0];
  if (op.kernel_type == 0) {
    check(node.outputs() == 1, "{} outputs where 1 is expected", node.outputs());
    return node.set(0, {batch, check_lstm(node, kLstmInputs, batch)});
  }
  node.expect(5, 5, 4, 4);
  node.expect_rank(1, 2);
  const int64_t cells = node.shape(1)[1];
  expect_shape(node, 1, {batch, cells}, "h");
  expect_shape(node, 2, {4 * cells, x[1] + cells}, "weights");
  expect_shape(node, 3, {4 * cells}, "bias");
  expect_shape(node, 4, {batch, cells}, "c");
  node.set(0, {batch, cells}), node.set(1, {batch, cells});
  node.set(2, {batch, x[1] + cells}), node.set(3, {batch, 4 * cells});
}

void infer(const Svdf& op, Inference& node) {
  node.expect(3, 5);
  for (int i = 0; i < 3; ++i) node.expect_rank(i, 2);
  const int64_t batch = node.shape(0)[0], filters = node.shape(1)[0], memory = node.shape(2)[1];
  check(op.rank > 0 && filters % op.rank == 0, "{} filters of rank {}", filters, op.rank);
  check(memory > 0, "weights over {} steps of time", memory);
  expect_shape(node, 1, {filters, node.shape(0)[1]}, "weights of features");
  expect_shape(node, 2, {filters, memory}, "weights over time");
  const int64_t units = filters / op.rank;
  if (node.has(3)) expect_shape(node, 3, {units}, "bias");
  int64_t kept = 0;
  check(!__builtin_mul_overflow(memory, filters, &kept) && !__builtin_mul_overflow(kept, batch, &kept),
        "{} filters of {} steps are too many", filters, memory);
  expect_state(node, 4, kept);
  node.set(0, {batch, units});
}

}  // namespace teff
