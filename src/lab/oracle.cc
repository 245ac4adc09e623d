#include "oracle.h"

#include <algorithm>
#include <cmath>

#include "core/threads.h"

namespace teff::lab {

std::vector<float> random_floats(int64_t count, uint32_t seed) {
  std::vector<float> numbers(static_cast<size_t>(count));
  uint32_t state = seed * 2654435761u + 1;
  for (float& x : numbers) {
    state = state * 1664525u + 1013904223u;
    x = static_cast<float>(static_cast<int32_t>(state) >> 8) * 0x1p-23f;
  }
  return numbers;
}

std::vector<double> matmul64(int64_t m, int64_t k, int64_t n, std::span<const float> a,
                             std::span<const float> b, int threads) {
  std::vector<double> c(static_cast<size_t>(m * n));
  parallel_for(m, threads, [&](Range rows, int) {
    for (int64_t i = rows.begin; i < rows.end; ++i)
      for (int64_t s = 0; s < k; ++s) {
        const double x = a[static_cast<size_t>(i * k + s)];
        const float* row = b.data() + s * n;
        double* to = c.data() + i * n;
        for (int64_t j = 0; j < n; ++j) to[j] += x * row[j];
      }
  });
  return c;
}

namespace {

// Calls visit(output pixel, input pixel, tap) for every tap of every window that is inside.
template <class Visit>
void for_taps(int64_t height, int64_t width, Visit visit) {
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x)
      for (int64_t tap = 0; tap < 9; ++tap) {
        const int64_t py = y + tap / 3 - 1, px = x + tap % 3 - 1;
        if (py >= 0 && py < height && px >= 0 && px < width) visit(y * width + x, py * width + px, tap);
      }
}

}  // namespace

std::vector<double> conv64(int64_t height, int64_t width, int64_t in, int64_t out, std::span<const float> x,
                           std::span<const float> weights) {
  std::vector<double> y(static_cast<size_t>(height * width * out));
  for_taps(height, width, [&](int64_t to, int64_t from, int64_t tap) {
    for (int64_t c = 0; c < in; ++c) {
      const double value = x[static_cast<size_t>(from * in + c)];
      const float* w = weights.data() + (tap * in + c) * out;
      for (int64_t o = 0; o < out; ++o) y[static_cast<size_t>(to * out + o)] += value * w[o];
    }
  });
  return y;
}

std::vector<double> depthwise64(int64_t height, int64_t width, int64_t channels, std::span<const float> x,
                                std::span<const float> weights) {
  std::vector<double> y(static_cast<size_t>(height * width * channels));
  for_taps(height, width, [&](int64_t to, int64_t from, int64_t tap) {
    for (int64_t c = 0; c < channels; ++c)
      y[static_cast<size_t>(to * channels + c)] +=
          double{x[static_cast<size_t>(from * channels + c)]} * weights[static_cast<size_t>(9 * c + tap)];
  });
  return y;
}

double largest_error(std::span<const float> result, std::span<const double> truth) {
  double most = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    const double error = std::abs(static_cast<double>(result[i]) - truth[i]);
    if (std::isnan(error)) return error;
    most = std::max(most, error);
  }
  return most;
}

// Each addition rounds by at most half a unit in the last place (2^-24) of a sum that is about sqrt(terms)
// / 3.
double allowed_error(int64_t terms) { return 0x1p-21 * (static_cast<double>(terms) + 16); }

}  // namespace teff::lab
