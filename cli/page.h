// What the pages that teff writes have in common: one file each that fetches nothing, light or dark as its
// reader likes it.
#pragma once

#include <cstdint>
#include <string>

#include "graph/graph.h"

namespace teff::cli {

std::string page_head(const std::string& title, const std::string& words);  // up to and with the heading
std::string page_end();

// A number in large, and what it is.
std::string page_card(const std::string& value, const char* words);

// What the colours in pictures of this network's tensors mean, and the line, where there is one.
std::string page_legend(const Graph& graph, bool with_line);

// A bar as long as the share of `most` that `value` is.
std::string meter(int64_t value, int64_t most);

}  // namespace teff::cli
