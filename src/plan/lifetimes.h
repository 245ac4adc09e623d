// Which bytes of each tensor, ring and scratch piece are needed when, in an order of work.
//
// Time is counted in ticks: one for each part of each unit that runs, as far as it matters; two where a step
// is buffered, one to read and one to write. Rows are made and used up from the top, so that what is needed
// of a tensor at any time is one range of bytes: from the first that will still be read to the last that has
// been written.
#pragma once

#include <span>
#include <vector>

#include "plan/plan.h"
#include "plan/work.h"

namespace teff {

// Bytes [low, high) of a buffer hold something during ticks [begin, end).
struct Need {
  int64_t begin = 0, end = 0;
  int64_t low = 0, high = 0;
};

struct Buffer {
  enum class Kind : uint8_t { tensor, scratch };
  Kind kind = Kind::tensor;
  int index = 0;          // of the tensor; of the step
  int64_t bytes = 0;      // of the ring, where the tensor lies in one
  int32_t ring_rows = 0;  // 0: the whole tensor
  int64_t align = 1;
  std::vector<Need> needs;  // by time; they do not overlap
};

// How many a run of that many units takes.
int64_t ticks_of_run(const WorkStep& step, int32_t units);

// All buffers that the runs use, of tensors the ones that somebody reads or writes.
std::vector<Buffer> buffers_of(const Work& work, std::span<const Run> runs);

// By tick: how many bytes are needed.
std::vector<int64_t> needed_at(std::span<const Buffer> buffers);

// The most bytes that are needed at once: no placement takes less.
int64_t most_needed(std::span<const Buffer> buffers);

}  // namespace teff
