#include "emit/calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "emit/c_text.h"

namespace teff {
namespace {

// Fields whose value decides what the inner loops of a kernel look like.
constexpr std::string_view kShaping[] = {"kernel_h",    "kernel_w", "stride_h", "stride_w",   "dilation_h",
                                         "dilation_w",  "scaling",  "groups",   "multiplier", "element",
                                         "factor_step", "narrow",   "w_zero"};

bool shapes_code(const std::string& path) {
  const std::string last = path.substr(path.find_last_of('.') + 1);
  return std::find(std::begin(kShaping), std::end(kShaping), last) != std::end(kShaping);
}

bool is_integer(const CValue& value) { return value.type.find("int") != std::string_view::npos; }

// The narrowest type of integers that holds all of them; what a float has, a float keeps.
std::string narrowest(const std::vector<const CValue*>& values) {
  if (!is_integer(*values.front()) || values.front()->type == "int64_t" || values.front()->type == "uint64_t")
    return std::string(values.front()->type);
  int64_t lo = 0, hi = 0;
  for (const CValue* value : values) {
    const int64_t number = value->text.front() == '(' ? INT32_MIN : std::stoll(value->text);
    lo = std::min(lo, number), hi = std::max(hi, number);
  }
  if (lo >= INT8_MIN && hi <= INT8_MAX) return "int8_t";
  if (lo >= INT16_MIN && hi <= INT16_MAX) return "int16_t";
  return std::string(values.front()->type);
}

std::string member_name(std::string path) {
  std::erase(path, ']');
  std::replace_if(
      path.begin(), path.end(), [](char c) { return c == '.' || c == '['; }, '_');
  return path;
}

std::vector<int> steps_in_turns(const Plan& plan) {
  std::vector<int> runs(plan.steps.size());
  for (const Run& run : plan.order) {
    const Step& step = plan.steps[static_cast<size_t>(run.step)];
    if (run.begin != 0 || run.end != step.units) runs[static_cast<size_t>(run.step)] = 1;
  }
  return runs;
}

}  // namespace

Calls::Calls(const Program& program, const CHeaders& headers, EmitFor optimize) : headers_(headers) {
  for (size_t p = 0; p < program.plans.size(); ++p) {
    const Plan& plan = program.plans[p];
    const std::vector<int> turns = steps_in_turns(plan);
    for (size_t s = 0; s < plan.steps.size(); ++s) {
      const Step& step = plan.steps[s];
      if (step.kind != Step::Kind::kernel) continue;
      KernelCall call{
          .plan = static_cast<int>(p), .step = static_cast<int>(s), .kernel = &kernel(step.kernel)};
      call.values = c_values(headers, call.kernel->params,
                             reinterpret_cast<const std::byte*>(step.params.words.data()));
      for (const Operand& operand : step.operands) call.null.push_back(operand.kind == Operand::Kind::none);
      call.units = static_cast<int32_t>(step.units);
      call.in_turns = turns[s] != 0;
      calls_.push_back(std::move(call));
    }
  }
  gather(program, optimize);
}

std::string Calls::key_of(const KernelCall& call, EmitFor optimize) const {
  std::string key(call.kernel->name);
  for (bool null : call.null) key += null ? '0' : '1';
  if (optimize == EmitFor::flash) return key;
  for (const CValue& value : call.values)
    if (shapes_code(value.path)) key += " " + value.path + "=" + value.text;
  return key + (call.in_turns ? " in turns" : "");
}

void Calls::gather(const Program&, EmitFor optimize) {
  std::map<std::string, size_t> by_key;
  std::map<std::string, int> numbers;
  for (size_t i = 0; i < calls_.size(); ++i) {
    KernelCall& call = calls_[i];
    const auto [it, added] = by_key.emplace(key_of(call, optimize), groups_.size());
    if (added) {
      const std::string name(call.kernel->name);
      groups_.push_back({.kernel = call.kernel, .name = fmt::format("{}_{}", name, ++numbers[name])});
    }
    call.group = static_cast<int>(it->second);
    CallGroup& group = groups_[it->second];
    group.calls.push_back(i);
    group.in_turns |= call.in_turns;
  }
  for (CallGroup& group : groups_) {
    const KernelCall& first = calls_[group.calls[0]];
    const auto differs = [&](auto&& member) {
      return std::any_of(group.calls.begin(), group.calls.end(),
                         [&](size_t i) { return member(calls_[i]) != member(first); });
    };
    for (size_t v = 0; v < first.values.size(); ++v)
      if (differs([v](const KernelCall& call) -> const std::string& { return call.values[v].text; }))
        group.varying.push_back(v);
    group.units_vary = !group.in_turns && differs([](const KernelCall& call) { return call.units; });
  }
}

const KernelCall* Calls::find(int plan, int step) const {
  const auto found = std::find_if(calls_.begin(), calls_.end(), [&](const KernelCall& call) {
    return call.plan == plan && call.step == step;
  });
  return found == calls_.end() ? nullptr : &*found;
}

// --- printing ---

std::string Calls::member_of(const CallGroup& group, size_t value) const {
  return member_name(calls_[group.calls[0]].values[value].path);
}

std::string Calls::shape_struct(const CallGroup& group) const {
  std::string text = fmt::format("typedef struct {0}_shape {{\n", group.name);
  for (size_t v : group.varying) {
    std::vector<const CValue*> values;
    for (size_t i : group.calls) values.push_back(&calls_[i].values[v]);
    text += fmt::format("  {} {};\n", narrowest(values), member_of(group, v));
  }
  if (group.units_vary) text += "  int32_t units;\n";
  return text + fmt::format("}} {}_shape;\n", group.name);
}

std::string Calls::function(const CallGroup& group) const {
  const KernelRow& row = *group.kernel;
  const KernelCall& first = calls_[group.calls[0]];
  const auto& names = headers_.parameters_of_kernel(row.name);
  std::string parameters = group.has_shape() ? fmt::format("const {}_shape* s", group.name) : "";
  std::string arguments = "p";
  for (size_t i = 0; i < row.pointers.size(); ++i) {
    arguments += first.null[i] ? ", 0" : ", " + names[i + 1];
    if (!first.null[i])
      parameters += fmt::format("{}{}{}* {}", parameters.empty() ? "" : ", ",
                                row.pointers[i].is_const ? "const " : "", row.pointers[i].name, names[i + 1]);
  }
  if (group.in_turns) parameters += ", int32_t begin, int32_t end";
  std::string body = fmt::format("  {} p;\n", row.params);
  size_t next = 0;
  for (size_t v = 0; v < first.values.size(); ++v) {
    const bool varies = next < group.varying.size() && group.varying[next] == v;
    next += varies;
    body += fmt::format("  p.{} = {};\n", first.values[v].path,
                        varies ? "s->" + member_of(group, v) : first.values[v].text);
  }
  const std::string units = group.units_vary ? "s->units" : std::to_string(first.units);
  body += group.in_turns ? "  teff_range r = {begin, end};\n"
                         : fmt::format("  teff_range r = {{0, {}}};\n", units);
  if (first.values.empty()) body += "  (void)p;\n";
  return fmt::format("\nstatic TEFF_APART {} {}({}) {{\n{}  {}teff_{}({}, r);\n}}\n",
                     row.faults ? "teff_fault" : "void", group.name, parameters.empty() ? "void" : parameters,
                     body, row.faults ? "return " : "", row.name, arguments);
}

std::string Calls::functions() const {
  std::string text;
  for (const CallGroup& group : groups_) {
    text += "\n";
    if (group.has_shape()) text += shape_struct(group);
    text += function(group).substr(group.has_shape() ? 0 : 1);
  }
  return text;
}

std::string Calls::shape_literal(const KernelCall& call) const {
  const CallGroup& group = groups_[static_cast<size_t>(call.group)];
  if (!group.has_shape()) return "";
  std::string text;
  for (size_t v : group.varying) text += (text.empty() ? "" : ", ") + call.values[v].text;
  if (group.units_vary) text += fmt::format("{}{}", text.empty() ? "" : ", ", call.units);
  return "{" + text + "}";
}

std::string Calls::call(const KernelCall& call, const std::string& shape,
                        const std::vector<std::string>& operands, const std::string& range) const {
  const CallGroup& group = groups_[static_cast<size_t>(call.group)];
  std::string arguments = group.has_shape() ? "&" + shape : "";
  const auto add = [&](const std::string& argument) {
    arguments += (arguments.empty() ? "" : ", ") + argument;
  };
  for (size_t i = 0; i < operands.size(); ++i)
    if (!call.null[i]) add(operands[i]);
  if (group.in_turns) add(range.empty() ? fmt::format("0, {}", call.units) : range);
  return fmt::format("{}({})", group.name, arguments);
}

}  // namespace teff
