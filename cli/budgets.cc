#include "budgets.h"

#include <fmt/format.h>

#include <map>

#include "board_run.h"
#include "core/error.h"
#include "graph/load.h"
#include "graph/pass_io.h"
#include "models.h"

namespace teff::cli {
namespace {

int64_t sram_of(const Compilation& c) { return c.emitted.arena_bytes + c.emitted.state_bytes; }

// Float inputs take four times the memory.
std::string hint_of_io(const std::string& path_or_name, const CompilationOptions& options) {
  if (options.int8_io) return "";
  Model model = parse_model(model_bytes(path_or_name), path_or_name);
  const int dropped = drop_float_io(model.main());
  return dropped > 0 ? "; --io int8 takes its inputs and outputs as they are inside, a byte each" : "";
}

Compilation compile_within_sram(const std::string& path_or_name, const CompilationOptions& options) {
  Compilation result = compile_for(path_or_name, options);
  if (!options.sram || sram_of(result) <= *options.sram) return result;
  // The least memory was asked for, and is too much: who looks for a program that fits says why there is
  // none.
  CompilationOptions within = options;
  within.little_code = options.little_code || options.optimize == "flash";
  within.optimize = "speed";
  result = compile_for(path_or_name, within);
  check(sram_of(result) <= *options.sram, "{} bytes of SRAM do not suffice: the arena and the state take {}",
        *options.sram, sram_of(result));
  return result;
}

struct Candidate {
  Compilation compilation;
  CompilationOptions options;
  int64_t flash = 0;    // that it takes
  bool linked = false;  // else of the constants alone
};

void find_flash(Candidate& c) {
  // Code takes much less than this: nothing has to be built to know that it fits.
  constexpr int64_t kPlenty = 256 * 1024;
  const Emitted& emitted = c.compilation.emitted;
  c.flash = emitted.constant_bytes;
  if (c.flash + kPlenty <= *c.options.flash) return;
  const auto linked = linked_flash(emitted, *c.options.target, c.compilation.emit_for);
  c.linked = linked.has_value();
  if (linked) c.flash = *linked;
}

[[noreturn]] void refuse_flash(const Candidate& least) {
  const std::string why = least.linked
                              ? fmt::format("the least is {}, code and constants together", least.flash)
                              : fmt::format("the constants alone take {}, code comes on top", least.flash);
  fail("{} bytes of flash do not suffice: {}; {}", *least.options.flash, why,
       largest_constants(least.compilation));
}

// From the one with the fewest instructions to the one with the least code.
std::vector<CompilationOptions> ways_to_write(const CompilationOptions& options) {
  std::vector<CompilationOptions> ways;
  if (!is_small(options)) {
    ways.push_back(options), ways.back().code_within_flash = false;
    ways.push_back(options);
  }
  ways.push_back(options), ways.back().little_code = true;
  return ways;
}

}  // namespace

Compilation compile_within(const std::string& path_or_name, CompilationOptions& options) {
  const auto compiled = [&](const CompilationOptions& way) {
    try {
      return compile_within_sram(path_or_name, way);
    } catch (const Error& error) {
      if (!options.sram) throw;
      fail("{}{}", error.what(), hint_of_io(path_or_name, options));
    }
  };
  if (!options.flash) return compiled(options);
  std::optional<Candidate> least;
  for (const CompilationOptions& way : ways_to_write(options)) {
    Candidate candidate{.compilation = compiled(way), .options = way};
    find_flash(candidate);
    if (candidate.flash <= *options.flash) {
      options = way;
      return std::move(candidate.compilation);
    }
    if (!least || candidate.flash < least->flash) least = std::move(candidate);
  }
  refuse_flash(*least);
}

std::string largest_constants(const Compilation& c) {
  const Plan& plan = c.program->plans.front();
  const Graph& graph = c.program->model.main();
  std::map<int, int64_t> bytes;  // by node
  for (const Step& step : plan.steps)
    for (const Operand& operand : step.operands) {
      int64_t constant = operand.kind == Operand::Kind::constant ? operand.index : -1;
      if (operand.kind == Operand::Kind::tensor) {
        const Location& where = plan.tensors[static_cast<size_t>(operand.index)].location;
        if (where.place == Location::Place::constant) constant = where.offset;
      }
      if (constant >= 0)
        bytes[step.node] += static_cast<int64_t>(plan.constants[static_cast<size_t>(constant)].size());
    }
  int node = -1;
  for (const auto& [which, taken] : bytes)
    if (node < 0 || taken > bytes[node]) node = which;
  if (node < 0) return "there are no constants";
  return fmt::format("most is for {}: {} bytes", place_of(graph, graph.nodes[static_cast<size_t>(node)]),
                     bytes[node]);
}

}  // namespace teff::cli
