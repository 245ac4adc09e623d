// Which steps take turns row by row: from a network computed layer by layer, fast and large, to one whose
// rows flow from its input to its output, and what lies between.
#pragma once

#include <functional>
#include <vector>

#include "plan/memory_check.h"
#include "plan/packing.h"
#include "plan/streaming.h"

namespace teff {

// What one run of `units` units of a step costs, in whatever is counted; two runs cost no less than one of as
// many units.
using RunCost = std::function<double(const WorkStep&, int32_t units)>;

// All of it counts the same, but for what every run adds: fewer runs are better.
double one_a_run(const WorkStep& step, int32_t units);

struct MemoryPlan {
  Segmentation segmentation;
  std::vector<Run> runs;
  Places places;
  std::vector<bool> apart;  // by step: WorkStep::apart, as it was
  int64_t least = 0;        // that these runs take, however placed
  double cost = 0;
};

// Places everything for that order of work; the more rounds, the better (see pack).
MemoryPlan place_segments(const Work& work, Segmentation segmentation, const RunCost& cost, int rounds);

// The bytes that place_segments comes to.
int64_t bytes_of_segments(const Work& work, const Segmentation& segmentation, int rounds);

// For a fixed order of steps: what segments take, and the choice among them.
class SegmentChoice {
 public:
  // Among segmentations that fit: by cost; the one with the fewest segments, of which the tensors between
  // them are the fewest; or the one with the fewest runs.
  enum class Prefer : uint8_t { cheap, few, calm };

  SegmentChoice(const Work& work, std::vector<int> order, RunCost cost);

  // The best segmentation of which no segment takes more than `bytes`. No segments where there is none.
  Segmentation best(int64_t bytes, Prefer prefer = Prefer::cheap);
  // The least that the largest segment of a segmentation takes.
  int64_t least();
  // What the hungriest segment of a segmentation takes.
  int64_t bytes_of(const Segmentation& segmentation);

 private:
  struct Segment {
    enum class Known : uint8_t { nothing, bound, packed } known = Known::nothing;
    int64_t bytes = 0;   // what is known: the most that is needed at once, or what they take
    int64_t inside = 0;  // needed at once of what is made and used up within; longer segments need no less
    double cost = 0;
    size_t runs = 0;
    double weight(Prefer prefer) const {
      return prefer == Prefer::cheap ? cost : prefer == Prefer::few ? 1 : static_cast<double>(runs);
    }
  };
  Segment measure(int begin, int end, Segment::Known how) const;
  Segment& at(int begin, int end, Segment::Known how);  // measured at least so
  int longest_from(int begin) const;
  std::vector<bool> needed_after(int end) const;
  Segmentation best_known(int64_t bytes, Prefer prefer);
  bool pack_segments(const Segmentation& segmentation, int64_t bytes);

  const Work& work_;
  std::vector<int> order_;
  RunCost cost_;
  Range forbidden_ends_;
  std::vector<int> made_at_, last_read_at_;  // by tensor: place in the order
  std::vector<std::vector<Segment>> segments_;
};

}  // namespace teff
