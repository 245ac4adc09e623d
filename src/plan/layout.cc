#include "plan/layout.h"

#include <algorithm>
#include <iterator>

namespace teff {
namespace {

constexpr int64_t kAlignment = 64;  // a cache line, and the widest vector

PlannedTensor& root_of(Plan& plan, int64_t id) {
  PlannedTensor& tensor = plan.tensors[static_cast<size_t>(id)];
  return tensor.alias_of == kNoTensor ? tensor : plan.tensors[static_cast<size_t>(tensor.alias_of)];
}

void find_lifetimes(const Graph& graph, Plan& plan) {
  const int end = static_cast<int>(plan.steps.size());
  for (PlannedTensor& t : plan.tensors) t.first_step = end + 1, t.last_step = -2;
  const auto use = [&](int64_t id, int step) {
    if (id == kNoTensor) return;
    PlannedTensor& t = root_of(plan, id);
    t.first_step = std::min(t.first_step, step);
    t.last_step = std::max(t.last_step, step);
  };
  for (TensorId id : graph.inputs) use(id, -1);
  for (int s = 0; s < end; ++s) {
    const Step& step = plan.steps[static_cast<size_t>(s)];
    for (const Operand& o : step.operands)
      if (o.kind == Operand::Kind::tensor) use(o.index, s);
    for (TensorId id : step.inputs) use(id, s);
    for (TensorId id : step.outputs) use(id, s);
  }
  // Whoever watches sees all of a node's outputs once its last step is done.
  for (size_t n = 0; n < graph.nodes.size(); ++n)
    if (plan.steps_end[n] > (n == 0 ? 0 : plan.steps_end[n - 1]))
      for (TensorId id : graph.nodes[n].outputs) use(id, plan.steps_end[n] - 1);
  for (TensorId id : graph.outputs) use(id, end);
}

bool overlap_in_time(const PlannedTensor& a, const PlannedTensor& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

// The lowest offset at which `tensor` fits between those placed already, which are sorted by offset.
int64_t lowest_fit(const PlannedTensor& tensor, const std::vector<PlannedTensor*>& placed, int64_t base) {
  int64_t offset = base;
  for (const PlannedTensor* other : placed) {
    if (!overlap_in_time(tensor, *other)) continue;
    if (offset + tensor.bytes <= other->location.offset) break;
    const int64_t end = other->location.offset + other->bytes;
    offset = std::max(offset, (end + kAlignment - 1) / kAlignment * kAlignment);
  }
  return offset;
}

// Orders in which placing one tensor after another does well; which does best depends on the network.
using Order = bool (*)(const PlannedTensor*, const PlannedTensor*);
constexpr Order kOrders[] = {
    [](const PlannedTensor* a, const PlannedTensor* b) { return a->bytes > b->bytes; },
    [](const PlannedTensor* a, const PlannedTensor* b) { return a->first_step < b->first_step; },
    [](const PlannedTensor* a, const PlannedTensor* b) { return a->last_step > b->last_step; },
    [](const PlannedTensor* a, const PlannedTensor* b) {
      return a->last_step - a->first_step > b->last_step - b->first_step;
    },
};

// Places the tensors in that order, each as low as it fits; returns where they end.
int64_t place(std::vector<PlannedTensor*> tensors, Order order, int64_t base) {
  std::sort(tensors.begin(), tensors.end(), [&](const PlannedTensor* a, const PlannedTensor* b) {
    return order(a, b) || (!order(b, a) && a < b);  // equal ones as they stand in the plan
  });
  std::vector<PlannedTensor*> placed;  // by offset
  int64_t end = base;
  for (PlannedTensor* tensor : tensors) {
    tensor->location.offset = lowest_fit(*tensor, placed, base);
    end = std::max(end, tensor->location.offset + tensor->bytes);
    const auto by_offset = [](const auto* a, const auto* b) {
      return a->location.offset < b->location.offset;
    };
    placed.insert(std::upper_bound(placed.begin(), placed.end(), tensor, by_offset), tensor);
  }
  return end;
}

}  // namespace

int64_t lay_out(const Graph& graph, Plan& plan, int64_t base) {
  find_lifetimes(graph, plan);
  std::vector<PlannedTensor*> tensors;
  for (PlannedTensor& t : plan.tensors)
    if (t.alias_of == kNoTensor && t.location.place == Location::Place::arena && t.last_step >= t.first_step)
      tensors.push_back(&t);
  const Order best = *std::min_element(std::begin(kOrders), std::end(kOrders), [&](Order a, Order b) {
    return place(tensors, a, base) < place(tensors, b, base);
  });
  const int64_t end = place(tensors, best, base);
  for (PlannedTensor& t : plan.tensors)
    if (t.alias_of != kNoTensor) t.location = plan.tensors[static_cast<size_t>(t.alias_of)].location;
  return (end + kAlignment - 1) / kAlignment * kAlignment;
}

void lay_out(Program& program) {
  for (size_t i = 0; i < program.plans.size(); ++i) {
    Plan& plan = program.plans[i];
    program.arena_bytes = lay_out(program.model.graphs[i], plan, program.arena_bytes);
    program.scratch_bytes = std::max(program.scratch_bytes, plan.scratch_bytes);
  }
}

}  // namespace teff
