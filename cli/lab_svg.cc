#include "lab_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "svg.h"

namespace teff::cli {
namespace {

constexpr double kWidth = 640, kRight = 130, kTop = 12, kRow = 24, kBottom = 40;

class Axis {
 public:
  Axis(double left, double most, bool logarithmic) : left_(left), logarithmic_(logarithmic) {
    if (logarithmic) {
      end_ = std::max(1.0, std::ceil(std::log10(std::max(most, 1.0)) - 1e-9));
      for (double power = 0; power <= end_; ++power) ticks_.push_back(std::pow(10, power));
      return;
    }
    const double unit = std::pow(10, std::floor(std::log10(std::max(most, 1e-12))));
    const double step = most / unit > 5 ? 2 * unit : most / unit > 2 ? unit : unit / 2;
    end_ = std::ceil(most / step - 1e-9) * step;
    for (double tick = 0; tick <= end_ + step / 2; tick += step) ticks_.push_back(tick);
  }
  double x(double value) const {
    const double share = logarithmic_ ? std::log10(std::max(value, 1.0)) / end_ : value / end_;
    return left_ + kWidth * std::clamp(share, 0.0, 1.0);
  }
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  double left_;
  bool logarithmic_;
  double end_;
  std::vector<double> ticks_;
};

}  // namespace

std::string bars_svg(const std::vector<Bar>& bars, bool logarithmic, const std::string& axis) {
  double most = 0, left = 100;  // a character is about seven wide
  for (const Bar& bar : bars) {
    most = std::max({most, bar.value, bar.mark});
    left = std::max(left, 16 + 7.2 * static_cast<double>(bar.label.size()));
  }
  const Axis scale(left, most, logarithmic);
  const double height = kRow * static_cast<double>(bars.size()), bottom = kTop + height;
  Svg svg(left + kWidth + kRight, bottom + kBottom);
  for (double tick : scale.ticks()) {
    svg.line(scale.x(tick), kTop, scale.x(tick), bottom, "grid");
    svg.text(scale.x(tick), bottom + 16, fmt::format("{:g}", tick), "shape", "middle");
  }
  svg.text(left + kWidth / 2, bottom + 33, axis, "shape", "middle");
  for (size_t i = 0; i < bars.size(); ++i) {
    const Bar& bar = bars[i];
    const double y = kTop + kRow * static_cast<double>(i), end = scale.x(bar.value);
    svg.text(left - 8, y + 16, bar.label, "name", "end");
    svg.box({left, y + 4, std::max(end - left, 1.0), kRow - 8}, bar.style, bar.hint);
    if (bar.mark > 0) svg.line(scale.x(bar.mark), y + 2, scale.x(bar.mark), y + kRow - 2, "border");
    svg.text(std::max(end, bar.mark > 0 ? scale.x(bar.mark) : 0) + 8, y + 16, bar.text, "shape");
  }
  return svg.str();
}

}  // namespace teff::cli
