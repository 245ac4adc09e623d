#include "core/crc32.h"

#include <array>

namespace teff {
namespace {

// table[k][b]: what byte b contributes to the remainder after k more bytes have passed.
constexpr std::array<std::array<uint32_t, 256>, 8> make_tables() {
  std::array<std::array<uint32_t, 256>, 8> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1) ^ (remainder & 1 ? 0xEDB88320u : 0u);
    table[0][byte] = remainder;
  }
  for (size_t k = 1; k < 8; ++k)
    for (size_t byte = 0; byte < 256; ++byte)
      table[k][byte] = (table[k - 1][byte] >> 8) ^ table[0][table[k - 1][byte] & 0xFF];
  return table;
}

constexpr auto kTables = make_tables();

uint32_t little_endian(const std::byte* p) {
  return static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8 | static_cast<uint32_t>(p[2]) << 16 |
         static_cast<uint32_t>(p[3]) << 24;
}

uint32_t after_word(uint32_t word, size_t later) {
  return kTables[later + 3][word & 0xFF] ^ kTables[later + 2][word >> 8 & 0xFF] ^
         kTables[later + 1][word >> 16 & 0xFF] ^ kTables[later][word >> 24];
}

}  // namespace

uint32_t crc32(std::span<const std::byte> bytes, uint32_t so_far) {
  uint32_t crc = ~so_far;
  const std::byte* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; p += 8, left -= 8)
    crc = after_word(crc ^ little_endian(p), 4) ^ after_word(little_endian(p + 4), 0);
  for (; left > 0; ++p, --left) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint32_t>(*p)) & 0xFF];
  return ~crc;
}

}  // namespace teff
