#include "picture.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace teff::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// The mean of a rectangle of pixels; what lies outside of the picture is left out.
int mean(const Picture& picture, int x, int y, int width, int height) {
  int sum = 0, count = 0;
  for (int row = y; row < std::min(y + height, picture.height); ++row)
    for (int column = x; column < std::min(x + width, picture.width); ++column, ++count)
      sum += picture.pixels[static_cast<size_t>(row * picture.width + column)];
  return count > 0 ? sum / count : 0;
}

std::string character(int grey) {
  constexpr std::string_view kRamp = " .:-=+*#%@";
  return std::string(1, kRamp[static_cast<size_t>(grey) * kRamp.size() / 256]);
}

// The upper half block in one grey on another. The 24 greys of the 256 colours begin at number 232.
std::string half_blocks(int upper, int lower, Shades shades) {
  if (shades == Shades::colours_24_bit)
    return fmt::format("\033[38;2;{0};{0};{0};48;2;{1};{1};{1}m▀", upper, lower);
  return fmt::format("\033[38;5;{};48;5;{}m▀", 232 + upper * 24 / 256, 232 + lower * 24 / 256);
}

}  // namespace

Shades terminal_shades() {
  const std::string_view term = environment("TERM");
  if (!isatty(STDOUT_FILENO) || term.empty() || term == "dumb" || !environment("NO_COLOR").empty())
    return Shades::characters;
  const std::string_view colours = environment("COLORTERM");
  if (colours == "truecolor" || colours == "24bit") return Shades::colours_24_bit;
  return term.find("256color") != std::string_view::npos ? Shades::colours_256 : Shades::characters;
}

int terminal_columns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::vector<std::string> picture_lines(const Picture& picture, Shades shades) {
  std::vector<std::string> lines;
  for (int y = 0; y < picture.height; y += 4) {
    std::string line;
    for (int x = 0; x < picture.width; x += 2)
      line += shades == Shades::characters
                  ? character(mean(picture, x, y, 2, 4))
                  : half_blocks(mean(picture, x, y, 2, 2), mean(picture, x, y + 2, 2, 2), shades);
    if (shades != Shades::characters) line += "\033[0m";
    lines.push_back(line);
  }
  return lines;
}

}  // namespace teff::cli
