// What the families of kernels (host_s8.cc, ...) do to a plan's steps when they exchange them.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "core/cpu.h"
#include "plan/plan.h"

namespace teff {

// A step that may be exchanged for another kernel's.
class HostStep {
 public:
  HostStep(const Graph& graph, Plan& plan, Step& step, std::span<const Isa> isas)
      : graph_(graph), plan_(plan), step_(step), isas_(isas) {}

  bool has(Isa isa) const { return std::find(isas_.begin(), isas_.end(), isa) != isas_.end(); }
  const Graph& graph() const { return graph_; }
  const Plan& plan() const { return plan_; }
  const Step& step() const { return step_; }
  Operand operand(size_t i) const { return step_.operands[i]; }
  // Null for what is no tensor of the graph.
  const Shape* shape(size_t i) const;

  Operand constant(Bytes bytes);
  Operand scratch(int64_t bytes);  // the step's only piece

  // `cycles`: about how long all units take together on one thread; says how many threads are worth it.
  template <class P>
  bool replace(KernelId kernel, const P& params, int64_t units, double cycles,
               std::vector<Operand> operands) {
    return replace(kernel, Params::of(params), units, cycles, std::move(operands));
  }

  // For a kernel with the same parameters, operands and units.
  bool rename(KernelId kernel) {
    step_.kernel = kernel;
    return true;
  }

 private:
  bool replace(KernelId kernel, Params params, int64_t units, double cycles, std::vector<Operand> operands);

  const Graph& graph_;
  Plan& plan_;
  Step& step_;
  std::span<const Isa> isas_;
};

// Each is true where it has exchanged the step.
bool exchange_s8(HostStep& host);         // convolutions and fully connected layers of int8
bool exchange_images_s8(HostStep& host);  // what stands between them
bool exchange_f32(HostStep& host);        // convolutions and fully connected layers of float32

}  // namespace teff
