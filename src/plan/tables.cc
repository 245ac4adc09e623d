#include "plan/tables.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plan/quantize.h"

namespace teff {
namespace {

// What is no number becomes `lo`.
float clamped(float x, float lo, float hi) { return x > lo ? std::min(x, hi) : lo; }

// Here it becomes 0: TFLite's tables of int8 and int16 differ in that.
int16_t stored(float x) { return std::isnan(x) ? 0 : static_cast<int16_t>(clamped(x, -32768, 32767)); }

}  // namespace

std::vector<uint8_t> byte_table(Type type, const std::function<int32_t(int32_t)>& f) {
  std::vector<uint8_t> table(256);
  for (int32_t byte = 0; byte < 256; ++byte)
    table[static_cast<size_t>(byte)] =
        static_cast<uint8_t>(f(type == Type::s8 ? static_cast<int8_t>(byte) : byte));
  return table;
}

std::vector<uint8_t> byte_table(const Tensor& x, const Tensor& y, const RealFunction& f) {
  const QuantizedRange range = range_of(y.type);
  const float inverse_scale = 1 / y.quant.scale();
  return byte_table(x.type, [&](int32_t value) {
    const auto centered = static_cast<float>(value - x.quant.zero());
    const float result = std::round(f(x.quant.scale() * centered) * inverse_scale);
    const float shifted = result + static_cast<float>(y.quant.zero());
    return static_cast<int32_t>(clamped(shifted, static_cast<float>(range.lo), static_cast<float>(range.hi)));
  });
}

std::vector<int16_t> int16_table(const Tensor& x, const Tensor& y, const RealFunction& f) {
  constexpr int kSteps = 512;
  constexpr float kLeast = -32768, kMost = 32767;
  const auto ends = [](const Quant& q) {
    const auto zero = static_cast<float>(q.zero());
    return std::pair(q.scale() * (kLeast - zero), q.scale() * (kMost - zero));
  };
  const auto [x_least, x_most] = ends(x.quant);
  const auto [y_least, y_most] = ends(y.quant);
  const float step = (x_most - x_least) / kSteps, per_unit = 65536 / (y_most - y_least);
  std::vector<int16_t> table(kSteps + 1);
  for (int i = 0; i < kSteps; ++i) {
    const float at = x_least + static_cast<float>(i) * step;
    const float here = std::round(f(at) * per_unit);
    const float next = f(x_least + static_cast<float>(i + 1) * step) * per_unit;
    const float error = std::round((next + here) / 2) - std::round(f(at + step / 2) * per_unit);
    table[static_cast<size_t>(i)] = stored(here - std::round(error / 2));
  }
  table[kSteps] = stored(std::round(f(x_most) * per_unit));
  return table;
}

// A line between two points of a curve s lies off it by up to h^2 s'' / 8; points moved by half of that halve
// the largest error. The last entry ends the range: 1, as far as 16 bits go.
std::vector<uint16_t> sigmoid_table() {
  constexpr int kEntries = 256;
  constexpr double kStep = 1.0 / 24;
  std::vector<uint16_t> table(kEntries);
  for (int i = 0; i < kEntries; ++i) {
    const double s = 1 / (1 + std::exp(-i * kStep)), curvature = s * (1 - s) * (1 - 2 * s);
    table[static_cast<size_t>(i)] =
        static_cast<uint16_t>(std::lround(65536 * (s - kStep * kStep * curvature / 16)));
  }
  table.back() = 65535;
  return table;
}

}  // namespace teff
