// TFLite's scaling of a channel's sum to int8, done by less arithmetic with the same results.
//
// As a function of the sum the result is a staircase: it never falls, and it has at most 255 steps. Each step
// is the least sum whose result is at least i. Any other function that never falls and has its steps at the
// same sums, as far as the channel can reach them, is TFLite's. The functions of `teff_scaling`
// (kernels/c/rows.h) have a multiplier, an offset and a number added to the sum to play with; they are solved
// for here, and every step of every solution is compared with TFLite's before it is given away.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/c/rows.h"

namespace teff {

// What a channel's sums are scaled with, and the least and the greatest of them (with the model's bias).
struct ChannelSums {
  teff_factor factor;
  int64_t lo = 0, hi = 0;
};

// The numbers that a layer's input consists of. `lo` and `hi` may be narrower than int8 where that is known:
// the result of a relu has none below its zero point.
struct InputRange {
  int32_t zero = 0, lo = -128, hi = 127;
};

// Of one channel with `count` weights, `stride` apart (a convolution or a dense layer: 1; a depthwise one:
// the number of channels). Taps in the padding read the zero point.
ChannelSums reachable_sums(const int8_t* weights, int64_t count, int64_t stride, int64_t bias,
                           teff_factor factor, const InputRange& x);

// `bias` of a channel is what has to be added to the channel's own.
struct Scaling {
  teff_result result;
  std::vector<teff_channel> channels;
};

// The cheapest of `teff_scaling` that is exact for all channels; the kernel's clamp is lifted (to -128 and
// 127) where no channel reaches it. `zero`, `lo` and `hi` are those of the result: zero point, and what the
// activation leaves of int8.
Scaling choose_scaling(std::span<const ChannelSums> channels, int32_t zero, int32_t lo, int32_t hi);

// TFLite's own steps, which all channels can be scaled with: dearer, but layers that have it share code.
Scaling stepwise_scaling(std::span<const ChannelSums> channels, int32_t zero, int32_t lo, int32_t hi);

// Whether a scaling is TFLite's for that channel: compared at both sides of every step, and at the ends.
bool is_exact(const teff_result& result, const teff_channel& channel, const ChannelSums& sums, int32_t zero,
              int32_t lo, int32_t hi);

}  // namespace teff
