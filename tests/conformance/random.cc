#include "tests/conformance/random.h"

#include <cmath>

namespace teff::conformance {

// SplitMix64: a counter, scrambled; as long as there are bytes, those instead of the counter.
uint64_t Random::bits() {
  uint64_t z = 0;
  if (bytes_.empty()) {
    z = state_ += 0x9e3779b97f4a7c15u;
  } else {
    z = (bytes_[0] + 1) * 0x9e3779b97f4a7c15u;
    bytes_ = bytes_.subspan(1);
  }
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

int64_t Random::between(int64_t least, int64_t most) {
  const auto count = static_cast<uint64_t>(most) - static_cast<uint64_t>(least) + 1;
  return least + static_cast<int64_t>(count == 0 ? bits() : bits() % count);
}

double Random::real(double least, double most) {
  return least + (most - least) * (static_cast<double>(bits() >> 11) * 0x1p-53);
}

// The sum of twelve uniform numbers has variance 1; no function of libm, whose last bit differs by machine.
double Random::normal() {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += real(0, 1);
  return sum;
}

}  // namespace teff::conformance
