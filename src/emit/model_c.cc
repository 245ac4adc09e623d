// The network itself: one call per layer.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "emit/c_text.h"
#include "emit/model.h"
#include "emit/order.h"
#include "kernels/c/input_rows.h"
#include "plan/pack_mve.h"
#include "plan/step_params.h"

namespace teff {
namespace {

constexpr const char* kMacros = R"(
/* One function of its own: layers that share it are told apart by what they are called with. */
#if defined(__ARM_FEATURE_MVE) && !defined(__clang__)
#define TEFF_APART __attribute__((noinline, noclone, hot))
#define TEFF_ONCE __attribute__((cold)) /* straight code: rather short than fast */
#else
#define TEFF_APART __attribute__((noinline))
#define TEFF_ONCE
#endif
#define TEFF_TRY(call)                    \
  do {                                    \
    const teff_fault fault = (call);      \
    if (fault != TEFF_FINE) return fault; \
  } while (0)

/* What compilers cannot know of values that differ from layer to layer. */
#define TEFF_KNOWN(condition)                   \
  do {                                          \
    if (!(condition)) __builtin_unreachable();  \
  } while (0)

#ifdef TEFF_HOOKED
#define TEFF_HOOK(layer, data, bytes, first, last) teff_hook(layer, data, bytes, first, last)
#else
#define TEFF_HOOK(layer, data, bytes, first, last) ((void)0)
#endif
)";

class Printer {
 public:
  Printer(EmittedModel& model, int plan)
      : model_(model),
        index_(plan),
        plan_(model.program.plans[static_cast<size_t>(plan)]),
        graph_(model.program.model.graphs[static_cast<size_t>(plan)]) {
    for (size_t i = 0; i < model.layers.size() && plan == 0; ++i) layers_[model.layers[i].node] = i;
  }

  // Functions for parts of the plan's work that go on row by row; filled by body().
  const std::string& segments() const { return segments_; }

  std::string body() {
    std::string text;
    if (plan_.order.empty()) {
      for (size_t s = 0; s < plan_.steps.size(); ++s) text += whole_step(static_cast<int>(s));
      return text;
    }
    for (const Segment& segment : segments_of(plan_)) {
      if (is_whole(segment))
        text += whole_step(segment.steps[0]);
      else
        text += in_turns(segment);
    }
    return text;
  }

 private:
  // One step, all of its units: those that nobody needs may be left out.
  bool is_whole(const Segment& segment) const {
    if (segment.steps.size() > 1) return false;
    int64_t units = 0;
    for (const Segment::Turn& turn : segment.turns) units += turn.count;
    const Step& step = step_at(segment.steps[0]);
    return step.kind != Step::Kind::kernel || units == step.units;
  }
  const Step& step_at(int s) const { return plan_.steps[static_cast<size_t>(s)]; }
  bool is_last_of_node(int s) const {
    const auto n = static_cast<size_t>(step_at(s).node);
    for (int later = s + 1; later < plan_.steps_end[n]; ++later)
      if (step_at(later).kind != Step::Kind::alias) return false;
    return true;
  }
  const EmittedLayer* layer_of(int s) const {
    const auto found = layers_.find(step_at(s).node);
    return found == layers_.end() || !is_last_of_node(s) ? nullptr : &model_.layers[found->second];
  }
  size_t number_of(const EmittedLayer& layer) const {
    return static_cast<size_t>(&layer - model_.layers.data());
  }

  std::string heading(int s) const {
    if (step_at(s).kind == Step::Kind::take_rows) return "\n  /* the input */\n";
    const Node& node = graph_.nodes[static_cast<size_t>(step_at(s).node)];
    if (s > 0 && step_at(s - 1).node == step_at(s).node) return "";
    std::string text =
        fmt::format("{} {}", node.source < 0 ? "+" : std::to_string(node.source), op_name(node.op));
    for (TensorId id : node.inputs)
      if (id != kNoTensor && !graph_.tensor(id).is_constant())
        text += " " + to_string(graph_.tensor(id).shape);
    if (!node.outputs.empty()) text += " -> " + to_string(graph_.tensor(node.outputs[0]).shape);
    const auto layer = layers_.find(step_at(s).node);
    if (layer != layers_.end() && model_.layers[layer->second].macs > 0)
      text += fmt::format(", {} MACs", model_.layers[layer->second].macs);
    return "\n  /* " + c_comment(text) + " */\n";
  }

