// Options that every command with a network takes.
#pragma once

#include <optional>

#include "arguments.h"
#include "inputs.h"
#include "teff/teff.h"

namespace teff::cli {

LoadOptions load_options(const Arguments& arguments);               // --no-fuse, --shape NAME=1x2x3
int threads(const Arguments& arguments);                            // --threads; 0 where it is not given
std::optional<PixelRange> pixel_range(const Arguments& arguments);  // --range LO,HI

}  // namespace teff::cli
