#include "plan/lower.h"

namespace teff {

void lower(const Softmax&, Lowering&) { fail("pending"); }
void lower(const LogSoftmax&, Lowering&) { fail("pending"); }
void lower(const L2Normalization&, Lowering&) { fail("pending"); }
void lower(const Reduce&, Lowering&) { fail("pending"); }
void lower(const ArgReduce&, Lowering&) { fail("pending"); }
void lower(const CumSum&, Lowering&) { fail("pending"); }

}  // namespace teff
