// The quantities that a kernel's loops run over, and which way it goes.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace teff {

// Of one run of `units` units; those of several runs add up.
std::vector<double> cost_features(const Step& step, int32_t units);

// "conv_rows_dsp.1x1": steps of one way have the same features, and about the same code.
std::string cost_way(const Step& step);

}  // namespace teff
