#include "plan/board.h"

#include <algorithm>
#include <numeric>

#include "plan/plan_work.h"

namespace teff {
namespace {

// Draws of orders in which buffers are placed; more find less seldom than they take time.
constexpr int kRounds = 200;

MemoryPlan plan_memory(const Work& work, BoardMemory memory) {
  std::vector<int> order(work.steps.size());
  std::iota(order.begin(), order.end(), 0);
  if (memory == BoardMemory::layer_wise)
    return place_segments(work, layer_wise(std::move(order)), one_a_run, kRounds);
  SegmentChoice choice(work, std::move(order), one_a_run);
  return place_segments(work, choice.cheapest(choice.least()), one_a_run, kRounds);
}

}  // namespace

Program make_board_program(Model model, const BoardOptions& options) {
  Program program = lower_program(std::move(model));
  for (size_t i = 0; i < program.plans.size(); ++i) {
    Plan& plan = program.plans[i];
    specialize(plan, options.isa);
    make_scratch_temporary(plan);
    const PlanWork work(program.model.graphs[i], plan);
    const MemoryPlan memory = plan_memory(work.work(), options.memory);
    check_memory(work.work(), memory.runs, memory.places);
    work.apply(memory, program.arena_bytes, plan);
    program.arena_bytes += memory.places.bytes;
  }
  return program;
}

}  // namespace teff
