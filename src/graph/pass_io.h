// Networks whose inputs and outputs are the integers that they compute with.
#pragma once

#include "graph/graph.h"

namespace teff {

// Inputs that are only quantized to int8 become int8 inputs, outputs that are only dequantized from int8
// become int8 outputs; what is float besides stays. Says how many were changed.
int drop_float_io(Graph& graph);

}  // namespace teff
