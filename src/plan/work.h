// What the memory planner knows of a plan: which bytes of which tensors each step reads and writes, and when.
// Nothing of what it computes, so that planning can be tested on networks that exist only as numbers.
//
// A step does its units one after the other. Within a unit, the rows that it reads are read, and the row that
// it makes is written, in no particular order; unless it works in `parts`, which follow one another (some
// pixels each): part k reads of each row that has `part_bytes` no more than that many from k * part_bytes on,
// besides `part_before` bytes before them and `part_after` behind them (where a window reaches).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace teff {

// Unit y reads rows [y * stride - pad, y * stride - pad + (kernel - 1) * dilation] of a tensor, as far as
// they lie inside of it. The default, with row_bytes the whole tensor, is to read all of it for every unit.
struct WorkRead {
  int tensor = 0;
  int32_t height = 1;
  int64_t row_bytes = 0;
  int32_t kernel = 1, stride = 0, dilation = 1, pad = 0;
  int64_t part_bytes = 0;  // 0: every part reads all of the rows
  int64_t part_before = 0, part_after = 0;
};

// Unit y writes row y; where the step gathers, its last unit writes all rows.
struct WorkWrite {
  int tensor = 0;
  int32_t height = 1;
  int64_t row_bytes = 0;
  int64_t part_bytes = 0;
};

struct WorkStep {
  std::string name;  // for messages
  int index = -1;    // by which who describes the work knows the step
  int32_t units = 1;
  std::vector<WorkRead> reads;
  std::vector<WorkWrite> writes;
  bool by_rows = false;       // other steps may run between its units, and its tensors may be rings
  bool gathers = false;       // scratch holds sums from the first unit to the last
  int32_t parts = 1;          // of each unit
  bool buffered = false;      // a part is read to its end before the first byte of its result is written
  int64_t scratch = 0;        // bytes; needed from the first to the last part of a run
  int64_t part_scratch = -1;  // the same for runs of some of the units; -1: as for all
  // What is saved, in whatever is counted, where no result of a run overlays an input of the run, or, if it
  // is done in bands of so many units, none of a band one that this band or a later one reads; and whether
  // that is to be so. It may take more scratch.
  double apart_gain = 0;
  bool apart = false;
  int32_t band = 0;  // 0: the whole run
  int64_t apart_scratch = 0;
  // Its rows come from outside, in order and each once: all of its units run, and its segment (streaming.h)
  // holds all that read them, so that they need not all be there.
  bool from_outside = false;
};

struct WorkTensor {
  int64_t bytes = 0;
  int64_t align = 1;
  bool input = false, output = false;  // there before the first step; there after the last
};

struct Work {
  std::vector<WorkTensor> tensors;
  std::vector<WorkStep> steps;
  int64_t scratch_align = 8;
  bool keeps_order = false;  // steps leave something behind besides tensors
};

// A range of rows or of bytes.
struct Range {
  int64_t begin = 0, end = 0;
  bool empty() const { return begin >= end; }
  bool operator==(const Range&) const = default;
};

// The rows that a unit reads; never empty but for a window that lies in the padding altogether.
Range rows_read(const WorkRead& read, int32_t unit);
// The bytes of the tensor that a part of a unit reads, or writes.
Range bytes_read(const WorkRead& read, int32_t unit, int32_t part);
Range bytes_written(const WorkStep& step, const WorkWrite& write, int32_t unit, int32_t part);

// Bytes of scratch that runs of all or of some of the units need.
int64_t scratch_of(const WorkStep& step, bool all_units);

// Throws Error naming the step where a description contradicts itself: a tensor that does not exist or has
// other bytes than its rows, is read before it is made, or made twice but by a step that reads it, too.
void expect_sound(const Work& work);

}  // namespace teff
