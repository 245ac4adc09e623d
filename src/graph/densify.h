// Constants that a file stores sparse.
#pragma once

#include "graph/graph.h"

namespace teff {

// All elements of a sparse constant in row-major order; those that it does not store are 0. Throws Error
// where its metadata contradict each other, its shape or its data.
Bytes densify(const Tensor& tensor);

}  // namespace teff
