// Rewrites that leave every result as it was to the bit and make the network cheaper.
#pragma once

#include "graph/graph.h"
#include "graph/infer.h"

namespace teff {

// All passes in their order, with verify() after each.
void run_passes(Model& model, const Evaluator& evaluate);

}  // namespace teff
