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

// Convolutions in float64, NHWC, 3 x 3 with stride 1 and a border of zeros; weights [3][3][in][out], or
// [channels][3][3].
std::vector<double> conv64(int64_t height, int64_t width, int64_t in, int64_t out, std::span<const float> x,
                           std::span<const float> weights);
std::vector<double> depthwise64(int64_t height, int64_t width, int64_t channels, std::span<const float> x,
                                std::span<const float> weights);

// NHWC to NCHW: a plane for each channel.
template <class T>
std::vector<T> as_planes(std::span<const T> x, int64_t channels) {
  const size_t c = static_cast<size_t>(channels), pixels = x.size() / c;
  std::vector<T> planes(x.size());
  for (size_t i = 0; i < x.size(); ++i) planes[i % c * pixels + i / c] = x[i];
  return planes;
}

// NaN where there is one in `result`.
double largest_error(std::span<const float> result, std::span<const double> truth);

// What rounding can explain in a sum of `terms` products of numbers in [-1, 1), in whatever order they are
// added. A term too few or too many is far beyond it.
double allowed_error(int64_t terms);

}  // namespace teff::lab
