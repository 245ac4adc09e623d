// The choice between speed and memory. Where there is room, results lie apart from inputs
// (WorkStep::apart_gain); only where there is none do they overlay them.
#pragma once

#include <vector>

#include "plan/segments.h"

namespace teff {

// How thoroughly plans are packed (see pack).
inline constexpr int kPackingRounds = 2000;

// The layer-wise plan: steps one after the other, as fast as they can be; results lie over inputs that are
// used up, but for those that gain where they do not.
MemoryPlan layer_wise_memory(const Work& work, const RunCost& cost = one_a_run);

// The plan that takes the fewest bytes, of those the cheapest.
MemoryPlan least_memory(const Work& work, const RunCost& cost = one_a_run);

// From the cheapest plan to the smallest, each cheaper than all that take less.
std::vector<MemoryPlan> memory_front(const Work& work, const RunCost& cost = one_a_run);

// The cheapest plan that takes at most `budget` bytes. Throws Error that says how many it takes at least and
// which step is to blame.
MemoryPlan fit_memory(const Work& work, int64_t budget, const RunCost& cost = one_a_run);

// The step that runs when most bytes are needed.
const WorkStep& hungriest_step(const Work& work, const MemoryPlan& plan);

}  // namespace teff
