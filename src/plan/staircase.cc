#include "plan/staircase.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace teff {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int32_t>::min(), kMost = std::numeric_limits<int32_t>::max();
constexpr int kMostRight = 20;    // 9 bits of result, 32 of fraction and this have to fit into 62
constexpr int kMultipliers = 8;   // that are tried on each side of the ideal one
constexpr int64_t kStepsOff = 4;  // so near to where rounding once would have them steps usually are
constexpr int kFewerRights = 2;   // that are tried below the one at which all multipliers are full

bool fits(int64_t x) { return x >= kLeast && x <= kMost; }

int64_t floor_shift(int64_t x, int n) { return x >> n; }

// --- the staircase ---

// "The result of `sum` is at least (below) `result`."
struct Bound {
  int64_t sum;
  int32_t result;
};

struct Staircase {
  std::vector<Bound> at_least, below;
};

int32_t tflite_result(int64_t sum, teff_factor factor, int32_t zero) {
  return teff_scale(static_cast<int32_t>(sum), factor) + zero;
}

// TFLite's arithmetic is a staircase as long as nothing in it wraps around.
bool never_wraps(const ChannelSums& c, int32_t zero) {
  const int left = std::max(c.factor.shift, 0);
  if (c.factor.q < 0 || left > 30 || c.factor.shift < -31) return false;
  for (const int64_t sum : {c.lo, c.hi}) {
    if (!fits(sum) || !fits(sum << left)) return false;
    if (!fits(int64_t{teff_scale(static_cast<int32_t>(sum), c.factor)} + zero)) return false;
  }
  return c.lo <= c.hi;
}

Staircase staircase_of(const ChannelSums& c, int32_t zero, int32_t lo, int32_t hi) {
  const auto clamped = [&](int64_t sum) { return std::clamp(tflite_result(sum, c.factor, zero), lo, hi); };
  const int32_t first = clamped(c.lo), last = clamped(c.hi);
  Staircase steps;
  if (first > lo) steps.at_least.push_back({c.lo, first});
  int64_t before = c.lo;  // its result is below the next step's
  const double sums_a_result = std::ldexp(1.0, 31 - c.factor.shift) / c.factor.q;
  for (int32_t i = first + 1; i <= last; ++i) {
    int64_t after = c.hi;
    const auto look_at = [&](int64_t sum) {
      if (sum > before && sum < after) (clamped(sum) >= i ? after : before) = sum;
    };
    const auto about = static_cast<int64_t>((i - zero - 0.5) * sums_a_result);
    look_at(about - kStepsOff), look_at(about + kStepsOff);
    while (after - before > 1) {
      const int64_t middle = before + (after - before) / 2;
      (clamped(middle) >= i ? after : before) = middle;
    }
    steps.at_least.push_back({after, i});
    steps.below.push_back({before, i});
  }
  if (last < hi) steps.below.push_back({c.hi, last + 1});
  return steps;
}

// --- solving ---

// The least k >= 0 with low <= a * k mod m <= high (0 <= low <= high < m); -1 where there is none. What
// Euclid's algorithm does for 0 <= a < m: where no multiple of `a` lies between low and high, the number of
// times that m is taken away has to satisfy the same kind of condition modulo a.
int64_t first_multiple_within(int64_t a, int64_t m, int64_t low, int64_t high) {
  if (low == 0) return 0;
  if (a == 0) return -1;
  const int64_t k = (low + a - 1) / a;
  if (k * a <= high) return k;
  const auto mod_a = [a](int64_t x) { return (x % a + a) % a; };
  const int64_t times = first_multiple_within(m % a, a, mod_a(-high), mod_a(-low));
  return times < 0 ? -1 : (low + m * times + a - 1) / a;
}

// Integers `offset` and `n` (least from `n_lo` to n_hi, as near to 0 as can be) for which
// low <= offset * 2^bits + n * multiplier < high.
struct Interval {
  int64_t low, high;
};

