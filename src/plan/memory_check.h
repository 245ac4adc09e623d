// Whether work done in some order, in some places, is right: nothing is overwritten that is still needed.
#pragma once

#include <span>
#include <vector>

#include "plan/plan.h"
#include "plan/work.h"

namespace teff {

// Where everything lies.
struct Places {
  std::vector<int64_t> tensors;    // offset by tensor; -1: nowhere
  std::vector<int32_t> ring_rows;  // by tensor; 0: the whole tensor
  std::vector<int64_t> scratch;    // offset by step; -1: none
  int64_t bytes = 0;               // of the arena
};

// Does the work byte by byte, with every byte marked by what it holds instead of computed. Throws Error
// naming step, unit and tensor where a byte that is read holds something else than it should, where the
// outputs are not there in the end, or where anything lies outside of the arena. Knows nothing of how the
// places were chosen.
void check_memory(const Work& work, std::span<const Run> runs, const Places& places);

}  // namespace teff
