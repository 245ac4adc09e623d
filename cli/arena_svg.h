// The arena of a program for a board over time: every tensor a box where it lies, as high as it has bytes,
// from when it is made to when it is last read. Boxes that lie over each other share bytes: a layer writes
// over what it has read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace teff::cli {

// A tensor, a ring of its rows, or scratch. Time is counted in runs of steps.
struct ArenaBox {
  int64_t tensor = 0;  // index into the plan's tensors
  int64_t offset = 0, bytes = 0;
  int begin = 0, end = 0;
  int32_t ring_rows = 0;  // 0: all of the tensor
};

std::vector<ArenaBox> arena_boxes(const Program& program);

std::string arena_svg(const Program& program);

}  // namespace teff::cli