  std::string address(TensorId id, bool is_const) {
    return model_.address(plan_, plan_.tensors[static_cast<size_t>(id)], is_const ? "void" : "uint8_t",
                          is_const, fmt::format("{}constant_{}", prefix(), id));
  }
  std::string prefix() const { return index_ == 0 ? "" : fmt::format("graph_{}_", index_); }

  std::string whole_hook(int s) {
    const EmittedLayer* layer = layer_of(s);
    if (!layer) return "";
    const TensorId id = graph_.nodes[static_cast<size_t>(layer->node)].outputs[0];
    return fmt::format("  TEFF_HOOK({}, {}, {}, 0, 1);\n", number_of(*layer), address(id, true),
                       layer->bytes);
  }

  std::vector<std::string> operands_of(int s, const KernelRow& row) {
    const Step& step = step_at(s);
    const auto& names = CHeaders::kernels().parameters_of_kernel(row.name);
    std::vector<std::string> operands;
    for (size_t i = 0; i < step.operands.size(); ++i) {
      const std::string name = fmt::format("{}{}_{}", prefix(), step.node, names[i + 1]);
      const size_t alignment = row.name.ends_with("_mve") ? 16 : 4;
      operands.push_back(model_.operand(plan_, step.operands[i], row.pointers[i], name, alignment));
    }
    return operands;
  }

  // The shape's literal and the call, `range` empty for all units.
  std::string kernel_call(int s, const std::string& range, const std::string& indent) {
    const KernelCall& call = *model_.calls.find(index_, s);
    const std::string shape = model_.calls.shape_literal(call), name = fmt::format("step_{}", s);
    std::string text;
    if (!shape.empty())
      text += fmt::format("{}static const {}_shape {} = {};\n", indent,
                          model_.calls.groups()[static_cast<size_t>(call.group)].name, name, shape);
    const std::string c = model_.calls.call(call, name, operands_of(s, *call.kernel), range);
    return text + indent + (call.kernel->faults ? "TEFF_TRY(" + c + ");\n" : c + ";\n");
  }

  std::string whole_step(int s) {
    const Step& step = step_at(s);
    if (step.kind == Step::Kind::alias) return "";
    if (step.kind == Step::Kind::take_rows)
      return heading(s) + "  {\n" + take_rows(step, "0", std::to_string(step.units), "    ") + "  }\n";
    const std::string work = step.kind == Step::Kind::kernel ? kernel_call(s, "", "  ") : other_graph(step);
    return heading(s) + work + whole_hook(s);
  }

  std::string take_rows(const Step& step, const std::string& begin, const std::string& end,
                        const std::string& indent) {
    const auto& ring = params_of<teff_input_rows>(step);
    return fmt::format(
        "{0}const teff_input_rows ring = {{{1}, {2}}};\n{0}const teff_range range = {{{3}, {4}}};\n"
        "{0}teff_take_rows(ring, rows, context, {5}, range);\n",
        indent, ring.rows, ring.row_bytes, begin, end,
        model_.address(plan_, plan_.tensors[static_cast<size_t>(step.operands[0].index)], "int8_t", false,
                       ""));
  }

  // --- steps that take turns ---

