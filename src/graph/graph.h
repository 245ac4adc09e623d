// The intermediate representation: tensors, and the operators that turn some into others, in the order in
// which they run. Plain values: a graph may be copied, edited and compared; verify() says whether it is well
// formed.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "core/quant.h"
#include "core/shape.h"
#include "core/types.h"
#include "graph/ops.h"

namespace teff {

using TensorId = int32_t;
inline constexpr TensorId kNoTensor = -1;  // an optional input that is left out

// Of one tensor: kernels count elements in 32 bits.
inline constexpr int64_t kMostElements = std::numeric_limits<int32_t>::max();

// A constant that is stored sparse (TFLite's DENSIFY): the values in `data` are placed by these dimensions.
struct SparseLayout {
  struct Dimension {
    bool compressed = false;
    int32_t dense_size = 0;
    std::vector<int32_t> segments, indices;
  };
  std::vector<int32_t> traversal_order, block_map;
  std::vector<Dimension> dimensions;
};

struct Tensor {
  std::string name;
  Type type = Type::f32;
  Shape shape;
  Quant quant;
  Bytes data;                // owned(): a constant, exactly bytes_for(type, elements) long unless sparse
  Bytes known;               // computed by a node, but what it computes is known already (shape arithmetic)
  bool is_variable = false;  // state of an operator (SVDF, LSTM): kept from call to call, zero at first
  bool flexible = false;     // the file leaves an extent open
  std::shared_ptr<const SparseLayout> sparse;
  TensorId source = kNoTensor;  // its number in the file it came from; kNoTensor: made by a pass

  bool is_constant() const { return data.owned(); }
  // The value where it is known before anything runs, constant or not; empty otherwise.
  const Bytes& value() const { return data.owned() ? data : known; }
};

struct Node {
  Op op;
  std::vector<TensorId> inputs, outputs;
  int source = -1;  // its number in the file's list of operators; -1: made by a pass
};

struct Graph {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;
  std::vector<TensorId> inputs, outputs;

  const Tensor& tensor(TensorId id) const { return tensors[static_cast<size_t>(id)]; }
  Tensor& tensor(TensorId id) { return tensors[static_cast<size_t>(id)]; }
  TensorId add(Tensor tensor) {
    tensors.push_back(std::move(tensor));
    return static_cast<TensorId>(tensors.size() - 1);
  }
};

// What a file held, kept for messages and for telling every operator's result apart (`--crc`).
struct SourceOp {
  std::string name;
  TensorId output = kNoTensor;  // in the file's numbering; kNoTensor: it has none
};

struct Model {
  std::string file;  // for messages
  std::string description;
  std::vector<Graph> graphs;         // [0] is the one that runs; others are called by If, While and CallOnce
  std::vector<SourceOp> source_ops;  // of graphs[0]
  std::vector<std::pair<std::string, Bytes>> metadata;

  const Graph& main() const { return graphs.front(); }
  Graph& main() { return graphs.front(); }
};

// "node 3 CONV_2D": the node's place for messages, by the numbers of the file where it came from one.
std::string place_of(const Graph& graph, const Node& node);
// "tensor 17 'conv1/Relu'".
std::string describe(const Graph& graph, TensorId id);

// Throws Error naming node and tensor where a graph is not well formed: a tensor that does not exist, is used
// before it is made or is made twice; a constant whose bytes do not fit its shape; quantization that does not
// fit. Run after import and between passes.
void verify(const Model& model);

}  // namespace teff
