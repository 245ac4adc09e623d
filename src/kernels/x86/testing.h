// For tests of kernels: numbers to compute with, memory that ends where the data end, and all instruction
// sets that this processor has.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "core/cpu.h"
#include "kernels/x86/strip_f32.h"
#include "kernels/x86/tile_f32.h"

namespace teff::x86 {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Between -1 and 1.
inline std::vector<float> noise(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random() % 2001) / 1000 - 1;
  return values;
}

// Memory of exactly the size that a kernel may touch, one float away from where memory is aligned.
class Exact {
 public:
  explicit Exact(const std::vector<float>& values) : memory_(new float[values.size() + 1]) {
    std::copy(values.begin(), values.end(), data());
  }
  float* data() const { return memory_.get() + 1; }

 private:
  std::unique_ptr<float[]> memory_;
};

inline std::vector<const TilesF32*> tile_sets() {
  std::vector<const TilesF32*> sets = {&kTilesF32Any};
#if defined(__x86_64__)
  if (cpu_has(Isa::avx2)) sets.push_back(&kTilesF32Avx2);
  if (cpu_has(Isa::avx512)) sets.push_back(&kTilesF32Avx512);
#endif
  return sets;
}

inline std::vector<const StripsF32*> strip_sets() {
  std::vector<const StripsF32*> sets = {&kStripsF32Any};
#if defined(__x86_64__)
  if (cpu_has(Isa::avx2)) sets.push_back(&kStripsF32Avx2);
  if (cpu_has(Isa::avx512)) sets.push_back(&kStripsF32Avx512);
#endif
  return sets;
}

}  // namespace teff::x86
