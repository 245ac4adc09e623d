#include "svg.h"

#include <fmt/format.h>

namespace teff::cli {

std::string escaped(std::string_view text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      default:
        // Other control characters are not allowed in a page at all; names come from strangers.
        if (static_cast<unsigned char>(c) >= 32 || c == '\n' || c == '\t') result += c;
    }
  }
  return result;
}

void Svg::box(const Box& b, std::string_view style, std::string_view hint) {
  body_ += fmt::format("<rect x='{:.1f}' y='{:.1f}' width='{:.1f}' height='{:.1f}' rx='3' class='{}'>", b.x,
                       b.y, b.width, b.height, style);
  if (!hint.empty()) body_ += fmt::format("<title>{}</title>", escaped(hint));
  body_ += "</rect>\n";
}

void Svg::text(double x, double y, std::string_view words, std::string_view style, std::string_view anchor) {
  body_ += fmt::format("<text x='{:.1f}' y='{:.1f}' class='{}' text-anchor='{}'>{}</text>\n", x, y, style,
                       anchor, escaped(words));
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view style) {
  body_ += fmt::format("<line x1='{:.1f}' y1='{:.1f}' x2='{:.1f}' y2='{:.1f}' class='{}'/>\n", x1, y1, x2, y2,
                       style);
}

void Svg::path(std::string_view commands, std::string_view style) {
  body_ += fmt::format("<path d='{}' class='{}'/>\n", commands, style);
}

std::string Svg::str() const {
  return fmt::format("<svg viewBox='0 0 {0:.0f} {1:.0f}' width='{0:.0f}' height='{1:.0f}'>\n{2}</svg>\n",
                     width_, height_, body_);
}

}  // namespace teff::cli
