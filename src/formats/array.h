// What the readers of data files give back: elements in row-major order, little endian, with their owner.
#pragma once

#include <span>

#include "core/bytes.h"
#include "core/shape.h"
#include "core/types.h"
#include "core/view.h"

namespace teff {

// `data` is aligned for `type` and holds exactly bytes_for(type, shape.elements()) bytes. It may be a slice
// of the file that was read: the array keeps that file alive.
struct Array {
  Type type = Type::u8;
  Shape shape = {0};
  Bytes data;

  View view() const { return {type, shape, data.span()}; }
  template <class T>
  std::span<const T> as() const {
    return view().as<T>();
  }
};

}  // namespace teff
