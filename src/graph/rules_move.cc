#include "graph/rules.h"

namespace teff {

void infer(const Transpose&, Inference&) { fail("pending"); }
void infer(const Concatenation&, Inference&) { fail("pending"); }
void infer(const Split&, Inference&) { fail("pending"); }
void infer(const SplitV&, Inference&) { fail("pending"); }
void infer(const Pack&, Inference&) { fail("pending"); }
void infer(const Unpack&, Inference&) { fail("pending"); }
void infer(const Slice&, Inference&) { fail("pending"); }
void infer(const StridedSlice&, Inference&) { fail("pending"); }
void infer(const Tile&, Inference&) { fail("pending"); }
void infer(const Pad&, Inference&) { fail("pending"); }
void infer(const MirrorPad&, Inference&) { fail("pending"); }
void infer(const Reverse&, Inference&) { fail("pending"); }
void infer(const SpaceToDepth&, Inference&) { fail("pending"); }
void infer(const DepthToSpace&, Inference&) { fail("pending"); }
void infer(const SpaceToBatch&, Inference&) { fail("pending"); }
void infer(const BatchToSpace&, Inference&) { fail("pending"); }
void infer(const BroadcastTo&, Inference&) { fail("pending"); }
void infer(const Fill&, Inference&) { fail("pending"); }
void infer(const DynamicUpdateSlice&, Inference&) { fail("pending"); }

}  // namespace teff
