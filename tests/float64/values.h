// What the definitions of float operators in float64 are given, and what they give.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "graph/graph.h"
#include "tests/conformance/case.h"
#include "tests/float64/exact.h"

namespace teff::float64 {

// The inputs of a case's one operator.
class Values {
 public:
  explicit Values(const conformance::Case& c);

  const Node& node() const { return graph_.nodes[0]; }
  bool has(int i) const {
    return i < static_cast<int>(node().inputs.size()) && node().inputs[static_cast<size_t>(i)] != kNoTensor;
  }
  const Shape& shape(int i) const { return graph_.tensor(id(i)).shape; }
  const Shape& out() const { return graph_.tensor(node().outputs[0]).shape; }
  // Element of an input; of one that is fed, in the call that is looked at.
  double at(int i, int64_t index) const;

  int calls() const { return calls_; }
  void look_at(int call) { call_ = call; }

  // Real numbers in, real numbers out, though perhaps with integers that say where.
  bool all_float() const;

 private:
  TensorId id(int i) const { return node().inputs[static_cast<size_t>(i)]; }

  const Graph& graph_;
  int calls_, call_ = 0;
  std::vector<std::vector<double>> values_;
  std::vector<bool> fed_;
};

// The elements of all outputs that are compared, one output after another, and of all calls.
using Results = std::vector<Exact>;
using Definition = std::function<Results(Values&)>;

// An operator's definition; each family has a list of them at its end.
struct Named {
  const char* op;
  Definition definition;
  size_t outputs = 1;  // how many outputs are compared, at most
};

// One family each.
std::vector<Named> windows();
std::vector<Named> matrices();
std::vector<Named> axes();
std::vector<Named> functions();
std::vector<Named> sequences();

Exact activated(Activation activation, const Exact& x);

// Where element `index` of a result of shape `out` comes from in an operand that is broadcast to it.
int64_t broadcast_index(const Shape& out, const Shape& operand, int64_t index);

}  // namespace teff::float64