  std::string in_turns(const Segment& segment) {
    const bool takes =
        std::ranges::any_of(segment.steps, [&](int s) { return step_at(s).kind == Step::Kind::take_rows; });
    const std::string name =
        takes ? "rows_from_input" : fmt::format("{}rows_from_{}", prefix(), segment.steps[0]);
    const PackedOrder order = packed(segment);
    std::string text = fmt::format(
        "\n/* Layers that take turns, row by row: an entry says which, and how many rows "
        "more. */\nstatic TEFF_APART teff_fault {}({}{}) {{\n{}",
        name, model_.inner_parameters(), takes ? model_.source_parameters() : "", model_.unused("a"));
    text += fmt::format("  static const {} order[{}] = {{{}\n  }};\n", order.wide ? "uint16_t" : "uint8_t",
                        order.entries.size(), order.text);
    text += fmt::format("  int32_t i, done[{}] = {{0}};\n  for (i = 0; i < {}; ++i) {{\n",
                        segment.steps.size(), order.entries.size());
    text +=
        fmt::format("    const int32_t turn = order[i] & {}, begin = done[turn];\n", (1 << order.bits) - 1);
    text += fmt::format(
        "    const int32_t end = begin + (order[i] >> {}) + 1;\n    done[turn] = end;\n    switch "
        "(turn) {{\n",
        order.bits);
    for (size_t i = 0; i < segment.steps.size(); ++i) text += turn(segment.steps[i], i);
    text += "    }\n  }\n  return TEFF_FINE;\n}\n";
    segments_ += text;
    return fmt::format("\n  TEFF_TRY({}({}{}));\n", name, model_.inner_arguments(),
                       takes ? model_.source_arguments() : "");
  }

  std::string turn(int s, size_t i) {
    const Step& step = step_at(s);
    std::string text = fmt::format("      case {}: {{{}", i, indented(heading(s), 6));
    if (heading(s).empty()) text += "\n";
    if (step.kind == Step::Kind::kernel)
      text += kernel_call(s, "begin, end", "        ");
    else if (step.kind == Step::Kind::take_rows)
      text += take_rows(step, "begin", "end", "        ");
    else if (step.kind != Step::Kind::alias)
      text += indented(other_graph(step), 6);
    return text + rows_hook(s) + "        break;\n      }\n";
  }

  std::string rows_hook(int s) {
    const EmittedLayer* layer = layer_of(s);
    if (!layer) return "";
    const Step& step = step_at(s);
    const TensorId id = graph_.nodes[static_cast<size_t>(layer->node)].outputs[0];
    const auto rows = row_step(step);
    if (!rows || rows->gathers)
      return fmt::format("        if (end == {}) TEFF_HOOK({}, {}, {}, 0, 1);\n", step.units,
                         number_of(*layer), address(id, true), layer->bytes);
    // Rows of a ring do not lie side by side where it closes: one after the other.
    return fmt::format("        TEFF_HOOK_ROWS({}, {}, {}, {}, begin, end);\n", number_of(*layer),
                       address(id, false), ring_rows(s, *rows), rows->row_bytes);
  }

  int64_t ring_rows(int s, const RowStep& rows) const {
    for (const CValue& value : model_.calls.find(index_, s)->values)
      if (value.path == "out.rows") return std::stoll(value.text);
    return rows.height;
  }

  static std::string indented(const std::string& text, size_t by) {
    std::string result;
    for (size_t i = 0; i < text.size(); ++i) {
      result += text[i];
      if (text[i] == '\n' && i + 1 < text.size()) result += std::string(by, ' ');
    }
    return result;
  }

  // --- other graphs ---

  std::string copies(int from_plan, const std::vector<TensorId>& from, int to_plan,
                     const std::vector<TensorId>& to) {
    std::string text;
    for (size_t i = 0; i < to.size(); ++i) {
      Printer source(model_, from_plan), target(model_, to_plan);
      const int64_t bytes = source.plan_.tensors[static_cast<size_t>(from[i])].bytes;
      const std::string x = source.address(from[i], true), y = target.address(to[i], false);
      if (bytes > 0 && x != y && y != "0")
        text += fmt::format("  __builtin_memcpy({}, {}, {});\n", y, x, bytes);
    }
    return text;
  }

