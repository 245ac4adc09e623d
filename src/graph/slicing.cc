#include "graph/slicing.h"

#include <algorithm>

#include "core/error.h"

namespace teff {
namespace {

bool has_bit(int mask, size_t i) { return i < 32 && (static_cast<unsigned>(mask) >> i & 1) != 0; }

// Where a position that may count from the end lies. Forwards one may stand behind the last element,
// backwards before the first: there nothing is left to take.
int64_t clamped(int64_t position, int64_t extent, bool forwards) {
  if (position < 0) position += extent;
  return forwards ? std::clamp<int64_t>(position, 0, extent) : std::clamp<int64_t>(position, -1, extent - 1);
}

int64_t ceil_div(int64_t a, int64_t b) { return a / b + (a % b != 0 && (a < 0) == (b < 0)); }

SlicedAxis sliced_axis(const StridedSlice& op, size_t entry, int64_t extent, int64_t begin, int64_t end,
                       int64_t step) {
  check(step != 0, "stride {} is 0", entry);
  const bool forwards = step > 0;
  const int64_t first = forwards ? 0 : extent - 1, behind = forwards ? extent : -1;
  if (extent == 0) {
    check(!has_bit(op.shrink_axis_mask, entry), "an element of an empty axis is asked for");
    return {0, 1, 0};
  }
  const int64_t start = has_bit(op.begin_mask, entry) ? first : clamped(begin, extent, forwards);
  if (has_bit(op.shrink_axis_mask, entry)) {
    check(start >= 0 && start < extent, "index {} is outside of an axis of {}", begin, extent);
    return {start, 1, 1};
  }
  const int64_t stop =
      has_bit(op.end_mask, entry) ? behind : clamped(op.offset ? end + start : end, extent, forwards);
  return {start, step, std::max<int64_t>(ceil_div(stop - start, step), 0)};
}

// How many axes of the input the entries name, the ellipsis and new axes left out.
int named_axes(const StridedSlice& op, size_t entries) {
  int named = 0, ellipses = 0;
  for (size_t i = 0; i < entries; ++i) {
    if (has_bit(op.ellipsis_mask, i))
      ++ellipses;
    else if (!has_bit(op.new_axis_mask, i))
      ++named;
  }
  check(ellipses <= 1, "{} ellipses in one slice", ellipses);
  return named;
}

}  // namespace

Slicing slicing_of(const StridedSlice& op, const Shape& in, std::span<const int64_t> begin,
                   std::span<const int64_t> end, std::span<const int64_t> strides) {
  const size_t entries = begin.size();
  check(end.size() == entries && strides.size() == entries && entries <= 2 * kMaxRank,
        "begin, end and strides have {}, {} and {} entries", entries, end.size(), strides.size());
  const int named = named_axes(op, entries);
  check(named <= in.rank(), "{} axes are sliced of shape {}", named, to_string(in));

  Slicing slicing;
  std::vector<int64_t> out;
  const auto take_whole = [&](int count) {
    for (; count > 0; --count) {
      const int64_t extent = in[static_cast<int>(slicing.axes.size())];
      slicing.axes.push_back({0, 1, extent});
      out.push_back(extent);
    }
  };
  for (size_t i = 0; i < entries; ++i) {
    if (has_bit(op.ellipsis_mask, i)) {
      take_whole(in.rank() - named);
    } else if (has_bit(op.new_axis_mask, i)) {
      out.push_back(1);
    } else {
      const int64_t extent = in[static_cast<int>(slicing.axes.size())];
      slicing.axes.push_back(sliced_axis(op, i, extent, begin[i], end[i], strides[i]));
      if (!has_bit(op.shrink_axis_mask, i)) out.push_back(slicing.axes.back().count);
    }
  }
  take_whole(in.rank() - static_cast<int>(slicing.axes.size()));
  slicing.out = Shape::checked(std::span<const int64_t>(out));
  return slicing;
}

}  // namespace teff
