#include "core/crc32.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace teff {
namespace {

uint32_t crc_of(std::string_view text) { return crc32(std::as_bytes(std::span(text))); }

// The definition: one bit at a time.
uint32_t bitwise(std::span<const std::byte> bytes) {
  uint32_t crc = ~0u;
  for (std::byte byte : bytes) {
    crc ^= static_cast<uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

std::vector<std::byte> noise(size_t size) {
  std::vector<std::byte> bytes(size);
  uint32_t state = 1;
  for (std::byte& byte : bytes) byte = static_cast<std::byte>((state = state * 1664525u + 1013904223u) >> 24);
  return bytes;
}

TEST(Crc32, AgreesWithPublishedValues) {
  EXPECT_EQ(crc_of(""), 0u);
  EXPECT_EQ(crc_of("a"), 0xE8B7BE43u);
  EXPECT_EQ(crc_of("123456789"), 0xCBF43926u);
  EXPECT_EQ(crc_of("The quick brown fox jumps over the lazy dog"), 0x414FA339u);
}

TEST(Crc32, AgreesWithItsDefinitionAtEveryLengthAndAlignment) {
  const std::vector<std::byte> bytes = noise(100);
  for (size_t start = 0; start < 9; ++start)
    for (size_t size = 0; start + size <= bytes.size(); ++size) {
      const auto part = std::span(bytes).subspan(start, size);
      ASSERT_EQ(crc32(part), bitwise(part)) << start << " " << size;
    }
}

TEST(Crc32, ContinuesFromAnEarlierPart) {
  const std::vector<std::byte> bytes = noise(77);
  const auto all = std::span(bytes);
  for (size_t cut = 0; cut <= bytes.size(); ++cut)
    ASSERT_EQ(crc32(all.subspan(cut), crc32(all.first(cut))), crc32(all));
}

}  // namespace
}  // namespace teff
