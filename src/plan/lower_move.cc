#include "plan/lower.h"

namespace teff {

void lower(const Transpose&, Lowering&) { fail("pending"); }
void lower(const Concatenation&, Lowering&) { fail("pending"); }
void lower(const Split&, Lowering&) { fail("pending"); }
void lower(const SplitV&, Lowering&) { fail("pending"); }
void lower(const Pack&, Lowering&) { fail("pending"); }
void lower(const Unpack&, Lowering&) { fail("pending"); }
void lower(const Slice&, Lowering&) { fail("pending"); }
void lower(const StridedSlice&, Lowering&) { fail("pending"); }
void lower(const Tile&, Lowering&) { fail("pending"); }
void lower(const Pad&, Lowering&) { fail("pending"); }
void lower(const MirrorPad&, Lowering&) { fail("pending"); }
void lower(const Reverse&, Lowering&) { fail("pending"); }
void lower(const SpaceToDepth&, Lowering&) { fail("pending"); }
void lower(const DepthToSpace&, Lowering&) { fail("pending"); }
void lower(const SpaceToBatch&, Lowering&) { fail("pending"); }
void lower(const BatchToSpace&, Lowering&) { fail("pending"); }
void lower(const BroadcastTo&, Lowering&) { fail("pending"); }
void lower(const Fill&, Lowering&) { fail("pending"); }
void lower(const DynamicUpdateSlice&, Lowering&) { fail("pending"); }

}  // namespace teff
