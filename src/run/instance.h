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

  // False where the network waits for more data (a circular buffer that is not full yet): nothing behind that
  // operator was computed, and the outputs are unspecified. Throws Error naming the node where data make an
  // operator impossible (an index out of range).
  bool run() { return run_plan(0, nullptr); }
  bool run(const Observer& observer) { return run_plan(0, &observer); }

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
  // These are false where the run ends.
  bool run_plan(int plan, const Observer* observer);
  bool run_in_order(int plan);
  bool run_step(int plan, const Bound& bound);
  bool run_units(int plan, const Bound& bound, teff_range range);
  bool call(int caller, const Step& step);
  bool run_once(int plan);
  bool run_branch(int caller, const Step& step);
  bool run_loop(int caller, const Step& step);
  bool truth(int plan, TensorId id) const;
  void copy(int from_plan, const std::vector<TensorId>& from, int to_plan, const std::vector<TensorId>& to);
  MutableView view(int plan, TensorId id) const;

  std::shared_ptr<const Program> program_;
  int threads_;
  mutable AlignedBuffer arena_, state_, scratch_;
  std::vector<BoundPlan> plans_;
};

}  // namespace teff
