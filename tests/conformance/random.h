// Random numbers that are the same on every machine: a case is told by its operator, seed and number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

namespace teff::conformance {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  // Each draw takes a byte, so that whoever changes bytes changes single decisions (a fuzzer does); after the
  // last one it goes on by itself. The bytes must outlive it.
  explicit Random(std::span<const uint8_t> bytes) : state_(bytes.size()), bytes_(bytes) {}

  uint64_t bits();
  int64_t between(int64_t least, int64_t most);  // both may come
  double real(double least, double most);        // uniform
  double normal();                               // mean 0, deviation 1
  bool chance(double probability) { return real(0, 1) < probability; }
  template <class T>
  T pick(std::initializer_list<T> values) {
    return values.begin()[between(0, static_cast<int64_t>(values.size()) - 1)];
  }
  template <class T>
  T pick(const std::vector<T>& values) {
    return values[static_cast<size_t>(between(0, static_cast<int64_t>(values.size()) - 1))];
  }
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (size_t i = values.size(); i > 1; --i)
      std::swap(values[i - 1], values[static_cast<size_t>(between(0, static_cast<int64_t>(i) - 1))]);
  }

 private:
  uint64_t state_;
  std::span<const uint8_t> bytes_;
};

}  // namespace teff::conformance
