// A network's input that is never there as a whole: whoever calls it hands over row by row, a camera's lines
// or a microphone's frames, when the first operators want them.
#pragma once

#include "plan/plan.h"

namespace teff {

// Adds a step that takes the input's rows, behind the steps of all nodes (it belongs to none). Rows are those
// that the first operators see: of an input [1, 490] that is reshaped to [1, 49, 10, 1], 49 of 10 bytes.
// Throws Error that says why where that cannot be: several inputs, an operator that does not work row by row.
void take_input_by_rows(const Graph& graph, Plan& plan);

// That step; null: the input is there as a whole.
const Step* input_rows_of(const Plan& plan);

}  // namespace teff
