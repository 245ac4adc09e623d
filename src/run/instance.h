// A program that runs: its memory, and its steps bound to kernels and addresses.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/view.h"
#include "plan/plan.h"

namespace teff {

// One running copy of a program. Several may share a Program; each has memory and state of its own. Not to be
// used by two threads at once. run() allocates nothing.
class Instance {
 public:
  // Called after each node of the main graph; its outputs are still in memory then.
  using Observer = std::function<void(const Node&)>;

  // `threads` at most; small steps use fewer. Throws Error where the memory cannot be had.
  Instance(std::shared_ptr<const Program> program, int threads);

  // Inputs are unspecified after a run (their memory is used again); outputs stay until the next one.
  MutableView input(int i);
  View output(int i) const;
  View tensor(TensorId id) const;  // of the main graph; valid in an observer

  // Throws Error naming the node where data make an operator impossible (an index out of range).
  void run() { run_plan(0, nullptr); }
  void run(const Observer& observer) { run_plan(0, &observer); }

  void reset();  // state as before the first run

  const Program& program() const { return *program_; }

 private:
  struct Bound {
    const Step* step;
    KernelFunction function;
    int threads;
    size_t operands;         // where its pointers start
    size_t operands_stride;  // from one thread's pointers to the next's: 0 where they are the same
  };
  struct BoundPlan {
    std::vector<Bound> steps;
    std::vector<void*> operands;
    bool ran_once = false;
  };

  std::byte* address(const Plan& plan, const Operand& operand, int thread);
  std::byte* address(const Plan& plan, const PlannedTensor& tensor) const;
  void bind(size_t plan);
  Bound bind_step(const Plan& plan, const Step& step, std::vector<void*>& operands);
  void run_plan(int plan, const Observer* observer);
  void run_node(int plan, int first_step, int last_step);
  void run_step(int plan, const Bound& bound);
  void call(int caller, const Step& step);
  bool truth(int plan, TensorId id) const;
  void copy_in(int caller, const std::vector<TensorId>& from, int callee);
  void copy_out(int callee, int caller, const std::vector<TensorId>& to);
  MutableView view(int plan, TensorId id) const;

  std::shared_ptr<const Program> program_;
  int threads_;
  mutable AlignedBuffer arena_, state_, scratch_;
  std::vector<BoundPlan> plans_;
};

}  // namespace teff
