// The front as a picture: SRAM to the right, instructions upward, the chosen point filled.
#pragma once

#include <string>

#include "front.h"

namespace teff::cli {

std::string front_svg(const Front& front);

}  // namespace teff::cli
