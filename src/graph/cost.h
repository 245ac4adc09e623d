// What a node costs, by its operator and shapes alone.
#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace teff {

// Multiplications followed by an addition that the operator's definition takes, padding counted as if it were
// data (as is usual); 0 for operators that are not sums of products.
int64_t macs_of(const Graph& graph, const Node& node);

// Elements of the constants that a node reads, and their bytes as stored.
struct Weights {
  int64_t elements = 0, bytes = 0;
};
Weights weights_of(const Graph& graph, const Node& node);

}  // namespace teff
