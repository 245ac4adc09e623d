#include "tune_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "core/error.h"
#include "plan/node_runs.h"

namespace teff::cli {
namespace {

constexpr double kWorthMeasuring = 1.03;  // of the best, by a model that errs by a few per cent
constexpr double kMostTraffic = 1.02;     // loads and stores, of the usual program's

struct Candidate {
  std::string what;
  CompilationOptions options;
  Compilation program;
  double predicted = 0;
};

struct KernelsTried {
  KernelSet set;
  const char* what;
};
std::vector<KernelsTried> kernel_sets(BoardIsa isa) {
  switch (isa) {
    case BoardIsa::dsp: return {{KernelSet::plain, "plain kernels"}, {KernelSet::small, "small kernels"}};
    case BoardIsa::mve: return {{KernelSet::plain, "plain kernels"}, {KernelSet::pairs, "kernels for pairs"}};
    default: return {};
  }
}

class Search {
 public:
  Search(const std::string& model, const CompilationOptions& options, Measurer& measurer, int budget,
         const TuneProgress& progress)
      : model_(model),
        usual_(options),
        measurer_(measurer),
        budget_(budget),
        progress_(progress),
        costs_(options.target->core->isa) {}

  TuneResult run() {
    try_usual();
    try_kernels_and_code();
    try_best_of_layers();
    try_memory();
    spend_flash();
    try_best_of_layers();
    result_.refined = costs_.error_in(samples_);
    return std::move(result_);
  }

 private:
  // What a node took with these kernels: by node, kernels, code of its own, row by row.
  using Choice = std::tuple<int, KernelSet, bool, bool>;

  bool has_budget() const { return measurer_.measured() < budget_; }

  std::optional<Candidate> make(std::string what, CompilationOptions options) {
    Candidate candidate{.what = std::move(what), .options = std::move(options), .program = {}};
    try {
      candidate.program = compile_for(model_, candidate.options);
    } catch (const Error&) {
      return {};
    }
    candidate.predicted = predicted(candidate.program);
    return candidate;
  }

  double predicted(const Compilation& program) const {
    std::set<int> own;
    for (const EmittedLayer& layer : program.emitted.layers)
      if (layer.own_code) own.insert(layer.node);
    double sum = 0;
    for (const NodeRuns& node : runs_of_nodes(program.program->plans.front()))
      for (int32_t units : node.runs)
        sum += costs_.cost(*node.step, units, own.contains(node.step->node)).instructions;
    return sum;
  }

