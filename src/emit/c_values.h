// Structs of C as lists of their numbers, and as literals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "emit/c_headers.h"

namespace teff {

struct CValue {
  std::string path;       // "window.in_h", "extent[2]"
  std::string_view type;  // of the number: "int32_t"
  std::string text;       // as a literal
};

// The numbers in a value of C type `type` (a struct or a number), in the order of their declaration.
std::vector<CValue> c_values(const CHeaders& headers, std::string_view type, const std::byte* bytes);

// "{{49, 10}, 3}" for a struct, "5" for a number.
std::string c_literal(const CHeaders& headers, std::string_view type, const std::byte* bytes);

}  // namespace teff
