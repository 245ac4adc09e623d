// Constants of convolutions and matrix products in the order in which one machine's kernels read them
// (kernels/c/rows.h); what that order is stands beside each kernel.
#pragma once

#include <cstdint>
#include <span>

#include "core/bytes.h"
#include "kernels/c/rows.h"

namespace teff {

struct ConvConstants {
  teff_window window;  // of a dense layer: 1 x 1, its inputs are the channels
  int32_t outputs;
  std::span<const int8_t>
      weights;  // [outputs][kernel_h][kernel_w][channels]; depthwise: [kernel_h][kernel_w][channels]
  std::span<const teff_channel> channels;  // one an output
};

Bytes pack_c(const ConvConstants& constants);  // for conv_rows_c, depthwise_rows_c and dense_c

}  // namespace teff
