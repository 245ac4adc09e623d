// A network's layers as people look at them: one row each, with what they cost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace teff::cli {

struct Layer {
  int node;                 // index into the graph
  int number;               // as errors and --crc count it; -1: made by a pass
  std::string op, options;  // "CONV_2D", "stride_w=2 stride_h=2 relu ..." (what differs from the default)
  std::string inputs, output, type;  // shapes; element type of the output
  int64_t macs, parameters, parameter_bytes;
  int64_t live_bytes;  // of the arena while it runs: inputs, outputs and whatever waits for later layers
};

std::vector<Layer> layers_of(const Program& program);

// Bytes of the arena that hold something needed during a step, at most, of the steps [first, last].
int64_t live_bytes(const Plan& plan, int first, int last);

// Total of a member.
int64_t total(const std::vector<Layer>& layers, int64_t Layer::*member);
// The layer with the most live bytes; -1 where there are no layers.
int busiest(const std::vector<Layer>& layers);

}  // namespace teff::cli