std::optional<int64_t> nearest_n(Interval window, int64_t multiplier, int bits, Interval n) {
  const int64_t m = int64_t{1} << bits, start = std::clamp<int64_t>(0, n.low, n.high);
  const auto modulo = [m](int64_t x) { return x & (m - 1); };
  if (window.high - window.low >= m) return start;
  const int64_t low = modulo(window.low - start * multiplier), high = low + (window.high - window.low) - 1;
  if (low == 0 || high >= m) return start;
  const int64_t up = first_multiple_within(modulo(multiplier), m, low, high);
  const int64_t down = first_multiple_within(modulo(multiplier), m, m - high, m - low);
  const bool can_go_up = up >= 0 && start + up <= n.high, can_go_down = down >= 0 && start - down >= n.low;
  if (can_go_up && (!can_go_down || up <= down)) return start + up;
  if (can_go_down) return start - down;
  return {};
}

// A form of scaling: result >= i where
//   floor((sum + n) * multiplier / 2^bits) + offset - (two_sided and sum + n < 0) >= (i - zero) * 2^right.
struct Form {
  int32_t scaling, right;
  int bits;
};

Form high(int32_t right) { return {TEFF_SCALE_HIGH, right, 32}; }
Form high2(int32_t right) { return {TEFF_SCALE_HIGH2, right, 31}; }

// The multiplier for that factor, as a real number: q * 2^(shift - 31) = multiplier / 2^(bits + right).
int64_t ideal_multiplier(const Form& form, teff_factor f) {
  const int up = f.shift - 31 + form.bits + form.right;
  if (up > 0) return kMost;
  if (up < -31) return 0;
  return (int64_t{f.q} + ((int64_t{1} << -up) >> 1)) >> -up;
}

