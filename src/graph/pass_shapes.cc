#include <algorithm>

#include "graph/pass.h"

namespace teff {
namespace {

bool only_renames(const Node& node) {
  return std::holds_alternative<Reshape>(node.op) || std::holds_alternative<Squeeze>(node.op) ||
         std::holds_alternative<ExpandDims>(node.op);
}

class ShapeSimplifier {
 public:
  explicit ShapeSimplifier(Graph& graph) : graph_(graph), uses_(graph) {}

  void run() {
    for (Node& node : graph_.nodes) {
      if (std::holds_alternative<Transpose>(node.op)) simplify_transpose(node);
      if (only_renames(node)) simplify_reshape(node);
    }
  }

 private:
  // The node that computes a tensor, if it is an operator of these whose own input stays as it is.
  const Node* maker(TensorId id) const {
    const int index = uses_.maker(id);
    if (index < 0) return nullptr;
    const Node& node = graph_.nodes[static_cast<size_t>(index)];
    if (!only_renames(node) && !std::holds_alternative<Transpose>(node.op)) return nullptr;
    return keeps_its_bytes(node) ? &node : nullptr;
  }

  // Of one type from input to output, which no operator changes later on.
  bool keeps_its_bytes(const Node& node) const {
    const Tensor &in = graph_.tensor(node.inputs[0]), &out = graph_.tensor(node.outputs[0]);
    return in.type == out.type && !in.is_variable && !out.is_variable;
  }

  void become_reshape(Node& node) {
    const Shape& shape = graph_.tensor(node.outputs[0]).shape;
    node.op = Reshape{.new_shape = {shape.begin(), shape.end()}};
    node.inputs.resize(1);
  }

  // A reshape of a reshape is one; one to the same shape is none.
  void simplify_reshape(Node& node) {
    if (!keeps_its_bytes(node)) return;
    become_reshape(node);
    const Node* before = maker(node.inputs[0]);
    if (before && only_renames(*before)) node.inputs[0] = before->inputs[0];
    const Tensor &in = graph_.tensor(node.inputs[0]), &out = graph_.tensor(node.outputs[0]);
    if (in.shape == out.shape && same_numbers(in, out)) read_instead(graph_, node.outputs[0], node.inputs[0]);
  }

  std::vector<int32_t> permutation_of(const Node& node) const {
    const Bytes& value = graph_.tensor(node.inputs[1]).value();
    std::vector<int32_t> permutation;
    if (!value.owned()) return permutation;
    const int rank = graph_.tensor(node.inputs[0]).shape.rank();
    const auto add = [&](auto values) {
      for (auto axis : values) permutation.push_back(Inference::axis(axis, rank));
    };
    if (graph_.tensor(node.inputs[1]).type == Type::s64)
      add(value.as<int64_t>());
    else
      add(value.as<int32_t>());
    return permutation;
  }

  // Two transposes are one; one that leaves the order of all extents but 1 only renames.
  void simplify_transpose(Node& node) {
    auto permutation = permutation_of(node);
    if (permutation.empty() || !keeps_its_bytes(node)) return;
    const Node* before = maker(node.inputs[0]);
    if (before && std::holds_alternative<Transpose>(before->op)) {
      const auto first = permutation_of(*before);
      if (first.size() != permutation.size()) return;
      for (int32_t& axis : permutation) axis = first[static_cast<size_t>(axis)];
      node.inputs = {before->inputs[0], constant(permutation)};
    }
    const Shape& in = graph_.tensor(node.inputs[0]).shape;
    std::erase_if(permutation, [&](int32_t axis) { return in[axis] == 1; });
    if (std::is_sorted(permutation.begin(), permutation.end())) become_reshape(node);
  }

  TensorId constant(const std::vector<int32_t>& values) {
    return graph_.add(
        {.type = Type::s32, .shape = {static_cast<int64_t>(values.size())}, .data = Bytes::of(values)});
  }

  Graph& graph_;
  Uses uses_;
};

}  // namespace

void simplify_shapes(Graph& graph) { ShapeSimplifier(graph).run(); }

}  // namespace teff
