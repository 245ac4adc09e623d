#include "plan/sum_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace teff {
namespace {

constexpr int kMostRight = 24;
constexpr int kNeighbours = 3;  // of each ideal factor, on either side, that are tried

// TFLite's results, by a + 128 and b + 128.
struct Table {
  std::array<std::array<int8_t, 256>, 256> result;
  int32_t lo, hi;
};

Table table_of(const teff_sum_scaling& steps, int32_t lo, int32_t hi) {
  teff_add_rows_params p{};
  p.lo = lo, p.hi = hi, p.steps = steps;
  Table table{.result = {}, .lo = lo, .hi = hi};
  for (int32_t a = -128; a < 128; ++a)
    for (int32_t b = -128; b < 128; ++b)
      table.result[static_cast<size_t>(a + 128)][static_cast<size_t>(b + 128)] = teff_stepwise_sum(&p, a, b);
  return table;
}

double real_of(teff_factor f) { return std::ldexp(f.q, f.shift - 31); }

// The factors as real numbers, and the real result's greatest magnitude.
struct Ideal {
  double a, b, magnitude;
};

Ideal ideal_of(const teff_sum_scaling& s) {
  const double common = std::ldexp(real_of(s.y_factor), s.shift);
  Ideal ideal{real_of(s.a_factor) * common, real_of(s.b_factor) * common, 0};
  for (const int32_t a : {-128, 127})
    for (const int32_t b : {-128, 127}) {
      const double y = ideal.a * (a - s.a_zero) + ideal.b * (b - s.b_zero) + s.y_zero;
      ideal.magnitude = std::max(ideal.magnitude, std::abs(y));
    }
  return ideal;
}

// The offsets that serve every pair lie between the bounds that the pairs set; results at lo and hi set but
// one.
std::optional<int64_t> offset_for(const Table& table, int64_t a_factor, int64_t b_factor, int right) {
  int64_t low = std::numeric_limits<int64_t>::min(), high = std::numeric_limits<int64_t>::max();
  for (int32_t a = -128; a < 128 && low < high; ++a)
    for (int32_t b = -128; b < 128; ++b) {
      const int64_t y = table.result[static_cast<size_t>(a + 128)][static_cast<size_t>(b + 128)];
      const int64_t linear = a_factor * a + b_factor * b, step = int64_t{1} << right;
      if (y > table.lo) low = std::max(low, y * step - linear);
      if (y < table.hi) high = std::min(high, (y + 1) * step - linear);
    }
  if (low >= high) return {};
  if (low == std::numeric_limits<int64_t>::min()) return high - 1;
  if (high == std::numeric_limits<int64_t>::max()) return low;
  return low + (high - low) / 2;
}

bool fits(int64_t x) {
  return x >= std::numeric_limits<int32_t>::min() && x <= std::numeric_limits<int32_t>::max();
}

// Nothing that the kernel computes on the way leaves 32 bits.
bool never_overflows(int64_t a_factor, int64_t b_factor, int64_t offset) {
  for (const int64_t a : {-128 * a_factor, 127 * a_factor})
    for (const int64_t b : {-128 * b_factor, 127 * b_factor})
      for (const int64_t part : {a, b, offset + a, offset + a + b})
        if (!fits(part)) return false;
  return true;
}

}  // namespace

std::optional<LinearSum> fit_sum(const teff_sum_scaling& steps, int32_t lo, int32_t hi) {
  const Table table = table_of(steps, lo, hi);
  const Ideal ideal = ideal_of(steps);
  int most = kMostRight;
  while (most > 0 && std::ldexp(ideal.magnitude + 2, most) >= 0x1p31) --most;
  for (int right = most; right >= std::max(1, most - 2); --right)
    for (int i = 0; i < (2 * kNeighbours + 1) * (2 * kNeighbours + 1); ++i) {
      const auto beside = [](int k) { return k % 2 ? -(k + 1) / 2 : k / 2; };  // 0, -1, 1, -2, ...
      const int64_t a = std::llround(std::ldexp(ideal.a, right)) + beside(i % (2 * kNeighbours + 1));
      const int64_t b = std::llround(std::ldexp(ideal.b, right)) + beside(i / (2 * kNeighbours + 1));
      const auto offset = offset_for(table, a, b, right);
      if (!offset || !fits(*offset) || !never_overflows(a, b, *offset)) continue;
      return LinearSum{static_cast<int32_t>(a), static_cast<int32_t>(b), static_cast<int32_t>(*offset),
                       right};
    }
  return {};
}

}  // namespace teff
