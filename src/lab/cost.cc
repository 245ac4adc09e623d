#include "cost.h"

#include <algorithm>
#include <set>
#include <utility>

namespace teff::lab {
namespace {

int64_t tiles_of(const Matvec& s) { return (s.columns + s.words - 1) / s.words; }

// The unit adds the products of one row of A and of B from `begin` to `end`.
double dot(Moves& moves, std::span<const double> a_row, std::span<const double> b, int64_t begin,
           int64_t end) {
  double sum = 0;
  for (int64_t i = begin; i < end; ++i) {
    moves.internal += 2;  // from A and from B; the sum stays where it is
    moves.macs += 1;
    sum += a_row[static_cast<size_t>(i)] * b[static_cast<size_t>(i)];
  }
  return sum;
}

std::span<const double> row_of(std::span<const double> a, const Matvec& s, int64_t row) {
  return a.subspan(static_cast<size_t>(row * s.columns), static_cast<size_t>(s.columns));
}

// The part of the image that the processor holds, and how often it had to ask for more.
class ImageMemory {
 public:
  void fetch(int64_t y, int64_t x) {
    if (held_.insert({y, x}).second) ++loads_;
    most_ = std::max(most_, static_cast<int64_t>(held_.size()));
  }
  void forget_all() { held_.clear(); }
  template <class Needed>
  void keep(Needed needed) {
    std::erase_if(held_, [&](const auto& at) { return !needed(at.first, at.second); });
  }
  int64_t loads() const { return loads_; }
  int64_t most() const { return most_; }

 private:
  std::set<std::pair<int64_t, int64_t>> held_;
  int64_t loads_ = 0, most_ = 0;
};

// What may be forgotten before the window stands at (y, x): all that its reuse does not keep.
void forget(ImageMemory& memory, const Window& w, Reuse reuse, int64_t y, int64_t x, bool row_begins) {
  const auto in_window = [&](int64_t py, int64_t px) {
    return py >= y && py < y + w.kernel && px >= x && px < x + w.kernel;
  };
  if (reuse == Reuse::none || (reuse == Reuse::row && row_begins)) return memory.forget_all();
  if (reuse != Reuse::everything) return memory.keep(in_window);
  // A pixel is of no more use once the last window that covers it has passed.
  memory.keep([&](int64_t py, int64_t px) { return py > y || (py == y && px >= x) || in_window(py, px); });
}

}  // namespace

double cost(const Moves& moves, const Prices& prices) {
  return static_cast<double>(moves.memory) * prices.memory + static_cast<double>(moves.macs) * prices.mac +
         static_cast<double>(moves.internal) * prices.internal;
}

Counted run_row_by_row(const Matvec& s, std::span<const double> a, std::span<const double> b) {
  Counted counted;
  Moves& moves = counted.moves;
  const int64_t tiles = tiles_of(s);
  if (tiles == 1) moves.memory += s.columns;  // B fits: fetched once, before the first row
  for (int64_t row = 0; row < s.rows; ++row) {
    double sum = 0;
    for (int64_t begin = 0; begin < s.columns; begin += s.words) {
      const int64_t end = std::min(begin + s.words, s.columns);
      moves.memory += (end - begin) * (tiles == 1 ? 1 : 2);  // of A, and of B again
      sum += dot(moves, row_of(a, s, row), b, begin, end);
    }
    moves.memory += 1;  // the result
    moves.internal += 1;
    counted.result.push_back(sum);
  }
  return counted;
}

Moves row_by_row(const Matvec& s) {
  const int64_t macs = s.rows * s.columns;
  const int64_t vector = tiles_of(s) > 1 ? macs : s.columns;
  return {macs + vector + s.rows, macs, 2 * macs + s.rows};
}

Counted run_tile_by_tile(const Matvec& s, std::span<const double> a, std::span<const double> b) {
  Counted counted;
  Moves& moves = counted.moves;
  counted.result.assign(static_cast<size_t>(s.rows), 0);
  for (int64_t begin = 0; begin < s.columns; begin += s.words) {
    const int64_t end = std::min(begin + s.words, s.columns);
    const bool first = begin == 0, last = end == s.columns;
    moves.memory += end - begin;  // this part of B, for all rows
    for (int64_t row = 0; row < s.rows; ++row) {
      const bool in_temp = row < s.words;
      moves.memory += end - begin;  // of A
      double sum = dot(moves, row_of(a, s, row), b, begin, end);
      if (!first) {  // the sum so far is taken out and added
        if (!in_temp) moves.memory += 1;
        moves.internal += 1;
        moves.macs += 1;
        sum += counted.result[static_cast<size_t>(row)];
      }
      moves.internal += 1;                      // into Temp
      if (last || !in_temp) moves.memory += 1;  // the result; or a partial sum that must wait outside
      counted.result[static_cast<size_t>(row)] = sum;
    }
  }
  return counted;
}

Moves tile_by_tile(const Matvec& s) {
  const int64_t macs = s.rows * s.columns, again = tiles_of(s) - 1;
  const int64_t outside = std::max<int64_t>(0, s.rows - s.words);
  return {macs + s.columns + s.rows + 2 * outside * again, macs + s.rows * again,
          2 * macs + s.rows + 2 * s.rows * again};
}

CountedWindow run_window(const Window& w, Reuse reuse, std::span<const double> image,
                         std::span<const double> kernel) {
  const int64_t side = w.outputs();
  CountedWindow counted;
  counted.result.assign(static_cast<size_t>(side * side), 0);
  ImageMemory memory;
  for (int64_t y = 0; y < side; ++y)
    for (int64_t step = 0; step < side; ++step) {
      const bool backwards = reuse == Reuse::serpentine && y % 2 == 1;
      const int64_t x = backwards ? side - 1 - step : step;
      forget(memory, w, reuse, y, x, step == 0);
      double sum = 0;
      for (int64_t v = 0; v < w.kernel; ++v)
        for (int64_t u = 0; u < w.kernel; ++u) {
          memory.fetch(y + v, x + u);
          sum += image[static_cast<size_t>((y + v) * w.image + x + u)] *
                 kernel[static_cast<size_t>(v * w.kernel + u)];
        }
      counted.result[static_cast<size_t>(y * side + x)] = sum;
    }
  counted.loads = memory.loads();
  counted.words = memory.most();
  return counted;
}

int64_t window_loads(const Window& w, Reuse reuse) {
  const int64_t o = w.outputs(), k = w.kernel;
  switch (reuse) {
    case Reuse::none: return o * o * k * k;
    case Reuse::row: return o * (k * k + (o - 1) * k);
    case Reuse::serpentine: return k * k + (o * o - 1) * k;
    case Reuse::everything: return w.image * w.image;
  }
  return 0;
}

}  // namespace teff::lab
