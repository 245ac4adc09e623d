#include "plan/overlap.h"

#include <algorithm>

namespace teff {
namespace {

// Open ranges: those that only touch leave the point between them allowed.
void add(std::vector<Range>& ranges, Range range) {
  if (!ranges.empty() && range.begin < ranges.back().end && ranges.back().begin < range.end) {
    ranges.back().begin = std::min(ranges.back().begin, range.begin);
    ranges.back().end = std::max(ranges.back().end, range.end);
  } else {
    ranges.push_back(range);
  }
}

std::vector<Range> merged(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  std::vector<Range> result;
  for (const Range& range : ranges) add(result, range);
  return result;
}

}  // namespace

std::vector<Range> forbidden_distances(const Buffer& first, const Buffer& second) {
  std::vector<Range> ranges;
  size_t i = 0, j = 0;
  while (i < first.needs.size() && j < second.needs.size()) {
    const Need &a = first.needs[i], &b = second.needs[j];
    if (a.begin < b.end && b.begin < a.end) add(ranges, {a.low - b.high, a.high - b.low});
    (a.end < b.end ? i : j) += 1;
  }
  return merged(std::move(ranges));
}

}  // namespace teff
