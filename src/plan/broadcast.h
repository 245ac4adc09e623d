// Broadcasting worked out: how kernels walk operands of different shapes.
#pragma once

#include <initializer_list>

#include "core/shape.h"
#include "kernels/c/broadcast.h"

namespace teff {

// For a result of shape `out` and one to three operands that broadcast to it (shapes as infer() checked
// them).
teff_broadcast broadcast_over(const Shape& out, std::initializer_list<Shape> operands);

}  // namespace teff
