// Constants in the order of the Helium kernels (kernels/c/NAME_mve.h says which).
#pragma once

#include "plan/pack.h"
#include "plan/plan.h"

namespace teff {

Bytes pack_conv_rows_mve(const ConvConstants& constants);
Bytes pack_conv_rows_small_mve(const ConvConstants& constants);  // where its `small` is set
Bytes pack_depthwise_rows_mve(const ConvConstants& constants);
Bytes pack_dense_mve(const ConvConstants& constants);

// The inner loops that layers have, a bit each, as the macros of the kernels say: TEFF_QUAD_KINDS_MVE,
// TEFF_BLOCK_KINDS_MVE, TEFF_SINGLES_MVE, TEFF_PLANES_KINDS_MVE, TEFF_LANES_KINDS_MVE.
struct HeliumLoops {
  int quads = 0, blocks = 0, singles = 0;
  uint32_t planes = 0;
  int lanes = 0;
  HeliumLoops& operator|=(const HeliumLoops& more);
};
HeliumLoops helium_loops(const Step& step);

}  // namespace teff
