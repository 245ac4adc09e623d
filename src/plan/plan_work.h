// A plan as the memory planner sees it, and back: what was decided, written into the plan.
#pragma once

#include <vector>

#include "plan/cost_model.h"
#include "plan/plan.h"
#include "plan/segments.h"
#include "plan/work.h"

namespace teff {

// What each node's kernels need as scratch, as temporaries of that node: tensors behind those of the graph.
void make_scratch_temporary(Plan& plan);

// Steps of one node are done together; an alias is nothing to do; a node's temporaries are its scratch.
class PlanWork {
 public:
  PlanWork(const Graph& graph, const Plan& plan);  // the plan outlives it

  const Work& work() const { return work_; }

  // What runs of its steps cost, in instructions.
  RunCost cost(const CostModel& model) const;

  // Tensors, rings and the order of runs as decided; the arena begins at `base`.
  void apply(const MemoryPlan& memory, int64_t base, Plan& plan) const;

  // The runs of the work that a plan does to which such decisions were applied.
  std::vector<Run> runs_of(const Plan& plan) const;

 private:
  // The plan's steps and temporaries that a step of the work stands for.
  struct Parts {
    std::vector<int> steps, temporaries;
    bool by_rows = false;
  };

  void add_tensors(const Graph& graph, const Plan& plan);
  void add_node(const Graph& graph, const Plan& plan, int first, int last);
  void add_input_rows(const Plan& plan);
  void add_row_step(const Plan& plan, const Step& step, WorkStep& into) const;
  void add_whole_step(const Plan& plan, const Step& step, WorkStep& into);
  static void make_elementwise(const Step& step, WorkStep& into);
  std::vector<int> temporaries_of(const Plan& plan, const std::vector<int>& steps) const;
  int tensor_of(const Plan& plan, int64_t id) const;  // -1: it does not lie in the arena, or is a temporary
  void set_bands(const std::vector<bool>& apart, Plan& plan) const;
  void set_rings(const Places& places, Plan& plan) const;
  void set_order(const std::vector<Run>& runs, Plan& plan) const;

  Work work_;
  const Plan& plan_;
  std::vector<int> tensor_;   // work tensor by planned tensor, -1: none
  std::vector<int> planned_;  // planned tensor by work tensor
  std::vector<Parts> parts_;  // by step of the work
  size_t graph_tensors_ = 0;
};

}  // namespace teff