// Bounds on offset * 2^bits + n * multiplier, in which each bound of the staircase becomes one: the floor and
// the shift need no attention, as both sides of ">=" are whole.
Interval window_of(const Staircase& steps, const Form& form, int64_t multiplier, int32_t zero) {
  const auto least = [&](const Bound& b) {
    const int64_t result = b.result - zero;
    const int64_t sign = form.scaling == TEFF_SCALE_HIGH2 && result <= 0 ? int64_t{1} << form.bits : 0;
    return (result << (form.bits + form.right)) + sign - b.sum * multiplier;
  };
  Interval window{std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  for (const Bound& b : steps.at_least) window.low = std::max(window.low, least(b));
  for (const Bound& b : steps.below) window.high = std::min(window.high, least(b));
  return window;
}

// Sums may be moved as far as they stay in 32 bits; doubled ones in half of that, and so that those for
// results up to the zero point, and only those, are below zero.
Interval range_of_n(const Staircase& steps, const Form& form, const ChannelSums& c, int32_t zero) {
  if (form.scaling == TEFF_SCALE_HIGH) return {kLeast - c.lo, kMost - c.hi};
  Interval n{kLeast / 2 - c.lo, kMost / 2 - c.hi};
  for (const auto* bounds : {&steps.at_least, &steps.below})
    for (const Bound& b : *bounds)
      if (b.result <= zero)
        n.high = std::min(n.high, -b.sum - 1);
      else
        n.low = std::max(n.low, -b.sum);
  return n;
}

// Where a side of the window is open any number will do; this is far enough from the other.
Interval closed(Interval window, const Form& form) {
  const int64_t whole = int64_t{1} << (form.bits + 1);
  const bool open_below = window.low == std::numeric_limits<int64_t>::min();
  const bool open_above = window.high == std::numeric_limits<int64_t>::max();
  if (open_below && open_above) return {0, whole};
  if (open_below) return {window.high - whole, window.high};
  if (open_above) return {window.low, window.low + whole};
  return window;
}

std::optional<teff_channel> solve_for(const Staircase& steps, const Form& form, int64_t multiplier,
                                      const ChannelSums& c, int32_t zero) {
  const Interval window = closed(window_of(steps, form, multiplier, zero), form);
  const Interval n_range = range_of_n(steps, form, c, zero);
  if (window.low >= window.high || n_range.low > n_range.high) return {};
  const auto n = nearest_n(window, multiplier, form.bits, n_range);
  if (!n) return {};
  const int64_t offset = floor_shift(window.high - 1 - *n * multiplier, form.bits) +
                         static_cast<int64_t>(zero) * (int64_t{1} << form.right);
  // Two more, for the sign's.
  for (const int64_t sum : {c.lo, c.hi})
    if (!fits(offset + floor_shift((sum + *n) * multiplier, form.bits) - 2)) return {};
  if (!fits(offset)) return {};
  return teff_channel{.bias = static_cast<int32_t>(*n),
                      .multiplier = static_cast<int32_t>(multiplier),
                      .offset = static_cast<int32_t>(offset)};
}

// --- one layer ---

struct Layer {
  std::span<const ChannelSums> channels;
  std::vector<Staircase> steps;
  std::vector<size_t> order;  // of trial: those that allow the least come first
  int32_t zero, lo, hi;
};

std::optional<teff_channel> solve(const Layer& layer, size_t i, const Form& form) {
  const ChannelSums& c = layer.channels[i];
  const int64_t ideal = ideal_multiplier(form, c.factor);
  for (int64_t k = 0; k <= 2 * kMultipliers; ++k) {
    const int64_t multiplier = ideal + (k % 2 == 0 ? k / 2 : -(k + 1) / 2);
    if (multiplier < 0 || multiplier > kMost) continue;
    if (const auto channel = solve_for(layer.steps[i], form, multiplier, c, layer.zero)) return channel;
  }
  return {};
}

// Lifts the clamp that no channel reaches.
template <class Unclamped>
void lift_clamp(const Layer& layer, teff_result& result, Unclamped unclamped) {
  bool low = false, high = false;
  for (size_t i = 0; i < layer.channels.size(); ++i) {
    low |= unclamped(i, layer.channels[i].lo) < layer.lo;
    high |= unclamped(i, layer.channels[i].hi) > layer.hi;
  }
  if (!low) result.lo = -128;
  if (!high) result.hi = 127;
}

int64_t unclamped_result(const teff_result& r, const teff_channel& c, int64_t sum) {
  const auto start = static_cast<int32_t>(sum + c.bias);
  const int32_t t = r.scaling == TEFF_SCALE_HIGH2 ? 2 * start : start;
  const auto top = static_cast<int32_t>((int64_t{t} * c.multiplier) >> 32);
  const int32_t sign = r.scaling == TEFF_SCALE_HIGH2 ? t >> 31 : 0;
  return (c.offset + top + sign) >> r.right;
}

// Compared at both sides of every step, and at the ends.
bool is_exact(const Staircase& steps, const teff_result& result, const teff_channel& channel,
              const ChannelSums& sums, int32_t zero, int32_t lo, int32_t hi) {
  const auto agrees = [&](int64_t sum) {
    const int64_t y = std::clamp<int64_t>(unclamped_result(result, channel, sum), lo, hi);
    return y == std::clamp(tflite_result(sum, sums.factor, zero), lo, hi);
  };
  const auto all_agree = [&](const std::vector<Bound>& bounds) {
    return std::all_of(bounds.begin(), bounds.end(), [&](const Bound& b) { return agrees(b.sum); });
  };
  return agrees(sums.lo) && agrees(sums.hi) && all_agree(steps.at_least) && all_agree(steps.below);
}

std::optional<Scaling> solve(const Layer& layer, const Form& form) {
  Scaling s;
  s.result = {
      .scaling = form.scaling, .right = form.right, .zero = layer.zero, .lo = layer.lo, .hi = layer.hi};
  s.channels.resize(layer.channels.size());
  for (const size_t i : layer.order) {
    const auto channel = solve(layer, i, form);
    if (!channel) return {};
    s.channels[i] = *channel;
    if (!is_exact(layer.steps[i], s.result, *channel, layer.channels[i], layer.zero, layer.lo, layer.hi))
      return {};
  }
  lift_clamp(layer, s.result,
             [&s](size_t i, int64_t sum) { return unclamped_result(s.result, s.channels[i], sum); });
  return s;
}

Scaling as_tflite(std::span<const ChannelSums> channels, int32_t zero, int32_t lo, int32_t hi) {
  Scaling s;
  bool wraps = false, right = true;
  for (const ChannelSums& c : channels) {
    s.channels.push_back({.bias = 0, .multiplier = c.factor.q, .offset = c.factor.shift});
    wraps |= !never_wraps(c, zero);
    right &= c.factor.shift < 0 && c.factor.shift >= -kMostRight;
    right &= fits(2 * c.lo) && fits(2 * c.hi);
  }
  s.result = {.scaling = !wraps && right ? TEFF_SCALE_RIGHT : TEFF_SCALE_TFLITE,
              .right = 0,
              .zero = zero,
              .lo = lo,
              .hi = hi};
  if (!wraps)
    lift_clamp({channels, {}, {}, zero, lo, hi}, s.result,
               [&](size_t i, int64_t sum) { return tflite_result(sum, channels[i].factor, zero); });
  return s;
}

std::optional<Scaling> find_cheap(Layer& layer) {
  for (const ChannelSums& c : layer.channels) {
    if (!never_wraps(c, layer.zero)) return {};
    layer.steps.push_back(staircase_of(c, layer.zero, layer.lo, layer.hi));
  }
  int least = kMostRight, most = 0;  // shifts to the right, of channels that have steps at all
  for (size_t i = 0; i < layer.steps.size(); ++i) {
    layer.order.push_back(i);
    if (layer.steps[i].at_least.empty() || layer.steps[i].below.empty()) continue;
    least = std::min(least, -layer.channels[i].factor.shift);
    most = std::max(most, -layer.channels[i].factor.shift);
  }
  std::stable_sort(layer.order.begin(), layer.order.end(), [&layer](size_t a, size_t b) {
    return layer.channels[a].factor.shift > layer.channels[b].factor.shift;
  });
  most = std::min(most, kMostRight);
  // HIGH has its multipliers full at a shift one less than TFLite's, HIGH2 at the same.
  for (int right = most - 1; right >= std::max(0, least - 1 - kFewerRights); --right)
    if (auto s = solve(layer, high(right))) return s;
  for (int right = most; right >= std::max(0, least); --right)
    if (auto s = solve(layer, high2(right))) return s;
  return {};
}

}  // namespace

