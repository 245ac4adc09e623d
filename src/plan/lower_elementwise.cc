#include "plan/lower.h"

namespace teff {

void lower(const Unary&, Lowering&) { fail("pending"); }
void lower(const LeakyRelu&, Lowering&) { fail("pending"); }
void lower(const Gelu&, Lowering&) { fail("pending"); }
void lower(const Prelu&, Lowering&) { fail("pending"); }
void lower(const Binary&, Lowering&) { fail("pending"); }
void lower(const AddN&, Lowering&) { fail("pending"); }
void lower(const Select&, Lowering&) { fail("pending"); }
void lower(const SelectV1&, Lowering&) { fail("pending"); }

}  // namespace teff
