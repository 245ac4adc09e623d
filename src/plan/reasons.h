// Which kernels a plan takes, said in words, and why: what the planner decided, and what it decided by.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace teff {

// "3x3 convolution, stride 2: pairs of 16 bits". Of kernel steps only.
std::string kernel_words(const Step& step);

// By step: why it is done with this kernel (Step::why), and how its rows are made; empty where nothing is
// done.
std::vector<std::string> reasons_of(const Plan& plan);

}  // namespace teff
