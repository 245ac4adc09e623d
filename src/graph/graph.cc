#include "graph/graph.h"

#include "core/error.h"
#include "core/view.h"

namespace teff {
namespace {

class Verifier {
 public:
  explicit Verifier(const Graph& graph) : graph_(graph), made_(graph.tensors.size(), false) {}

  void run() {
    for (size_t id = 0; id < graph_.tensors.size(); ++id) tensor(static_cast<TensorId>(id));
    for (TensorId id : graph_.inputs) {
      exists(id, "the graph's inputs");
      check(!graph_.tensor(id).is_constant(), "input {} is a constant", describe(graph_, id));
      check(!made_[static_cast<size_t>(id)], "{} is an input twice", describe(graph_, id));
      made_[static_cast<size_t>(id)] = true;
    }
    for (const Node& node : graph_.nodes) with_place(place_of(graph_, node), [&] { visit(node); });
    for (TensorId id : graph_.outputs) {
      used(id, "the graph's outputs");
      check(!graph_.tensor(id).sparse, "output {} is stored sparse", describe(graph_, id));
    }
  }

 private:
  void exists(TensorId id, const char* where) const {
    check(id >= 0 && static_cast<size_t>(id) < graph_.tensors.size(),
          "{} name tensor {}, but there are only {} tensors", where, id, graph_.tensors.size());
  }

  void used(TensorId id, const char* where) const {
    exists(id, where);
    const Tensor& tensor = graph_.tensor(id);
    check(made_[static_cast<size_t>(id)] || tensor.is_constant() || tensor.is_variable,
          "{} use {}, which nothing has computed by then", where, describe(graph_, id));
  }

  void visit(const Node& node) {
    for (TensorId id : node.inputs) {
      if (id == kNoTensor) continue;
      used(id, "inputs");
      check(!graph_.tensor(id).sparse || std::holds_alternative<Densify>(node.op),
            "input {} is stored sparse, which only DENSIFY reads", describe(graph_, id));
    }
    for (TensorId id : node.outputs) {
      exists(id, "outputs");
      const Tensor& tensor = graph_.tensor(id);
      check(!tensor.is_constant(), "output {} is a constant", describe(graph_, id));
      check(!made_[static_cast<size_t>(id)], "output {} is computed twice", describe(graph_, id));
      made_[static_cast<size_t>(id)] = true;
    }
  }

  void tensor(TensorId id) const {
    const Tensor& t = graph_.tensor(id);
    check(t.shape.elements() <= kMostElements, "{}: shape {} has more than {} elements", describe(graph_, id),
          to_string(t.shape), kMostElements);
    if (t.is_constant() && !t.sparse && bits_of(t.type) > 0) {
      const int64_t wanted = bytes_for(t.type, t.shape.elements());
      check(static_cast<int64_t>(t.data.size()) == wanted,
            "{}: {} bytes of data where shape {} of {} takes {}", describe(graph_, id), t.data.size(),
            to_string(t.shape), name_of(t.type), wanted);
    }
    if (!t.quant.empty()) quantization(id, t);
  }

  void quantization(TensorId id, const Tensor& t) const {
    const Quant& q = t.quant;
    check(q.zeros.size() == q.scales.size(), "{}: {} scales but {} zero points", describe(graph_, id),
          q.scales.size(), q.zeros.size());
    if (!q.per_channel() || q.group > 0) return;
    check(q.axis >= 0 && q.axis < t.shape.rank(), "{}: quantized along axis {}, but its shape is {}",
          describe(graph_, id), q.axis, to_string(t.shape));
    check(static_cast<int64_t>(q.scales.size()) == t.shape[q.axis], "{}: {} scales for {} channels",
          describe(graph_, id), q.scales.size(), t.shape[q.axis]);
  }

  const Graph& graph_;
  std::vector<bool> made_;
};

}  // namespace

std::string place_of(const Graph& graph, const Node& node) {
  const auto index = node.source >= 0 ? node.source : static_cast<int>(&node - graph.nodes.data());
  return fmt::format("node {} {}", index, op_name(node.op));
}

std::string describe(const Graph& graph, TensorId id) {
  const Tensor& tensor = graph.tensor(id);
  const TensorId number = tensor.source == kNoTensor ? id : tensor.source;
  return tensor.name.empty() ? fmt::format("tensor {}", number)
                             : fmt::format("tensor {} '{}'", number, tensor.name);
}

void verify(const Model& model) {
  check(!model.graphs.empty(), "the model has no graph");
  for (size_t i = 0; i < model.graphs.size(); ++i) {
    const auto place = model.graphs.size() == 1 ? std::string("graph") : fmt::format("subgraph {}", i);
    with_place(place, [&] { Verifier(model.graphs[i]).run(); });
  }
}

}  // namespace teff
