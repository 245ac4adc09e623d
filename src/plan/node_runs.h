// Of a finished plan: which runs each node's work is done in.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/plan.h"

namespace teff {

struct NodeRuns {
  const Step* step = nullptr;
  std::vector<int32_t> runs;  // how many units each has
};

// Those nodes that are one kernel step each; the pointers lead into the plan.
std::vector<NodeRuns> runs_of_nodes(const Plan& plan);

}  // namespace teff
