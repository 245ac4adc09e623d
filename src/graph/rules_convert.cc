#include "graph/rules.h"

namespace teff {

void infer(const Cast&, Inference&) { fail("pending"); }
void infer(const Quantize&, Inference&) { fail("pending"); }
void infer(const Dequantize&, Inference&) { fail("pending"); }

}  // namespace teff
