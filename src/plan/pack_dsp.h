// Packing for the kernels that use Armv7E-M's instructions (kernels/c/tile_dsp.h and depthwise_rows_dsp.h say
// in which order). No bytes: those kernels would not be exact with these constants, another has to be taken.
#pragma once

#include "plan/pack.h"

namespace teff {

Bytes pack_conv_rows_dsp(const ConvConstants& constants);
Bytes pack_depthwise_rows_dsp(const ConvConstants& constants);
Bytes pack_depthwise_taps_dsp(const ConvConstants& constants);
Bytes pack_dense_dsp(const ConvConstants& constants);

}  // namespace teff
