// Where tensors lie in the arena.
#pragma once

#include "plan/plan.h"

namespace teff {

// Finds when each tensor of the plan is needed and places those in the arena so that no two that are needed
// at once overlap, from offset `base` on. Returns the end of the arena. Aliases lie where their originals
// lie.
int64_t lay_out(const Graph& graph, Plan& plan, int64_t base);

// All plans of a program one behind the other, and the scratch memory that they share.
void lay_out(Program& program);

}  // namespace teff
