#include "emit/calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "emit/c_text.h"
#include "graph/cost.h"

namespace teff {
namespace {

// Fields whose value decides what the loops of a kernel look like,
constexpr std::string_view kShaping[] = {"kernel_h",   "kernel_w", "stride_h", "stride_w", "dilation_h",
                                         "dilation_w", "scaling",  "groups",   "element",  "factor_step",
                                         "narrow",     "w_zero",   "banded",   "small"};
// and those whose value decides how often they run: known to the compiler, what is left over by loops that
// take several at a time needs no code.
constexpr std::string_view kCounting[] = {"channels", "outputs", "inputs", "depth"};

// Fields that decide which way a kernel goes: of those that vary, the values that occur are printed, so that
// the other ways take no code.
constexpr std::string_view kDeciding[] = {"result.scaling", "right"};

bool is_one_of(std::span<const std::string_view> names, const std::string& path) {
  return std::ranges::find(names, std::string_view(path).substr(path.find_last_of('.') + 1)) != names.end();
}

// About how much code a copy of a kernel takes, for one number of channels and for any: counted on a
// Cortex-M7.
struct CodeBytes {
  int64_t one, any;
};
CodeBytes code_bytes(const KernelRow& kernel) {
  if (kernel.name.find("conv_rows") != std::string_view::npos) return {750, 2400};
  if (kernel.name.find("depthwise") != std::string_view::npos) return {950, 1500};
  return {350, 450};
}

bool is_integer(const CValue& value) { return value.type.find("int") != std::string_view::npos; }

// Of a literal of 32 bits.
int64_t value_of(const std::string& literal) {
  return literal.front() == '(' ? INT32_MIN : std::stoll(literal);
}

// The narrowest type of integers that holds all of them, without a sign where none has one: what the compiler
// knows to be positive takes less code.
std::string narrowest(const std::vector<int64_t>& values) {
  const auto [lo, hi] = std::ranges::minmax(values);
  if (lo >= 0 && hi <= UINT8_MAX) return "uint8_t";
  if (lo >= 0 && hi <= UINT16_MAX) return "uint16_t";
  if (lo >= INT8_MIN && hi <= INT8_MAX) return "int8_t";
  if (lo >= INT16_MIN && hi <= INT16_MAX) return "int16_t";
  return "int32_t";
}

std::string_view last_part(std::string_view path) { return path.substr(path.find_last_of('.') + 1); }

bool is_extent(std::string_view path) {
  constexpr std::string_view kExtents[] = {"in_h",    "in_w",   "out_h", "out_w",    "channels",
                                           "outputs", "height", "width", "row_bytes"};
  return std::ranges::find(kExtents, last_part(path)) != std::end(kExtents);
}

// Whether one that is found equal to the other is so because of what they mean.
bool may_equal(std::string_view path, std::string_view other) {
  const std::string_view name = last_part(path), known = last_part(other);
  if (name.ends_with("_w")) return known == std::string(name.substr(0, name.size() - 1)) + "h";
  if (name == "pad_left") return known == "pad_top";
  if (name == "row_bytes" || name == "outputs") return known == name || known == "channels";
  if (name == "rows") return known == "in_h" || known == "out_h" || known == "height" || known == "rows";
  return name == "units" && (known == "out_h" || known == "height" || known == "outputs" || known == "rows");
}

// Others scale in their own ways.
bool is_scaled_by_mve_h(std::string_view kernel) {
  return kernel == "conv_rows_mve" || kernel == "depthwise_rows_mve" || kernel == "dense_mve";
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

Calls::Calls(const Program& program, const CHeaders& headers, const EmitOptions& options)
    : headers_(headers) {
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
      const Graph& graph = program.model.graphs[p];
      const auto node = static_cast<size_t>(step.node);
      call.macs = macs_of(graph, graph.nodes[node]);
      const bool is_known = p == 0 && node < options.own_code_gain.size();
      call.gain = is_known ? options.own_code_gain[node] : 0;
      calls_.push_back(std::move(call));
    }
  }
  gather(options);
}

std::string Calls::key_of(const KernelCall& call, EmitFor optimize) const {
  std::string key(call.kernel->name);
  for (bool null : call.null) key += null ? '0' : '1';
  if (optimize == EmitFor::flash) return key;
  // Loops that take anything are all there is to kernels in little code.
  const bool small = std::ranges::any_of(
      call.values, [](const CValue& v) { return v.path == "small" && value_of(v.text) == 1; });
  if (small) return key + " small" + (call.in_turns ? " in turns" : "");
  for (const CValue& value : call.values)
    if (is_one_of(kShaping, value.path)) key += " " + value.path + "=" + value.text;
  return key + (call.in_turns ? " in turns" : "");
}

// Calls whose loops look the same; those of them that agree in how often they run, too; which of these got a
// copy of the kernel for themselves.
struct Calls::Copies {
  struct Shared {
    const KernelRow* kernel;
    std::set<std::string> parts;
    int calls = 0;
  };
  struct Part {
    double gain = 0, rank = 0;
    int64_t macs = 0;
    int calls = 0;
  };
  std::map<std::string, Shared> shared;
  std::map<std::string, Part> parts;
  std::vector<std::string> finer;  // by call
  std::set<std::string> chosen;

