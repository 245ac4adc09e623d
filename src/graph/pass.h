// The single passes, and what they are written with. Each takes a well-formed graph with all shapes inferred
// and leaves one.
#pragma once

#include <vector>

#include "graph/graph.h"
#include "graph/infer.h"

namespace teff {

// Nodes whose results are known before anything runs become constants.
void fold_constants(Graph& graph, const Evaluator& evaluate);
// Operators that only rename shapes are merged, transposes composed; those that change nothing go.
void simplify_shapes(Graph& graph);
// RELU, RELU6 and RELU_N1_TO_1 become the fused activation of the operator before.
void fuse_activations(Graph& graph);
// PAD around height and width becomes padding of the convolution behind it.
void fuse_paddings(Graph& graph);
// What nobody reads is no longer computed, constants that nobody reads are let go.
void remove_dead_code(Graph& graph);

// Who computes each tensor, and how many read it.
class Uses {
 public:
  explicit Uses(const Graph& graph);
  int maker(TensorId id) const { return at(makers_, id); }     // index of a node, -1: none
  int readers(TensorId id) const { return at(readers_, id); }  // the graph's outputs count
  bool is_output(TensorId id) const { return at(is_output_, id) != 0; }

 private:
  static int at(const std::vector<int>& of, TensorId id) { return id < 0 ? -1 : of[static_cast<size_t>(id)]; }
  std::vector<int> makers_, readers_, is_output_;
};

// Nodes read `to` in place of `from` from now on; the graph's outputs stay.
void read_instead(Graph& graph, TensorId from, TensorId to);

// Takes out the nodes that are marked, by index.
void drop_nodes(Graph& graph, const std::vector<bool>& dropped);

// Both hold the same numbers if they hold the same bytes.
bool same_numbers(const Tensor& a, const Tensor& b);

}  // namespace teff
