// Programs within the memory and the flash that there are.
#pragma once

#include <string>

#include "compilation.h"

namespace teff::cli {

// The fastest program that fits into options.sram and options.flash; where the code of a fast one takes too
// much flash, one with less code (`options` say how it was made). Flash is what the linked network takes
// where there is a cross compiler, else its constants alone. Throws Error that says how much the smallest
// program takes and which layer is to blame, where none fits.
Compilation compile_within(const std::string& path_or_name, CompilationOptions& options);

// Who takes most flash: "most is for node 9 FULLY_CONNECTED: 89600 bytes".
std::string largest_constants(const Compilation& compilation);

}  // namespace teff::cli
