#include "plan/lower.h"

namespace teff {

void lower(const ResizeBilinear&, Lowering&) { fail("pending"); }
void lower(const ResizeNearest&, Lowering&) { fail("pending"); }

}  // namespace teff
