// Sums, products, means and pools of images exchanged for kernels that work row by row.
#pragma once

#include "plan/specialize.h"

namespace teff {

// `small`: by kernels in little code. True: the step has been exchanged for one of add_rows.h, mul_rows.h,
// mean_rows.h or pool_rows.h. What has no such kernel (operands of other shapes, several images) stays as it
// is.
bool exchange_image_step(const Graph& graph, Plan& plan, Step& step, BoardIsa isa, bool small);

}  // namespace teff
