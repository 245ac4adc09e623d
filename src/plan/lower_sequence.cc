#include "plan/lower.h"

namespace teff {

void lower(const Lstm&, Lowering&) { fail("pending"); }
void lower(const BidirectionalLstm&, Lowering&) { fail("pending"); }
void lower(const LstmStep&, Lowering&) { fail("pending"); }
void lower(const Svdf&, Lowering&) { fail("pending"); }

}  // namespace teff
