#include "emit/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "emit/c_text.h"
#include "graph/cost.h"
#include "graph/ops.h"
#include "plan/input_rows.h"
#include "plan/reasons.h"
#include "plan/rows.h"

namespace teff {
namespace {

constexpr int64_t kArenaAlignment = 16;

int64_t aligned(int64_t bytes) { return (bytes + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment; }

// All pieces of the state that anything points to, by offset.
std::vector<StateMember> state_members(const Program& program) {
  std::vector<StateMember> members;
  const auto add = [&](const std::string& name, int64_t offset) {
    if (std::ranges::none_of(members, [&](const StateMember& m) { return m.offset == offset; }))
      members.push_back({name, offset, 0});
  };
  for (size_t p = 0; p < program.plans.size(); ++p) {
    const Plan& plan = program.plans[p];
    for (size_t t = 0; t < program.model.graphs[p].tensors.size(); ++t)
      if (plan.tensors[t].location.place == Location::Place::state)
        add(c_identifier(program.model.graphs[p].tensors[t].name), plan.tensors[t].location.offset);
    for (const Step& step : plan.steps)
      for (const Operand& operand : step.operands)
        if (operand.kind == Operand::Kind::state)
          add(fmt::format("{}", kernel(step.kernel).name), operand.index);
  }
  std::ranges::sort(members, {}, &StateMember::offset);
  std::set<std::string> names;
  for (size_t i = 0; i < members.size(); ++i) {
    StateMember& member = members[i];
    const int64_t end = i + 1 < members.size() ? members[i + 1].offset : aligned(program.state.bytes);
    member.bytes = end - member.offset;
    if (!names.insert(member.name).second) names.insert(member.name += fmt::format("_{}", i));
  }
  return members;
}

// Where the last byte of the arena lies that anybody uses.
int64_t arena_end(const Program& program) {
  int64_t end = 0;
  for (size_t p = 0; p < program.plans.size(); ++p) {
    std::set<int64_t> used;
    const Plan& plan = program.plans[p];
    const auto use = [&](int64_t id) {
      if (id >= 0) used.insert(id);
    };
    for (const Step& step : plan.steps) {
      for (const Operand& operand : step.operands)
        if (operand.kind == Operand::Kind::tensor) use(operand.index);
      for (TensorId id : step.inputs) use(id);
      for (TensorId id : step.outputs) use(id);
    }
    for (TensorId id : program.model.graphs[p].inputs) use(id);
    for (TensorId id : program.model.graphs[p].outputs) use(id);
    for (int64_t id : used) {
      const PlannedTensor& tensor = plan.tensors[static_cast<size_t>(id)];
      if (tensor.location.place == Location::Place::arena)
        end = std::max(end, tensor.location.offset + tensor.bytes);
    }
  }
  return std::min(end, program.arena_bytes);  // a ring takes less than the tensor that goes through it
}

std::vector<int> plans_run_once(const Program& program) {
  std::set<int> plans;
  for (const Plan& plan : program.plans)
    for (const Step& step : plan.steps)
      if (step.kind == Step::Kind::call_once) plans.insert(step.first);
  return {plans.begin(), plans.end()};
}

bool has_faults(const Program& program) {
  return std::ranges::any_of(program.plans, [](const Plan& plan) {
    return std::ranges::any_of(plan.steps, [](const Step& step) {
      if (step.kind == Step::Kind::kernel) return kernel(step.kernel).faults;
      return step.kind != Step::Kind::alias && step.kind != Step::Kind::take_rows;
    });
  });
}

std::string cast(std::string_view type, bool is_const, const std::string& expression) {
  return fmt::format("({}{}*)({})", is_const ? "const " : "", type, expression);
}

std::string plus(const std::string& base, int64_t offset) {
  return offset == 0 ? base : fmt::format("{} + {}", base, offset);
}

// Of a step's result: rows below the last one that anybody needs are not made.
int64_t bytes_made(const Plan& plan, int step, int64_t all) {
  const auto rows = row_step(plan.steps[static_cast<size_t>(step)]);
  if (plan.order.empty() || !rows || rows->gathers) return all;
  int64_t made = 0;
  for (const Run& run : plan.order)
    if (run.step == step) made = std::max<int64_t>(made, run.end);
  return std::min(made * rows->row_bytes, all);
}

// Several steps of a node may say the same.
void add_words(std::string& text, const std::string& more, const char* between) {
  if (more.empty() || text.find(more) != std::string::npos) return;
  text += (text.empty() ? "" : between) + more;
}

}  // namespace

std::string piece_name(const std::string& first, size_t i) {
  return i == 0 ? first : fmt::format("{}_{}", first, i);
}

std::vector<EmittedLayer> emitted_layers(const Program& program) {
  const Graph& graph = program.model.main();
  const Plan& plan = program.plans.front();
  const std::vector<std::string> reasons = reasons_of(plan);
  std::vector<EmittedLayer> layers;
  int begin = 0;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    std::string kernels, words, why;
    bool works = false;
    for (int s = begin; s < plan.steps_end[n]; ++s) {
      const Step& step = plan.steps[static_cast<size_t>(s)];
      works |= step.kind != Step::Kind::alias && step.kind != Step::Kind::call_once;
      if (step.kind != Step::Kind::kernel) continue;
      kernels += (kernels.empty() ? "" : "+") + std::string(kernel(step.kernel).name);
      add_words(words, kernel_words(step), " + ");
      add_words(why, reasons[static_cast<size_t>(s)], "; ");
    }
    begin = plan.steps_end[n];
    if (!works || node.outputs.empty()) continue;
    const Tensor& tensor = graph.tensor(node.outputs[0]);
    const PlannedTensor& planned = plan.tensors[static_cast<size_t>(node.outputs[0])];
    if (planned.location.place == Location::Place::nowhere || planned.bytes == 0) continue;
    layers.push_back({.node = static_cast<int>(n),
                      .name = std::string(op_name(node.op)),
                      .shape = to_string(tensor.shape),
                      .macs = macs_of(graph, node),
                      .bytes = planned.bytes,
                      .made = bytes_made(plan, plan.steps_end[n] - 1, planned.bytes),
                      .kernels = kernels,
                      .words = words,
                      .why = why});
  }
  return layers;
}

EmittedModel::EmittedModel(const Program& p, const EmitOptions& o)
    : program(p),
      options(o),
      name(c_identifier(o.name)),
      layers(emitted_layers(p)),
      calls(p, CHeaders::kernels(), o),
      constants(CHeaders::kernels(), name),
      state(state_members(p)),
      once(plans_run_once(p)),
      scratch_offset(p.scratch_bytes > 0 ? aligned(p.arena_bytes) : arena_end(p)),
      arena_bytes(scratch_offset + p.scratch_bytes),
      may_fault(has_faults(p)),
      input_rows(input_rows_of(p.plans.front())) {
  const std::vector<int>& ends = p.plans.front().steps_end;
  for (EmittedLayer& layer : layers) {
    const auto node = static_cast<size_t>(layer.node);
    for (int s = node == 0 ? 0 : ends[node - 1]; s < ends[node]; ++s)
      if (const KernelCall* call = calls.find(0, s)) {
        layer.own_code = calls.has_own_code(*call);
        add_words(layer.why, call->code, "; ");
      }
  }
}

std::string EmittedModel::list(const std::string& first, const std::string& before,
                               const std::string& state) const {
  std::string text = before + first;
  for (size_t i = 1; i < arenas(); ++i) text += ", " + before + piece_name(first, i);
  return has_state() ? text + ", " + state : text;
}

std::string EmittedModel::unused(const std::string& first) const {
  std::string text;
  for (size_t i = 0; i < arenas(); ++i) text += fmt::format("  (void){};\n", piece_name(first, i));
  return has_state() ? text + "  (void)state;\n" : text;
}

std::pair<size_t, int64_t> EmittedModel::in_arena(int64_t offset) const {
  size_t piece = 0;
  for (size_t i = 1; i < program.arena_parts.size(); ++i)
    if (program.arena_parts[i].begin <= offset) piece = i;
  return {piece, piece == 0 ? offset : offset - program.arena_parts[piece].begin};
}

std::string EmittedModel::address(const Plan& plan, const PlannedTensor& tensor, std::string_view type,
                                  bool is_const, const std::string& constant_name) {
  switch (tensor.location.place) {
    case Location::Place::nowhere: break;
    case Location::Place::arena: {
      const auto [piece, offset] = in_arena(tensor.location.offset);
      return cast(type, is_const, plus(piece_name("a", piece), offset));
    }
    case Location::Place::state: {
      const auto after = std::ranges::upper_bound(state, tensor.location.offset, {}, &StateMember::offset);
      const StateMember& member = *(after - 1);
      return cast(type, is_const, plus("state->" + member.name, tensor.location.offset - member.offset));
    }
    case Location::Place::constant: {
      const Bytes& bytes = plan.constants[static_cast<size_t>(tensor.location.offset)];
      // A step that writes would have been given memory.
      return (is_const ? "" : fmt::format("({}*)", type)) + constants.pointer(bytes, type, constant_name, 4);
    }
  }
  return "0";
}

std::string EmittedModel::operand(const Plan& plan, const Operand& operand, const PointerInfo& pointer,
                                  const std::string& constant_name, size_t alignment) {
  const auto at = [&](Location::Place place, int64_t offset) {
    return address(plan, {.location = {place, offset}}, pointer.name, pointer.is_const, constant_name);
  };
  switch (operand.kind) {
    case Operand::Kind::none: return "0";
    case Operand::Kind::tensor: {
      const PlannedTensor& tensor = plan.tensors[static_cast<size_t>(operand.index)];
      if (tensor.location.place != Location::Place::constant)
        return address(plan, tensor, pointer.name, pointer.is_const, constant_name);
      return constants.pointer(plan.constants[static_cast<size_t>(tensor.location.offset)], pointer.name,
                               constant_name, alignment);
    }
    case Operand::Kind::constant:
      return constants.pointer(plan.constants[static_cast<size_t>(operand.index)], pointer.name,
                               constant_name, alignment);
    case Operand::Kind::state: return at(Location::Place::state, operand.index);
    case Operand::Kind::scratch: return at(Location::Place::arena, scratch_offset + operand.index);
  }
  return "0";
}

Emitted emit(const Program& program, const EmitOptions& options) {
  EmittedModel model(program, options);
  const std::string source = model_source(model);  // names the constants
  std::vector<EmittedFile> files;
  files.push_back({model.name + ".h", model_header(model)});
  files.push_back({model.name + ".c", source});
  files.push_back({model.name + "_weights.h", weights_header(model)});
  files.push_back({model.name + "_weights.c", weights_source(model)});
  files.push_back({"test/recorded.h", recorded_header(model)});
  files.push_back({"test/test.c", test_source(model)});
  files.push_back({"test/serve.c", serve_source()});
  const CHeaders& headers = CHeaders::kernels();
  std::vector<std::string> used{"base.h"};
  if (model.input_rows) used.emplace_back(headers.header_of_kernel("take_rows"));
  for (const CallGroup& group : model.calls.groups())
    used.emplace_back(headers.header_of_kernel(group.kernel->name));
  for (const std::string& type : model.constants.struct_types())
    used.emplace_back(headers.header_of_struct(type));
  for (const std::string& header : headers.with_includes(used))
    files.push_back({"teff/" + header, std::string(headers.text(header))});
  Emitted emitted{.name = model.name,
                  .files = laid_out(model, std::move(files)),
                  .layers = model.layers,
                  .arena_bytes = model.arena_bytes,
                  .constant_bytes = model.constants.bytes()};
  for (const StateMember& member : model.state) emitted.state_bytes += member.bytes;
  return emitted;
}

}  // namespace teff
