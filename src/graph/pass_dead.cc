#include <algorithm>

#include "graph/pass.h"

namespace teff {
namespace {

// Nodes that do more than compute their outputs.
bool has_effects(const Graph& graph, const Node& node) {
  const bool acts = std::holds_alternative<AssignVariable>(node.op) ||
                    std::holds_alternative<CallOnce>(node.op) || std::holds_alternative<If>(node.op) ||
                    std::holds_alternative<While>(node.op);
  return acts || std::any_of(node.inputs.begin(), node.inputs.end(),
                             [&](TensorId id) { return id != kNoTensor && graph.tensor(id).is_variable; });
}

}  // namespace

void remove_dead_code(Graph& graph) {
  std::vector<bool> read(graph.tensors.size()), dead(graph.nodes.size());
  const auto mark = [&](const std::vector<TensorId>& ids) {
    for (TensorId id : ids)
      if (id != kNoTensor) read[static_cast<size_t>(id)] = true;
  };
  mark(graph.outputs);
  mark(graph.inputs);
  for (size_t n = graph.nodes.size(); n-- > 0;) {
    const Node& node = graph.nodes[n];
    dead[n] =
        !has_effects(graph, node) && std::none_of(node.outputs.begin(), node.outputs.end(),
                                                  [&](TensorId id) { return read[static_cast<size_t>(id)]; });
    if (!dead[n]) mark(node.inputs);
  }
  drop_nodes(graph, dead);
  for (size_t id = 0; id < graph.tensors.size(); ++id)
    if (!read[id]) graph.tensors[id].data = {}, graph.tensors[id].sparse = nullptr;
}

}  // namespace teff
