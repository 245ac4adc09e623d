// The tutorial's machine, on which one counts what moves: a main memory, three small memories (A, B, Temp) of
// a few words each, and a unit that multiplies and adds. Every schedule is carried out, with numbers, while
// it is counted; beside each stands the formula that it must agree with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace teff::lab {

// How often each of the three things happened that cost something.
struct Moves {
  int64_t memory = 0;    // a word between main memory and the processor: C_mem
  int64_t macs = 0;      // an arithmetic operation: C_mac
  int64_t internal = 0;  // a word between a small memory and the unit: C_int
  bool operator==(const Moves&) const = default;
};

struct Prices {
  double memory, mac, internal;
};
double cost(const Moves& moves, const Prices& prices);

// A [rows x columns] times a vector, with small memories of `words` each. A sum stays in the unit while it is
// added to, so an operation fetches two words; what is counted beyond is partial sums put into Temp and taken
// out.
struct Matvec {
  int64_t rows, columns, words;
};

struct Counted {
  Moves moves;
  std::vector<double> result;  // what was computed on the way, to be held against the truth
};

// Row after row. Where the vector does not fit into B, it is fetched again for each row.
Counted run_row_by_row(const Matvec& shape, std::span<const double> a, std::span<const double> b);
Moves row_by_row(const Matvec& shape);

// Tile of columns after tile of columns: each part of the vector is fetched once, and each row's partial sum
// waits for the next tile: in Temp while there is room, else in main memory.
Counted run_tile_by_tile(const Matvec& shape, std::span<const double> a, std::span<const double> b);
Moves tile_by_tile(const Matvec& shape);

// Words fetched for a convolution of an image x image by a kernel x kernel window, stride 1, no padding.
struct Window {
  int64_t image, kernel;
  int64_t outputs() const { return image - kernel + 1; }  // to a side
};

enum class Reuse {
  none,        // the whole window for each output
  row,         // along a row of outputs only the new column of the window
  serpentine,  // rows left to right and right to left in turn, so that no window begins afresh
  everything,  // kernel rows of the image are kept: each pixel is fetched once
};

struct CountedWindow {
  int64_t loads = 0, words = 0;  // `words`: how many the memory for the image must have
  std::vector<double> result;
};
CountedWindow run_window(const Window& window, Reuse reuse, std::span<const double> image,
                         std::span<const double> kernel);
int64_t window_loads(const Window& window, Reuse reuse);

}  // namespace teff::lab
