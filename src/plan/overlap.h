// How close two buffers may lie.
#pragma once

#include <vector>

#include "plan/lifetimes.h"

namespace teff {

// Where the second of two buffers must not begin, relative to where the first begins: the insides of these
// ranges, which are sorted and do not overlap. Their ends are allowed. Empty: never needed at once.
std::vector<Range> forbidden_distances(const Buffer& first, const Buffer& second);

}  // namespace teff
