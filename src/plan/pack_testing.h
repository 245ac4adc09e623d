// Random layers for the tests of packed kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "core/bytes.h"
#include "kernels/c/rows.h"
#include "plan/pack.h"

namespace teff {

class Random {
 public:
  explicit Random(unsigned seed) : generator_(seed) {}
  int32_t in(int32_t lo, int32_t hi) { return std::uniform_int_distribution<int32_t>(lo, hi)(generator_); }
  std::vector<int8_t> bytes(int64_t n, int32_t lo, int32_t hi) {
    std::vector<int8_t> values(static_cast<size_t>(n));
    for (int8_t& v : values) v = static_cast<int8_t>(in(lo, hi));
    return values;
  }

 private:
  std::mt19937 generator_;
};

// Rows of padding, strides and so on as models have them, and some as they do not.
inline teff_window random_window(Random& random, int32_t channels) {
  teff_window w{};
  w.channels = channels;
  w.kernel_h = random.in(1, 5);
  w.kernel_w = random.in(1, 5);
  w.stride_h = random.in(1, 2);
  w.stride_w = random.in(1, 3);
  w.dilation_h = random.in(1, 4) == 1 ? 2 : 1;
  w.dilation_w = random.in(1, 4) == 1 ? 2 : 1;
  w.pad_top = random.in(0, w.kernel_h);
  w.pad_left = random.in(0, w.kernel_w);
  w.out_h = random.in(1, 6);
  w.out_w = random.in(1, 9);
  w.in_h = random.in(1, 9);
  w.in_w = random.in(1, 12);
  if (w.kernel_h == 1 && w.kernel_w == 1) {  // never sees padding
    w.pad_top = w.pad_left = 0;
    w.in_h = (w.out_h - 1) * w.stride_h + 1;
    w.in_w = (w.out_w - 1) * w.stride_w + 1;
  }
  return w;
}

inline teff_window pointwise_window(Random& random, int32_t channels) {
  const int32_t h = random.in(1, 4), w = random.in(1, 7);
  return {h, w, channels, h, w, 1, 1, 1, 1, 1, 1, 0, 0};
}

// Constants whose results spread over the range of int8 and beyond both of its ends.
inline std::vector<teff_channel> random_channels(Random& random, int32_t n, int32_t scaling) {
  std::vector<teff_channel> channels;
  for (int32_t i = 0; i < n; ++i) {
    const int32_t bias = random.in(-5000, 5000), q = random.in(1 << 30, INT32_MAX);
    const int32_t shift = random.in(0, 9) ? -random.in(3, 10) : random.in(-1, 2);
    const int32_t offset = scaling == TEFF_SCALE_TFLITE  ? shift
                           : scaling == TEFF_SCALE_RIGHT ? -random.in(1, 22)
                                                         : random.in(-100000, 100000);
    channels.push_back({bias, q, offset});
  }
  return channels;
}

inline teff_result random_result(Random& random) {
  const int32_t scaling = random.in(0, 3);
  const int32_t zero = random.in(0, 1) ? -128 : random.in(-128, 127);
  const int32_t lo = random.in(0, 3) ? -128 : random.in(-120, 0),
                hi = random.in(0, 3) ? 127 : random.in(0, 120);
  return {scaling, random.in(0, 7), zero, lo, hi};
}

// The operands of one call on heap memory of exactly the sizes that are promised.
template <class P, void (*Kernel)(P, const int8_t*, const void*, int8_t*, void*, teff_range)>
void call(const P& p, const std::vector<int8_t>& x, const Bytes& packed, std::vector<int8_t>& y,
          int32_t scratch_bytes, teff_range range) {
  std::vector<std::byte> scratch(static_cast<size_t>(scratch_bytes));
  Kernel(p, x.data(), packed.data(), y.data(), scratch.data(), range);
}

// A convolution with its operands; half of them have whole groups of four channels, as the fast paths ask.
struct RandomConv {
  explicit RandomConv(Random& random) {
    const int32_t channels = random.in(0, 1) ? 4 * random.in(1, 6) : random.in(1, 11);
    const int32_t outputs = random.in(1, 13);
    const bool pointwise = random.in(0, 2) == 0;
    const teff_window w = pointwise ? pointwise_window(random, channels) : random_window(random, channels);
    p = {w,
         outputs,
         {w.in_h, w.in_w * channels},
         {w.out_h, w.out_w * outputs},
         random.in(-128, 127),
         random_result(random)};
    weights = random.bytes(int64_t{outputs} * w.kernel_h * w.kernel_w * channels, -127, 127);
    channel_constants = random_channels(random, outputs, p.result.scaling);
    x = random.bytes(int64_t{w.in_h} * w.in_w * channels, -128, 127);
  }
  ConvConstants constants() const { return {p.window, p.outputs, weights, channel_constants}; }
  size_t results() const { return static_cast<size_t>(p.window.out_h) * p.window.out_w * p.outputs; }

  teff_conv_rows p;
  std::vector<int8_t> weights, x;
  std::vector<teff_channel> channel_constants;
};

// A fully connected layer with its operands.
struct RandomDense {
  explicit RandomDense(Random& random)
      : p{random.in(1, 70), random.in(1, 20), random_result(random)},
        weights(random.bytes(int64_t{p.inputs} * p.outputs, -127, 127)),
        x(random.bytes(p.inputs, -128, 127)),
        channel_constants(random_channels(random, p.outputs, p.result.scaling)) {}
  ConvConstants constants() const {
    return {{1, 1, p.inputs, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0}, p.outputs, weights, channel_constants};
  }
  size_t results() const { return static_cast<size_t>(p.outputs); }

  teff_dense p;
  std::vector<int8_t> weights, x;
  std::vector<teff_channel> channel_constants;
};

}  // namespace teff
