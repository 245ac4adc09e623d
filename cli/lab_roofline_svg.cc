#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lab_svg.h"
#include "svg.h"

namespace teff::cli {
namespace {

constexpr double kLeft = 60, kWidth = 760, kRight = 90, kTop = 24, kHeight = 420, kBottom = 46;

struct Decades {
  double low, high;  // exponents
  double share(double value) const { return (std::log10(value) - low) / (high - low); }
};

// From a power of ten to somewhat above the largest.
Decades decades(std::vector<double> values) {
  const auto [least, most] = std::ranges::minmax_element(values);
  return {std::floor(std::log10(*least)), std::log10(*most) + 0.6};
}

class Plot {
 public:
  explicit Plot(const Roofline& r) : x_(decades_of(r, true)), y_(decades_of(r, false)) {}
  double x(double intensity) const { return kLeft + kWidth * x_.share(intensity); }
  double y(double giga) const { return kTop + kHeight * (1 - y_.share(giga)); }
  double least_x() const { return std::pow(10, x_.low); }
  double least_y() const { return std::pow(10, y_.low); }
  double most_x() const { return std::pow(10, x_.high); }

  void draw_axes(Svg& svg) const {
    for (double e = x_.low; e <= x_.high; ++e) {
      const double at = x(std::pow(10, e));
      svg.line(at, kTop, at, kTop + kHeight, "grid");
      svg.text(at, kTop + kHeight + 16, fmt::format("{:g}", std::pow(10, e)), "shape", "middle");
    }
    for (double e = y_.low; e <= y_.high; ++e) {
      const double at = y(std::pow(10, e));
      svg.line(kLeft, at, kLeft + kWidth, at, "grid");
      svg.text(kLeft - 6, at + 4, fmt::format("{:g}", std::pow(10, e)), "shape", "end");
    }
    svg.text(kLeft + kWidth / 2, kTop + kHeight + 36, "operations for a byte", "shape", "middle");
    svg.text(8, kTop - 10, "10^9 operations a second", "shape");
  }

 private:
  static Decades decades_of(const Roofline& r, bool across) {
    std::vector<double> values;
    for (const auto& p : r.points) values.push_back(across ? p.intensity : p.giga);
    values.push_back(across ? 1 : r.peak);
    return decades(values);
  }

  Decades x_, y_;
};

// A memory brings so many bytes a second: a slope up to the peak, with its name so high above its end.
void draw_slope(Svg& svg, const Plot& plot, const Roofline::Slope& slope, double peak, double height) {
  const double from = std::max(plot.least_x(), plot.least_y() / slope.gigabytes);
  const double to = std::clamp(peak / slope.gigabytes, from, plot.most_x());
  svg.line(plot.x(from), plot.y(from * slope.gigabytes), plot.x(to), plot.y(to * slope.gigabytes), "edge");
  svg.text(plot.x(to) - 4, plot.y(to * slope.gigabytes) - height,
           fmt::format("{} {:.3g} GB/s", slope.name, slope.gigabytes), "shape");
}

// Names stand beside their points, pushed down where two would lie over each other, and then with a line to
// the point.
void draw_points(Svg& svg, const Plot& plot, std::vector<Roofline::Point> points) {
  std::ranges::sort(points, [](const auto& a, const auto& b) { return a.giga > b.giga; });
  struct Place {
    double x, y;
    bool left;
  };
  std::vector<Place> taken;
  for (const Roofline::Point& p : points) {
    const double x = plot.x(p.intensity), y = plot.y(p.giga), side = p.left ? -1 : 1;
    double at = y;
    for (const Place& place : taken)
      if (place.left == p.left && std::abs(place.x - x) < 110 && at < place.y + 13) at = place.y + 13;
    taken.push_back({x, at, p.left});
    if (at > y + 6) svg.line(x + 5 * side, y, x + 20 * side, at, "grid");
    svg.text(x + (at > y + 6 ? 22 : 9) * side, at + 4, p.name, "shape", p.left ? "end" : "start");
    svg.box({x - 4, y - 4, 8, 8}, "point", p.hint);
  }
}

}  // namespace

std::string roofline_svg(const Roofline& roofline) {
  const Plot plot(roofline);
  Svg svg(kLeft + kWidth + kRight, kTop + kHeight + kBottom);
  plot.draw_axes(svg);
  for (size_t i = 0; i < roofline.slopes.size(); ++i)
    draw_slope(svg, plot, roofline.slopes[i], roofline.peak, 8 + 14 * static_cast<double>(i));
  const double steepest =
      roofline.slopes.empty() ? plot.least_x() : roofline.peak / roofline.slopes[0].gigabytes;
  const double y = plot.y(roofline.peak), from = plot.x(std::max(steepest, plot.least_x()));
  svg.line(from, y, kLeft + kWidth, y, "edge");
  svg.text(kLeft + kWidth + 6, y + 4, fmt::format("peak {:.3g}", roofline.peak), "name");
  draw_points(svg, plot, roofline.points);
  return svg.str();
}

}  // namespace teff::cli
