// What is true: results in float64, and how far from them a float32 result may be.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace teff::lab {

// Numbers in [-1, 1), the same for the same seed.
std::vector<float> random_floats(int64_t count, uint32_t seed);

// C = A * B, row-major, in float64.
std::vector<double> matmul64(int64_t m, int64_t k, int64_t n, std::span<const float> a,
                             std::span<const float> b, int threads);

// NaN where there is one in `result`.
double largest_error(std::span<const float> result, std::span<const double> truth);

// What rounding can explain in a sum of `terms` products of numbers in [-1, 1), in whatever order they are
// added. A term too few or too many is far beyond it.
double allowed_error(int64_t terms);

}  // namespace teff::lab
