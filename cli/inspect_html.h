// A network as one self-contained page.
#pragma once

#include <string>
#include <vector>

#include "layers.h"

namespace teff::cli {

// The page: totals, the memory over time with each tensor in its place, the graph, a table of the layers. No
// scripts, nothing fetched.
std::string inspect_html(const std::string& title, const Program& program, const std::vector<Layer>& layers);

}  // namespace teff::cli