  int64_t code_bytes_of_all() const {
    int64_t bytes = 0;
    for (const auto& [key, group] : shared) {
      const CodeBytes cost = code_bytes(*group.kernel);
      const auto own =
          std::ranges::count_if(group.parts, [&](const auto& part) { return chosen.contains(part); });
      const auto rest = static_cast<int64_t>(group.parts.size()) - own;
      bytes += own * cost.one + (rest == 0 ? 0 : rest == 1 ? cost.one : cost.any);
    }
    return bytes;
  }
};

// Multiplications decide between calls that gain the same.
double Calls::rank(const KernelCall& call) const {
  return call.gain < 0 ? 0 : call.gain + 1e-3 * static_cast<double>(call.macs);
}

// Where there is room for more code, those calls get a function of their own that gain the most by it.
std::vector<std::string> Calls::keys(const EmitOptions& options) {
  std::vector<std::string> keys;
  Copies copies;
  for (const KernelCall& call : calls_) {
    keys.push_back(key_of(call, options.optimize));
    std::string fine = keys.back();
    for (const CValue& value : call.values)
      if (is_one_of(kCounting, value.path)) fine += " " + value.path + "=" + value.text;
    Copies::Shared& shared =
        copies.shared.emplace(keys.back(), Copies::Shared{call.kernel, {}}).first->second;
    shared.parts.insert(fine), ++shared.calls;
    Copies::Part& part = copies.parts[fine];
    part.gain += std::max(call.gain, 0.0), part.rank += rank(call), part.macs += call.macs, ++part.calls;
    copies.finer.push_back(std::move(fine));
  }
  if (options.optimize == EmitFor::speed) {
    std::vector<std::pair<double, size_t>> candidates;
    for (size_t i = 0; i < calls_.size(); ++i)
      if (const double gain = copies.parts[copies.finer[i]].rank;
          copies.shared.at(keys[i]).parts.size() > 1 && gain > 0)
        candidates.emplace_back(-gain, i);
    std::ranges::sort(candidates);
    for (const auto& [minus_gain, i] : candidates)
      if (const std::string& fine = copies.finer[i]; copies.chosen.insert(fine).second &&
                                                     copies.code_bytes_of_all() > options.code_bytes &&
                                                     -minus_gain < options.own_code_worth)
        copies.chosen.erase(fine);
  }
  explain(copies, keys, options);
  if (options.optimize == EmitFor::flash) return keys;
  for (size_t i = 0; i < calls_.size(); ++i)
    if (copies.chosen.contains(copies.finer[i])) keys[i] = copies.finer[i];
  add_shifts(options.code_bytes - copies.code_bytes_of_all(), keys);
  return keys;
}

// "1.2 k".
std::string short_number(double number) {
  if (number < 1000) return fmt::format("{:.0f}", number);
  return number < 1e6 ? fmt::format("{:.3g} k", number / 1e3) : fmt::format("{:.3g} M", number / 1e6);
}

// Says of each call whose code it is.
void Calls::explain(const Copies& copies, const std::vector<std::string>& keys, const EmitOptions& options) {
  for (size_t i = 0; i < calls_.size(); ++i) {
    KernelCall& call = calls_[i];
    const Copies::Shared& shared = copies.shared.at(keys[i]);
    const Copies::Part& part = copies.parts.at(copies.finer[i]);
    const bool known = !options.own_code_gain.empty(), flash = options.optimize == EmitFor::flash;
    const std::string alike = part.calls == 1 ? "own copy" : fmt::format("one copy for {} alike", part.calls);
    const int64_t bytes = code_bytes(*call.kernel).one;
    if (flash)
      call.code = shared.calls > 1 ? fmt::format("one copy for {} layers: little code", shared.calls) : "";
    else if (shared.calls == 1)
      call.code = "no other layer has such loops";
    else if (shared.parts.size() == 1)
      call.code = fmt::format("one copy for {} alike", shared.calls);
    else if (copies.chosen.contains(copies.finer[i]))
      call.code = known ? fmt::format("{}: about {} instructions less for about {} bytes", alike,
                                      short_number(part.gain), bytes)
                        : fmt::format("{} of about {} bytes: with {} multiplications among the busiest",
                                      alike, bytes, short_number(static_cast<double>(part.macs)));
    else
      call.code = fmt::format(
          "one copy for {} layers{}", shared.calls,
          known ? fmt::format(", own would save {}", part.gain >= 1 ? short_number(part.gain) : "nothing")
                : "");
  }
}

// A shift by a literal is part of the instruction that saturates on Armv7E-M, two instructions where it is
// not.
void Calls::add_shifts(int64_t code_budget, std::vector<std::string>& keys) {
  struct Group {
    std::set<std::string> shifts;
    int64_t macs = 0, copy = 0;
  };
  std::map<std::string, Group> groups;
  std::vector<std::string> shifts(calls_.size());
  for (size_t i = 0; i < calls_.size(); ++i) {
    if (!calls_[i].kernel->name.ends_with("_dsp")) continue;
    for (const CValue& value : calls_[i].values)
      if (value.path == "result.right") shifts[i] = " right=" + value.text;
    Group& group = groups[keys[i]];
    group.shifts.insert(shifts[i]);
    group.macs += calls_[i].macs;
    // Known counts are part of a key of their own.
    const CodeBytes cost = code_bytes(*calls_[i].kernel);
    group.copy = keys[i] == key_of(calls_[i], EmitFor::speed) ? cost.any : cost.one;
  }
  std::vector<std::pair<int64_t, std::string>> by_gain;
  for (const auto& [key, group] : groups)
    if (group.shifts.size() > 1) by_gain.emplace_back(-group.macs, key);
  std::ranges::sort(by_gain);
  std::set<std::string> split;
  for (const auto& [minus_macs, key] : by_gain) {
    const Group& group = groups.at(key);
    const int64_t cost = static_cast<int64_t>(group.shifts.size() - 1) * group.copy;
    if (cost > code_budget) continue;
    code_budget -= cost;
    split.insert(key);
  }
  for (size_t i = 0; i < calls_.size(); ++i)
    if (split.contains(keys[i]))
      keys[i] += shifts[i], calls_[i].code += ", and one for each shift of results";
}

void Calls::gather(const EmitOptions& options) {
  std::map<std::string, size_t> by_key;
  std::map<std::string, int> numbers;
  const std::vector<std::string> all_keys = keys(options);
  for (size_t i = 0; i < calls_.size(); ++i) {
    KernelCall& call = calls_[i];
    const auto [it, added] = by_key.emplace(all_keys[i], groups_.size());
    if (added) {
      const std::string name(call.kernel->name);
      groups_.push_back({.kernel = call.kernel, .name = fmt::format("{}_{}", name, ++numbers[name])});
    }
    call.group = static_cast<int>(it->second);
    CallGroup& group = groups_[it->second];
    group.calls.push_back(i);
    group.in_turns |= call.in_turns;
  }
  for (CallGroup& group : groups_) find_what_varies(group);
}

void Calls::find_what_varies(CallGroup& group) const {
  const KernelCall& first = calls_[group.calls[0]];
  const auto differs = [&](auto&& member) {
    return std::any_of(group.calls.begin(), group.calls.end(),
                       [&](size_t i) { return member(calls_[i]) != member(first); });
  };
  for (size_t v = 0; v < first.values.size(); ++v) {
    if (!differs([v](const KernelCall& call) -> const std::string& { return call.values[v].text; })) continue;
    if (const auto expression = derivation(group, v))
      group.derived[v] = *expression;
    else
      group.varying.push_back(v);
  }
  group.units_vary = !group.in_turns && differs([](const KernelCall& call) { return call.units; });
  if (!group.units_vary) return;
  if (const auto expression = derivation(group, first.values.size())) {
    group.derived[first.values.size()] = *expression;
    group.units_vary = false;
  }
}

// A value of a call as a number; past the last value stands the number of units.
int64_t Calls::number(size_t call, size_t value) const {
  const KernelCall& c = calls_[call];
  if (value == c.values.size()) return c.units;
  return value_of(c.values[value].text);
}

// Widths that are heights, rings that hold whole images, rows that are as long as their pixels and channels:
// which value a field may be taken for is decided by its name, whether it may, by all calls.
std::optional<std::string> Calls::derivation(const CallGroup& group, size_t value) const {
  const KernelCall& first = calls_[group.calls[0]];
  const std::string path = value < first.values.size() ? first.values[value].path : "units";
  const auto holds = [&](auto&& expected) {
    return std::all_of(group.calls.begin(), group.calls.end(),
                       [&](size_t call) { return number(call, value) == expected(call); });
  };
  for (size_t v = 0; v < std::min(value, first.values.size()); ++v)
    if (is_integer(first.values[v]) && may_equal(path, first.values[v].path) &&
        holds([&](size_t call) { return number(call, v); }))
      return "p." + first.values[v].path;
  if (!path.ends_with("row_bytes")) return {};
  for (size_t v = 0; v < value; ++v)
    for (size_t w = 0; w < v; ++w)
      if (is_extent(first.values[v].path) && is_extent(first.values[w].path) &&
          holds([&](size_t call) { return number(call, v) * number(call, w); }))
        return fmt::format("p.{} * p.{}", first.values[w].path, first.values[v].path);
  return {};
}

const KernelCall* Calls::find(int plan, int step) const {
  const auto found = std::find_if(calls_.begin(), calls_.end(), [&](const KernelCall& call) {
    return call.plan == plan && call.step == step;
  });
  return found == calls_.end() ? nullptr : &*found;
}

int Calls::helium_scalings() const {
  int bits = 0;
  for (const KernelCall& call : calls_)
    for (const CValue& value : call.values)
      if (is_scaled_by_mve_h(call.kernel->name) && last_part(value.path) == "scaling")
        bits |= 1 << std::stoi(value.text);
  return bits;
}

bool Calls::has_own_code(const KernelCall& call) const {
  const CallGroup& group = groups_[static_cast<size_t>(call.group)];
  return std::ranges::none_of(group.varying,
                              [&](size_t v) { return is_one_of(kCounting, call.values[v].path); });
}

// --- printing ---

std::string Calls::member_of(const CallGroup& group, size_t value) const {
  const std::string name = member_name(calls_[group.calls[0]].values[value].path);
  const int64_t unit = unit_of(group, value);
  return unit == 1 ? name : fmt::format("{}_by_{}", name, unit);
}

// Extents are stored divided by a power of two that divides them in all calls: from the multiplication the
// compiler knows that loops over several at a time leave nothing over.
int64_t Calls::unit_of(const CallGroup& group, size_t value) const {
  constexpr int64_t kMost = 16;
  const KernelCall& first = calls_[group.calls[0]];
  if (!is_extent(first.values[value].path) || first.values[value].type != "int32_t") return 1;
  int64_t unit = kMost;
  for (size_t call : group.calls)
    while (number(call, value) % unit != 0) unit /= 2;
  return unit;
}

std::string Calls::shape_struct(const CallGroup& group) const {
  std::string text = fmt::format("typedef struct {0}_shape {{\n", group.name);
  for (size_t v : group.varying) {
    std::string type(calls_[group.calls[0]].values[v].type);
    if (type == "int32_t") {
      std::vector<int64_t> values;
      for (size_t i : group.calls) values.push_back(number(i, v) / unit_of(group, v));
      type = narrowest(values);
    }
    text += fmt::format("  {} {};\n", type, member_of(group, v));
  }
  if (group.units_vary) text += "  int32_t units;\n";
  return text + fmt::format("}} {}_shape;\n", group.name);
}

std::string Calls::known_values(const CallGroup& group) const {
  std::string text;
  for (size_t v : group.varying) {
    const std::string& path = calls_[group.calls[0]].values[v].path;
    if (std::ranges::find(kDeciding, path) == std::end(kDeciding)) continue;
    std::set<int64_t> values;
    for (size_t call : group.calls) values.insert(number(call, v));
    std::string condition;
    for (int64_t value : values)
      condition += fmt::format("{}p.{} == {}", condition.empty() ? "" : " || ", path, value);
    text += fmt::format("  TEFF_KNOWN({});\n", condition);
  }
  return text;
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
  const auto expression = [&](size_t v, const std::string& literal, const std::string& member) {
    if (const auto derived = group.derived.find(v); derived != group.derived.end()) return derived->second;
    const bool varies = v < first.values.size() ? std::ranges::find(group.varying, v) != group.varying.end()
                                                : group.units_vary;
    if (!varies) return literal;
    const int64_t unit = v < first.values.size() ? unit_of(group, v) : 1;
    return unit == 1 ? "s->" + member : fmt::format("{} * s->{}", unit, member);
  };
  for (size_t v = 0; v < first.values.size(); ++v)
    body += fmt::format("  p.{} = {};\n", first.values[v].path,
                        expression(v, first.values[v].text, member_of(group, v)));
  body += known_values(group);
  const std::string units = expression(first.values.size(), std::to_string(first.units), "units");
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
  for (size_t v : group.varying) {
    const int64_t unit = unit_of(group, v);
    text += (text.empty() ? "" : ", ") +
            (unit == 1 ? call.values[v].text : std::to_string(value_of(call.values[v].text) / unit));
  }
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
