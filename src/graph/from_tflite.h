// TFLite's files as graphs.
#pragma once

#include "formats/tflite.h"
#include "graph/graph.h"

namespace teff {

// Throws Error where the file uses an operator or a type that there is none of here: its name, the node, what
// is supported. Shapes are those of the file; infer_shapes comes next.
Model from_tflite(const tflite::Model& file);

// What of a file is not supported, all at once, for `teff check`: one line a node; empty: everything is.
struct Unsupported {
  int subgraph, node;
  std::string name, reason;
};
std::vector<Unsupported> unsupported_operators(const tflite::Model& file);

}  // namespace teff
