#include <cmath>
#include <optional>

#include "graph/pass.h"

namespace teff {
namespace {

std::optional<Activation> activation_of(const Node& node) {
  const Unary* unary = std::get_if<Unary>(&node.op);
  if (!unary) return std::nullopt;
  switch (unary->kind) {
    case UnaryKind::relu: return Activation::relu;
    case UnaryKind::relu6: return Activation::relu6;
    case UnaryKind::relu_n1_to_1: return Activation::relu_n1_to_1;
    default: return std::nullopt;
  }
}

// Where the operator keeps its activation, if it is one that clamps its result as these functions do.
Activation* slot_of(Node& node) {
  return std::visit(
      []<class O>(O& op) -> Activation* {
        if constexpr (std::is_same_v<O, Conv2D> || std::is_same_v<O, DepthwiseConv2D> ||
                      std::is_same_v<O, FullyConnected> || std::is_same_v<O, Pool2D>) {
          return &op.activation;
        } else if constexpr (std::is_same_v<O, Binary>) {
          const bool clamps =
              op.kind == BinaryKind::add || op.kind == BinaryKind::sub || op.kind == BinaryKind::mul;
          return clamps ? &op.activation : nullptr;
        } else {
          return nullptr;
        }
      },
      node.op);
}

// On a scale of its own the separate function would round once more.
bool clamps_alike(const Tensor& from, const Tensor& to) {
  if (from.shape != to.shape || !same_numbers(from, to) || from.is_variable || to.is_variable) return false;
  if (from.type == Type::f32) return true;
  const bool small = from.type == Type::s8 || from.type == Type::s16;
  const int32_t most = from.type == Type::s8 ? 127 : 32767;
  const Quant& q = from.quant;
  return small && q.scales.size() == 1 && std::isfinite(q.scale()) && q.scale() > 0 && q.zero() <= most &&
         q.zero() >= -most - 1;
}

}  // namespace

// The operator computes the function's result at once: its own result is no longer there.
void fuse_activations(Graph& graph) {
  const Uses uses(graph);
  std::vector<bool> fused(graph.nodes.size());
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const auto activation = activation_of(graph.nodes[n]);
    if (!activation) continue;
    const TensorId from = graph.nodes[n].inputs[0], to = graph.nodes[n].outputs[0];
    if (uses.maker(from) < 0 || uses.readers(from) != 1) continue;
    Node& maker = graph.nodes[static_cast<size_t>(uses.maker(from))];
    Activation* slot = slot_of(maker);
    if (!slot || *slot != Activation::none || !clamps_alike(graph.tensor(from), graph.tensor(to))) continue;
    *slot = *activation;
    maker.outputs[0] = to;
    fused[n] = true;
  }
  drop_nodes(graph, fused);
}

}  // namespace teff
