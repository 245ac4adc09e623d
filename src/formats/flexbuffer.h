// FlexBuffers, as far as TFLite's custom operators use them for their options.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace teff {

// The first value of a map (by its keys' order) or vector, which has to be an integer. Throws Error where the
// bytes are anything else.
int64_t first_integer_of_flexbuffer(std::span<const std::byte> bytes);

}  // namespace teff
