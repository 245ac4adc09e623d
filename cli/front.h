// What there is to choose from between the fewest instructions and the least memory, and which of it teff
// takes where nobody says.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "board_run.h"
#include "compilation.h"

namespace teff::cli {

struct FrontPoint {
  Compilation compilation;
  int64_t sram = 0;      // arena and state
  double predicted = 0;  // instructions, by the cost model
  std::optional<Measured> counted;
};

struct Front {
  std::vector<FrontPoint> points;  // from the fastest to the smallest
  size_t chosen = 0;
  std::string reason;  // for the choice, in words
};

// A way to compute a network: what it takes.
struct SramAndCost {
  double sram = 0, cost = 0;
};

// Where SRAM times cost is least: to go on from there takes a larger share more of the one than it saves of
// the other. Of equals the first.
size_t knee_of(std::span<const SramAndCost> points);

// Plans the front and takes the knee, or `taken`, where that is given, which then is one of the points.
// `counted`: every point is built and its instructions are counted on the emulated machine, and those that
// are worse than another in both are left out.
Front make_front(const std::string& path_or_name, const CompilationOptions& options,
                 std::optional<Compilation> taken, bool counted);

// Instructions of a point: counted, where they were, else predicted.
double instructions_of(const FrontPoint& point);

// The front as lines of text, the chosen point marked, and the reason.
std::string front_text(const Front& front);

}  // namespace teff::cli
