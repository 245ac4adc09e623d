#include "arena_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "emit/c_values.h"
#include "graph_svg.h"
#include "kernels/c/input_rows.h"
#include "plan/step_params.h"
#include "svg.h"
#include "text.h"

namespace teff::cli {
namespace {

constexpr double kLeft = 62, kRight = 12, kTop = 14, kBottom = 44, kHeight = 320, kWidth = 1300;
constexpr double kLetter = 6.6, kLine = 15;  // room that a word takes

std::vector<Run> runs_of(const Plan& plan) {
  if (!plan.order.empty()) return plan.order;
  std::vector<Run> runs;
  for (size_t s = 0; s < plan.steps.size(); ++s)
    runs.push_back({static_cast<int>(s), 0, static_cast<int32_t>(plan.steps[s].units)});
  return runs;
}

// The rows of the ring that a step writes into; nothing where it is the whole image.
struct Ring {
  int32_t rows = 0, row_bytes = 0;
};
Ring ring_of(const Step& step) {
  Ring ring;
  if (step.kind == Step::Kind::take_rows) {
    const auto& rows = params_of<teff_input_rows>(step);
    return {rows.rows, rows.row_bytes};
  }
  if (step.kind != Step::Kind::kernel) return ring;
  const auto* params = reinterpret_cast<const std::byte*>(step.params.words.data());
  for (const CValue& value : c_values(CHeaders::kernels(), kernel(step.kernel).params, params)) {
    if (value.path == "out.rows") ring.rows = std::stoi(value.text);
    if (value.path == "out.row_bytes") ring.row_bytes = std::stoi(value.text);
  }
  return ring;
}

int64_t root_of(const Plan& plan, int64_t id) {
  const TensorId alias = plan.tensors[static_cast<size_t>(id)].alias_of;
  return alias == kNoTensor ? id : alias;
}

// The colour of whoever makes a tensor.
std::string style_of(const Graph& graph, int64_t id) {
  for (const Node& node : graph.nodes)
    if (std::find(node.outputs.begin(), node.outputs.end(), id) != node.outputs.end())
      return op_style(node.op);
  return id < static_cast<int64_t>(graph.tensors.size()) ? "input" : "move";
}

std::string hint_of(const Graph& graph, const Plan& plan, const ArenaBox& box) {
  const bool named = box.tensor < static_cast<int64_t>(graph.tensors.size());
  const auto id = static_cast<TensorId>(box.tensor);
  const std::string name = named ? describe(graph, id) : "scratch";
  const std::string shape = named ? fmt::format("{} {}, ", to_string(graph.tensor(id).shape),
                                                name_of(plan.tensors[static_cast<size_t>(id)].type))
                                  : "";
  const std::string ring = box.ring_rows > 0 ? fmt::format(", {} rows at a time", box.ring_rows) : "";
  return fmt::format("{}\n{}{} bytes at {}{}", name, shape, box.bytes, box.offset, ring);
}

// A step is as wide as another, however often it takes its turn.
struct Scale {
  Scale(const Plan& plan, const std::vector<Run>& runs, int64_t arena) : bytes(arena), places{0, 1} {
    std::vector<int> turns(plan.steps.size());
    for (const Run& run : runs) ++turns[static_cast<size_t>(run.step)];
    for (const Run& run : runs) places.push_back(places.back() + 1.0 / turns[static_cast<size_t>(run.step)]);
    places.push_back(places.back() + 1);
  }
  double x(int run) const { return kLeft + kWidth * places[static_cast<size_t>(run)] / places.back(); }
  double y(int64_t offset) const {
    return kTop + kHeight -
           kHeight * static_cast<double>(offset) / static_cast<double>(std::max<int64_t>(bytes, 1));
  }

