// Least squares with coefficients that are not negative.
#pragma once

#include <vector>

namespace teff {

// The x >= 0 that minimizes the sum over rows i of ((measured[i] - rows[i] x) / (measured[i] + floor))^2:
// relative errors, of what is small beside the floor less than those. Plus `trust` for every coefficient that
// differs from `prior` by all of its value (an empty prior: none). Each row has as many numbers; there is at
// least one.
std::vector<double> fit_relative(const std::vector<std::vector<double>>& rows,
                                 const std::vector<double>& measured, double floor,
                                 const std::vector<double>& prior = {}, double trust = 0);

}  // namespace teff
