#include "core/error.h"
#include "core/view.h"
#include "graph/pass.h"

namespace teff {
namespace {

// A result that is much larger than what it is made of is cheaper to compute than to keep.
constexpr int64_t kMostGrowth = 4;
constexpr int64_t kAlwaysKept = 64 << 10;

bool depends_on_more_than_inputs(const Node& node) {
  return std::visit(
      []<class O>(const O&) {
        return std::is_same_v<O, VarHandle> || std::is_same_v<O, ReadVariable> ||
               std::is_same_v<O, AssignVariable> || std::is_same_v<O, CallOnce> || std::is_same_v<O, If> ||
               std::is_same_v<O, While> || std::is_same_v<O, CircularBuffer>;
      },
      node.op);
}

bool worth_keeping(const Graph& graph, const Node& node) {
  int64_t in = 0, out = 0;
  for (TensorId id : node.inputs)
    if (id != kNoTensor) in += static_cast<int64_t>(graph.tensor(id).value().size());
  for (TensorId id : node.outputs) out += bytes_for(graph.tensor(id).type, graph.tensor(id).shape.elements());
  return out <= kAlwaysKept || out / kMostGrowth <= in;
}

bool can_be_folded(const Graph& graph, const Node& node) {
  if (node.outputs.empty() || depends_on_more_than_inputs(node)) return false;
  for (TensorId id : node.inputs) {
    if (id == kNoTensor) continue;
    const Tensor& tensor = graph.tensor(id);
    if (!tensor.value().owned() || tensor.is_variable) return false;
  }
  return worth_keeping(graph, node);
}

// Shape arithmetic has been worked out by infer_shapes already.
bool is_known(const Graph& graph, const Node& node) {
  for (TensorId id : node.outputs)
    if (!graph.tensor(id).known.owned()) return false;
  return !node.outputs.empty();
}

bool fold(Graph& graph, const Node& node, const Evaluator& evaluate) {
  std::vector<Bytes> values;
  if (is_known(graph, node)) {
    for (TensorId id : node.outputs) values.push_back(graph.tensor(id).known);
  } else if (can_be_folded(graph, node)) {
    try {
      values = evaluate(graph, node);
    } catch (const Error&) {
      return false;  // what is wrong with it shows when it runs, if it ever does
    }
  } else {
    return false;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    Tensor& tensor = graph.tensor(node.outputs[i]);
    tensor.data = std::move(values[i]);
    tensor.known = {};
  }
  return true;
}

}  // namespace

void fold_constants(Graph& graph, const Evaluator& evaluate) {
  std::vector<bool> folded;
  for (const Node& node : graph.nodes) folded.push_back(fold(graph, node, evaluate));
  drop_nodes(graph, folded);
}

}  // namespace teff
