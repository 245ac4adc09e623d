// TFLite's sum of two int8 as a linear function (kernels/c/add_rows.h).
#pragma once

#include <optional>

#include "kernels/c/add_rows.h"

namespace teff {

struct LinearSum {
  int32_t a_factor, b_factor, offset, right;
};

// Coefficients with which sat8((offset + a_factor * a + b_factor * b) >> right), cut off at lo and hi, is
// TFLite's sum for all 65,536 pairs; each pair was looked at. Nothing where none were found: sums that lie
// half-way between two results too often to be rounded away from zero by a linear function.
std::optional<LinearSum> fit_sum(const teff_sum_scaling& steps, int32_t lo, int32_t hi);

}  // namespace teff
