#include "plan/board.h"

#include <algorithm>

#include "plan/layout.h"

namespace teff {
namespace {

// Scratch as tensors that only one step uses.
void put_scratch_in_arena(Plan& plan) {
  for (Step& step : plan.steps)
    for (Operand& operand : step.operands) {
      if (operand.kind != Operand::Kind::scratch) continue;
      plan.tensors.push_back({.type = Type::u8, .bytes = operand.bytes});
      plan.tensors.back().location.place = Location::Place::arena;
      operand = {Operand::Kind::tensor, static_cast<int64_t>(plan.tensors.size()) - 1};
    }
  plan.scratch_bytes = 0;
}

}  // namespace

Program make_board_program(Model model, const BoardOptions& options) {
  Program program = lower_program(std::move(model));
  for (size_t i = 0; i < program.plans.size(); ++i) {
    Plan& plan = program.plans[i];
    specialize(plan, options.isa);
    put_scratch_in_arena(plan);
    program.arena_bytes = lay_out(program.model.graphs[i], plan, program.arena_bytes);
  }
  return program;
}

}  // namespace teff
