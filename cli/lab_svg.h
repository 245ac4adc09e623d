// The pictures in the pages of teff lab.
#pragma once

#include <string>
#include <vector>

namespace teff::cli {

struct Bar {
  std::string label;
  double value = 0;
  std::string text;  // behind the bar
  double mark = 0;   // a line across where somebody else's number is; 0: none
  std::string hint = {};
  const char* style = "conv";  // a colour of page.cc
};

// Bars from left to right under each other. `logarithmic`: from 1 on, with a line for each power of ten.
std::string bars_svg(const std::vector<Bar>& bars, bool logarithmic, const std::string& axis);

// How fast a kernel is by how many operations it has for each byte, both axes logarithmic, below what
// memories and the processor allow.
struct Roofline {
  struct Slope {
    std::string name;
    double gigabytes;  // a second
  };
  struct Point {
    std::string name;
    double intensity, giga;  // operations for a byte; 10^9 operations a second
    std::string hint;
    bool left = false;  // the side on which the name stands
  };
  double peak;  // 10^9 operations a second
  std::vector<Slope> slopes;
  std::vector<Point> points;
};
std::string roofline_svg(const Roofline& roofline);

}  // namespace teff::cli
