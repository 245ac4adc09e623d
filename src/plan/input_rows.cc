#include "plan/input_rows.h"

#include <algorithm>

#include "core/error.h"
#include "kernels/c/input_rows.h"
#include "plan/rows.h"

namespace teff {
namespace {

constexpr const char* kCannot = "the input cannot come row by row";

int64_t root_of(const Plan& plan, int64_t id) {
  const int32_t root = plan.tensors[static_cast<size_t>(id)].alias_of;
  return root == kNoTensor ? id : root;
}

TensorId only_input(const Graph& graph, const Plan& plan) {
  check(graph.inputs.size() == 1, "{}: there are {} inputs", kCannot, graph.inputs.size());
  const TensorId id = graph.inputs[0];
  const PlannedTensor& input = plan.tensors[static_cast<size_t>(id)];
  check(input.location.place == Location::Place::arena && input.bytes > 0, "{}: it does not lie in the arena",
        kCannot);
  const bool is_output =
      std::ranges::any_of(graph.outputs, [&](TensorId y) { return root_of(plan, y) == id; });
  check(!is_output, "{}: it is an output, too", kCannot);
  return id;
}

bool is_input(const Plan& plan, const Operand& operand, TensorId input) {
  return operand.kind == Operand::Kind::tensor && root_of(plan, operand.index) == input;
}

bool uses(const Plan& plan, const Step& step, TensorId input) {
  const auto is_it = [&](int64_t id) { return id != kNoTensor && root_of(plan, id) == input; };
  return step.kind != Step::Kind::alias &&
         (std::ranges::any_of(step.operands, [&](const Operand& o) { return is_input(plan, o, input); }) ||
          std::ranges::any_of(step.inputs, is_it));
}

// The rows as that step sees them.
teff_input_rows rows_seen(const Plan& plan, const Step& step, TensorId input, const std::string& name) {
  const auto rows = row_step(step);
  check(rows.has_value(), "{}: {} takes all of it at once", kCannot, name);
  teff_input_rows seen = {0, 0};
  for (const RowInput& in : rows->inputs) {
    if (!is_input(plan, step.operands[static_cast<size_t>(in.operand)], input)) continue;
    check(seen.rows == 0 || seen.row_bytes == in.row_bytes, "{}: {} reads it as two images", kCannot, name);
    seen = {in.height, in.row_bytes};
  }
  check(seen.rows > 0, "{}: {} does not read it as an image", kCannot, name);
  return seen;
}

}  // namespace

void take_input_by_rows(const Graph& graph, Plan& plan) {
  const TensorId input = only_input(graph, plan);
  teff_input_rows rows = {0, 0};
  for (const Step& step : plan.steps) {
    if (!uses(plan, step, input)) continue;
    const std::string name = place_of(graph, graph.nodes[static_cast<size_t>(step.node)]);
    const teff_input_rows seen = rows_seen(plan, step, input, name);
    check(rows.rows == 0 || seen.row_bytes == rows.row_bytes, "{}: {} sees other rows than others", kCannot,
          name);
    rows = seen;
  }
  check(rows.rows > 0, "{}: nobody reads it", kCannot);
  Step step;
  step.kind = Step::Kind::take_rows;
  step.params = Params::of(rows);
  step.operands = {{Operand::Kind::tensor, input}};
  step.units = rows.rows;
  plan.steps.push_back(std::move(step));
}

const Step* input_rows_of(const Plan& plan) {
  const auto found = std::ranges::find(plan.steps, Step::Kind::take_rows, &Step::kind);
  return found == plan.steps.end() ? nullptr : &*found;
}

}  // namespace teff
