#include "plan/segments.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"

namespace teff {
namespace {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

double cost_of(const Work& work, std::span<const Run> runs, const RunCost& cost) {
  double sum = 0;
  for (const Run& run : runs) sum += cost(work.steps[static_cast<size_t>(run.step)], run.end - run.begin);
  return sum;
}

}  // namespace

double one_a_run(const WorkStep&, int32_t) { return 1; }

MemoryPlan place_segments(const Work& work, Segmentation segmentation, const RunCost& cost, int rounds) {
  MemoryPlan plan;
  plan.segmentation = std::move(segmentation);
  plan.runs = runs_of(work, plan.segmentation);
  plan.cost = cost_of(work, plan.runs, cost);
  const std::vector<Buffer> buffers = buffers_of(work, plan.runs);
  const Packing packing = pack(buffers, rounds);
  plan.least = packing.least;
  plan.places = {.tensors = std::vector<int64_t>(work.tensors.size(), -1),
                 .ring_rows = std::vector<int32_t>(work.tensors.size()),
                 .scratch = std::vector<int64_t>(work.steps.size(), -1),
                 .bytes = packing.bytes};
  for (const WorkStep& step : work.steps) plan.apart.push_back(step.apart);
  for (size_t b = 0; b < buffers.size(); ++b) {
    const auto index = static_cast<size_t>(buffers[b].index);
    if (buffers[b].kind == Buffer::Kind::scratch) {
      plan.places.scratch[index] = packing.offsets[b];
    } else {
      plan.places.tensors[index] = packing.offsets[b];
      plan.places.ring_rows[index] = buffers[b].ring_rows;
    }
  }
  check_memory(work, plan.runs, plan.places);
  return plan;
}

int64_t bytes_of_segments(const Work& work, const Segmentation& segmentation, int rounds) {
  const std::vector<Run> runs = runs_of(work, segmentation);
  return pack(buffers_of(work, runs), rounds).bytes;
}

SegmentChoice::SegmentChoice(const Work& work, std::vector<int> order, RunCost cost)
    : work_(work),
      order_(std::move(order)),
      cost_(std::move(cost)),
      forbidden_ends_(forbidden_ends(work, order_)) {
  const int end = static_cast<int>(order_.size());
  made_at_.assign(work.tensors.size(), end);
  last_read_at_.assign(work.tensors.size(), -1);
  for (size_t t = 0; t < work.tensors.size(); ++t) {
    if (work.tensors[t].input) made_at_[t] = -1;
    if (work.tensors[t].output) last_read_at_[t] = end;
  }
  for (int i = 0; i < end; ++i) {
    const WorkStep& step = work.steps[static_cast<size_t>(order_[static_cast<size_t>(i)])];
    for (const WorkWrite& w : step.writes) {
      int& made = made_at_[static_cast<size_t>(w.tensor)];
      made = std::min(made, i);
    }
    for (const WorkRead& r : step.reads) {
      int& last = last_read_at_[static_cast<size_t>(r.tensor)];
      last = std::max(last, i);
    }
  }
  for (int begin = 0; begin < end; ++begin)
    segments_.emplace_back(static_cast<size_t>(longest_from(begin) - begin));
}

// Segments of more than one step hold steps that work by rows.
int SegmentChoice::longest_from(int begin) const {
  int end = begin;
  while (end < static_cast<int>(order_.size()) &&
         work_.steps[static_cast<size_t>(order_[static_cast<size_t>(end)])].by_rows)
    ++end;
  return std::max(end, begin + 1);
}

std::vector<bool> SegmentChoice::needed_after(int end) const {
  std::vector<bool> needed(work_.tensors.size());
  for (size_t t = 0; t < needed.size(); ++t) needed[t] = last_read_at_[t] >= end;
  return needed;
}

// A segment on its own: what was made before is there from the start, what is needed later stays to the end,
// and what it does not touch takes its place all the while.
SegmentChoice::Segment SegmentChoice::measure(int begin, int end, Segment::Known how) const {
  const std::vector<bool> needed = needed_after(end);
  Work part{.tensors = work_.tensors, .steps = work_.steps, .scratch_align = work_.scratch_align};
  std::vector<bool> touched(part.tensors.size());
  const auto steps = std::span(order_).subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
  for (int s : steps) {
    for (const WorkRead& r : part.steps[static_cast<size_t>(s)].reads)
      touched[static_cast<size_t>(r.tensor)] = true;
    for (const WorkWrite& w : part.steps[static_cast<size_t>(s)].writes)
      touched[static_cast<size_t>(w.tensor)] = true;
  }
  int64_t passing = 0;
  for (size_t t = 0; t < part.tensors.size(); ++t) {
    const bool before = made_at_[t] < begin, after = needed[t];
    if (!touched[t] && before && after) passing += part.tensors[t].bytes;
    part.tensors[t].input = touched[t] && before;
    part.tensors[t].output = touched[t] && after;
  }
  const std::vector<Run> runs = stream(part, steps, needed);
  const std::vector<Buffer> buffers = buffers_of(part, runs);
  std::vector<Buffer> inside;
  for (const Buffer& b : buffers) {
    if (b.kind != Buffer::Kind::tensor) continue;
    const WorkTensor& tensor = part.tensors[static_cast<size_t>(b.index)];
    if (!tensor.input && !tensor.output) inside.push_back(b);
  }
  const int64_t bytes = how == Segment::Known::packed ? pack(buffers, 200).bytes : most_needed(buffers);
  return {.known = how,
          .bytes = passing + bytes,
          .inside = passing + most_needed(inside),
          .cost = cost_of(part, runs, cost_),
          .runs = runs.size()};
}

SegmentChoice::Segment& SegmentChoice::at(int begin, int end, Segment::Known how) {
  Segment& segment = segments_[static_cast<size_t>(begin)][static_cast<size_t>(end - begin - 1)];
  if (segment.known < how) segment = measure(begin, end, how);
  return segment;
}

// Dynamic programming over the ends of segments.
Segmentation SegmentChoice::best_known(int64_t bytes, Prefer prefer) {
  const int end = static_cast<int>(order_.size());
  constexpr double kNever = std::numeric_limits<double>::infinity();
  std::vector<double> cost(static_cast<size_t>(end) + 1, kNever);
  std::vector<int> from(static_cast<size_t>(end) + 1, -1);
  cost[0] = 0;
  for (int begin = 0; begin < end; ++begin) {
    const double before = cost[static_cast<size_t>(begin)];
    if (before == kNever) continue;
    bool each_fits = true;  // then the shortest pieces are cheaper one by one
    int piece = begin;      // where the last of them begins
    for (int last = begin + 1; last <= longest_from(begin); ++last) {
      if (last >= forbidden_ends_.begin && last < forbidden_ends_.end) continue;
      each_fits = each_fits && at(piece, last, Segment::Known::bound).bytes <= bytes;
      const bool one_piece = std::exchange(piece, last) == begin;
      if (prefer != Prefer::few && each_fits && !one_piece) continue;
      const Segment& segment = at(begin, last, Segment::Known::bound);
      if (segment.inside > bytes) break;
      const double with = before + segment.weight(prefer);
      if (segment.bytes > bytes || with >= cost[static_cast<size_t>(last)]) continue;
      cost[static_cast<size_t>(last)] = with;
      from[static_cast<size_t>(last)] = begin;
    }
  }
  Segmentation result{.order = order_, .cuts = {}};
  if (cost.back() == kNever) return result;
  for (int cut = end; cut > 0; cut = from[static_cast<size_t>(cut)]) result.cuts.push_back(cut);
  std::reverse(result.cuts.begin(), result.cuts.end());
  return result;
}

// Packs the segments of which only the bound was known; false if one of them takes more than `bytes`.
bool SegmentChoice::pack_segments(const Segmentation& segmentation, int64_t bytes) {
  bool fits = true;
  for (int i = 0, begin = 0; i < segmentation.segments();
       begin = segmentation.cuts[static_cast<size_t>(i++)]) {
    const int end = segmentation.cuts[static_cast<size_t>(i)];
    fits = at(begin, end, Segment::Known::packed).bytes <= bytes && fits;
  }
  return fits;
}

Segmentation SegmentChoice::best(int64_t bytes, Prefer prefer) {
  for (;;) {
    Segmentation result = best_known(bytes, prefer);
    if (result.cuts.empty() || pack_segments(result, bytes)) return result;
  }
}

int64_t SegmentChoice::bytes_of(const Segmentation& segmentation) {
  pack_segments(segmentation, kNoLimit);
  int64_t most = 0;
  for (int i = 0, begin = 0; i < segmentation.segments(); begin = segmentation.cuts[static_cast<size_t>(i++)])
    most = std::max(most, at(begin, segmentation.cuts[static_cast<size_t>(i)], Segment::Known::packed).bytes);
  return most;
}

int64_t SegmentChoice::least() {
  // Halving between what is too little and what is enough.
  int64_t enough = bytes_of(best(kNoLimit)), too_little = -1;
  for (const WorkTensor& tensor : work_.tensors) too_little += tensor.input ? tensor.bytes : 0;
  while (enough - too_little > 1) {
    const int64_t middle = too_little + (enough - too_little) / 2;
    const Segmentation found = best(middle);
    if (found.cuts.empty()) {
      too_little = middle;
    } else {
      // With just what was found, the search may give up early: a longer segment may need less than a shorter
      // one, where rows that only the shorter hands on are not made.
      const int64_t taken = bytes_of(found);
      enough = best(taken).cuts.empty() ? middle : taken;
    }
  }
  return enough;
}

}  // namespace teff
