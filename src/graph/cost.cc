#include "graph/cost.h"

namespace teff {
namespace {

// Sees a node's shapes.
struct Shapes {
  const Graph& graph;
  const Node& node;

  bool has(size_t i) const { return i < node.inputs.size() && node.inputs[i] != kNoTensor; }
  const Shape& in(size_t i) const { return graph.tensor(node.inputs[i]).shape; }
  const Shape& out() const { return graph.tensor(node.outputs[0]).shape; }
  // Products in one result where every weight of an output channel is used once: weights / outputs.
  int64_t weights_per_output(size_t weights, int64_t outputs) const {
    return outputs > 0 ? in(weights).elements() / outputs : 0;
  }
};

int64_t macs(const Conv2D&, const Shapes& s) {
  return s.out().elements() * s.weights_per_output(1, s.in(1)[0]);
}
int64_t macs(const DepthwiseConv2D&, const Shapes& s) {
  return s.out().elements() * s.weights_per_output(1, s.in(1).back());
}
int64_t macs(const TransposeConv&, const Shapes& s) {
  return s.in(2).elements() * s.weights_per_output(1, s.in(1).back());
}
int64_t macs(const TransposeConvBias&, const Shapes& s) {
  return s.in(0).elements() * s.weights_per_output(1, s.in(1).back());
}
int64_t macs(const FullyConnected&, const Shapes& s) { return s.out().elements() * s.in(1).back(); }
int64_t macs(const BatchMatMul& op, const Shapes& s) {
  const Shape& a = s.in(0);
  return s.out().elements() * (op.adj_x ? a[a.rank() - 2] : a.back());
}
// Every weight matrix is used once a step.
int64_t recurrent_macs(const Shapes& s, int64_t steps) {
  int64_t weights = 0;
  for (size_t i = 1; i < s.node.inputs.size(); ++i)
    if (s.has(i) && s.graph.tensor(s.node.inputs[i]).is_constant() && s.in(i).rank() == 2)
      weights += s.in(i).elements();
  return weights * steps;
}
int64_t macs(const Lstm&, const Shapes& s) {
  return recurrent_macs(s, s.in(0).rank() == 3 ? s.in(0)[0] * s.in(0)[1] : s.in(0)[0]);
}
int64_t macs(const BidirectionalLstm&, const Shapes& s) { return recurrent_macs(s, s.in(0)[0] * s.in(0)[1]); }
int64_t macs(const LstmStep&, const Shapes& s) { return recurrent_macs(s, s.in(0)[0]); }
int64_t macs(const Svdf&, const Shapes& s) { return recurrent_macs(s, s.in(0)[0]); }
template <class Other>
int64_t macs(const Other&, const Shapes&) {
  return 0;
}

}  // namespace

int64_t macs_of(const Graph& graph, const Node& node) {
  return std::visit([&](const auto& op) { return macs(op, Shapes{graph, node}); }, node.op);
}

Weights weights_of(const Graph& graph, const Node& node) {
  Weights weights;
  for (TensorId id : node.inputs) {
    if (id == kNoTensor || !graph.tensor(id).is_constant()) continue;
    weights.elements += graph.tensor(id).shape.elements();
    weights.bytes += static_cast<int64_t>(graph.tensor(id).data.size());
  }
  return weights;
}

}  // namespace teff
