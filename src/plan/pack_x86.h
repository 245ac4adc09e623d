// Constants of int8 layers in the order in which the kernels for x86 read them (kernels/x86/s8.h).
#pragma once

#include "kernels/x86/images_s8.h"
#include "plan/pack.h"

namespace teff {

// What differs between instruction sets.
struct X86Sums {
  int32_t lanes;        // sums in a vector
  int32_t group;        // inputs that one instruction multiplies for a lane
  int32_t input_bytes;  // of an input as it is written down, and of a weight as packed
  int32_t added;        // to every input before it is multiplied
  int32_t set;          // results of a depthwise convolution that are made at a time

  int32_t step_bytes() const { return group * input_bytes; }  // for each lane
};
constexpr X86Sums kVnni512{.lanes = 16, .group = 4, .input_bytes = 1, .added = 128, .set = 64};
constexpr X86Sums kWords256{.lanes = 8, .group = 2, .input_bytes = 2, .added = 0, .set = 16};

// What a channel is scaled with, `added` taken off what its sums start at.
teff_scale_x86 scale_x86(const teff_channel& channel, const teff_result& result, int64_t added);

// Of a convolution or a fully connected layer; `result` says how channels are scaled. Aligned to 64 bytes.
Bytes pack_conv_x86(const ConvConstants& constants, const teff_result& result, const X86Sums& sums);

// Of a depthwise convolution: `sets`, of which lane l of set s is channel sums.set * s + l, or that modulo
// the number of channels where rows are made flat.
Bytes pack_depthwise_x86(const ConvConstants& constants, const teff_result& result, const X86Sums& sums,
                         int32_t sets, bool flat);

}  // namespace teff
