// The arena over time: each tensor a box, as wide as it is needed, as high as it is large, where it lies.
#pragma once

#include <string>

#include "plan/plan.h"

namespace teff::cli {

std::string memory_svg(const Program& program);

}  // namespace teff::cli
