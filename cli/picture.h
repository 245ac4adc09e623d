// Small grey pictures in a terminal.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace teff::cli {

// How grey is shown: by characters alone, which can be piped and pasted, or by colours of half blocks.
enum class Shades { characters, colours_256, colours_24_bit };

// What standard output can show: characters alone where it is no terminal, where TERM or NO_COLOR say so.
Shades terminal_shades();
int terminal_columns();  // 80 where standard output is no terminal

// Square pixels, row by row, 0 black to 255 white.
struct Picture {
  std::span<const uint8_t> pixels;
  int width, height;
};

// The picture at half its size, a character for two columns and four rows of pixels. Lines without their
// ends, each width / 2 characters wide.
std::vector<std::string> picture_lines(const Picture& picture, Shades shades);

}  // namespace teff::cli
