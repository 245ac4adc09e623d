#include "run/instance.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "core/error.h"
#include "core/threads.h"

namespace teff {
namespace {

// Below this much work a second thread costs more than it brings.
constexpr double kLeastWorkPerThread = 20000;

// A loop that goes on longer than this is taken for one without end.
constexpr int64_t kMostIterations = 10'000'000;

int64_t per_thread(int64_t scratch_bytes) { return (scratch_bytes + 63) / 64 * 64; }

int threads_worth(const Step& step, int most) {
  const double work = static_cast<double>(step.units) * step.unit_cost;
  const auto worth = static_cast<int64_t>(std::min(work / kLeastWorkPerThread, 1e6));
  return static_cast<int>(std::clamp<int64_t>(worth, 1, std::min<int64_t>(most, step.units)));
}

// False where the run ends without anything being wrong.
bool goes_on(teff_fault fault) {
  switch (fault) {
    case TEFF_FINE: return true;
    case TEFF_ENOUGH: return false;
    case TEFF_BAD_INDEX: fail("an index points outside of the tensor");
    case TEFF_BAD_SHAPE: fail("the data ask for another shape of the result than the network was made for");
    default: fail("an integer is divided by zero");
  }
}

}  // namespace

Instance::Instance(std::shared_ptr<const Program> program, int threads)
    : program_(std::move(program)),
      threads_(std::max(threads, 1)),
      arena_(static_cast<size_t>(program_->arena_bytes)),
      state_(static_cast<size_t>(program_->state.bytes)),
      scratch_(static_cast<size_t>(per_thread(program_->scratch_bytes) * threads_)),
      plans_(program_->plans.size()) {
  for (size_t i = 0; i < plans_.size(); ++i) bind(i);
  reset();
}

void Instance::reset() {
  std::ranges::fill(state_.span(), std::byte{});
  for (const InitialState::Piece& piece : program_->state.pieces)
    std::fill_n(state_.data() + piece.offset, piece.bytes, piece.value);
  for (BoundPlan& plan : plans_) plan.ran_once = false;
}

// --- addresses ---

std::byte* Instance::address(const Plan& plan, const PlannedTensor& tensor) const {
  switch (tensor.location.place) {
    case Location::Place::nowhere: return nullptr;
    case Location::Place::arena: return arena_.data() + tensor.location.offset;
    case Location::Place::state: return state_.data() + tensor.location.offset;
    case Location::Place::constant:
      // Kernels take constants as const; one pointer type serves all operands.
      return const_cast<std::byte*>(plan.constants[static_cast<size_t>(tensor.location.offset)].data());
  }
  return nullptr;
}

std::byte* Instance::address(const Plan& plan, const Operand& operand, int thread) {
  switch (operand.kind) {
    case Operand::Kind::none: return nullptr;
    case Operand::Kind::tensor: return address(plan, plan.tensors[static_cast<size_t>(operand.index)]);
    case Operand::Kind::constant:
      return const_cast<std::byte*>(plan.constants[static_cast<size_t>(operand.index)].data());
    case Operand::Kind::state: return state_.data() + operand.index;
    case Operand::Kind::scratch:
      return scratch_.data() + thread * per_thread(program_->scratch_bytes) + operand.index;
  }
  return nullptr;
}

MutableView Instance::view(int plan, TensorId id) const {
  const Plan& p = program_->plans[static_cast<size_t>(plan)];
  const PlannedTensor& planned = p.tensors[static_cast<size_t>(id)];
  const Tensor& tensor = program_->model.graphs[static_cast<size_t>(plan)].tensor(id);
  return {
      tensor.type, tensor.shape, {address(p, planned), static_cast<size_t>(planned.bytes)}, &tensor.quant};
}

MutableView Instance::input(int i) {
  return view(0, program_->model.main().inputs.at(static_cast<size_t>(i)));
}
View Instance::output(int i) const {
  return view(0, program_->model.main().outputs.at(static_cast<size_t>(i)));
}
View Instance::tensor(TensorId id) const { return view(0, id); }

// --- binding ---

Instance::Bound Instance::bind_step(const Plan& plan, const Step& step, std::vector<void*>& operands) {
  Bound bound{&step, nullptr, 1, operands.size(), 0};
  if (step.kind != Step::Kind::kernel) return bound;
  bound.function = kernel(step.kernel).function;
  bound.threads = threads_worth(step, threads_);
  const bool own_scratch = std::any_of(step.operands.begin(), step.operands.end(),
                                       [](const Operand& o) { return o.kind == Operand::Kind::scratch; });
  if (own_scratch) bound.operands_stride = step.operands.size();
  for (int thread = 0; thread < (own_scratch ? bound.threads : 1); ++thread)
    for (const Operand& operand : step.operands) operands.push_back(address(plan, operand, thread));
  return bound;
}

void Instance::bind(size_t i) {
  const Plan& plan = program_->plans[i];
  BoundPlan& bound = plans_[i];
  for (const Step& step : plan.steps) bound.steps.push_back(bind_step(plan, step, bound.operands));
}

// --- running ---

// Steps that take turns: an observer would see rows, not tensors.
bool Instance::run_in_order(int plan) {
  const Plan& p = program_->plans[static_cast<size_t>(plan)];
  const Graph& graph = program_->model.graphs[static_cast<size_t>(plan)];
  for (const Run& run : p.order) {
    const Bound& bound = plans_[static_cast<size_t>(plan)].steps[static_cast<size_t>(run.step)];
    try {
      if (!run_units(plan, bound, {run.begin, run.end})) return false;
    } catch (const Error& error) {
      throw error.at(place_of(graph, graph.nodes[static_cast<size_t>(bound.step->node)]));
    }
  }
  return true;
}

bool Instance::run_plan(int plan, const Observer* observer) {
  if (!program_->plans[static_cast<size_t>(plan)].order.empty()) return run_in_order(plan);
  const Graph& graph = program_->model.graphs[static_cast<size_t>(plan)];
  const auto& ends = program_->plans[static_cast<size_t>(plan)].steps_end;
  int step = 0;
  for (size_t node = 0; node < ends.size(); ++node) {
    bool goes_on = true;
    try {
      for (; goes_on && step < ends[node]; ++step)
        goes_on = run_step(plan, plans_[static_cast<size_t>(plan)].steps[static_cast<size_t>(step)]);
    } catch (const Error& error) {
      throw error.at(place_of(graph, graph.nodes[node]));
    }
    if (observer) (*observer)(graph.nodes[node]);
    if (!goes_on) return false;
  }
  return true;
}

bool Instance::run_units(int plan, const Bound& bound, teff_range range) {
  if (bound.step->kind == Step::Kind::alias) return true;
  if (bound.step->kind != Step::Kind::kernel) return call(plan, *bound.step);
  void* const* operands = plans_[static_cast<size_t>(plan)].operands.data() + bound.operands;
  return goes_on(bound.function(bound.step->params.words.data(), operands, range));
}

bool Instance::run_step(int plan, const Bound& bound) {
  const Step& step = *bound.step;
  if (step.kind == Step::Kind::alias) return true;
  if (step.kind != Step::Kind::kernel) return call(plan, step);
  const void* params = step.params.words.data();
  void* const* operands = plans_[static_cast<size_t>(plan)].operands.data() + bound.operands;
  if (bound.threads == 1) return run_units(plan, bound, {0, static_cast<int32_t>(step.units)});
  std::atomic<int> worst{TEFF_FINE};
  parallel_for(step.units, bound.threads, [&](Range range, int thread) {
    const teff_range part = {static_cast<int32_t>(range.begin), static_cast<int32_t>(range.end)};
    const teff_fault fault =
        bound.function(params, operands + static_cast<size_t>(thread) * bound.operands_stride, part);
    if (fault != TEFF_FINE) worst = fault;
  });
  return goes_on(static_cast<teff_fault>(worst.load()));
}

// --- calls of other graphs ---

bool Instance::truth(int plan, TensorId id) const {
  const MutableView v = view(plan, id);
  return !v.bytes.empty() && v.bytes[0] != std::byte{0};
}

// Shape inference has seen to it that both sides have the same sizes. Plans do not share memory; tensors of
// one plan that are in use at the same time do not either.
void Instance::copy(int from_plan, const std::vector<TensorId>& from, int to_plan,
                    const std::vector<TensorId>& to) {
  for (size_t i = 0; i < to.size(); ++i) {
    const MutableView source = view(from_plan, from[i]), target = view(to_plan, to[i]);
    if (!source.bytes.empty()) std::memmove(target.bytes.data(), source.bytes.data(), source.bytes.size());
  }
}

bool Instance::call(int caller, const Step& step) {
  switch (step.kind) {
    case Step::Kind::call_once: return run_once(step.first);
    case Step::Kind::call_if: return run_branch(caller, step);
    case Step::Kind::take_rows: fail("a program whose input comes row by row runs on a board only");
    default: return run_loop(caller, step);
  }
}

bool Instance::run_once(int plan) {
  bool& ran = plans_[static_cast<size_t>(plan)].ran_once;
  if (!ran && !run_plan(plan, nullptr)) return false;
  ran = true;
  return true;
}

bool Instance::run_branch(int caller, const Step& step) {
  const int branch = truth(caller, static_cast<TensorId>(step.operands[0].index)) ? step.first : step.second;
  const Graph& graph = program_->model.graphs[static_cast<size_t>(branch)];
  copy(caller, step.inputs, branch, graph.inputs);
  if (!run_plan(branch, nullptr)) return false;
  copy(branch, graph.outputs, caller, step.outputs);
  return true;
}

// The loop's values live in the node's outputs from one round to the next.
bool Instance::run_loop(int caller, const Step& step) {
  const Graph& condition = program_->model.graphs[static_cast<size_t>(step.first)];
  const Graph& body = program_->model.graphs[static_cast<size_t>(step.second)];
  copy(caller, step.inputs, caller, step.outputs);
  for (int64_t round = 0;; ++round) {
    check(round < kMostIterations, "the loop has not ended after {} rounds", kMostIterations);
    copy(caller, step.outputs, step.first, condition.inputs);
    if (!run_plan(step.first, nullptr)) return false;
    if (!truth(step.first, condition.outputs[0])) return true;
    copy(caller, step.outputs, step.second, body.inputs);
    if (!run_plan(step.second, nullptr)) return false;
    copy(step.second, body.outputs, caller, step.outputs);
  }
}

}  // namespace teff
