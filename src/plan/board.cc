#include "plan/board.h"

#include "plan/budget.h"
#include "plan/plan_work.h"

namespace teff {
namespace {

// `used`: what other graphs of the program take already.
MemoryPlan plan_memory(const Work& work, const BoardOptions& options, int64_t used) {
  if (options.budget) return fit_memory(work, *options.budget - used);
  return options.memory == BoardMemory::least ? least_memory(work) : layer_wise_memory(work);
}

}  // namespace

Program make_board_program(Model model, const BoardOptions& options) {
  Program program = lower_program(std::move(model));
  for (size_t i = 0; i < program.plans.size(); ++i) {
    Plan& plan = program.plans[i];
    specialize(program.model.graphs[i], plan, options.isa, options.small);
    make_scratch_temporary(plan);
    const PlanWork work(program.model.graphs[i], plan);
    const MemoryPlan memory = plan_memory(work.work(), options, program.arena_bytes);
    work.apply(memory, program.arena_bytes, plan);
    program.arena_bytes += memory.places.bytes;
  }
  return program;
}

}  // namespace teff
