#include "graph/pass.h"

namespace teff {

Uses::Uses(const Graph& graph)
    : makers_(graph.tensors.size(), -1),
      readers_(graph.tensors.size(), 0),
      is_output_(graph.tensors.size(), 0) {
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    for (TensorId id : graph.nodes[n].outputs) makers_[static_cast<size_t>(id)] = static_cast<int>(n);
    for (TensorId id : graph.nodes[n].inputs)
      if (id != kNoTensor) ++readers_[static_cast<size_t>(id)];
  }
  for (TensorId id : graph.outputs)
    ++readers_[static_cast<size_t>(id)], is_output_[static_cast<size_t>(id)] = 1;
}

void read_instead(Graph& graph, TensorId from, TensorId to) {
  for (Node& node : graph.nodes)
    for (TensorId& id : node.inputs)
      if (id == from) id = to;
}

void drop_nodes(Graph& graph, const std::vector<bool>& dropped) {
  std::vector<Node> kept;
  for (size_t n = 0; n < graph.nodes.size(); ++n)
    if (!dropped[n]) kept.push_back(std::move(graph.nodes[n]));
  graph.nodes = std::move(kept);
}

bool same_numbers(const Tensor& a, const Tensor& b) { return a.type == b.type && a.quant == b.quant; }

}  // namespace teff
