// Shapes: every operator's rule from the shapes (and, for shape arithmetic, the values) of its inputs to the
// shapes of its outputs. A rule also refuses what could not be computed: its checks are what makes kernels
// safe on hostile files.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/error.h"
#include "graph/graph.h"

namespace teff {

// What a rule sees of its node.
class Inference {
 public:
  // Infers the shapes of the subgraph of that index from those that its inputs have by then.
  using InferGraph = std::function<void(int)>;

  Inference(Graph& graph, const Node& node, Model& model, const InferGraph& infer_graph)
      : graph_(graph), node_(node), model_(model), infer_graph_(infer_graph) {}

  int inputs() const { return static_cast<int>(node_.inputs.size()); }
  int outputs() const { return static_cast<int>(node_.outputs.size()); }
  bool has(int i) const { return i < inputs() && node_.inputs[i] != kNoTensor; }
  const Tensor& in(int i) const;  // throws where the input is left out
  const Shape& shape(int i) const { return in(i).shape; }
  const Tensor& out(int i = 0) const { return graph_.tensor(node_.outputs[i]); }
  const Model& model() const { return model_; }

  // Throws unless there are that many inputs (those not left out from the first `least` on) and outputs.
  void expect(int least_inputs, int most_inputs, int least_outputs = 1, int most_outputs = 1) const;
  void expect_rank(int i, int rank) const;
  void expect_rank_between(int i, int least, int most) const;

  // The value of an input of integers (of 32 or 64 bits) where it is known; `knows` tells.
  bool knows(int i) const { return in(i).value().owned(); }
  std::vector<int64_t> integers(int i) const;
  // Paddings or crops: two of them, 0 or more, for each of `axes` axes.
  std::vector<int64_t> integer_pairs(int i, int axes) const;

  // An axis that may count from the end, as one in [0, rank).
  static int axis(int64_t axis, int rank);

  void set(int output, const Shape& shape);
  // The result's shape depends on a value that is not known: what the file says stands (it must say
  // something).
  void keep(int output);
  // What an output holds, known before anything runs.
  void know(int output, Bytes value);

  // The subgraph of that index, inferred with this node's inputs from `first_input` on as its arguments.
  // Throws where there is none, or where it does not take their number and types. A subgraph has one set of
  // shapes: calls that disagree are refused.
  const Graph& call(int subgraph, int first_input);

 private:
  Graph& graph_;
  const Node& node_;
  Model& model_;
  const InferGraph& infer_graph_;
};

// Extent of a window's result along one axis, and the padding before it.
struct WindowAxis {
  int64_t out, pad_before;
};
WindowAxis window_axis(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, Padding padding,
                       int64_t given_before = 0, int64_t given_after = 0);

// Computes one node's results from inputs that are all known. The caller hands it in: graphs run nothing.
using Evaluator = std::function<std::vector<Bytes>(const Graph&, const Node&)>;

// Infers all shapes of a model in the order of the nodes. Tensors of shape arithmetic get their `known`
// value. Throws Error where a rule refuses, or where the file fixes another shape than the rule gives (unless
// `reshaped`: an input's shape was changed by the user).
void infer_shapes(Model& model, const Evaluator& evaluate, bool reshaped);

}  // namespace teff
