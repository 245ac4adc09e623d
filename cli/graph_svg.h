// A graph drawn: operators from top to bottom, edges as curves.
#pragma once

#include <string>
#include <vector>

#include "layers.h"

namespace teff::cli {

std::string graph_svg(const Graph& graph, const std::vector<Layer>& layers);

// The style class of an operator's colour: what kind of work it is.
std::string op_style(const Op& op);

}  // namespace teff::cli
