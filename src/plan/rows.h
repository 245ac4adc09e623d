// Which steps make their output row by row (kernels/c/rows.h), and what each row reads.
#pragma once

#include <optional>
#include <vector>

#include "plan/plan.h"

namespace teff {

// Unit y of the step reads rows [y * stride - pad, y * stride - pad + (kernel - 1) * dilation] of the image
// behind an operand, as far as they lie inside of it.
struct RowInput {
  int operand = 0;
  int32_t height = 0, row_bytes = 0;
  int32_t kernel = 1, stride = 1, dilation = 1, pad = 0;
  int64_t part_bytes = 0;  // see RowStep::parts
  int64_t part_before = 0, part_after = 0;
};

struct RowStep {
  int32_t units = 0;
  std::vector<RowInput> inputs;
  int output = 0;                     // operand
  int32_t height = 0, row_bytes = 0;  // of the output
  // The output (one row) is written by the last unit, and what the units before have gathered stays in
  // scratch; otherwise unit y writes row y, and scratch means nothing between units.
  bool gathers = false;
  // Where a unit is done in parts, part k reads the k-th piece of part_bytes of its rows, with part_before
  // bytes before it and part_after behind (where windows reach), and writes that of its result; `buffered`:
  // it has read all of it before it writes. part_bytes 0: every part may read all of the rows.
  int32_t parts = 1;
  bool buffered = false;
  int64_t part_bytes = 0;  // of the output
  // Bytes of scratch where not all units are done in one run; -1: as many as otherwise.
  int64_t part_scratch = -1;
  // About how many instructions are saved in a whole image where the output does not overlay the input, or,
  // if there is a band, where so many units are made together; and the scratch that these take.
  double apart_gain = 0;
  int32_t band = 0;
  int64_t band_scratch = 0;
};

// Nothing for a step that has to be done as a whole.
std::optional<RowStep> row_step(const Step& step);

// The image behind that operand lies in a ring of so many rows; all of its rows unless this is called.
void set_ring(Step& step, int operand, int32_t rows);

// Rows of the ring that the output lies in, or of the whole image. Of steps by rows only.
int32_t ring_rows(const Step& step);

// Units are made together as RowStep::band has it; one by one unless this is called.
void set_band(Step& step);

}  // namespace teff
