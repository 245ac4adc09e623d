#include "memory_svg.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph_svg.h"
#include "layers.h"
#include "svg.h"
#include "text.h"

namespace teff::cli {
namespace {

constexpr double kLeft = 62, kRight = 12, kTop = 14, kBottom = 44, kHeight = 300;
constexpr double kLeastWidth = 1100, kLeastStep = 4;
constexpr double kLetter = 6.6, kLine = 15;  // room that a word takes

// Steps and bytes as places in the picture; before the first step stand the inputs, after the last the
// outputs.
struct Scale {
  int steps;
  int64_t bytes;
  double width;

  double x(int step) const { return kLeft + width * (step + 1) / (steps + 2); }
  double y(int64_t offset) const {
    return kTop + kHeight -
           kHeight * static_cast<double>(offset) / static_cast<double>(std::max<int64_t>(bytes, 1));
  }
};

bool is_in_arena(const PlannedTensor& t) {
  return t.alias_of == kNoTensor && t.location.place == Location::Place::arena && t.first_step <= t.last_step;
}

void draw_axes(Svg& svg, const Scale& scale) {
  for (int i = 0; i <= 4; ++i) {
    const double y = scale.y(scale.bytes * i / 4);
    svg.line(kLeft, y, kLeft + scale.width, y, "grid");
    svg.text(kLeft - 6, y + 4, bytes_text(scale.bytes * i / 4), "shape", "end");
  }
  svg.text(kLeft + scale.width / 2, kTop + kHeight + 36, "operators in the order in which they run", "shape",
           "middle");
}

// The operators' numbers below their steps, as many as there is room for.
void draw_numbers(Svg& svg, const Scale& scale, const Graph& graph, const Plan& plan) {
  double free_from = 0;
  int first = 0;
  for (size_t node = 0; node < graph.nodes.size(); ++node) {
    const int end = plan.steps_end[node];
    const std::string number = std::to_string(graph.nodes[node].source);
    const double middle = (scale.x(first) + scale.x(end)) / 2;
    const double half = kLetter * (static_cast<double>(number.size()) + 1) / 2;
    if (end > first && graph.nodes[node].source >= 0 && middle - half >= free_from) {
      svg.text(middle, kTop + kHeight + 18, number, "shape", "middle");
      free_from = middle + half;
    }
    first = end;
  }
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

void draw_tensor(Svg& svg, const Scale& scale, const Graph& graph, size_t id, const PlannedTensor& t) {
  const double left = scale.x(t.first_step), width = scale.x(t.last_step + 1) - left;
  const double top = scale.y(t.location.offset + t.bytes);
  const double height = std::max(scale.y(t.location.offset) - top, 1.0);
  svg.box({left, top, width, height}, "tensor " + style_of(graph, static_cast<TensorId>(id)),
          hint_of(graph, id, t));
}

void draw_words(Svg& svg, const Scale& scale, const PlannedTensor& t) {
  const double left = scale.x(t.first_step), width = scale.x(t.last_step + 1) - left;
  const double top = scale.y(t.location.offset + t.bytes), height = scale.y(t.location.offset) - top;
  const std::string words = bytes_text(t.bytes);
  if (height >= kLine && width >= kLetter * static_cast<double>(words.size() + 1))
    svg.text(left + width / 2, top + height / 2 + 4, words, "inside", "middle");
}

// What is needed at each step: where it stays below the tensors' upper edge, memory is free but in pieces.
void draw_live_bytes(Svg& svg, const Scale& scale, const Plan& plan) {
  std::string path;
  for (int step = -1; step <= scale.steps; ++step)
    path += fmt::format("{}{:.1f} {:.1f}H{:.1f}", path.empty() ? "M" : "L", scale.x(step),
                        scale.y(live_bytes(plan, step, step)), scale.x(step + 1));
  svg.path(path, "live");
}

}  // namespace

std::string memory_svg(const Program& program) {
  const Plan& plan = program.plans.front();
  const auto steps = static_cast<int>(plan.steps.size());
  const Scale scale{steps, program.arena_bytes, std::max(steps * kLeastStep, kLeastWidth)};
  Svg svg(kLeft + scale.width + kRight, kTop + kHeight + kBottom);
  draw_axes(svg, scale);
  draw_numbers(svg, scale, program.model.main(), plan);
  for (size_t id = 0; id < plan.tensors.size(); ++id)
    if (is_in_arena(plan.tensors[id])) draw_tensor(svg, scale, program.model.main(), id, plan.tensors[id]);
  draw_live_bytes(svg, scale, plan);
  for (const PlannedTensor& t : plan.tensors)
    if (is_in_arena(t)) draw_words(svg, scale, t);
  return svg.str();
}

}  // namespace teff::cli
