#include "plan/memory_check.h"

#include "core/error.h"

namespace teff {
namespace {

class Checker {
 public:
  Checker(const Work& work, const Places& places)
      : work_(work), places_(places), marks_(static_cast<size_t>(places.bytes)), done_(work.steps.size()) {}

  void run(std::span<const Run> runs) {
    for (size_t t = 0; t < work_.tensors.size(); ++t)
      if (work_.tensors[t].input)
        write(static_cast<int>(t), work_.tensors[t].bytes, {0, work_.tensors[t].bytes});
    for (const Run& run : runs) {
      const WorkStep& step = work_.steps[static_cast<size_t>(run.step)];
      where_ = step.name;
      for (unit_ = run.begin; unit_ < run.end; ++unit_) run_unit(run, step);
    }
    where_ = "after the last step";
    for (size_t t = 0; t < work_.tensors.size(); ++t)
      if (work_.tensors[t].output)
        read(static_cast<int>(t), work_.tensors[t].bytes, {0, work_.tensors[t].bytes});
  }

 private:
  // A byte of a tensor, or of a step's scratch (tensor -1 - step).
  static uint64_t mark_of(int64_t owner, int64_t byte) {
    return (static_cast<uint64_t>(owner + (int64_t{1} << 30)) << 33) + static_cast<uint64_t>(byte) + 1;
  }

  void run_unit(const Run& run, const WorkStep& step) {
    int32_t& done = done_[static_cast<size_t>(run.step)];
    check(done == unit_, "{}: unit {} runs where {} should", where_, unit_, done);
    ++done;
    scratch_ = scratch_of(step, run.end - run.begin == step.units);
    const bool fresh = step.gathers ? unit_ == 0 : unit_ == run.begin;
    if (fresh) write_scratch(run.step);
    for (int32_t part = 0; part < step.parts; ++part) run_part(run.step, step, part);
  }

  // The worst that may happen: all is written before anything is read, unless the step is buffered.
  void run_part(int index, const WorkStep& step, int32_t part) {
    if (step.buffered) read_part(step, part, true);
    read_scratch(index);
    write_scratch(index);
    for (const WorkWrite& w : step.writes) write(w.tensor, w.row_bytes, bytes_written(step, w, unit_, part));
    read_part(step, part, !step.buffered);
    read_scratch(index);
  }

  // Of a buffered step only the inputs that it reads throughout are still needed once it writes.
  void read_part(const WorkStep& step, int32_t part, bool all) const {
    for (const WorkRead& r : step.reads)
      if (all || r.part_bytes == 0) read(r.tensor, r.row_bytes, bytes_read(r, unit_, part));
  }

  int64_t address(int tensor, int64_t row_bytes, int64_t byte) const {
    const auto t = static_cast<size_t>(tensor);
    const int64_t offset = places_.tensors[t], rows = places_.ring_rows[t];
    check(offset >= 0, "{}: tensor {} lies nowhere", where_, tensor);
    const int64_t at = offset + (rows == 0 ? byte : byte % (rows * row_bytes));
    check(at < places_.bytes, "{}: tensor {} ends outside of the arena", where_, tensor);
    return at;
  }

  void write(int tensor, int64_t row_bytes, Range bytes) {
    for (int64_t b = bytes.begin; b < bytes.end; ++b)
      marks_[static_cast<size_t>(address(tensor, row_bytes, b))] = mark_of(tensor, b);
  }

  void read(int tensor, int64_t row_bytes, Range bytes) const {
    for (int64_t b = bytes.begin; b < bytes.end; ++b)
      check(marks_[static_cast<size_t>(address(tensor, row_bytes, b))] == mark_of(tensor, b),
            "{}, unit {}: byte {} of tensor {} is not there", where_, unit_, b, tensor);
  }

  int64_t scratch_at(int index) const {
    const int64_t at = places_.scratch[static_cast<size_t>(index)];
    check(at >= 0 && at + scratch_ <= places_.bytes, "{}: scratch lies outside of the arena", where_);
    return at;
  }

  void write_scratch(int index) {
    if (scratch_ == 0) return;
    const int64_t at = scratch_at(index);
    for (int64_t b = 0; b < scratch_; ++b) marks_[static_cast<size_t>(at + b)] = mark_of(-1 - index, b);
  }

  void read_scratch(int index) const {
    if (scratch_ == 0) return;
    const int64_t at = scratch_at(index);
    for (int64_t b = 0; b < scratch_; ++b)
      check(marks_[static_cast<size_t>(at + b)] == mark_of(-1 - index, b),
            "{}, unit {}: scratch was overwritten", where_, unit_);
  }

  const Work& work_;
  const Places& places_;
  std::vector<uint64_t> marks_;
  std::vector<int32_t> done_;
  std::string where_ = "before the first step";
  int32_t unit_ = 0;
  int64_t scratch_ = 0;  // bytes, of the step that runs
};

}  // namespace

void check_memory(const Work& work, std::span<const Run> runs, const Places& places) {
  Checker(work, places).run(runs);
}

}  // namespace teff