  std::string run(int plan) const {
    return fmt::format("TEFF_TRY({}_graph_{}({}));\n", model_.name, plan, model_.inner_arguments());
  }
  const Graph& graph(int plan) const { return model_.program.model.graphs[static_cast<size_t>(plan)]; }

  std::string branch(const Step& step, int plan) {
    return "  {\n" + indented(copies(index_, step.inputs, plan, graph(plan).inputs), 2) + "  " + run(plan) +
           indented(copies(plan, graph(plan).outputs, index_, step.outputs), 2) + "  }";
  }

  std::string other_graph(const Step& step) {
    if (step.kind == Step::Kind::call_once)
      return fmt::format("  if (!state->ran_{0}) {{\n    {1}    state->ran_{0} = 1;\n  }}\n", step.first,
                         run(step.first));
    if (step.kind == Step::Kind::call_if)
      return fmt::format("  if (*(const uint8_t*){})\n{} else\n{}\n",
                         address(static_cast<TensorId>(step.operands[0].index), true),
                         branch(step, step.first), branch(step, step.second));
    Printer condition(model_, step.first);
    std::string text = copies(index_, step.inputs, index_, step.outputs) + "  for (;;) {\n";
    text += copies(index_, step.outputs, step.first, graph(step.first).inputs) + "  " + run(step.first);
    text += fmt::format("    if (!*(const uint8_t*){}) break;\n",
                        condition.address(graph(step.first).outputs[0], true));
    text += copies(index_, step.outputs, step.second, graph(step.second).inputs) + "  " + run(step.second);
    return text + copies(step.second, graph(step.second).outputs, index_, step.outputs) + "  }\n";
  }

