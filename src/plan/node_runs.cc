#include "plan/node_runs.h"

namespace teff {
namespace {

// By step. Runs of one step that follow each other are one.
std::vector<std::vector<int32_t>> runs_of_steps(const Plan& plan) {
  std::vector<std::vector<int32_t>> runs(plan.steps.size());
  if (plan.order.empty()) {
    for (size_t s = 0; s < plan.steps.size(); ++s)
      runs[s].push_back(static_cast<int32_t>(plan.steps[s].units));
    return runs;
  }
  int before = -1;
  for (const Run& run : plan.order) {
    std::vector<int32_t>& of_step = runs[static_cast<size_t>(run.step)];
    const int32_t units = run.end - run.begin;
    if (run.step == before)
      of_step.back() += units;
    else
      of_step.push_back(units);
    before = run.step;
  }
  return runs;
}

}  // namespace

std::vector<NodeRuns> runs_of_nodes(const Plan& plan) {
  auto runs = runs_of_steps(plan);
  std::vector<NodeRuns> nodes;
  int begin = 0;
  for (int end : plan.steps_end) {
    int only = -1, steps = 0;
    for (int s = begin; s < end; ++s) {
      if (plan.steps[static_cast<size_t>(s)].kind == Step::Kind::alias) continue;
      only = s, ++steps;
    }
    begin = end;
    if (steps != 1 || plan.steps[static_cast<size_t>(only)].kind != Step::Kind::kernel) continue;
    nodes.push_back({&plan.steps[static_cast<size_t>(only)], std::move(runs[static_cast<size_t>(only)])});
  }
  return nodes;
}

}  // namespace teff
