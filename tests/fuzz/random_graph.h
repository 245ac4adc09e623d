// Small graphs of several operators, drawn at random: what passes are tried on.
#pragma once

#include <string>

#include "tests/conformance/case.h"

namespace teff {

// A case whose model compiles: each operator was tried before it was kept. Everything has a number in the
// source file, as if it came from one.
conformance::Case random_graph(conformance::Random& random);

// Compiles the model with and without passes and runs both. Empty where all outputs, and all tensors that
// exist in both, have the same bytes; otherwise what differs, with the graph in words.
std::string fusion_difference(const conformance::Case& c);

}  // namespace teff
