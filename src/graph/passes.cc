#include "graph/passes.h"

namespace teff {

void run_passes(Model& model, const Evaluator&) { verify(model); }

}  // namespace teff