ChannelSums reachable_sums(const int8_t* weights, int64_t count, int64_t stride, int64_t bias,
                           teff_factor factor, const InputRange& x) {
  const int64_t lo = std::min(x.lo - x.zero, 0), hi = std::max(x.hi - x.zero, 0);
  ChannelSums c{.factor = factor, .lo = bias, .hi = bias};
  for (int64_t i = 0; i < count; ++i) {
    const int64_t w = weights[i * stride];
    c.lo += w * (w < 0 ? hi : lo);
    c.hi += w * (w < 0 ? lo : hi);
  }
  return c;
}

bool is_exact(const teff_result& result, const teff_channel& channel, const ChannelSums& sums, int32_t zero,
              int32_t lo, int32_t hi) {
  return never_wraps(sums, zero) &&
         is_exact(staircase_of(sums, zero, lo, hi), result, channel, sums, zero, lo, hi);
}

Scaling stepwise_scaling(std::span<const ChannelSums> channels, int32_t zero, int32_t lo, int32_t hi) {
  return as_tflite(channels, zero, lo, hi);
}

Scaling choose_scaling(std::span<const ChannelSums> channels, int32_t zero, int32_t lo, int32_t hi) {
  Layer layer{.channels = channels, .steps = {}, .order = {}, .zero = zero, .lo = lo, .hi = hi};
  if (auto cheap = find_cheap(layer)) return *cheap;
  return as_tflite(channels, zero, lo, hi);
}

}  // namespace teff
