// Shapes of an SVG picture, as text.
#pragma once

#include <string>
#include <string_view>

namespace teff::cli {

// Text safe between tags and in attributes.
std::string escaped(std::string_view text);

class Svg {
 public:
  Svg(double width, double height) : width_(width), height_(height) {}

  struct Box {
    double x, y, width, height;
  };
  // A rectangle of a colour that appears in the page's style sheet as class `style`; `hint` shows under the
  // pointer.
  void box(const Box& box, std::string_view style, std::string_view hint = {});
  // `anchor`: start, middle or end.
  void text(double x, double y, std::string_view words, std::string_view style,
            std::string_view anchor = "start");
  void line(double x1, double y1, double x2, double y2, std::string_view style);
  void path(std::string_view commands, std::string_view style);

  std::string str() const;

 private:
  double width_, height_;
  std::string body_;
};

}  // namespace teff::cli
