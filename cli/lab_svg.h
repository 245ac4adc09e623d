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

}  // namespace teff::cli
