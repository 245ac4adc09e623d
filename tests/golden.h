// The shared int8 models' recorded results of TFLite Micro: a checksum for every operator, and the inputs
// that they belong to.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace teff {

inline std::string shared() {
  const char* named = std::getenv("TEFF_SHARED");
  return named ? named : TEFF_ROOT "/../shared";
}

using Checksums = std::map<int, uint32_t>;  // by operator

struct Golden {
  size_t input_bytes = 0;
  double scale = 0, zero = 0;           // scale not 0: the input is float, (byte - zero) * scale
  std::map<uint32_t, Checksums> seeds;  // results by the seed of the input
};

inline Golden read_golden(const std::string& path) {
  std::ifstream file(path);
  Golden golden;
  uint32_t seed = 0;
  for (std::string line; std::getline(file, line);) {
    int index = 0;
    unsigned crc = 0;
    std::sscanf(line.c_str(), "# input: %zu int8", &golden.input_bytes);
    std::sscanf(line.c_str(), "# seed %u", &seed);
    if (const size_t at = line.find("float fed = "); at != std::string::npos)
      std::sscanf(line.c_str() + at, "float fed = (int8 - (%lf))*%lf", &golden.zero, &golden.scale);
    if (std::sscanf(line.c_str(), "op %d %*s tensor %*d %*s %*d crc32 %x", &index, &crc) == 2)
      golden.seeds[seed][index] = crc;
  }
  return golden;
}

inline std::vector<std::byte> make_input(const Golden& golden, uint32_t seed) {
  std::vector<std::byte> input(golden.input_bytes * (golden.scale != 0 ? sizeof(float) : 1));
  for (size_t i = 0; i < golden.input_bytes; ++i) {
    seed = seed * 1664525 + 1013904223;
    const auto byte = static_cast<int8_t>(seed >> 24);
    // The difference and the scale are floats, and so is their product.
    const float real = static_cast<float>(byte - golden.zero) * static_cast<float>(golden.scale);
    if (golden.scale != 0)
      std::memcpy(&input[i * sizeof(float)], &real, sizeof real);
    else
      input[i] = static_cast<std::byte>(byte);
  }
  return input;
}

constexpr const char* kSharedModels[] = {"kws", "vww96", "ic", "ad", "sww", "te_vww", "mcunetv2"};

}  // namespace teff
