// Element types of tensors.
#pragma once

#include <cstdint>
#include <string_view>

namespace teff {

enum class Type : uint8_t {
  f32,
  f16,
  bf16,
  f64,
  s4,
  u4,
  s8,
  u8,
  s16,
  u16,
  s32,
  u32,
  s64,
  u64,
  boolean,   // one byte
  string,    // only ever carried along, never computed
  resource,  // a handle of a variable
};

int bits_of(Type type);               // 0 for string and resource
std::string_view name_of(Type type);  // "float32", "int8", ...: the words of numpy and TFLite

// The C++ type that holds one element: type_of<int8_t>() == Type::s8. No definition for types that hold none.
template <class T>
constexpr Type type_of() = delete;
template <>
constexpr Type type_of<float>() {
  return Type::f32;
}
template <>
constexpr Type type_of<double>() {
  return Type::f64;
}
template <>
constexpr Type type_of<int8_t>() {
  return Type::s8;
}
template <>
constexpr Type type_of<uint8_t>() {
  return Type::u8;
}
template <>
constexpr Type type_of<int16_t>() {
  return Type::s16;
}
template <>
constexpr Type type_of<uint16_t>() {
  return Type::u16;
}
template <>
constexpr Type type_of<int32_t>() {
  return Type::s32;
}
template <>
constexpr Type type_of<uint32_t>() {
  return Type::u32;
}
template <>
constexpr Type type_of<int64_t>() {
  return Type::s64;
}
template <>
constexpr Type type_of<uint64_t>() {
  return Type::u64;
}
template <>
constexpr Type type_of<bool>() {
  return Type::boolean;
}

}  // namespace teff
