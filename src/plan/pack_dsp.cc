#include "plan/pack_dsp.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "kernels/c/dense_dsp.h"
#include "kernels/c/depthwise_3x3_dsp.h"
#include "kernels/c/tile_dsp.h"

namespace teff {
namespace {

constexpr int64_t kMostActivation = 128;  // in magnitude

void put(std::vector<std::byte>& packed, int64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) packed.push_back(static_cast<std::byte>(value >> 8 * i & 255));
}

// Outputs that only fill up have weights of 0 and constants that do no harm.
teff_channel channel_of(const ConvConstants& c, int64_t output) {
  return output < c.outputs ? c.channels[static_cast<size_t>(output)] : teff_channel{0, 0, -1};
}

void put_channel(std::vector<std::byte>& packed, const teff_channel& channel) {
  put(packed, channel.bias, 4);
  put(packed, channel.multiplier, 4);
  put(packed, channel.offset, 4);
}

// Of a convolution or a fully connected layer, so many outputs together.
class Packer {
 public:
  Packer(const ConvConstants& constants, int64_t block)
      : c_(constants),
        block_(block),
        taps_(int64_t{c_.window.kernel_h} * c_.window.kernel_w * c_.window.channels),
        quads_((taps_ + 3) / 4) {}

  bool exact() const {
    for (int64_t o = 1; o < c_.outputs; o += 2)
      if (!shares_words(o)) return false;
    return true;
  }

  Bytes pack() {
    for (int64_t o = 0; o < c_.outputs; o += block_) {
      for (int64_t even = o; even < o + block_; even += 2) put(packed_, channel_of(c_, even).bias, 4);
      for (int64_t q = 0; q < quads_; ++q)
        for (int64_t k = 4 * q; k < 4 * q + 2; ++k)
          for (int64_t pair = o; pair < o + block_; pair += 2) {
            put(packed_, word(pair, k), 2);
            put(packed_, word(pair, k + 2), 2);
          }
      for (int64_t i = o; i < o + block_; ++i) {
        const teff_channel channel = channel_of(c_, i);
        if (i % 2 == 1) put(packed_, channel.bias, 4);
        put(packed_, channel.multiplier, 4);
        put(packed_, channel.offset, 4);
      }
    }
    return Bytes::of(packed_);
  }

 private:
  // Weights and outputs that only fill up are 0.
  int64_t weight(int64_t output, int64_t tap) const {
    return output < c_.outputs && tap < taps_ ? c_.weights[static_cast<size_t>(output * taps_ + tap)] : 0;
  }
  int64_t magnitude(int64_t output) const {
    int64_t sum = 0;
    for (int64_t k = 0; k < taps_; ++k) sum += std::abs(weight(output, k));
    return sum;
  }
  // Of the outputs `even` and even + 1.
  int64_t word(int64_t even, int64_t k) const { return 256 * weight(even + 1, k) + weight(even, k); }

  bool shares_words(int64_t odd) const {
    if (magnitude(odd) * kMostActivation >= int64_t{1} << 23) return false;
    for (int64_t k = 0; k < taps_; ++k)
      if (const int64_t both = word(odd - 1, k); both != static_cast<int16_t>(both)) return false;
    return true;
  }

  const ConvConstants& c_;
  int64_t block_, taps_, quads_;
  std::vector<std::byte> packed_;
};

// See kernels/c/depthwise_3x3_dsp.h. For channels 0 and 1 of four the first word of a column is rows 0 and 1
// (V), for 2 and 3 it is row 2 (S), which channels 0 and 1 have in the lower half and 2 and 3 in the upper.
Bytes pack_3x3(const ConvConstants& c) {
  std::vector<std::byte> packed;
  for (int64_t i = 0; i < c.outputs; ++i) {
    const int64_t o = i % 4 == 1 ? i + 1 : i % 4 == 2 ? i - 1 : i;
    const auto weight = [&](int row, int column) {
      return int64_t{c.weights[static_cast<size_t>((3 * row + column) * c.outputs + o)]};
    };
    struct Pair {
      int64_t lower, upper;
    };
    Pair first[3], second[3];
    for (int column = 0; column < 3; ++column) {
      const Pair v = {weight(0, column), weight(1, column)};
      const int64_t last = weight(2, column);
      first[column] = o % 4 < 2 ? v : Pair{0, last};
      second[column] = o % 4 < 2 ? Pair{last, 0} : v;
    }
    put_channel(packed, channel_of(c, o));
    for (const auto& [even, odd] :
         {std::pair(first[0], first[1]), std::pair(second[0], second[1]), std::pair(first[2], second[2])})
      for (const int64_t byte : {even.lower, odd.lower, even.upper, odd.upper}) put(packed, byte, 1);
  }
  return Bytes::of(packed);
}

// Four channels at a time: their constants, then a word for each tap.
Bytes pack_tap_by_tap(const ConvConstants& c) {
  const int64_t taps = int64_t{c.window.kernel_h} * c.window.kernel_w;
  std::vector<std::byte> packed;
  for (int64_t o = 0; o < c.outputs; o += 4) {
    for (int64_t i = o; i < o + 4; ++i) put_channel(packed, channel_of(c, i));
    for (int64_t t = 0; t < taps; ++t)
      for (int64_t i = o; i < o + 4; ++i)
        put(packed, i < c.outputs ? c.weights[static_cast<size_t>(t * c.outputs + i)] : 0, 1);
  }
  return Bytes::of(packed);
}

}  // namespace

Bytes pack_conv_rows_dsp(const ConvConstants& constants) {
  Packer packer(constants, TEFF_TILE_OUTPUTS_DSP);
  return packer.exact() ? packer.pack() : Bytes();
}

Bytes pack_depthwise_rows_dsp(const ConvConstants& c) {
  return teff_depthwise_is_3x3_dsp(&c.window) ? pack_3x3(c) : pack_tap_by_tap(c);
}

Bytes pack_depthwise_taps_dsp(const ConvConstants& c) {
  return c.outputs % 4 == 0 ? pack_tap_by_tap(c) : Bytes();
}

Bytes pack_dense_dsp(const ConvConstants& constants) {
  Packer packer(constants, TEFF_DENSE_OUTPUTS_DSP);
  return packer.exact() ? packer.pack() : Bytes();
}

}  // namespace teff
