#include "plan/pack_dsp.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "kernels/c/tile_dsp.h"

namespace teff {
namespace {

constexpr int64_t kMostActivation = 128;  // in magnitude

class Packer {
 public:
  explicit Packer(const ConvConstants& constants)
      : c_(constants),
        taps_(int64_t{c_.window.kernel_h} * c_.window.kernel_w * c_.window.channels),
        quads_((taps_ + 3) / 4) {}

  bool exact() const {
    for (int64_t o = 1; o < c_.outputs; o += 2)
      if (!shares_words(o)) return false;
    return true;
  }

  Bytes pack() {
    for (int64_t o = 0; o < c_.outputs; o += TEFF_TILE_OUTPUTS_DSP) {
      for (int64_t i = 0; i < TEFF_TILE_OUTPUTS_DSP; ++i) put_channel(o + i);
      for (int64_t q = 0; q < quads_; ++q)
        for (int64_t k = 4 * q; k < 4 * q + 2; ++k)
          for (int64_t pair = o; pair < o + TEFF_TILE_OUTPUTS_DSP; pair += 2) {
            put(word(pair, k), 2);
            put(word(pair, k + 2), 2);
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

  void put(int64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) packed_.push_back(static_cast<std::byte>(value >> 8 * i & 255));
  }

  void put_channel(int64_t output) {
    const teff_channel none = {0, 0, -1};
    const teff_channel& channel = output < c_.outputs ? c_.channels[static_cast<size_t>(output)] : none;
    put(channel.bias, 4);
    put(channel.multiplier, 4);
    put(channel.offset, 4);
  }

  const ConvConstants& c_;
  int64_t taps_, quads_;
  std::vector<std::byte> packed_;
};

}  // namespace

Bytes pack_conv_rows_dsp(const ConvConstants& constants) {
  Packer packer(constants);
  return packer.exact() ? packer.pack() : Bytes();
}

Bytes pack_dense_dsp(const ConvConstants& constants) { return pack_conv_rows_dsp(constants); }

}  // namespace teff
