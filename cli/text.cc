#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace teff::cli {
namespace {

// Characters that the terminal shows: bytes that begin one in UTF-8.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, size_t width, Align align) {
  const std::string space(width - std::min(width, width_of(text)), ' ');
  return align == Align::right ? space + text : text + space;
}

// Three digits with the largest unit that leaves a number of at least 1.
std::string scaled(double value, double step, std::initializer_list<const char*> units) {
  auto unit = units.begin();
  while (value >= step * 0.9995 && unit + 1 != units.end()) value /= step, ++unit;
  const int decimals = unit == units.begin() || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}", value, decimals, *unit);
}

}  // namespace

void Table::row(std::vector<std::string> cells) {
  assert(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<size_t> widths;
  for (size_t c = 0; c < columns_.size(); ++c) {
    size_t width = 0;
    for (const auto& row : rows_) width = std::max(width, width_of(row[c]));
    widths.push_back(width == 0 ? 0 : std::max(width, width_of(columns_[c].heading)));
  }
  const auto line = [&](const auto& cell) {
    std::string text;
    for (size_t c = 0; c < columns_.size(); ++c)
      if (widths[c] > 0) text += (text.empty() ? "" : "  ") + padded(cell(c), widths[c], columns_[c].align);
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text + "\n";
  };
  std::string text = line([&](size_t c) { return columns_[c].heading; });
  for (const auto& row : rows_) text += line([&](size_t c) { return row[c]; });
  return text;
}

std::string count_text(int64_t n) {
  std::string text = scaled(static_cast<double>(n), 1000, {"", "k", "M", "G", "T"});
  if (text.back() == ' ') text.pop_back();
  return text;
}

std::string bytes_text(int64_t n) { return scaled(static_cast<double>(n), 1024, {"B", "kB", "MB", "GB"}); }

std::string seconds_text(double s) { return scaled(s * 1e9, 1000, {"ns", "us", "ms", "s"}); }

std::string shorten(const std::string& text, size_t most) {
  return text.size() <= most ? text : text.substr(0, most - 3) + "...";
}

std::string bar(int64_t value, int64_t most, int width) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths =
      most > 0 ? static_cast<int64_t>(static_cast<double>(value) * width * 8 / static_cast<double>(most)) : 0;
  std::string text;
  for (int64_t i = 0; i < eighths / 8; ++i) text += "█";
  return text + kEighths[eighths % 8];
}

}  // namespace teff::cli
