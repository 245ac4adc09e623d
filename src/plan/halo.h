// What it costs to compute the first layers of a network patch by patch.
//
// The result of the last of these layers is cut into patches, and for each the part of every layer that it
// needs is computed: patches need more of what lies further in front, neighbours need the same rows and
// columns there (the halo), and these are computed once for each. Streaming (plan/streaming.h) computes
// nothing twice and keeps whole rows instead; patches are for images whose rows are too long for that.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/work.h"

namespace teff {

// A layer along one axis: output i reads inputs [i * stride - pad, i * stride - pad + (kernel - 1) *
// dilation].
struct AxisWindow {
  int32_t in = 1, out = 1;  // extents
  int32_t kernel = 1, stride = 1, dilation = 1, pad = 0;
};

struct PatchLayer {
  AxisWindow rows, columns;
  int32_t in_channels = 1, out_channels = 1;
  int64_t macs = 0;       // of the whole layer
  bool in_place = false;  // its result may take the place of its input
};

// Which inputs outputs [begin, end) read, cut off where the image ends. Empty for no outputs.
Range inputs_of(const AxisWindow& window, Range outputs);

struct PatchCost {
  int64_t macs = 0;          // all patches
  int64_t whole_macs = 0;    // the same layers, each computed once
  int64_t patch_bytes = 0;   // the most that a layer of a patch takes, input and result
  int64_t result_bytes = 0;  // of the last layer, which is whole
  double overhead() const { return static_cast<double>(macs) / static_cast<double>(whole_macs) - 1; }
};

// Chains only. `patches`: along either axis; the last ones are smaller where they do not divide the result
// evenly. An element is a byte.
PatchCost patch_cost(const std::vector<PatchLayer>& layers, int32_t patches);

}  // namespace teff
