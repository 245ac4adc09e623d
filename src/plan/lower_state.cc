#include "plan/lower.h"

namespace teff {

void lower(const VarHandle&, Lowering&) { fail("pending"); }
void lower(const ReadVariable&, Lowering&) { fail("pending"); }
void lower(const AssignVariable&, Lowering&) { fail("pending"); }
void lower(const CallOnce&, Lowering&) { fail("pending"); }
void lower(const If&, Lowering&) { fail("pending"); }
void lower(const While&, Lowering&) { fail("pending"); }

}  // namespace teff
