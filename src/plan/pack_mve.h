// Constants in the order of the Helium kernels (kernels/c/NAME_mve.h says which).
#pragma once

#include "plan/pack.h"

namespace teff {

Bytes pack_conv_rows_mve(const ConvConstants& constants);
Bytes pack_depthwise_rows_mve(const ConvConstants& constants);
Bytes pack_dense_mve(const ConvConstants& constants);

}  // namespace teff
