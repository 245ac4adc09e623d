#include "front_svg.h"

#include <fmt/format.h>

#include <algorithm>

#include "svg.h"

namespace teff::cli {
namespace {

constexpr double kLeft = 84, kRight = 90, kTop = 34, kBottom = 46, kWidth = 760, kHeight = 250;
constexpr int kTicks = 4;

// SRAM begins at 0; instructions, which often differ by a few hundredths, do not.
struct Scale {
  explicit Scale(const Front& front) {
    low = high = instructions_of(front.points[0]);
    for (const FrontPoint& point : front.points) {
      low = std::min(low, instructions_of(point)), high = std::max(high, instructions_of(point));
      sram = std::max(sram, static_cast<double>(point.sram));
    }
    const double room = std::max(0.15 * (high - low), 0.002 * high);
    low = std::max(0.0, low - room), high += room;
  }
  double x(double bytes) const { return kLeft + kWidth * bytes / (1.06 * sram); }
  double y(double instructions) const { return kTop + kHeight * (high - instructions) / (high - low); }

  double sram = 1, low = 0, high = 1;
};

void draw_axes(Svg& svg, const Scale& scale, bool counted) {
  for (int i = 0; i <= kTicks; ++i) {
    const double value = scale.low + (scale.high - scale.low) * i / kTicks, y = scale.y(value);
    svg.line(kLeft, y, kLeft + kWidth, y, "grid");
    svg.text(kLeft - 6, y + 4, fmt::format("{:.4g} M", value / 1e6), "shape", "end");
    const double bytes = scale.sram * i / kTicks;
    svg.line(scale.x(bytes), kTop, scale.x(bytes), kTop + kHeight, "grid");
    svg.text(scale.x(bytes), kTop + kHeight + 18, fmt::format("{:.0f}", bytes), "shape", "middle");
  }
  svg.text(kLeft - 70, kTop - 16, counted ? "instructions, counted" : "instructions, predicted", "shape");
  svg.text(kLeft + kWidth / 2, kTop + kHeight + 38, "bytes of SRAM", "shape", "middle");
}

// Between two points lies what is not better than the smaller one.
std::string steps(const Front& front, const Scale& scale) {
  std::string path;
  for (const FrontPoint& point : front.points) {
    const double x = scale.x(static_cast<double>(point.sram)), y = scale.y(instructions_of(point));
    path += path.empty() ? fmt::format("M{:.1f} {:.1f}", x, y) : fmt::format(" V{:.1f} H{:.1f}", y, x);
  }
  return path;
}

std::string hint_of(const FrontPoint& point) {
  std::string text = fmt::format("{} bytes of SRAM\n{} instructions", point.sram,
                                 static_cast<int64_t>(instructions_of(point)));
  if (point.counted) text += fmt::format("\n{} bytes of flash", point.counted->flash_total);
  return text;
}

}  // namespace

std::string front_svg(const Front& front) {
  const Scale scale(front);
  Svg svg(kLeft + kWidth + kRight, kTop + kHeight + kBottom);
  draw_axes(svg, scale, front.points[0].counted.has_value());
  svg.path(steps(front, scale), "edge");
  double free_until = 1e9;  // words stand where there is room, from the right on
  for (size_t i = 0; i < front.points.size(); ++i) {
    const FrontPoint& point = front.points[i];
    const bool taken = i == front.chosen;
    const double x = scale.x(static_cast<double>(point.sram)), y = scale.y(instructions_of(point));
    const double half = taken ? 6 : 4;
    svg.box({x - half, y - half, 2 * half, 2 * half}, taken ? "point taken" : "point", hint_of(point));
    if (!taken && x + 70 > free_until) continue;
    svg.text(x + 9, y - 8, fmt::format("{} B{}", point.sram, taken ? ", taken" : ""),
             taken ? "name" : "shape");
    free_until = x;
  }
  return svg.str();
}

}  // namespace teff::cli
