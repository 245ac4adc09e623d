#include "graph/pass_io.h"

#include <algorithm>
#include <variant>

#include "graph/pass.h"

namespace teff {

int drop_float_io(Graph& graph) {
  const Uses uses(graph);
  std::vector<bool> dropped(graph.nodes.size());
  const auto is_int8 = [&](TensorId id) { return graph.tensor(id).type == Type::s8; };
  for (TensorId& input : graph.inputs) {
    const auto reads = [&](const Node& node) {
      return std::holds_alternative<Quantize>(node.op) && node.inputs[0] == input;
    };
    const auto reader = std::find_if(graph.nodes.begin(), graph.nodes.end(), reads);
    if (reader == graph.nodes.end() || graph.tensor(input).type != Type::f32 || uses.readers(input) != 1)
      continue;
    if (!is_int8(reader->outputs[0]) || uses.is_output(reader->outputs[0])) continue;
    dropped[static_cast<size_t>(reader - graph.nodes.begin())] = true;
    input = reader->outputs[0];
  }
  for (TensorId& output : graph.outputs) {
    const int maker = uses.maker(output);
    if (maker < 0 || graph.tensor(output).type != Type::f32 || uses.readers(output) != 1) continue;
    const Node& node = graph.nodes[static_cast<size_t>(maker)];
    if (!std::holds_alternative<Dequantize>(node.op) || !is_int8(node.inputs[0])) continue;
    dropped[static_cast<size_t>(maker)] = true;
    output = node.inputs[0];
  }
  drop_nodes(graph, dropped);
  return static_cast<int>(std::count(dropped.begin(), dropped.end(), true));
}

}  // namespace teff
