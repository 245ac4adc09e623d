// What each of the planner's techniques saves in a plan: the bytes that the same plan takes without it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "plan/board.h"
#include "plan/work.h"

namespace teff {

struct MemoryAblation {
  std::string_view technique;  // "rows that take turns"
  int64_t bytes = 0;           // of the arena without it
};

// `taken`: bytes of the arena as it is. What a technique does not do for these runs takes as much without it.
// Orders of work stay as they are where they can, so that all numbers speak of one program.
std::vector<MemoryAblation> ablate_memory(const Work& work, std::span<const Run> runs, int64_t taken);

// The same for the main graph of a board's program that was made with these options.
std::vector<MemoryAblation> ablate_memory(const Program& program, const BoardOptions& options);

}  // namespace teff