  void try_usual() {
    Candidate usual{
        .what = "as teff compile has it", .options = usual_, .program = compile_for(model_, usual_)};
    usual.predicted = predicted(usual.program);
    result_.usual = measurer_.measure(usual.program);
    const Emitted& emitted = usual.program.emitted;
    const int64_t state = emitted.state_bytes;
    result_.sram = usual_.sram ? *usual_.sram - state : emitted.arena_bytes;
    result_.flash = usual_.flash.value_or(std::max(result_.usual.flash, usual.program.weight_bytes + 30'000));
    result_.shipped = costs_.error_in(samples_of(usual.program, result_.usual));
    result_.options = usual.options;
    result_.best = usual.program;
    result_.measured = result_.usual;
    learn(usual, result_.usual);
  }

  // Measures it, unless the budget is spent; true: it is the best.
  bool attempt(const std::optional<Candidate>& candidate) {
    if (!candidate || !names_.insert(candidate->what).second) return false;
    if (!measurer_.knows(candidate->program) && !has_budget()) return false;
    Measurement measurement;
    try {
      measurement = measurer_.measure(candidate->program);
    } catch (const Error&) {
      return false;
    }
    learn(*candidate, measurement);
    const bool best = result_.tried.back().fits && is_better(candidate->program, measurement);
    if (best) {
      result_.options = candidate->options;
      result_.best = candidate->program;
      result_.measured = measurement;
    }
    progress_(result_.tried.back(), result_.measured);
    return best;
  }

  void learn(const Candidate& candidate, const Measurement& m) {
    const Emitted& emitted = candidate.program.emitted;
    const int64_t traffic = m.total.loads + m.total.stores;
    const double most =
        kMostTraffic * static_cast<double>(result_.usual.total.loads + result_.usual.total.stores);
    const bool fits = emitted.arena_bytes <= result_.sram && m.flash <= result_.flash &&
                      static_cast<double>(traffic) <= most;
    result_.tried.push_back({candidate.what, candidate.predicted, m, fits});
    kept_.push_back(candidate.program.program);  // samples point into it
    const auto samples = samples_of(candidate.program, m);
    samples_.insert(samples_.end(), samples.begin(), samples.end());
    costs_.refine(samples_);
    const auto& kernels = candidate.options.tuning.kernels;
    for (const CostSample& s : samples) {
      const int node = s.step->node;
      const KernelSet set =
          static_cast<size_t>(node) < kernels.size() ? kernels[static_cast<size_t>(node)] : KernelSet::usual;
      const auto [it, is_new] =
          took_.emplace(Choice{node, set, s.own_code, s.runs.size() > 1}, s.counted.instructions);
      if (!is_new) it->second = std::min(it->second, s.counted.instructions);
    }
  }

  bool is_better(const Compilation& program, const Measurement& m) const {
    using Order = std::tuple<int64_t, int64_t, int64_t>;
    const auto order = [&](int64_t arena, const Measurement& x) -> Order {
      if (usual_.optimize == "sram") return {arena, x.total.instructions, x.flash};
      if (usual_.optimize == "flash") return {x.flash, x.total.instructions, arena};
      return {x.total.instructions, arena, x.flash};
    };
    return order(program.emitted.arena_bytes, m) < order(result_.best.emitted.arena_bytes, result_.measured);
  }

  // --- candidates ---

  // These say most about what single layers gain, whether or not they are good as a whole.
  void try_kernels_and_code() {
    const size_t nodes = result_.best.program->model.main().nodes.size();
    const bool own_code = usual_.optimize != "flash";
    const std::pair<int64_t, const char*> codes[] = {{0, "no code of their own"},
                                                     {1 << 24, "all code of their own"}};
    for (const auto& [bytes, what] : codes) {
      if (!own_code) break;
      CompilationOptions options = usual_;
      options.tuning.code_bytes = bytes;
      attempt(make(what, options));
    }
    for (const auto& [set, what] : kernel_sets(usual_.target->core->isa)) {
      CompilationOptions options = usual_;
      options.tuning.kernels.assign(nodes, set);
      if (own_code) options.tuning.code_bytes = 1 << 24;
      attempt(make(what, options));
    }
  }

  std::optional<double> took(int node, KernelSet set, bool own, bool by_rows) const {
    for (const bool rows : {by_rows, !by_rows})
      if (const auto it = took_.find(Choice{node, set, own, rows}); it != took_.end()) return it->second;
    return {};
  }

  // For each layer the kernels with which it took least, and code of its own where it gained by it.
  CompilationOptions best_of_layers() const {
    CompilationOptions options = result_.options;
    Tuning& tuning = options.tuning;
    const Program& program = *result_.best.program;
    const size_t nodes = program.model.main().nodes.size();
    tuning.kernels.assign(nodes, KernelSet::usual);
    tuning.own_code_gain = gains_of_own_code(program, costs_);
    for (const NodeRuns& node : runs_of_nodes(program.plans.front())) {
      const int n = node.step->node;
      double least = std::numeric_limits<double>::infinity();
      for (const KernelSet set : {KernelSet::usual, KernelSet::small, KernelSet::pairs, KernelSet::plain}) {
        const auto own = took(n, set, true, node.runs.size() > 1),
                   any = took(n, set, false, node.runs.size() > 1);
        const double best = std::min(own.value_or(least), any.value_or(least));
        if (best >= least * (1 - kSwitch)) continue;
        least = best;
        tuning.kernels[static_cast<size_t>(n)] = set;
        if (own && any) tuning.own_code_gain[static_cast<size_t>(n)] = *any > *own ? *any - *own : -1;
      }
    }
    return options;
  }

  void try_best_of_layers() {
    const CompilationOptions options = best_of_layers();
    const int round = ++rounds_;
    attempt(make(fmt::format("the best kernels and code of each layer, {}", round), options));
    CompilationOptions code_alone = options;
    code_alone.tuning.kernels = result_.options.tuning.kernels;
    attempt(make(fmt::format("code of their own where it gains most, {}", round), code_alone));
  }

  // Plans that take less memory: deeper and deeper streams.
  void try_memory() {
    if (usual_.optimize == "sram") return;
    constexpr double kParts[] = {1.0, 0.75, 0.5, 0.3, 0.2};
    std::vector<Candidate> plans;
    for (double part : kParts) {
      CompilationOptions options = result_.options;
      options.tuning.arena = static_cast<int64_t>(part * static_cast<double>(result_.sram));
      auto plan = make(fmt::format("no more than {} bytes of memory", *options.tuning.arena), options);
      if (plan) plans.push_back(std::move(*plan));
    }
    std::ranges::stable_sort(plans, {}, &Candidate::predicted);
    const double best = predicted(result_.best);
    for (Candidate& plan : plans)
      if (plan.predicted <= kWorthMeasuring * best) attempt(std::move(plan));
  }

  // More layers get code of their own, as long as there is flash for it.
  void spend_flash() {
    constexpr int kRounds = 3;
    constexpr int64_t kWorthIt = 400;
    if (usual_.optimize == "flash") return;
    int64_t code = result_.options.tuning.code_bytes.value_or(23'000);
    for (int i = 0; i < kRounds; ++i) {
      const int64_t left = result_.flash - result_.measured.flash;
      if (left < kWorthIt) return;
      code += left;
      CompilationOptions options = result_.options;
      options.tuning.code_bytes = code;
      if (options.tuning.own_code_gain.empty())
        options.tuning.own_code_gain = gains_of_own_code(*result_.best.program, costs_);
      if (!attempt(make(fmt::format("{} bytes of code", code), options))) return;
    }
  }

  static constexpr double kSwitch = 0.01;  // what other kernels have to gain

  const std::string& model_;
  const CompilationOptions& usual_;
  Measurer& measurer_;
  int budget_;
  const TuneProgress& progress_;
  CostModel costs_;
  TuneResult result_;
  std::set<std::string> names_;
  std::vector<std::shared_ptr<const Program>> kept_;
  std::vector<CostSample> samples_;
  std::map<Choice, double> took_;
  int rounds_ = 0;
};

}  // namespace

TuneResult tune(const std::string& model, const CompilationOptions& options, Measurer& measurer, int budget,
                const TuneProgress& progress) {
  return Search(model, options, measurer, budget, progress).run();
}

}  // namespace teff::cli
