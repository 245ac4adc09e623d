// Plans for the processor that runs them: steps exchanged for kernels of its instruction sets, their weights
// packed once, results the same to the bit for integers.
#pragma once

#include <span>

#include "core/cpu.h"
#include "plan/plan.h"

namespace teff {

// Exchanges what there are kernels for among `isas`; everything else stays as it is. With none but scalar,
// nothing changes. Every node's outputs stay what they were, so that an observer sees what it always saw.
void exchange_for_host(const Graph& graph, Plan& plan, std::span<const Isa> isas);

// Like make_program, for a processor that has these instruction sets.
Program make_host_program(Model model, std::span<const Isa> isas);

}  // namespace teff
