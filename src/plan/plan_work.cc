#include "plan/plan_work.h"

#include <algorithm>
#include <map>
#include <memory>

#include "plan/rows.h"

namespace teff {
namespace {

// Kernels read and write up to eight bytes at once.
constexpr int64_t kAlignment = 8;

int64_t align(int64_t n) { return (n + kAlignment - 1) / kAlignment * kAlignment; }

const PlannedTensor& planned(const Plan& plan, int64_t id) { return plan.tensors[static_cast<size_t>(id)]; }

int64_t root_of(const Plan& plan, int64_t id) {
  const int32_t root = planned(plan, id).alias_of;
  return root == kNoTensor ? id : root;
}

template <class List, class T>
void add_once(List& list, const T& item) {
  const bool there =
      std::ranges::any_of(list, [&](const auto& other) { return other.tensor == item.tensor; });
  if (!there) list.push_back(item);
}

// Kernels that make the result's elements in their order, a unit each, from the elements at the same place of
// operands of the result's shape. Where types differ, one of them has bytes, which C lets lie over anything.
bool is_elementwise(KernelId kernel) {
  switch (kernel) {
    case KernelId::lut_8:
    case KernelId::add_s8:
    case KernelId::sub_s8:
    case KernelId::mul_s8:
    case KernelId::maximum_s8:
    case KernelId::minimum_s8:
    case KernelId::add_s16:
    case KernelId::sub_s16:
    case KernelId::mul_s16:
    case KernelId::add_f32:
    case KernelId::sub_f32:
    case KernelId::mul_f32:
    case KernelId::relu_f32: return true;
    default: return false;
  }
}

// The same, from one operand that has as many elements of another type.
bool is_conversion(KernelId kernel) {
  switch (kernel) {
    case KernelId::quantize_s8:
    case KernelId::quantize_u8:
    case KernelId::dequantize_s8:
    case KernelId::dequantize_u8: return true;
    default: return false;
  }
}

bool reads_beside_tensors(const Step& step) {
  return step.kind != Step::Kind::kernel ||
         std::ranges::any_of(step.operands, [](const Operand& o) { return o.kind == Operand::Kind::state; });
}

}  // namespace

void make_scratch_temporary(Plan& plan) {
  int node = -1;
  std::map<int64_t, int64_t> temporary;  // of this node, by offset in its scratch
  for (Step& step : plan.steps) {
    if (step.node != node) temporary.clear();
    node = step.node;
    for (Operand& operand : step.operands) {
      if (operand.kind != Operand::Kind::scratch) continue;
      const auto [there, is_new] =
          temporary.try_emplace(operand.index, static_cast<int64_t>(plan.tensors.size()));
      if (is_new) {
        plan.tensors.push_back({.type = Type::u8, .bytes = operand.bytes});
        plan.tensors.back().location.place = Location::Place::arena;
      }
      operand = {Operand::Kind::tensor, there->second};
    }
  }
  plan.scratch_bytes = 0;
}

PlanWork::PlanWork(const Graph& graph, const Plan& plan) : plan_(plan), graph_tensors_(graph.tensors.size()) {
  work_.scratch_align = kAlignment;
  add_tensors(graph, plan);
  add_input_rows(plan);
  for (size_t node = 0; node < plan.steps_end.size(); ++node)
    add_node(graph, plan, node == 0 ? 0 : plan.steps_end[node - 1], plan.steps_end[node]);
  expect_sound(work_);
}

// Those of the graph that lie in the arena under a name of their own and that somebody uses.
void PlanWork::add_tensors(const Graph& graph, const Plan& plan) {
  std::vector<bool> used(plan.tensors.size());
  const auto use = [&](int64_t id) {
    if (id != kNoTensor) used[static_cast<size_t>(root_of(plan, id))] = true;
  };
  for (const Step& step : plan.steps) {
    for (const Operand& o : step.operands)
      if (o.kind == Operand::Kind::tensor) use(o.index);
    for (TensorId id : step.inputs) use(id);
    for (TensorId id : step.outputs) use(id);
  }
  for (TensorId id : graph.inputs) use(id);
  for (TensorId id : graph.outputs) use(id);

  tensor_.assign(plan.tensors.size(), -1);
  for (size_t id = 0; id < graph_tensors_; ++id) {
    const PlannedTensor& t = plan.tensors[id];
    if (!used[id] || t.alias_of != kNoTensor || t.location.place != Location::Place::arena || t.bytes == 0)
      continue;
    tensor_[id] = static_cast<int>(work_.tensors.size());
    planned_.push_back(static_cast<int>(id));
    work_.tensors.push_back({.bytes = t.bytes, .align = kAlignment});
  }
  for (TensorId id : graph.inputs)
    if (const int t = tensor_of(plan, id); t >= 0) work_.tensors[static_cast<size_t>(t)].input = true;
  for (TensorId id : graph.outputs)
    if (const int t = tensor_of(plan, id); t >= 0) work_.tensors[static_cast<size_t>(t)].output = true;
}

int PlanWork::tensor_of(const Plan& plan, int64_t id) const {
  return id == kNoTensor ? -1 : tensor_[static_cast<size_t>(root_of(plan, id))];
}

void PlanWork::add_node(const Graph& graph, const Plan& plan, int first, int last) {
  Parts parts;
  for (int s = first; s < last; ++s)
    if (plan.steps[static_cast<size_t>(s)].kind != Step::Kind::alias) parts.steps.push_back(s);
  if (parts.steps.empty()) return;
  const Step& only = plan.steps[static_cast<size_t>(parts.steps[0])];
  parts.by_rows = parts.steps.size() == 1 && row_step(only);
  parts.temporaries = temporaries_of(plan, parts.steps);
  WorkStep step;
  step.index = static_cast<int>(parts_.size());
  step.name = place_of(graph, graph.nodes[static_cast<size_t>(only.node)]);
  for (int id : parts.temporaries) step.scratch += align(planned(plan, id).bytes);
  if (parts.by_rows)
    add_row_step(plan, only, step);
  else
    for (int s : parts.steps) add_whole_step(plan, plan.steps[static_cast<size_t>(s)], step);
  if (!parts.by_rows && parts.steps.size() == 1) make_elementwise(only, step);
  work_.steps.push_back(std::move(step));
  parts_.push_back(std::move(parts));
}

void PlanWork::add_input_rows(const Plan& plan) {
  const auto nodes_end = static_cast<size_t>(plan.steps_end.empty() ? 0 : plan.steps_end.back());
  for (size_t s = nodes_end; s < plan.steps.size(); ++s) {
    WorkStep step{.name = "the input", .from_outside = true};
    step.index = static_cast<int>(parts_.size());
    add_row_step(plan, plan.steps[s], step);
    work_.tensors[static_cast<size_t>(step.writes[0].tensor)].input = false;
    work_.steps.push_back(std::move(step));
    parts_.push_back({.steps = {static_cast<int>(s)}, .temporaries = {}, .by_rows = true});
  }
}

std::vector<int> PlanWork::temporaries_of(const Plan& plan, const std::vector<int>& steps) const {
  std::vector<int> ids;
  for (int s : steps)
    for (const Operand& o : plan.steps[static_cast<size_t>(s)].operands)
      if (o.kind == Operand::Kind::tensor && o.index >= static_cast<int64_t>(graph_tensors_))
        ids.push_back(static_cast<int>(o.index));
  std::ranges::sort(ids);
  const auto again = std::ranges::unique(ids);
  ids.erase(again.begin(), again.end());
  return ids;
}

void PlanWork::add_row_step(const Plan& plan, const Step& step, WorkStep& into) const {
  const RowStep rows = *row_step(step);
  into.units = rows.units;
  into.by_rows = true;
  into.gathers = rows.gathers;
  into.parts = rows.parts;
  into.buffered = rows.buffered;
  into.apart_gain = rows.apart_gain;
  if (rows.part_scratch >= 0) into.part_scratch = align(rows.part_scratch);
  into.band = rows.band;
  into.apart_scratch = align(rows.band_scratch);
  for (const RowInput& in : rows.inputs) {
    const int tensor = tensor_of(plan, step.operands[static_cast<size_t>(in.operand)].index);
    if (tensor < 0) continue;  // a constant
    into.reads.push_back({.tensor = tensor,
                          .height = in.height,
                          .row_bytes = in.row_bytes,
                          .kernel = in.kernel,
                          .stride = in.stride,
                          .dilation = in.dilation,
                          .pad = in.pad,
                          .part_bytes = in.part_bytes,
                          .part_before = in.part_before,
                          .part_after = in.part_after});
  }
  const int output = tensor_of(plan, step.operands[static_cast<size_t>(rows.output)].index);
  into.writes = {
      {.tensor = output, .height = rows.height, .row_bytes = rows.row_bytes, .part_bytes = rows.part_bytes}};
}

// All of what it reads is needed until all of what it writes is there.
void PlanWork::add_whole_step(const Plan& plan, const Step& step, WorkStep& into) {
  work_.keeps_order = work_.keeps_order || reads_beside_tensors(step);
  const auto bytes = [&](int tensor) { return work_.tensors[static_cast<size_t>(tensor)].bytes; };
  const auto read = [&](int tensor) {
    const bool made_here =
        std::ranges::any_of(into.writes, [&](const WorkWrite& w) { return w.tensor == tensor; });
    if (tensor >= 0 && !made_here)
      add_once(into.reads, WorkRead{.tensor = tensor, .height = 1, .row_bytes = bytes(tensor)});
  };
  const auto write = [&](int tensor) {
    if (tensor >= 0)
      add_once(into.writes, WorkWrite{.tensor = tensor, .height = 1, .row_bytes = bytes(tensor)});
  };
  for (size_t i = 0; i < step.operands.size(); ++i) {
    const Operand& operand = step.operands[i];
    if (operand.kind != Operand::Kind::tensor) continue;
    const bool is_read = step.kind != Step::Kind::kernel || kernel(step.kernel).pointers[i].is_const;
    is_read ? read(tensor_of(plan, operand.index)) : write(tensor_of(plan, operand.index));
  }
  for (TensorId id : step.inputs) read(tensor_of(plan, id));
  for (TensorId id : step.outputs) write(tensor_of(plan, id));
}

// A part is an element.
void PlanWork::make_elementwise(const Step& step, WorkStep& into) {
  if (step.kind != Step::Kind::kernel || into.writes.size() != 1) return;
  const bool converts = is_conversion(step.kernel) && into.reads.size() == 1;
  if (!converts && !is_elementwise(step.kernel)) return;
  WorkWrite& y = into.writes[0];
  const auto is_of_elements = [&](int64_t bytes) { return bytes % step.units == 0; };
  if (step.units < 1 || !is_of_elements(y.row_bytes)) return;
  for (WorkRead& x : into.reads)
    if (x.row_bytes == y.row_bytes || (converts && is_of_elements(x.row_bytes)))
      x.part_bytes = x.row_bytes / step.units;
  y.part_bytes = y.row_bytes / step.units;
  into.parts = static_cast<int32_t>(step.units);
  into.buffered = true;
}

// Searches ask for the same few again and again.
RunCost PlanWork::cost(const CostModel& model) const {
  auto known = std::make_shared<std::vector<std::map<int32_t, double>>>(parts_.size());
  return [this, &model, known](const WorkStep& step, int32_t units) {
    auto& of_step = (*known)[static_cast<size_t>(step.index)];
    if (const auto it = of_step.find(units); it != of_step.end()) return it->second;
    const Parts& parts = parts_[static_cast<size_t>(step.index)];
    double sum = 0;
    for (int s : parts.steps) {
      const Step& planned_step = plan_.steps[static_cast<size_t>(s)];
      const auto all = static_cast<int32_t>(planned_step.units);
      sum += model.instructions(planned_step, parts.by_rows ? units : all);
    }
    of_step.emplace(units, sum);
    return sum;
  };
}

void PlanWork::apply(const MemoryPlan& memory, int64_t base, Plan& plan) const {
  const auto put = [&](int id, int64_t offset) {
    plan.tensors[static_cast<size_t>(id)].location.offset = base + offset;
  };
  for (size_t t = 0; t < planned_.size(); ++t) put(planned_[t], memory.places.tensors[t]);
  set_bands(memory.apart, plan);
  for (size_t w = 0; w < parts_.size(); ++w) {
    int64_t at = memory.places.scratch[w];
    for (int id : parts_[w].temporaries) {
      put(id, at);
      at += align(planned(plan, id).bytes);
    }
  }
  for (PlannedTensor& t : plan.tensors)
    if (t.alias_of != kNoTensor) t.location = plan.tensors[static_cast<size_t>(t.alias_of)].location;
  set_rings(memory.places, plan);
  set_order(memory.runs, plan);
}

// A step by rows has one temporary at most.
void PlanWork::set_bands(const std::vector<bool>& apart, Plan& plan) const {
  for (size_t w = 0; w < parts_.size(); ++w) {
    const Parts& parts = parts_[w];
    if (!apart[w] || !parts.by_rows) continue;
    Step& step = plan.steps[static_cast<size_t>(parts.steps[0])];
    const RowStep rows = *row_step(step);
    if (rows.band == 0) continue;
    set_band(step);
    plan.tensors[static_cast<size_t>(parts.temporaries[0])].bytes = rows.band_scratch;
  }
}

void PlanWork::set_rings(const Places& places, Plan& plan) const {
  for (const Parts& parts : parts_) {
    if (!parts.by_rows) continue;
    Step& step = plan.steps[static_cast<size_t>(parts.steps[0])];
    for (size_t i = 0; i < step.operands.size(); ++i) {
      if (step.operands[i].kind != Operand::Kind::tensor) continue;
      const int t = tensor_of(plan, step.operands[i].index);
      const int32_t rows = t < 0 ? 0 : places.ring_rows[static_cast<size_t>(t)];
      if (rows > 0) set_ring(step, static_cast<int>(i), rows);
    }
  }
}

// Nothing has to be said where every step runs once, as a whole and in its turn, as the plan has them.
void PlanWork::set_order(const std::vector<Run>& runs, Plan& plan) const {
  bool in_turn = runs.size() == parts_.size() &&
                 std::ranges::none_of(work_.steps, [](const WorkStep& s) { return s.from_outside; });
  for (size_t i = 0; in_turn && i < runs.size(); ++i)
    in_turn = runs[i].step == static_cast<int>(i) && runs[i].end - runs[i].begin == work_.steps[i].units;
  if (in_turn) return;
  for (const Run& run : runs) {
    const Parts& parts = parts_[static_cast<size_t>(run.step)];
    for (int s : parts.steps) {
      const auto units = static_cast<int32_t>(plan.steps[static_cast<size_t>(s)].units);
      plan.order.push_back(parts.by_rows ? Run{s, run.begin, run.end} : Run{s, 0, units});
    }
  }
}

std::vector<Run> PlanWork::runs_of(const Plan& plan) const {
  std::vector<int> step_of(plan.steps.size(), -1);  // but for steps that only go along with another
  std::vector<Run> runs;
  for (size_t w = 0; w < parts_.size(); ++w) {
    step_of[static_cast<size_t>(parts_[w].steps[0])] = static_cast<int>(w);
    if (plan.order.empty()) runs.push_back({static_cast<int>(w), 0, work_.steps[w].units});
  }
  for (const Run& run : plan.order) {
    const int w = step_of[static_cast<size_t>(run.step)];
    if (w < 0) continue;
    const bool by_rows = parts_[static_cast<size_t>(w)].by_rows;
    runs.push_back(by_rows ? Run{w, run.begin, run.end}
                           : Run{w, 0, work_.steps[static_cast<size_t>(w)].units});
  }
  return runs;
}

}  // namespace teff
