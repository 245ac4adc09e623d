// The order of work in which steps take turns row by row, each as late as it can, so that of what they hand
// to one another only the rows that somebody still needs exist.
#pragma once

#include <span>
#include <vector>

#include "plan/plan.h"
#include "plan/work.h"

namespace teff {

// Steps in an order in which they can run, and where it is cut: segment i holds steps [cuts[i-1], cuts[i]) of
// the order. A segment of one step runs that step as a whole; in a longer one, rows take turns.
struct Segmentation {
  std::vector<int> order, cuts;

  int segments() const { return static_cast<int>(cuts.size()); }
  std::span<const int> segment(int i) const {
    const auto begin = static_cast<size_t>(i == 0 ? 0 : cuts[static_cast<size_t>(i) - 1]);
    return std::span(order).subspan(begin, static_cast<size_t>(cuts[static_cast<size_t>(i)]) - begin);
  }
};

// The ends of segments, as positions in the order, that there may not be: they would part rows that come from
// outside from steps that read them. Empty where no rows do. Throws Error naming the step that would have to
// take turns with those rows and cannot.
Range forbidden_ends(const Work& work, std::span<const int> order);

// Every step a segment of its own, as far as its end may be there.
Segmentation layer_wise(const Work& work, std::vector<int> order);

// The runs of steps that take turns. The last step decides: for each of its rows, first the rows that it
// needs are made, and so on backward. A step that the last one does not need runs as soon as it can. Rows
// that nobody reads are not made after the last one that is; `needed_after` says of which tensors all rows
// are needed.
std::vector<Run> stream(const Work& work, std::span<const int> steps, const std::vector<bool>& needed_after);

// The runs of all segments, one after the other.
std::vector<Run> runs_of(const Work& work, const Segmentation& segmentation);

}  // namespace teff
