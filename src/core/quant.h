// Affine quantization: real = scale * (stored - zero).
#pragma once

#include <cstdint>
#include <vector>

namespace teff {

struct Quant {
  // One entry: per tensor. One per index of `axis`: per channel. One per `group` consecutive elements of
  // `axis` within each row: per group. None: not quantized.
  std::vector<float> scales;
  std::vector<int64_t> zeros;  // as many as scales
  int axis = 0;
  int group = 0;  // elements that share a scale along `axis`; 0: not per group

  bool empty() const { return scales.empty(); }
  bool per_channel() const { return scales.size() > 1; }
  float scale() const { return scales.empty() ? 0.0f : scales[0]; }
  int32_t zero() const { return zeros.empty() ? 0 : static_cast<int32_t>(zeros[0]); }
  bool operator==(const Quant&) const = default;
};

}  // namespace teff
