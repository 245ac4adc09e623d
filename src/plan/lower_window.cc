#include "plan/lower.h"

namespace teff {

void lower(const Conv2D&, Lowering&) { fail("pending"); }
void lower(const DepthwiseConv2D&, Lowering&) { fail("pending"); }
void lower(const TransposeConv&, Lowering&) { fail("pending"); }
void lower(const TransposeConvBias&, Lowering&) { fail("pending"); }
void lower(const Pool2D&, Lowering&) { fail("pending"); }

}  // namespace teff
