// Pieces of C as text: numbers, names, types, comments.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/types.h"
#include "plan/plan.h"

namespace teff {

// "12", "-2147483647 - 1", "INT64_C(5000000000)".
std::string c_integer(int64_t value);
std::string c_float(float value);  // "0.25f", exact; infinities and NaN by the compiler's own words
std::string c_double(double value);

// What a file or a layer is called, as a name in C: "my-model.v2" -> "my_model_v2". Not a keyword, not empty.
std::string c_identifier(std::string_view words);
std::string upper(std::string_view words);
// Text that is safe inside of /* */ on one line.
std::string c_comment(std::string_view words);

std::string_view c_type(
    Type type);  // of an element in memory: "int8_t"; packed and 16-bit floats as integers

// The number of C type `type` at `bytes`, as a literal.
std::string c_number(std::string_view type, const std::byte* bytes);

}  // namespace teff
