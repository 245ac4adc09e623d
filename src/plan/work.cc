#include "plan/work.h"

#include <algorithm>

#include "core/error.h"

namespace teff {
namespace {

// What there is of a piece of a row.
Range within_row(int64_t begin, int64_t end, int64_t row_bytes) {
  return {std::clamp<int64_t>(begin, 0, row_bytes), std::clamp<int64_t>(end, 0, row_bytes)};
}

void expect_rows(const Work& work, const WorkStep& step, int tensor, int32_t height, int64_t row_bytes) {
  check(tensor >= 0 && tensor < static_cast<int>(work.tensors.size()), "step {}: there is no tensor {}",
        step.name, tensor);
  const int64_t bytes = work.tensors[static_cast<size_t>(tensor)].bytes;
  check(height > 0 && row_bytes > 0 && height * row_bytes == bytes,
        "step {}: tensor {} has {} bytes, not {} rows of {}", step.name, tensor, bytes, height, row_bytes);
}

void expect_parts(const WorkStep& step, const WorkWrite& write) {
  check(write.part_bytes == 0 || write.part_bytes * step.parts >= write.row_bytes,
        "step {}: {} parts of {} bytes are no row of {}", step.name, step.parts, write.part_bytes,
        write.row_bytes);
}

}  // namespace

Range rows_read(const WorkRead& read, int32_t unit) {
  const int64_t begin = static_cast<int64_t>(unit) * read.stride - read.pad;
  const int64_t end = begin + static_cast<int64_t>(read.kernel - 1) * read.dilation + 1;
  return {std::max<int64_t>(begin, 0), std::min<int64_t>(end, read.height)};
}

Range bytes_read(const WorkRead& read, int32_t unit, int32_t part) {
  const Range rows = rows_read(read, unit);
  if (rows.empty()) return {};
  const int64_t at = part * read.part_bytes;
  const Range piece =
      read.part_bytes == 0
          ? Range{0, read.row_bytes}
          : within_row(at - read.part_before, at + read.part_bytes + read.part_after, read.row_bytes);
  return {rows.begin * read.row_bytes + piece.begin, (rows.end - 1) * read.row_bytes + piece.end};
}

Range bytes_written(const WorkStep& step, const WorkWrite& write, int32_t unit, int32_t part) {
  if (step.gathers) return unit + 1 < step.units ? Range{} : Range{0, write.height * write.row_bytes};
  const int64_t row = unit * write.row_bytes, at = part * write.part_bytes;
  if (write.part_bytes == 0) return {row, row + write.row_bytes};
  const Range piece = within_row(at, at + write.part_bytes, write.row_bytes);
  return {row + piece.begin, row + piece.end};
}

int64_t scratch_of(const WorkStep& step, bool all_units) {
  if (step.apart && step.band > 0) return step.apart_scratch;
  return all_units || step.part_scratch < 0 ? step.scratch : std::min(step.part_scratch, step.scratch);
}

void expect_sound(const Work& work) {
  std::vector<bool> made(work.tensors.size());
  for (size_t t = 0; t < made.size(); ++t) made[t] = work.tensors[t].input;
  for (const WorkStep& step : work.steps) {
    check(step.units > 0 && step.parts > 0, "step {} has no units", step.name);
    for (const WorkRead& read : step.reads) {
      expect_rows(work, step, read.tensor, read.height, read.row_bytes);
      check(made[static_cast<size_t>(read.tensor)], "step {} reads tensor {} before it is made", step.name,
            read.tensor);
    }
    for (const WorkWrite& write : step.writes) {
      expect_rows(work, step, write.tensor, write.height, write.row_bytes);
      expect_parts(step, write);
      const bool goes_on =
          std::ranges::any_of(step.reads, [&](const auto& r) { return r.tensor == write.tensor; });
      check(!made[static_cast<size_t>(write.tensor)] || goes_on, "step {} makes tensor {} again", step.name,
            write.tensor);
      check(step.gathers || write.height == step.units, "step {} makes {} rows in {} units", step.name,
            write.height, step.units);
      made[static_cast<size_t>(write.tensor)] = true;
    }
  }
}

}  // namespace teff