  int64_t bytes;
  std::vector<double>
      places;  // where each run begins; before the first stand the inputs, behind the last the outputs
};

void draw_axes(Svg& svg, const Scale& scale) {
  for (int i = 0; i <= 4; ++i) {
    const double y = scale.y(scale.bytes * i / 4);
    svg.line(kLeft, y, kLeft + kWidth, y, "grid");
    svg.text(kLeft - 6, y + 4, bytes_text(scale.bytes * i / 4), "shape", "end");
  }
  svg.text(kLeft + kWidth / 2, kTop + kHeight + 36, "layers in the order in which they run", "shape",
           "middle");
}

// Each operator's number where it first runs, as far as there is room.
void draw_numbers(Svg& svg, const Scale& scale, const Graph& graph, const Plan& plan,
                  const std::vector<Run>& runs) {
  double free_from = 0;
  int last = -1;
  for (size_t i = 0; i < runs.size(); ++i) {
    const int node = plan.steps[static_cast<size_t>(runs[i].step)].node;
    if (node < 0) continue;  // the input's rows
    const int source = graph.nodes[static_cast<size_t>(node)].source;
    if (node <= last || source < 0) continue;
    last = node;
    const std::string number = std::to_string(source);
    const double at = scale.x(static_cast<int>(i) + 1),
                 width = kLetter * static_cast<double>(number.size() + 1);
    if (at < free_from) continue;
    svg.text(at, kTop + kHeight + 18, number, "shape", "start");
    free_from = at + width;
  }
}

// Where one memory region ends and the next begins.
void draw_regions(Svg& svg, const Scale& scale, const Program& program) {
  if (program.arena_parts.size() < 2) return;
  for (const ArenaPart& part : program.arena_parts) {
    if (part.begin > 0) svg.line(kLeft, scale.y(part.begin), kLeft + kWidth, scale.y(part.begin), "border");
    svg.text(kLeft + kWidth - 6, scale.y(part.begin) - 6, part.region, "name", "end");
  }
}

}  // namespace

std::vector<ArenaBox> arena_boxes(const Program& program) {
  const Plan& plan = program.plans.front();
  const Graph& graph = program.model.main();
  const std::vector<Run> runs = runs_of(plan);
  std::map<int64_t, ArenaBox> boxes;
  const auto use = [&](int64_t id, int run) {
    if (id == kNoTensor) return;
    const int64_t root = root_of(plan, id);
    const PlannedTensor& t = plan.tensors[static_cast<size_t>(root)];
    if (t.location.place != Location::Place::arena || t.bytes == 0) return;
    const auto [it, added] = boxes.emplace(root, ArenaBox{root, t.location.offset, t.bytes, run, run + 1});
    it->second.begin = std::min(it->second.begin, run);
    it->second.end = std::max(it->second.end, run + 1);
  };
  for (TensorId id : graph.inputs) use(id, 0);
  for (size_t i = 0; i < runs.size(); ++i) {
    const Step& step = plan.steps[static_cast<size_t>(runs[i].step)];
    if (step.kind == Step::Kind::alias) continue;
    const int run = static_cast<int>(i) + 1;
    for (const Operand& operand : step.operands)
      if (operand.kind == Operand::Kind::tensor) use(operand.index, run);
    for (TensorId id : step.inputs) use(id, run);
    for (TensorId id : step.outputs) use(id, run);
    const Ring ring = ring_of(step);
    for (TensorId id : step.node < 0 ? graph.inputs : graph.nodes[static_cast<size_t>(step.node)].outputs) {
      const auto box = boxes.find(root_of(plan, id));
      const int64_t bytes = int64_t{ring.rows} * ring.row_bytes;
      if (bytes > 0 && box != boxes.end() && bytes < box->second.bytes)
        box->second.bytes = bytes, box->second.ring_rows = ring.rows;
    }
  }
  for (TensorId id : graph.outputs) use(id, static_cast<int>(runs.size()) + 1);
  std::vector<ArenaBox> result;
  for (const auto& [id, box] : boxes) result.push_back(box);
  return result;
}

std::string arena_svg(const Program& program) {
  const Plan& plan = program.plans.front();
  const Graph& graph = program.model.main();
  const std::vector<Run> runs = runs_of(plan);
  const Scale scale(plan, runs, program.arena_bytes);
  Svg svg(kLeft + kWidth + kRight, kTop + kHeight + kBottom);
  draw_axes(svg, scale);
  draw_numbers(svg, scale, graph, plan, runs);
  const std::vector<ArenaBox> boxes = arena_boxes(program);
  for (const ArenaBox& box : boxes) {
    const double left = scale.x(box.begin), top = scale.y(box.offset + box.bytes);
    svg.box({left, top, scale.x(box.end) - left, std::max(scale.y(box.offset) - top, 1.0)},
            "tensor " + style_of(graph, box.tensor), hint_of(graph, plan, box));
  }
  for (const ArenaBox& box : boxes) {
    const double left = scale.x(box.begin), width = scale.x(box.end) - left;
    const double top = scale.y(box.offset + box.bytes), height = scale.y(box.offset) - top;
    const std::string words = bytes_text(box.bytes);
    if (height >= kLine && width >= kLetter * static_cast<double>(words.size() + 1))
      svg.text(left + width / 2, top + height / 2 + 4, words, "inside", "middle");
  }
  draw_regions(svg, scale, program);
  return svg.str();
}

}  // namespace teff::cli
