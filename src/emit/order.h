// The order of work of a plan whose steps take turns, in pieces and as a table.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"
#include "plan/rows.h"

namespace teff {

// Steps whose runs are mixed, or one step that is done at once.
struct Segment {
  std::vector<int> steps;  // in the order in which they begin
  struct Turn {
    int step;  // index into `steps`
    int32_t count;
  };
  std::vector<Turn> turns;
};

// Throws Error where a step's runs do not follow each other.
std::vector<Segment> segments_of(const Plan& plan);

// An entry has the step in its lowest `bits`, and above them the number of units less one.
struct PackedOrder {
  bool wide = false;  // 16 bits an entry, not 8
  int bits = 0;
  std::vector<uint16_t> entries;
  std::string text;
};
PackedOrder packed(const Segment& segment);

}  // namespace teff