  EmittedModel& model_;
  int index_;
  const Plan& plan_;
  const Graph& graph_;
  std::map<int, size_t> layers_;  // by node
  std::string segments_;
};

std::string includes(const EmittedModel& model) {
  std::set<std::string> headers;
  for (const CallGroup& group : model.calls.groups())
    headers.emplace(CHeaders::kernels().header_of_kernel(group.kernel->name));
  std::string text = fmt::format("#include \"{0}.h\"\n\n", model.name);
  if (const int scalings = model.calls.helium_scalings()) {
    HeliumLoops loops;
    for (const Plan& plan : model.program.plans)
      for (const Step& step : plan.steps) loops |= helium_loops(step);
    text += "/* What of the kernels' loops occurs, a bit each (teff/mve.h, and those with these names). */\n";
    text +=
        fmt::format("#define TEFF_SCALINGS_MVE {}\n#define TEFF_QUAD_KINDS_MVE {}\n", scalings, loops.quads);
    text += fmt::format("#define TEFF_BLOCK_KINDS_MVE {}\n#define TEFF_SINGLES_MVE {}\n", loops.blocks,
                        loops.singles);
    text += fmt::format("#define TEFF_PLANES_KINDS_MVE {}u\n#define TEFF_LANES_KINDS_MVE {}\n", loops.planes,
                        loops.lanes);
  }
  for (const std::string& header : headers) text += fmt::format("#include \"teff/{}\"\n", header);
  return text + fmt::format("#include \"{}_weights.h\"\n", model.name);
}

// Functions that others call stand before them.
void print_plan(EmittedModel& model, int plan, std::set<int>& done, std::string& text) {
  if (plan < 0 || !done.insert(plan).second) return;
  for (const Step& step : model.program.plans[static_cast<size_t>(plan)].steps)
    print_plan(model, step.first, done, text), print_plan(model, step.second, done, text);
  Printer printer(model, plan);
  const std::string body = printer.body();
  text += printer.segments();
  if (plan == 0) {
    text += fmt::format("\nTEFF_ONCE teff_fault {}_invoke({}{}) {{\n", model.name, model.parameters(),
                        model.source_parameters());
    for (size_t i = 0; i < model.arenas(); ++i)
      text +=
          fmt::format("  uint8_t* const {} = (uint8_t*){};\n", piece_name("a", i), piece_name("arena", i));
  } else {
    text += fmt::format("\nstatic TEFF_APART teff_fault {}_graph_{}({}) {{\n", model.name, plan,
                        model.inner_parameters());
  }
  text += model.unused("a");
  text += body + "\n  return TEFF_FINE;\n}\n";
}

std::string init_function(const EmittedModel& model) {
  if (!model.has_state()) return "";
  std::string text = fmt::format(
      "\nvoid {0}_init({0}_state* state) {{\n  __builtin_memset(state, 0, sizeof *state);\n", model.name);
  for (const InitialState::Piece& piece : model.program.state.pieces) {
    const auto after = std::ranges::upper_bound(model.state, piece.offset, {}, &StateMember::offset);
    const StateMember& member = *(after - 1);
    text += fmt::format("  __builtin_memset(state->{} + {}, {}, {});\n", member.name,
                        piece.offset - member.offset, static_cast<int>(piece.value), piece.bytes);
  }
  return text + "}\n";
}

// Inputs and outputs that do not lie in the arena.
std::string access_functions(EmittedModel& model) {
  const Plan& plan = model.program.plans.front();
  std::string text;
  const auto add = [&](TensorId id, const char* what, size_t index) {
    const PlannedTensor& planned = plan.tensors[static_cast<size_t>(id)];
    if (planned.location.place == Location::Place::arena) return;
    const std::string_view type = c_type(model.main().tensor(id).type);
    text +=
        fmt::format("\n{}* {}_{}_{}({}) {{\n{}  return {};\n}}\n", type, model.name, what, index,
                    model.parameters(), model.unused("arena"),
                    model.address(plan, planned, type, false, fmt::format("constant_{}_{}", what, index)));
  };
  const Graph& graph = model.main();
  for (size_t i = 0; i < graph.inputs.size(); ++i) add(graph.inputs[i], "input", i);
  for (size_t i = 0; i < graph.outputs.size(); ++i) add(graph.outputs[i], "output", i);
  return text;
}

constexpr const char* kHookRows = R"(
#ifdef TEFF_HOOKED
#define TEFF_HOOK_ROWS(layer, data, rows, row_bytes, begin, end)                                             \
  do {                                                                                                       \
    int32_t y;                                                                                               \
    for (y = begin; y < end; ++y) teff_hook(layer, (data) + y % (rows) * (row_bytes), row_bytes, y, y + 1);  \
  } while (0)
#else
#define TEFF_HOOK_ROWS(layer, data, rows, row_bytes, begin, end) ((void)0)
#endif
)";

}  // namespace

std::string model_source(EmittedModel& model) {
  std::set<int> done;
  std::string plans;
  print_plan(model, 0, done, plans);
  const bool rows = plans.find("TEFF_HOOK_ROWS") != std::string::npos;
  std::string text = fmt::format("/* {}: written by teff. */\n", c_comment(model.options.name));
  text += includes(model) + kMacros + (rows ? kHookRows : "");
  text += model.calls.functions() + plans + init_function(model) + access_functions(model);
  return text;
}

std::string weights_header(const EmittedModel& model) {
  std::string text =
      fmt::format("/* The constants of {0}. */\n#ifndef {1}_WEIGHTS_H\n#define {1}_WEIGHTS_H\n\n",
                  c_comment(model.options.name), upper(model.name));
  text += "#include <stdint.h>\n\n";
  std::set<std::string> headers;
  for (const std::string& type : model.constants.struct_types())
    headers.emplace(CHeaders::kernels().header_of_struct(type));
  for (const std::string& header : headers) text += fmt::format("#include \"teff/{}\"\n", header);
  text += "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n" + model.constants.declarations();
  return text + "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
}

std::string weights_source(const EmittedModel& model) {
  return fmt::format("#include \"{}_weights.h\"\n", model.name) + model.constants.definitions();
}

}  // namespace teff
