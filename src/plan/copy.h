// Boxes of elements that are moved: what operators that only rearrange are made of.
#pragma once

#include <vector>

#include "core/shape.h"
#include "core/types.h"
#include "kernels/c/copy.h"
#include "plan/lowering.h"

namespace teff {

// Which elements are read, where they are written. All numbers count elements.
struct Box {
  struct Axis {
    int64_t extent = 1;
    int64_t from = 0, to = 0;  // how far apart neighbours lie; `from` may be 0 or negative
  };
  std::vector<Axis> axes;  // in any order
  int64_t from_offset = 0, to_offset = 0;
};

// A box of `extents` at the start of a dense tensor of shape `from` that goes to the start of one of shape
// `to`.
Box box_of(const Shape& extents, const Shape& from, const Shape& to);

// One element that goes to all of `extents` at the start of a dense tensor of shape `to`.
Box fill_box(const Shape& extents, const Shape& to);

// The same box with as few axes as possible and the best order for the kernel; where `widen`, with the
// largest elements too (offsets then count those). A box must not be empty. Throws Error for types that are
// not whole bytes.
teff_copy_params copy_params(Type type, Box box, bool widen = true);

// Adds the copy of a box from one operand to another; an empty box takes no step.
void add_copy(Lowering& node, Type type, const Box& box, Operand from, Operand to);

// The units of a copy, and what one costs.
int64_t copy_units(const teff_copy_params& p);
double copy_unit_cost(const teff_copy_params& p);

}  // namespace teff
