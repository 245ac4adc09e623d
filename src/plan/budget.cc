#include "plan/budget.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/error.h"

namespace teff {
namespace {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

std::vector<int> as_they_stand(const Work& work) {
  std::vector<int> order(work.steps.size());
  std::iota(order.begin(), order.end(), 0);
  return order;
}

// Calls visit(plan) for plans that take less and less, until it says false or there is none that does.
// Segments are packed one by one; all together they may take more than the largest, so that the limit is what
// the last plan really took.
template <class Visit>
void for_each_plan(const Work& work, const RunCost& cost, int64_t limit, Visit visit) {
  SegmentChoice choice(work, as_they_stand(work), cost);
  for (;;) {
    Segmentation segmentation = choice.cheapest(limit);
    if (segmentation.cuts.empty()) return;
    const int64_t largest = choice.bytes_of(segmentation);
    if (!visit(place_segments(work, std::move(segmentation), cost, kPackingRounds))) return;
    limit = largest - 1;
  }
}

}  // namespace

MemoryPlan layer_wise_memory(const Work& work, const RunCost& cost) {
  return place_segments(work, layer_wise(as_they_stand(work)), cost, kPackingRounds);
}

MemoryPlan least_memory(const Work& work, const RunCost& cost) {
  SegmentChoice choice(work, as_they_stand(work), cost);
  return place_segments(work, choice.cheapest(choice.least()), cost, kPackingRounds);
}

std::vector<MemoryPlan> memory_front(const Work& work, const RunCost& cost) {
  std::vector<MemoryPlan> front;
  for_each_plan(work, cost, kNoLimit, [&](MemoryPlan plan) {
    if (front.empty() || plan.places.bytes < front.back().places.bytes) front.push_back(std::move(plan));
    return true;
  });
  return front;
}

MemoryPlan fit_memory(const Work& work, int64_t budget, const RunCost& cost) {
  MemoryPlan found, least;
  for_each_plan(work, cost, budget, [&](MemoryPlan plan) {
    found = std::move(plan);
    return found.places.bytes > budget;
  });
  if (!found.runs.empty() && found.places.bytes <= budget) return found;
  least = least_memory(work, cost);
  check(least.places.bytes <= budget,
        "{} bytes of memory do not suffice: the least is {}, most of all for {}", budget, least.places.bytes,
        hungriest_step(work, least).name);
  return least;
}

const WorkStep& hungriest_step(const Work& work, const MemoryPlan& plan) {
  // Memory while a run goes on: the most that is needed within its ticks, which are counted as buffers_of
  // does.
  const std::vector<Buffer> buffers = buffers_of(work, plan.runs);
  const int64_t most = most_needed(buffers);
  std::vector<std::pair<int64_t, int64_t>> changes;
  for (const Buffer& buffer : buffers)
    for (const Need& need : buffer.needs) {
      changes.emplace_back(need.begin, need.high - need.low);
      changes.emplace_back(need.end, need.low - need.high);
    }
  std::sort(changes.begin(), changes.end());
  int64_t now = 0, tick = 0;
  for (size_t i = 0; i < changes.size() && now < most; ++i) now += changes[i].second, tick = changes[i].first;
  int64_t end = 1;
  for (const Run& run : plan.runs) {
    const WorkStep& step = work.steps[static_cast<size_t>(run.step)];
    end += int64_t{run.end - run.begin} * step.parts * (step.buffered ? 2 : 1);
    if (tick < end) return step;
  }
  return work.steps.back();
}

}  // namespace teff
