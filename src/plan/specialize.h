// Steps of a plan exchanged for those that a small machine does best: kernels that work row by row, their
// constants packed in the order in which the machine reads them.
#pragma once

#include <span>

#include "plan/plan.h"

namespace teff {

// Whose instructions the kernels are made of.
enum class BoardIsa : uint8_t {
  c,    // any machine
  dsp,  // Armv7E-M and Armv8-M with their instructions on pairs of 16 bits (Cortex-M4, M7, M33)
  mve,  // Helium (Cortex-M55, M85)
};

// A choice of kernels for one layer.
enum class KernelSet : uint8_t {
  usual,  // as for the whole network
  small,  // those with the least code
  plain,  // made of C
  pairs,  // made of instructions on pairs of 16 bits (also on a machine with Helium)
};

// Exchanges what can be exchanged; results stay the same to the bit. What has no such kernel stays as it is.
// `small`: kernels in little code, and constants that fill nothing up.
// `by_node`: the choice for the first nodes, where it is another than the usual one.
void specialize(const Graph& graph, Plan& plan, BoardIsa isa, bool small,
                std::span<const KernelSet> by_node = {});

}  // namespace teff
