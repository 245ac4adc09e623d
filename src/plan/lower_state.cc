// Variables, and operators that run other graphs.
#include <algorithm>

#include "kernels/c/circular_buffer.h"
#include "plan/copy.h"
#include "plan/lower.h"
#include "plan/weights.h"

namespace teff {
namespace {

// "name" or "container/name": what messages and the layout of the state call a variable.
std::string variable_name(const Tensor& handle) {
  const auto bytes = handle.value().as<char>();
  std::string name(bytes.begin(), bytes.end());
  std::replace(name.begin(), name.end(), '\0', '/');
  return name.substr(name.starts_with('/') ? 1 : 0);
}

int64_t size_of(const Tensor& tensor) { return bytes_for(tensor.type, tensor.shape.elements()); }

// All bytes, whatever they are of.
void add_copy_of_bytes(Lowering& node, const Tensor& tensor, Operand from, Operand to) {
  const Shape bytes = Shape{size_of(tensor)};
  add_copy(node, Type::u8, box_of(bytes, bytes, bytes), from, to);
}

// Models of TFLite Micro's first streaming networks do not say how many calls fill a buffer. It tells them by
// their shapes: 2 calls, but 1 for the last layers, of which one is known by being the fifth.
int calls_until_full(const CircularBuffer& op, const Lowering& node) {
  if (op.cycles_max > 0) return op.cycles_max;
  const Shape& y = node.out().shape;
  if (y[1] == 5 || y[1] == 13 || y[1] == 25) return 1;
  if (y[2] != 2 || y[3] != 96) return 2;
  int before = 0;
  for (const Node& other : node.graph().nodes) {
    if (&other == &node.node()) break;
    const auto* buffer = std::get_if<CircularBuffer>(&other.op);
    before += buffer && buffer->cycles_max <= 0;
  }
  return before == 4 ? 1 : 2;
}

}  // namespace

void lower(const VarHandle&, Lowering&) {}

void lower(const ReadVariable&, Lowering& node) {
  const Tensor& y = node.out();
  add_copy_of_bytes(node, y, node.variable(variable_name(node.in(0)), size_of(y)), node.output());
}

// TFLite Micro begins with the zero point of what is first assigned, taken for a byte.
void lower(const AssignVariable&, Lowering& node) {
  const Tensor& x = node.in(1);
  const auto zero = static_cast<std::byte>(x.quant.zero());
  add_copy_of_bytes(node, x, node.input(1), node.variable(variable_name(node.in(0)), size_of(x), zero));
}

void lower(const CallOnce& op, Lowering& node) {
  node.call(Step::Kind::call_once, op.init_subgraph_index, -1, 0);
}

void lower(const If& op, Lowering& node) {
  node.call(Step::Kind::call_if, op.then_subgraph_index, op.else_subgraph_index, 1);
}

void lower(const While& op, Lowering& node) {
  node.call(Step::Kind::call_while, op.cond_subgraph_index, op.body_subgraph_index, 0);
}

void lower(const CircularBuffer& op, Lowering& node) {
  const Shape& y = node.out().shape;
  const teff_circular_buffer_s8_params p{.kept = int32_of((y[1] - 1) * y[2] * y[3]),
                                         .added = int32_of(y[2] * y[3]),
                                         .calls = calls_until_full(op, node)};
  node.step(KERNEL_ID(circular_buffer_s8), p, 1, p.kept + p.added, node.input(0), node.output(),
            node.state(sizeof(int32_t)));
}

}  // namespace teff
