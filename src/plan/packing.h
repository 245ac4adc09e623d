// Places buffers in one arena.
#pragma once

#include <span>
#include <vector>

#include "plan/lifetimes.h"

namespace teff {

struct Packing {
  std::vector<int64_t> offsets;  // by buffer; from 0 on
  int64_t bytes = 0;
  int64_t least = 0;  // that any placement takes: the most that is needed at once
};

// Places buffers one after the other, in several orders that do well, then in orders drawn around the best
// one, until `least` is met or `rounds` orders were tried. The same input gives the same result.
Packing pack(std::span<const Buffer> buffers, int rounds);

}  // namespace teff
