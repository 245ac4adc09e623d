#include <algorithm>
#include <functional>

#include "core/view.h"
#include "plan/layout.h"
#include "plan/lower.h"
#include "plan/plan.h"

namespace teff {
namespace {

// Real zeros, where TFLite Micro sees to that.
std::byte first_byte(const Tensor& variable) {
  return variable.type == Type::s8 ? static_cast<std::byte>(variable.quant.zero()) : std::byte{};
}

Location place_before_lowering(const Tensor& tensor, Plan& plan, StateLayout& state) {
  using Place = Location::Place;
  if (tensor.type == Type::resource) return {};
  if (tensor.is_constant()) {
    plan.constants.push_back(tensor.data);
    return {Place::constant, static_cast<int64_t>(plan.constants.size()) - 1};
  }
  const int64_t bytes = bytes_for(tensor.type, tensor.shape.elements());
  if (tensor.is_variable) return {Place::state, state.add(bytes, first_byte(tensor))};
  return {Place::arena, 0};
}

// What is wrong with a node is handed to `refuse`, an Error that names it.
template <class Refuse>
Plan lower_graph(const Model& model, const Graph& graph, StateLayout& state, Refuse refuse) {
  Plan plan;
  for (const Tensor& tensor : graph.tensors) {
    PlannedTensor planned{.type = tensor.type, .bytes = bytes_for(tensor.type, tensor.shape.elements())};
    planned.location = place_before_lowering(tensor, plan, state);
    plan.tensors.push_back(planned);
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    try {
      Lowering lowering(model, graph, static_cast<int>(i), plan, state);
      std::visit([&](const auto& op) { lower(op, lowering); }, node.op);
    } catch (const Error& error) {
      refuse(error.at(place_of(graph, node)));
    }
    plan.steps_end.push_back(static_cast<int>(plan.steps.size()));
  }
  return plan;
}

// A graph that calls itself, directly or not, would need memory without end.
void expect_no_recursion(const Program& program) {
  enum class Mark { fresh, open, done };
  std::vector<Mark> marks(program.plans.size(), Mark::fresh);
  const std::function<void(int)> visit = [&](int i) {
    if (i < 0) return;
    Mark& mark = marks[static_cast<size_t>(i)];
    check(mark != Mark::open, "subgraph {} calls itself", i);
    if (mark == Mark::done) return;
    mark = Mark::open;
    for (const Step& step : program.plans[static_cast<size_t>(i)].steps)
      visit(step.first), visit(step.second);
    mark = Mark::done;
  };
  visit(0);
}

}  // namespace

Program lower_program(Model model) {
  Program program;
  program.model = std::move(model);
  StateLayout state;
  for (const Graph& graph : program.model.graphs)
    program.plans.push_back(
        lower_graph(program.model, graph, state, [](const Error& error) { throw error; }));
  expect_no_recursion(program);
  program.state = state.take();
  return program;
}

Program make_program(Model model) {
  Program program = lower_program(std::move(model));
  lay_out(program);
  return program;
}

std::vector<std::string> nodes_without_kernel(const Model& model) {
  std::vector<std::string> problems;
  StateLayout state;
  for (const Graph& graph : model.graphs)
    lower_graph(model, graph, state, [&](const Error& error) { problems.push_back(error.what()); });
  return problems;
}

}  // namespace teff
