// Half precision (IEEE binary16 and bfloat16) to and from float, in plain integer arithmetic; rounds to
// nearest even.
#pragma once

#include <bit>
#include <cstdint>

namespace teff {

inline float float_from_half(uint16_t h) {
  const uint32_t sign = static_cast<uint32_t>(h & 0x8000) << 16, rest = h & 0x7FFF;
  if (rest >= 0x7C00) return std::bit_cast<float>(sign | 0x7F800000 | (rest & 0x3FF) << 13);
  // As if the exponent were wide enough, then scaled by 2^112: subnormal halves become normal floats exactly.
  const float scaled = std::bit_cast<float>(rest << 13) * 0x1p112f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(scaled));
}

inline uint16_t half_from_float(float f) {
  const uint32_t bits = std::bit_cast<uint32_t>(f), sign = bits >> 16 & 0x8000, rest = bits & 0x7FFFFFFF;
  if (rest > 0x7F800000) return static_cast<uint16_t>(sign | 0x7E00);
  if (rest >= 0x477FF000) return static_cast<uint16_t>(sign | 0x7C00);  // rounds to 65536 or more
  if (rest < 0x38800000) {
    // Subnormal: adding 0.5 aligns the float's last bit with the half's, and the addition rounds.
    const float shifted = std::bit_cast<float>(rest) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3F000000));
  }
  const uint32_t rounded = rest - 0x38000000 + 0xFFF + (rest >> 13 & 1);
  return static_cast<uint16_t>(sign | rounded >> 13);
}

inline float float_from_bfloat(uint16_t b) { return std::bit_cast<float>(static_cast<uint32_t>(b) << 16); }

}  // namespace teff
