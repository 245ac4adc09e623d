// Names of classes, one a line.
#pragma once

#include <string>
#include <vector>

#include "arguments.h"

namespace teff::cli {

std::vector<std::string> parse_labels(const std::string& text);
std::vector<std::string> read_labels(
    const Arguments& arguments);  // --labels FILE; none where it is not given

}  // namespace teff::cli
