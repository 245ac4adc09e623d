#include "plan/host.h"

#include "plan/host_step.h"
#include "plan/layout.h"

namespace teff {
namespace {

// Step::unit_cost counts operations of plain code, a few of which are done in each cycle.
constexpr double kOperationsPerCycle = 2;

}  // namespace

const Shape* HostStep::shape(size_t i) const {
  const Operand& o = step_.operands[i];
  if (o.kind != Operand::Kind::tensor || o.index >= static_cast<int64_t>(graph_.tensors.size()))
    return nullptr;
  return &graph_.tensor(static_cast<TensorId>(o.index)).shape;
}

Operand HostStep::constant(Bytes bytes) {
  plan_.constants.push_back(std::move(bytes));
  return {Operand::Kind::constant, static_cast<int64_t>(plan_.constants.size()) - 1};
}

Operand HostStep::scratch(int64_t bytes) {
  plan_.scratch_bytes = std::max(plan_.scratch_bytes, bytes);
  return {Operand::Kind::scratch, 0, bytes};
}

bool HostStep::replace(KernelId kernel, Params params, int64_t units, double cycles,
                       std::vector<Operand> operands) {
  step_.kernel = kernel;
  step_.params = std::move(params);
  step_.operands = std::move(operands);
  step_.units = units;
  step_.unit_cost = kOperationsPerCycle * cycles / static_cast<double>(units);
  return true;
}

void exchange_for_host(const Graph& graph, Plan& plan, std::span<const Isa> isas) {
  for (Step& step : plan.steps) {
    if (step.kind != Step::Kind::kernel) continue;
    HostStep host(graph, plan, step, isas);
    exchange_s8(host) || exchange_images_s8(host) || exchange_f32(host);
  }
}

Program make_host_program(Model model, std::span<const Isa> isas) {
  Program program = lower_program(std::move(model));
  for (size_t i = 0; i < program.plans.size(); ++i)
    exchange_for_host(program.model.graphs[i], program.plans[i], isas);
  lay_out(program);
  return program;
}

}  // namespace teff
