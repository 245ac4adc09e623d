#include "plan/memory_ablation.h"

#include <algorithm>
#include <numeric>

#include "plan/budget.h"
#include "plan/lifetimes.h"
#include "plan/packing.h"
#include "plan/plan_work.h"

namespace teff {
namespace {

int64_t packed(const Work& work, std::span<const Run> runs) {
  return pack(buffers_of(work, runs), kPackingRounds).bytes;
}

// Every tensor, ring and scratch has bytes of its own.
int64_t side_by_side(const Work& work, std::span<const Run> runs) {
  int64_t sum = 0;
  for (const Buffer& buffer : buffers_of(work, runs))
    sum += (buffer.bytes + buffer.align - 1) / buffer.align * buffer.align;
  return sum;
}

int64_t without_overlays(Work work, std::span<const Run> runs) {
  for (WorkStep& step : work.steps) step.apart = true, step.band = 0;
  return packed(work, runs);
}

// In the order in which they end, which is one in which they can run as a whole.
std::vector<int> order_of(const Work& work, std::span<const Run> runs) {
  std::vector<int> order;
  for (const Run& run : runs)
    if (run.end == work.steps[static_cast<size_t>(run.step)].units) order.push_back(run.step);
  return order;
}

bool takes_turns(const Work& work, std::span<const Run> runs) { return runs.size() > work.steps.size(); }

// As the network was written down.
int64_t without_reordering(const Work& work, bool streams) {
  std::vector<int> order(work.steps.size());
  std::iota(order.begin(), order.end(), 0);
  if (streams) return SegmentChoice(work, std::move(order), one_a_run).least();
  return bytes_of_segments(work, layer_wise(work, std::move(order)), kPackingRounds);
}

}  // namespace

std::vector<MemoryAblation> ablate_memory(const Work& work, std::span<const Run> runs, int64_t taken) {
  const std::vector<int> order = order_of(work, runs);
  const bool streams = takes_turns(work, runs), reordered = !std::ranges::is_sorted(order);
  const auto at_least = [&](int64_t bytes) { return std::max(bytes, taken); };
  return {{"reuse of bytes that are not needed any more", side_by_side(work, runs)},
          {"results over inputs as they are used up", at_least(without_overlays(work, runs))},
          {"rows that take turns",
           streams ? at_least(bytes_of_segments(work, layer_wise(work, order), kPackingRounds)) : taken},
          {"another order of layers", reordered ? at_least(without_reordering(work, streams)) : taken},
          {"search among placements", at_least(pack(buffers_of(work, runs), 0).bytes)}};
}

std::vector<MemoryAblation> ablate_memory(const Program& program, const BoardOptions& options) {
  const Program prepared = prepare_board_program(program.model, options);
  const PlanWork work(prepared.model.main(), prepared.plans.front());
  const std::vector<Run> runs = work.runs_of(program.plans.front());
  return ablate_memory(work.work(), runs, program.arena_bytes);
}

}  // namespace teff
