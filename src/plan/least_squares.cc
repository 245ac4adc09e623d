#include "plan/least_squares.h"

#include <algorithm>
#include <cmath>

namespace teff {

// Coordinate by coordinate on the normal equations: each step minimizes exactly along one coefficient, so the
// error falls until nothing moves. Columns are scaled to length 1 beforehand.
std::vector<double> fit_relative(const std::vector<std::vector<double>>& rows,
                                 const std::vector<double>& measured, double floor,
                                 const std::vector<double>& prior, double trust) {
  constexpr int kRounds = 20000;
  constexpr double kStill = 1e-9;
  const size_t n = rows[0].size();
  std::vector<double> scale(n), x(n), towards(n);
  std::vector<std::vector<double>> gram(n, std::vector<double>(n));
  for (size_t k = 0; k < n; ++k) {
    for (size_t i = 0; i < rows.size(); ++i) scale[k] += std::pow(rows[i][k] / (measured[i] + floor), 2);
    scale[k] = std::sqrt(scale[k]);
  }
  for (size_t i = 0; i < rows.size(); ++i)
    for (size_t k = 0; k < n; ++k) {
      if (scale[k] == 0) continue;
      const double weight = 1 / (measured[i] + floor), a = weight * rows[i][k] / scale[k];
      towards[k] += a * measured[i] * weight;
      for (size_t l = 0; l < n; ++l)
        if (scale[l] > 0) gram[k][l] += a * weight * rows[i][l] / scale[l];
    }
  for (size_t k = 0; k < n && !prior.empty(); ++k) {
    const double p = prior[k] * scale[k];
    if (p <= 0) continue;
    gram[k][k] += trust / (p * p);
    towards[k] += trust / p;
    x[k] = p;
  }
  for (int round = 0; round < kRounds; ++round) {
    double moved = 0;
    for (size_t k = 0; k < n; ++k) {
      if (gram[k][k] == 0) continue;
      double rest = towards[k];
      for (size_t l = 0; l < n; ++l) rest -= l == k ? 0 : gram[k][l] * x[l];
      const double next = std::max(0.0, rest / gram[k][k]);
      moved = std::max(moved, std::abs(next - x[k]));
      x[k] = next;
    }
    if (moved < kStill) break;
  }
  // What no row speaks of stays as it was.
  for (size_t k = 0; k < n; ++k) x[k] = scale[k] > 0 ? x[k] / scale[k] : prior.empty() ? 0 : prior[k];
  return x;
}

}  // namespace teff
