// Constants in the order of the Helium kernels (kernels/c/NAME_mve.h says which).
#pragma once

#include "plan/pack.h"
#include "plan/plan.h"

namespace teff {

Bytes pack_conv_rows_mve(const ConvConstants& constants);
Bytes pack_depthwise_rows_mve(const ConvConstants& constants);
Bytes pack_dense_mve(const ConvConstants& constants);

// The bit of TEFF_QUAD_KINDS_MVE (kernels/c/conv_quads_mve.h) that a convolution's loop has; 0 for other
// kernels.
int helium_quad(const Step& step);
// The bit of TEFF_SINGLES_MVE (kernels/c/depthwise_single_mve.h) of a depthwise convolution's scaling; 0 for
// others.
int helium_single(const Step& step);

}  // namespace teff
