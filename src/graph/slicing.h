// What STRIDED_SLICE's ten ways of saying things come to.
#pragma once

#include <span>
#include <vector>

#include "core/shape.h"
#include "graph/ops.h"

namespace teff {

struct SlicedAxis {
  int64_t start = 0, step = 1, count = 0;  // elements start, start + step, ...; count of them
};

struct Slicing {
  std::vector<SlicedAxis> axes;  // one for each axis of the input
  Shape out;                     // shrunk axes left out, new ones put in
};

// TFLite's reading of begin, end, strides and the masks. Every element that is named exists. Throws Error
// where they do not fit the shape.
Slicing slicing_of(const StridedSlice& op, const Shape& in, std::span<const int64_t> begin,
                   std::span<const int64_t> end, std::span<const int64_t> strides);

}  // namespace teff
