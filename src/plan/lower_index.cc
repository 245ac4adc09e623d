#include "plan/lower.h"

namespace teff {

void lower(const Gather&, Lowering&) { fail("pending"); }
void lower(const GatherNd&, Lowering&) { fail("pending"); }
void lower(const ShapeOf&, Lowering&) { fail("pending"); }
void lower(const Rank&, Lowering&) { fail("pending"); }
void lower(const BroadcastArgs&, Lowering&) { fail("pending"); }
void lower(const RangeOf&, Lowering&) { fail("pending"); }
void lower(const Densify&, Lowering&) { fail("pending"); }

}  // namespace teff
