#include "memory_svg.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph_svg.h"
#include "svg.h"
#include "text.h"

namespace teff::cli {
namespace {

constexpr double kLeft = 74, kTop = 14, kBottom = 34, kWidth = 1490, kHeight = 320;

// Steps and bytes as places in the picture; before the first step stand the inputs, after the last the
// outputs.
struct Scale {
  int steps;
  int64_t bytes;

  double x(int step) const { return kLeft + kWidth * (step + 1) / (steps + 2); }
  double y(int64_t offset) const {
    return kTop + kHeight -
           kHeight * static_cast<double>(offset) / static_cast<double>(std::max<int64_t>(bytes, 1));
  }
};

void draw_axes(Svg& svg, const Scale& scale, int64_t arena) {
  for (int i = 0; i <= 4; ++i) {
    const int64_t offset = arena * i / 4;
    svg.line(kLeft, scale.y(offset), kLeft + kWidth, scale.y(offset), "grid");
    svg.text(kLeft - 6, scale.y(offset) + 4, bytes_text(offset), "shape", "end");
  }
  svg.text(kLeft, kTop + kHeight + 22, "input", "shape");
  svg.text(kLeft + kWidth, kTop + kHeight + 22, "output", "shape", "end");
  svg.text(kLeft + kWidth / 2, kTop + kHeight + 22, "operators in the order in which they run", "shape",
           "middle");
}

// The colour of whoever makes a tensor.
std::string style_of(const Graph& graph, TensorId id) {
  for (const Node& node : graph.nodes)
    if (std::find(node.outputs.begin(), node.outputs.end(), id) != node.outputs.end())
      return op_style(node.op);
  return "input";
}

std::string hint_of(const Graph& graph, size_t id, const PlannedTensor& t) {
  const bool named = id < graph.tensors.size();
  const std::string name =
      named ? describe(graph, static_cast<TensorId>(id)) : "between the steps of an operator";
  const std::string shape = named ? to_string(graph.tensors[id].shape) + " " : "";
  return fmt::format("{}\n{}{}, {} at byte {}", name, shape, name_of(t.type), bytes_text(t.bytes),
                     t.location.offset);
}

}  // namespace

std::string memory_svg(const Program& program) {
  const Plan& plan = program.plans.front();
  const Graph& graph = program.model.main();
  const auto steps = static_cast<int>(plan.steps.size());
  const Scale scale{steps, program.arena_bytes};
  Svg svg(kLeft + kWidth + 16, kTop + kHeight + kBottom);
  draw_axes(svg, scale, program.arena_bytes);
  for (size_t id = 0; id < plan.tensors.size(); ++id) {
    const PlannedTensor& t = plan.tensors[id];
    if (t.alias_of != kNoTensor || t.location.place != Location::Place::arena || t.last_step < t.first_step)
      continue;
    const double left = scale.x(t.first_step), right = scale.x(t.last_step + 1);
    const double top = scale.y(t.location.offset + t.bytes), bottom = scale.y(t.location.offset);
    svg.box({left, top, right - left, std::max(bottom - top, 1.0)},
            "tensor " + style_of(graph, static_cast<TensorId>(id)), hint_of(graph, id, t));
  }
  return svg.str();
}

}  // namespace teff::cli
