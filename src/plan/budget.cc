#include "plan/budget.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "plan/reorder.h"

namespace teff {
namespace {

constexpr int kRoughRounds = 100;
constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

// The order of steps that takes the least layer by layer.
std::vector<int> order_for(const Work& work) {
  std::vector<int> best(work.steps.size());
  std::iota(best.begin(), best.end(), 0);
  int64_t least = -1;
  for (const PeakOf peak : {PeakOf::overlaid, PeakOf::apart}) {
    std::vector<int> order = order_of_least_peak(work, peak);
    if (order == best) continue;
    const auto bytes = [&](const std::vector<int>& o) {
      return bytes_of_segments(work, layer_wise(work, o), kRoughRounds);
    };
    if (least < 0) least = bytes(best);
    if (const int64_t taken = bytes(order); taken < least) least = taken, best = std::move(order);
  }
  return best;
}

// Calls visit(plan) for plans that take less and less, until it says false or there is none that does.
// Segments are packed one by one; all together they may take more than the largest, so that the limit is what
// the last plan really took.
template <class Visit>
void for_each_plan(const Work& work, const RunCost& cost, int64_t limit, Visit visit) {
  SegmentChoice choice(work, order_for(work), cost);
  for (;;) {
    Segmentation segmentation = choice.best(limit);
    if (segmentation.cuts.empty()) return;
    const int64_t largest = choice.bytes_of(segmentation);
    if (!visit(place_segments(work, std::move(segmentation), cost, kPackingRounds))) return;
    limit = largest - 1;
  }
}

// Steps done in one run that gain by it, those first that gain most.
std::vector<int> gain_apart(const Work& work, std::span<const Run> runs) {
  std::vector<int> steps;
  for (const Run& run : runs) {
    const WorkStep& step = work.steps[static_cast<size_t>(run.step)];
    if (step.apart_gain > 0 && run.end - run.begin == step.units) steps.push_back(run.step);
  }
  std::stable_sort(steps.begin(), steps.end(), [&](int a, int b) {
    return work.steps[static_cast<size_t>(a)].apart_gain > work.steps[static_cast<size_t>(b)].apart_gain;
  });
  return steps;
}

// The same plan in no more than `limit` bytes, with results apart from inputs where that gains most.
MemoryPlan with_room(Work work, MemoryPlan plan, int64_t limit, const RunCost& cost) {
  const std::vector<int> steps = gain_apart(work, plan.runs);
  bool changed = false;
  const auto fits = [&] { return bytes_of_segments(work, plan.segmentation, kRoughRounds) <= limit; };
  const auto set = [&](bool apart) {
    for (int s : steps) work.steps[static_cast<size_t>(s)].apart = apart;
  };
  set(true);
  if (!fits()) {
    set(false);
    for (int s : steps) {
      bool& apart = work.steps[static_cast<size_t>(s)].apart;
      apart = true;
      apart = fits();
      changed = changed || apart;
    }
  } else {
    changed = !steps.empty();
  }
  return changed ? place_segments(work, plan.segmentation, cost, kPackingRounds) : plan;
}

// A cost that is less by no more than what predictions err by is no reason for more runs.
bool beats(const MemoryPlan& a, const MemoryPlan& b) {
  constexpr double kCertain = 0.97;
  if (a.places.bytes != b.places.bytes) return a.places.bytes < b.places.bytes;
  return a.cost < kCertain * b.cost;
}

// Searches below know nothing of gains.
MemoryPlan smallest(const Work& work, const RunCost& cost) {
  SegmentChoice choice(work, order_for(work), cost);
  const int64_t bytes = choice.least();
  using Prefer = SegmentChoice::Prefer;
  const auto place = [&](Prefer prefer) {
    return place_segments(work, choice.best(bytes, prefer), cost, kPackingRounds);
  };
  MemoryPlan plan = place(Prefer::calm);
  if (MemoryPlan cheap = place(Prefer::cheap); beats(cheap, plan)) plan = std::move(cheap);
  if (plan.places.bytes == bytes) return plan;
  // All segments together took more than the largest of them: where one ends, tensors lie as the next wants
  // them.
  if (MemoryPlan few = place(Prefer::few); few.places.bytes < plan.places.bytes) plan = std::move(few);
  MemoryPlan layers = place_segments(work, layer_wise(work, order_for(work)), cost, kPackingRounds);
  return layers.places.bytes < plan.places.bytes ? layers : plan;
}

}  // namespace

MemoryPlan layer_wise_memory(const Work& work, const RunCost& cost) {
  return with_room(work, place_segments(work, layer_wise(work, order_for(work)), cost, kPackingRounds),
                   kNoLimit, cost);
}

MemoryPlan least_memory(const Work& work, const RunCost& cost) {
  const MemoryPlan plan = smallest(work, cost);
  return with_room(work, plan, plan.places.bytes, cost);
}

std::vector<MemoryPlan> memory_front(const Work& work, const RunCost& cost) {
  std::vector<MemoryPlan> front;
  const auto add = [&](MemoryPlan plan) {
    if (front.empty() || plan.places.bytes < front.back().places.bytes) front.push_back(std::move(plan));
    return true;
  };
  for_each_plan(work, cost, kNoLimit, add);
  add(smallest(work, cost));
  for (MemoryPlan& plan : front) plan = with_room(work, plan, plan.places.bytes, cost);
  MemoryPlan fastest = with_room(work, front.front(), kNoLimit, cost);
  if (fastest.places.bytes > front.front().places.bytes) front.insert(front.begin(), std::move(fastest));
  return front;
}

MemoryPlan fit_memory(const Work& work, int64_t budget, const RunCost& cost) {
  MemoryPlan found;
  for_each_plan(work, cost, budget, [&](MemoryPlan plan) {
    found = std::move(plan);
    return found.places.bytes > budget;
  });
  if (found.runs.empty() || found.places.bytes > budget) found = smallest(work, cost);
  check(found.places.bytes <= budget,
        "{} bytes of memory do not suffice: the least is {}, most of all for {}", budget, found.places.bytes,
        hungriest_step(work, found).name);
  return with_room(work, std::move(found), budget, cost);
}

const WorkStep& hungriest_step(const Work& work, const MemoryPlan& plan) {
  const std::vector<int64_t> needed = needed_at(buffers_of(work, plan.runs));
  const int64_t tick = std::max_element(needed.begin(), needed.end()) - needed.begin();
  int64_t end = 1;  // of the run's ticks
  for (const Run& run : plan.runs) {
    const WorkStep& step = work.steps[static_cast<size_t>(run.step)];
    end += ticks_of_run(step, run.end - run.begin);
    if (tick < end) return step;
  }
  return work.steps.back();
}

}  // namespace teff
