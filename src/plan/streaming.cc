#include "plan/streaming.h"

#include <algorithm>

#include "core/error.h"

namespace teff {
namespace {

class Streamer {
 public:
  Streamer(const Work& work, std::span<const int> steps, const std::vector<bool>& needed_after)
      : work_(work), steps_(steps), maker_(work.tensors.size(), kNone), done_(steps.size()) {
    for (size_t i = 0; i < steps.size(); ++i)
      for (const WorkWrite& write : step(i).writes) maker_[static_cast<size_t>(write.tensor)] = i;
    find_needed(steps.size() - 1);
    for (size_t i = 0; i < steps.size(); ++i)
      if (!demanded_[i]) sides_.push_back(i);
    for (size_t i = 0; i < steps.size(); ++i)
      if (step(i).from_outside || leaves(i, needed_after)) needed_.push_back(i);
  }

  std::vector<Run> take() {
    finish(steps_.size() - 1);
    for (size_t i : needed_) finish(i);
    return std::move(runs_);
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  const WorkStep& step(size_t i) const { return work_.steps[static_cast<size_t>(steps_[i])]; }

  bool leaves(size_t i, const std::vector<bool>& needed_after) const {
    return std::ranges::any_of(step(i).writes, [&](const WorkWrite& w) {
      return static_cast<bool>(needed_after[static_cast<size_t>(w.tensor)]);
    });
  }

  // Marks what step i is made from.
  void find_needed(size_t i) {
    if (demanded_.empty()) demanded_.resize(steps_.size());
    if (demanded_[i]) return;
    demanded_[i] = true;
    for (const WorkRead& read : step(i).reads)
      if (const size_t m = maker_[static_cast<size_t>(read.tensor)]; m != kNone) find_needed(m);
  }

  // How many units of the maker it takes until the rows before `end` are there.
  int32_t units_for(size_t maker, int64_t end, const WorkRead& read) const {
    const WorkStep& made = step(maker);
    if (made.gathers || made.writes.front().row_bytes != read.row_bytes) return end > 0 ? made.units : 0;
    return static_cast<int32_t>(end);
  }

  template <class Visit>
  void for_each_need(size_t i, Visit visit) const {
    for (const WorkRead& read : step(i).reads) {
      const size_t maker = maker_[static_cast<size_t>(read.tensor)];
      if (maker == kNone) continue;
      const Range rows = rows_read(read, done_[i]);
      if (!rows.empty()) visit(maker, units_for(maker, rows.end, read));
    }
  }

  bool is_ready(size_t i) const {
    bool ready = done_[i] < step(i).units;
    for_each_need(i, [&](size_t maker, int32_t units) { ready = ready && done_[maker] >= units; });
    return ready;
  }

  void make_next(size_t i) {
    for_each_need(i, [&](size_t maker, int32_t units) {
      while (done_[maker] < units) make_next(maker);
    });
    const int32_t unit = done_[i]++;
    if (!runs_.empty() && runs_.back().step == steps_[i] && runs_.back().end == unit) {
      runs_.back().end = unit + 1;
    } else {
      runs_.push_back({steps_[i], unit, unit + 1});
    }
    for (size_t side : sides_)
      while (is_ready(side)) make_next(side);
  }

  void finish(size_t i) {
    while (done_[i] < step(i).units) make_next(i);
  }

  const Work& work_;
  std::span<const int> steps_;
  std::vector<size_t> maker_;   // by tensor: which of the steps makes it
  std::vector<int32_t> done_;   // units
  std::vector<bool> demanded_;  // what the last step is made from
  std::vector<size_t> sides_;   // the others
  std::vector<size_t> needed_;  // whose rows all have to be made
  std::vector<Run> runs_;
};

}  // namespace

Range forbidden_ends(const Work& work, std::span<const int> order) {
  const auto step = [&](size_t i) -> const WorkStep& { return work.steps[static_cast<size_t>(order[i])]; };
  for (size_t i = 0; i < order.size(); ++i) {
    if (!step(i).from_outside) continue;
    const int tensor = step(i).writes.front().tensor;
    const auto reads = [&](const WorkRead& read) { return read.tensor == tensor; };
    size_t last = i;
    for (size_t j = i + 1; j < order.size(); ++j)
      if (std::ranges::any_of(step(j).reads, reads)) last = j;
    for (size_t j = i + 1; j <= last; ++j)
      check(step(j).by_rows,
            "the input cannot come row by row: {} reads it, {} before does not work row by row",
            step(last).name, step(j).name);
    return {static_cast<int64_t>(i) + 1, static_cast<int64_t>(last) + 1};
  }
  return {};
}

Segmentation layer_wise(const Work& work, std::vector<int> order) {
  const Range forbidden = forbidden_ends(work, order);
  Segmentation result{.order = std::move(order), .cuts = {}};
  for (int end = 1; end <= static_cast<int>(result.order.size()); ++end)
    if (end < forbidden.begin || end >= forbidden.end) result.cuts.push_back(end);
  return result;
}

std::vector<Run> stream(const Work& work, std::span<const int> steps, const std::vector<bool>& needed_after) {
  if (steps.size() == 1) return {{steps[0], 0, work.steps[static_cast<size_t>(steps[0])].units}};
  return Streamer(work, steps, needed_after).take();
}

std::vector<Run> runs_of(const Work& work, const Segmentation& segmentation) {
  std::vector<int> last_reader(work.tensors.size(), -1);  // segment
  for (int s = 0; s < segmentation.segments(); ++s)
    for (int i : segmentation.segment(s))
      for (const WorkRead& read : work.steps[static_cast<size_t>(i)].reads)
        last_reader[static_cast<size_t>(read.tensor)] = s;
  std::vector<Run> runs;
  for (int s = 0; s < segmentation.segments(); ++s) {
    std::vector<bool> needed_after(work.tensors.size());
    for (size_t t = 0; t < needed_after.size(); ++t)
      needed_after[t] = work.tensors[t].output || last_reader[t] > s;
    const std::vector<Run> part = stream(work, segmentation.segment(s), needed_after);
    runs.insert(runs.end(), part.begin(), part.end());
  }
  return runs;
}

}  // namespace teff
