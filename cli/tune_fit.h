// The table of the cost model, made of counted networks.
#pragma once

#include <string>
#include <vector>

#include "plan/targets.h"

namespace teff::cli {

// Counts the networks on one target for each instruction set, in several ways each, and returns the text of
// src/plan/cost_table.inc. Says on standard error what it does and how well the formulas fit.
std::string fit_cost_table(const std::vector<const Target*>& targets, const std::vector<std::string>& models);

}  // namespace teff::cli
