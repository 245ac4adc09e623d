// An order of steps with less memory than the one in which a network was written down.
#pragma once

#include <vector>

#include "plan/work.h"

namespace teff {

// What counts while a step runs.
enum class PeakOf : uint8_t {
  apart,     // inputs and results side by side
  overlaid,  // the larger of what is needed before and after, as if results lay over inputs that end here
};

// The order in which steps can run whose greatest memory is least, tensors being whole; of several the one
// nearest to the given order. The search looks at no more than `most_states` sets of steps done; beyond that,
// and where the work keeps its order, the steps stay as they are.
std::vector<int> order_of_least_peak(const Work& work, PeakOf peak, int most_states = 20000);

}  // namespace teff
