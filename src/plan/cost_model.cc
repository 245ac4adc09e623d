#include "plan/cost_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "core/error.h"
#include "plan/cost_features.h"
#include "plan/least_squares.h"
#include "plan/node_runs.h"

namespace teff {
namespace {

using Features = std::vector<double>;

// By BoardIsa; made by `teff tune --fit`.
constexpr const char* kFitted[] = {
#include "plan/cost_table.inc"
};

struct Quantity {
  const char* name;
  double Cost::*value;
  double guess;  // coefficient of kernels that nobody has counted: about what plain C takes
};
constexpr Quantity kQuantities[] = {
    {"instructions", &Cost::instructions, 4}, {"loads", &Cost::loads, 1.5}, {"stores", &Cost::stores, 0.3}};

// Steps that take less than this are called right if they are so within it: their few instructions matter to
// nobody.
constexpr double kNoMatter = 300;

std::string key_of(const std::string& way, bool own_code, const char* what) {
  return way + (own_code ? ".own " : ".any ") + what;
}

double dot(const Features& a, const Features& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Features features_of(const CostSample& sample) {
  Features sum;
  for (int32_t units : sample.runs) {
    const Features f = cost_features(*sample.step, units);
    sum.resize(f.size());
    for (size_t k = 0; k < f.size(); ++k) sum[k] += f[k];
  }
  return sum;
}

bool counts(const CostSample& s) {
  return s.step->kind == Step::Kind::kernel && !s.runs.empty() && s.counted.instructions > 0;
}

}  // namespace

CostModel::CostModel(BoardIsa isa) { read(kFitted[static_cast<size_t>(isa)]); }

// Where this code has not been counted, the other is the nearest that is known; of kernels in little code,
// the usual ones.
const CostModel::Coefficients* CostModel::find(const Step& step, bool own_code, const char* what,
                                               size_t features) const {
  std::string way = cost_way(step);
  for (const bool own : {own_code, !own_code}) {
    const auto known = coefficients_.find(key_of(way, own, what));
    if (known != coefficients_.end() && known->second.size() == features) return &known->second;
  }
  const size_t at = way.find(".small");
  if (at == std::string::npos) return nullptr;
  const auto known = coefficients_.find(key_of(way.erase(at, 6), own_code, what));
  return known != coefficients_.end() && known->second.size() == features ? &known->second : nullptr;
}

Cost CostModel::cost(const Step& step, int32_t units, bool own_code) const {
  Cost cost;
  if (step.kind != Step::Kind::kernel) return cost;
  const Features features = cost_features(step, units);
  for (const Quantity& q : kQuantities) {
    const Coefficients* x = find(step, own_code, q.name, features.size());
    cost.*q.value = x ? dot(features, *x) : dot(features, Features(features.size(), q.guess));
  }
  return cost;
}

FitError CostModel::fit(std::span<const CostSample> samples) { return fit(samples, 0); }
FitError CostModel::refine(std::span<const CostSample> samples) { return fit(samples, 0.02); }

FitError CostModel::fit(std::span<const CostSample> samples, double trust) {
  struct Data {
    std::vector<Features> rows;
    std::vector<double> measured;
    Coefficients prior;
  };
  std::map<std::string, Data> by_key;
  for (const CostSample& s : samples) {
    if (!counts(s)) continue;
    const Features features = features_of(s);
    for (const Quantity& q : kQuantities) {
      Data& data = by_key[key_of(cost_way(*s.step), s.own_code, q.name)];
      const Coefficients* known = find(*s.step, s.own_code, q.name, features.size());
      if (trust > 0) data.prior = known ? *known : Coefficients(features.size(), q.guess);
      data.rows.push_back(features);
      data.measured.push_back(s.counted.*q.value);
    }
  }
  for (const auto& [key, data] : by_key)
    coefficients_[key] = fit_relative(data.rows, data.measured, kNoMatter, data.prior, trust);
  return error_in(samples);
}

FitError CostModel::error_in(std::span<const CostSample> samples) const {
  FitError error;
  std::vector<double> errors;
  for (const CostSample& s : samples) {
    if (!counts(s)) continue;
    double predicted = 0;
    for (int32_t units : s.runs) predicted += cost(*s.step, units, s.own_code).instructions;
    errors.push_back(std::abs(predicted - s.counted.instructions) / (s.counted.instructions + kNoMatter));
    if (errors.back() > error.worst) error.worst = errors.back(), error.worst_way = cost_way(*s.step);
  }
  error.samples = errors.size();
  if (errors.empty()) return error;
  const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
  std::nth_element(errors.begin(), middle, errors.end());
  error.median = *middle;
  return error;
}

std::string CostModel::text() const {
  std::string text;
  for (const auto& [key, x] : coefficients_) {
    text += key;
    for (double c : x) text += fmt::format(" {:.4g}", c);
    text += '\n';
  }
  return text;
}

void CostModel::read(const std::string& text) {
  std::istringstream lines(text);
  int line_number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++line_number;
    if (line.empty()) continue;
    std::istringstream words(line);
    std::string way, what;
    Coefficients x;
    words >> way >> what;
    for (double c; words >> c;) x.push_back(c);
    const bool known = std::ranges::any_of(kQuantities, [&](const Quantity& q) { return what == q.name; });
    check(known && words.eof() && !x.empty(),
          "line {}: '{}' is not a kernel's way, what is counted, and coefficients", line_number, line);
    coefficients_[way + " " + what] = std::move(x);
  }
}

Cost predicted_cost(const Program& program, const CostModel& model) {
  Cost sum;
  for (const NodeRuns& node : runs_of_nodes(program.plans.front()))
    for (int32_t units : node.runs) {
      const Cost cost = model.cost(*node.step, units);
      for (const Quantity& q : kQuantities) sum.*q.value += cost.*q.value;
    }
  return sum;
}

}  // namespace teff
