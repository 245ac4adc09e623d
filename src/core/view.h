// A tensor's bytes together with what they mean. Owns nothing.
#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <type_traits>

#include "core/quant.h"
#include "core/shape.h"
#include "core/types.h"

namespace teff {

// Bytes that `elements` of a type take; 4-bit types are packed two to a byte, low nibble first.
inline int64_t bytes_for(Type type, int64_t elements) { return (elements * bits_of(type) + 7) / 8; }

template <class Byte>
struct BasicView {
  Type type = Type::u8;
  Shape shape;
  std::span<Byte> bytes;
  const Quant* quant = nullptr;  // may be null

  template <class T>
  auto as() const {
    // Truth is stored as bytes.
    assert(type == type_of<T>() || (type == Type::boolean && sizeof(T) == 1));
    using Element = std::conditional_t<std::is_const_v<Byte>, const T, T>;
    return std::span<Element>(reinterpret_cast<Element*>(bytes.data()), bytes.size() / sizeof(T));
  }
  operator BasicView<const Byte>() const { return {type, shape, bytes, quant}; }
};

using View = BasicView<const std::byte>;
using MutableView = BasicView<std::byte>;

}  // namespace teff
