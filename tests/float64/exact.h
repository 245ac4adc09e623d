// Numbers in float64 that know how far float32 may be from them.
//
// Each operation of float32 rounds: its result is off by at most kUnit of its size (kTiny where that is a
// subnormal number), and what its operands were off by goes on into it. An Exact carries the true value and
// the sum of all that, worked out with the formula itself; a definition written with Exact is at once the
// result and its bound. Of sums the bound holds in any order of adding.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace teff::float64 {

inline constexpr double kUnit = 0x1p-24;  // half the distance from 1 to the next float32
inline constexpr double kTiny = 0x1p-149;
inline constexpr double kLargest = 3.4028234663852886e38;
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Exact {
  double value = 0, bound = 0;
  Exact() = default;
  Exact(double v) : value(v) {}  // is a float32, or a small whole number
  Exact(double v, double b) : value(v), bound(b) {}
};

// A constant that float32 does not have.
inline Exact constant(double value) { return {value, std::abs(value) * kUnit}; }

// What comes of an operation with that true result, whose operands' errors make `error` in it, and that
// rounds by `units` units. Where float32 may overflow, anything may come.
inline Exact rounded(double value, double error, double units = 1) {
  if (!(std::abs(value) + error < kLargest)) return {value, kInfinity};
  return {value, error + units * (kUnit * (std::abs(value) + error) + kTiny)};
}

inline Exact operator-(const Exact& a) { return {-a.value, a.bound}; }
inline Exact operator+(const Exact& a, const Exact& b) {
  return rounded(a.value + b.value, a.bound + b.bound);
}
inline Exact operator-(const Exact& a, const Exact& b) { return a + -b; }
inline Exact operator*(const Exact& a, const Exact& b) {
  if (a.bound == kInfinity || b.bound == kInfinity) return {a.value * b.value, kInfinity};
  return rounded(a.value * b.value,
                 std::abs(a.value) * b.bound + std::abs(b.value) * a.bound + a.bound * b.bound);
}
// |a'/b' - a/b| <= (|a'-a| + |a/b| |b'-b|) / |b'|
inline Exact operator/(const Exact& a, const Exact& b) {
  const double value = a.value / b.value, least = std::abs(b.value) - b.bound;
  if (!(least > 0)) return {value, b.bound == 0 && a.bound == 0 ? 0 : kInfinity};
  return rounded(value, (a.bound + std::abs(value) * b.bound) / least);
}

// These do not round, and bring nobody farther apart.
inline Exact max(const Exact& a, const Exact& b) {
  return {std::max(a.value, b.value), std::max(a.bound, b.bound)};
}
inline Exact min(const Exact& a, const Exact& b) {
  return {std::min(a.value, b.value), std::max(a.bound, b.bound)};
}
inline Exact clamp(const Exact& x, double lo, double hi) { return {std::clamp(x.value, lo, hi), x.bound}; }

// A function that rises or falls all along: its error in x is largest at an end of x's range. `ulps` is what
// its float32 form is off by on its own, in units in the last place (two kUnit); for the C library's that is
// the bound in glibc's manual ("Errors in Math Functions"), or one more.
template <class F>
Exact monotone(F f, const Exact& x, double ulps) {
  const double value = f(x.value);
  if (x.bound == kInfinity) return {value, kInfinity};
  const double error =
      x.bound == 0 ? 0
                   : std::max(std::abs(f(x.value + x.bound) - value), std::abs(f(x.value - x.bound) - value));
  return std::isnan(error) ? Exact{value, kInfinity} : rounded(value, error, 2 * ulps);
}

inline Exact exp(const Exact& x) {
  return monotone([](double v) { return std::exp(v); }, x, 1);
}
inline Exact log(const Exact& x) {
  return monotone([](double v) { return std::log(v); }, x, 1);
}
inline Exact tanh(const Exact& x) {
  return monotone([](double v) { return std::tanh(v); }, x, 2);
}
inline Exact sqrt(const Exact& x) {  // rounds as an addition does
  return monotone([](double v) { return std::sqrt(std::max(v, 0.0)); }, x, 0.5);
}
// Where the exponential overflows, or nearly, its reciprocal is next to nothing.
inline Exact logistic(const Exact& x) {
  const Exact e = exp(-x);
  if (e.bound == kInfinity && x.bound < 1) return {1 / (1 + e.value), 8 / kLargest};
  return 1 / (1 + e);
}

// A sum of n terms in any order: every term goes through at most n - 1 additions, each of which rounds a
// number that is no larger than the terms' magnitudes together; one more pays for what the roundings make of
// each other (n^2 kUnit^2 / 2).
class Sum {
 public:
  void add(const Exact& term) {
    value_ += term.value, error_ += term.bound, magnitude_ += std::abs(term.value) + term.bound, ++terms_;
  }
  Exact exact() const {
    const double error = error_ + terms_ * kUnit * magnitude_;
    return magnitude_ < kLargest ? Exact{value_, error} : Exact{value_, kInfinity};
  }
  double terms() const { return terms_; }

 private:
  double value_ = 0, error_ = 0, magnitude_ = 0, terms_ = 0;
};

}  // namespace teff::float64
