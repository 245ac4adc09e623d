// Variables, and operators that run other graphs.
#include <limits>

#include "core/view.h"
#include "graph/rules.h"

namespace teff {
namespace {

constexpr int kAny = std::numeric_limits<int>::max();

void expect_handle(const Inference& node) {
  const Tensor& handle = node.in(0);
  check(handle.type == Type::resource, "input 0 is {} where the handle of a variable is expected",
        name_of(handle.type));
  check(handle.value().owned(), "input 0 is not known to be the handle of one variable");
}

void expect_condition(const Tensor& tensor) {
  check(tensor.type == Type::boolean && tensor.shape.elements() == 1,
        "the condition '{}' is {} {} where one bool is expected", tensor.name, name_of(tensor.type),
        to_string(tensor.shape));
}

// That a graph's results fit this node's outputs in number and type.
void expect_results(const Inference& node, const Graph& callee, int index) {
  check(static_cast<int>(callee.outputs.size()) == node.outputs(), "subgraph {} has {} results, the node {}",
        index, callee.outputs.size(), node.outputs());
  for (int i = 0; i < node.outputs(); ++i) {
    const Type type = callee.tensor(callee.outputs[static_cast<size_t>(i)]).type;
    check(type == node.out(i).type, "result {} of subgraph {} is {}, that of the node {}", i, index,
          name_of(type), name_of(node.out(i).type));
  }
}

// The node's output becomes what a graph's result is.
void set_result(Inference& node, int i, const Tensor& result) {
  node.set(i, result.shape);
  if (result.type == Type::resource && result.value().owned()) node.know(i, result.value());
}

bool alike(const Tensor& a, const Tensor& b) {
  return a.shape == b.shape && (a.type != Type::resource || a.value() == b.value());
}

}  // namespace

// A handle is known before anything runs: it is the variable's name.
void infer(const VarHandle& op, Inference& node) {
  node.expect(0, 0);
  check(node.out().type == Type::resource, "the handle's tensor is {}", name_of(node.out().type));
  node.set(0, {});
  const std::string name = op.container + '\0' + op.shared_name;
  node.know(0, Bytes::of(std::span(name.data(), name.size())));
}

// The shape is that which the file gives; lowering compares it with what is assigned.
void infer(const ReadVariable&, Inference& node) {
  node.expect(1, 1);
  expect_handle(node);
}

void infer(const AssignVariable&, Inference& node) {
  node.expect(2, 2, 0, 0);
  expect_handle(node);
}

void infer(const CallOnce& op, Inference& node) {
  node.expect(0, 0, 0, 0);
  node.call(op.init_subgraph_index, 0);
}

void infer(const If& op, Inference& node) {
  node.expect(1, kAny, 0, kAny);
  expect_condition(node.in(0));
  const Graph& yes = node.call(op.then_subgraph_index, 1);
  const Graph& no = node.call(op.else_subgraph_index, 1);
  expect_results(node, yes, op.then_subgraph_index);
  expect_results(node, no, op.else_subgraph_index);
  for (int i = 0; i < node.outputs(); ++i) {
    const Tensor &a = yes.tensor(yes.outputs[static_cast<size_t>(i)]),
                 &b = no.tensor(no.outputs[static_cast<size_t>(i)]);
    check(alike(a, b), "result {} is {} in one branch and {} in the other, which is not supported", i,
          to_string(a.shape), to_string(b.shape));
    set_result(node, i, a);
  }
}

// What the loop carries keeps its shapes: memory is laid out before it runs.
void infer(const While& op, Inference& node) {
  node.expect(node.outputs(), node.outputs(), 0, kAny);
  const Graph& condition = node.call(op.cond_subgraph_index, 0);
  check(!condition.outputs.empty(), "the condition, subgraph {}, has no result", op.cond_subgraph_index);
  expect_condition(condition.tensor(condition.outputs[0]));
  const Graph& body = node.call(op.body_subgraph_index, 0);
  expect_results(node, body, op.body_subgraph_index);
  for (int i = 0; i < node.outputs(); ++i) {
    const Tensor& result = body.tensor(body.outputs[static_cast<size_t>(i)]);
    check(alike(node.in(i), result),
          "value {} of the loop is {} at first and then {}, which is not supported", i,
          to_string(node.shape(i)), to_string(result.shape));
    set_result(node, i, result);
  }
}

// Slots of x's shape one behind the other along axis 1, kept from call to call: the output is the state.
void infer(const CircularBuffer&, Inference& node) {
  node.expect(1, 1);
  node.expect_rank(0, 4);
  const Shape &x = node.shape(0), &y = node.out().shape;
  check(y.rank() == 4 && x[0] == 1 && x[1] == 1 && y[0] == 1 && y[1] > 0 && y[2] == x[2] && y[3] == x[3],
        "input {} does not fit output {}: the first has to be [1, 1, h, w], the second [1, slots, h, w]",
        to_string(x), to_string(y));
  check(node.out().is_variable, "the output has to be a variable tensor: it is kept from call to call");
}

}  // namespace teff
