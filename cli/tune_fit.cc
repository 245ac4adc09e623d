#include "tune_fit.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "core/error.h"
#include "graph/load.h"
#include "graph/pass_io.h"
#include "models.h"
#include "plan/cost_features.h"
#include "tune_measure.h"

namespace teff::cli {
namespace {

// A network as it is compiled, and all layers that were counted in it.
struct CountedNetwork {
  std::vector<Compilation> programs;  // the samples point into them
  std::vector<CostSample> samples;
};

// The ways in which each network is counted: layer by layer and row by row, with as much code of their own
// for layers as there usually is, with none and with all.
struct Way {
  const char* optimize;
  std::optional<int64_t> code_bytes;
};
constexpr Way kWays[] = {{"speed", {}}, {"speed", 0}, {"speed", 1 << 24}, {"sram", {}}, {"sram", 0}};

bool has_float_io(const std::string& model, const Bytes& bytes) {
  Model parsed = parse_model(bytes, model);
  return drop_float_io(parsed.main()) > 0;
}

CountedNetwork count_network(const std::string& model, const Target& target) {
  const Bytes bytes = model_bytes(model);
  Measurer measurer(target, bytes.span());
  CountedNetwork network;
  CompilationOptions options{.target = &target};
  options.int8_io = has_float_io(model, bytes);
  for (const Way& way : kWays) {
    fmt::print(stderr, "{} on {}: {}, code {}\n", model, target.name, way.optimize,
               way.code_bytes ? std::to_string(*way.code_bytes) : "as usual");
    options.optimize = way.optimize;
    options.tuning.code_bytes = way.code_bytes;
    network.programs.push_back(compile_for(model, options));
    const auto samples = samples_of(network.programs.back(), measurer.measure(network.programs.back()));
    network.samples.insert(network.samples.end(), samples.begin(), samples.end());
  }
  return network;
}

std::string words_of(const FitError& error) {
  return fmt::format("{} layers, error of instructions: median {:.1f} %, worst {:.0f} % ({})", error.samples,
                     100 * error.median, 100 * error.worst, error.worst_way);
}

// Where formulas miss most.
void show_ways(const CostModel& model, const std::vector<CostSample>& samples) {
  std::map<std::string, std::vector<CostSample>> by_way;
  for (const CostSample& s : samples)
    by_way[cost_way(*s.step) + (s.own_code ? ", code of its own" : "")].push_back(s);
  for (const auto& [way, some] : by_way) {
    const FitError error = model.error_in(some);
    fmt::print(stderr, "  {:<44} {:4} layers, median {:4.1f} %, worst {:3.0f} %\n", way, error.samples,
               100 * error.median, 100 * error.worst);
  }
}

}  // namespace

std::string fit_cost_table(const std::vector<const Target*>& targets,
                           const std::vector<std::string>& models) {
  constexpr BoardIsa kSets[] = {BoardIsa::c, BoardIsa::dsp, BoardIsa::mve};
  std::string names, tables;
  for (const std::string& model : models)
    names += fmt::format(" {}", std::filesystem::path(model).filename().string());
  std::string header = fmt::format(
      "// Coefficients of plan/cost_model.h by instruction set: plain C, pairs of 16 bits, Helium. Printed "
      "by\n// teff tune --fit{}\n",
      names);
  for (const BoardIsa isa : kSets) {
    const Target* target = nullptr;
    for (const Target* t : targets)
      if (t->core->isa == isa) target = t;
    CostModel model(isa);
    if (target) {
      std::vector<CountedNetwork> networks;
      std::vector<CostSample> samples;
      for (const std::string& name : models) {
        networks.push_back(count_network(name, *target));
        samples.insert(samples.end(), networks.back().samples.begin(), networks.back().samples.end());
      }
      const std::string error = words_of(model.fit(samples));
      fmt::print(stderr, "{}: {}\n", target->name, error);
      show_ways(model, samples);
      header += fmt::format("// {}: {}\n", target->name, error);
    }
    tables += fmt::format("R\"({})\",\n", model.text());
  }
  return header + tables;
}

}  // namespace teff::cli
