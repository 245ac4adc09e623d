// Element types, as the library's users know them, and what only the library asks of them.
#pragma once

#include <optional>
#include <string_view>

#include "teff/types.h"

namespace teff {

std::optional<Type> type_named(std::string_view name);

inline bool is_float(Type t) { return t == Type::f32 || t == Type::f16 || t == Type::bf16 || t == Type::f64; }
inline bool is_quantizable(Type t) {
  return t == Type::s8 || t == Type::u8 || t == Type::s16 || t == Type::s4 || t == Type::u4 || t == Type::s32;
}

}  // namespace teff
