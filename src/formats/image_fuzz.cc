#include <cstring>
#include <span>

#include "core/crc32.h"
#include "core/error.h"
#include "formats/image.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

uint32_t big_endian(const uint8_t* from) {
  return uint32_t{from[0]} << 24 | from[1] << 16 | from[2] << 8 | from[3];
}

// Puts right the CRC of every chunk of a PNG: a change is to be found by what reads the chunk, not by its
// CRC.
void repair(std::span<uint8_t> png) {
  constexpr size_t kMagic = 8, kAround = 12;  // a chunk's length, name and CRC
  if (png.size() < kMagic || std::memcmp(png.data(), "\x89PNG\r\n\x1a\n", kMagic) != 0) return;
  for (auto rest = png.subspan(kMagic); rest.size() >= kAround;) {
    const size_t length = big_endian(rest.data());
    if (length > rest.size() - kAround) return;
    const uint32_t crc = teff::crc32(std::as_bytes(rest.subspan(4, length + 4)));
    for (size_t i = 0; i < 4; ++i) rest[8 + length + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
    rest = rest.subspan(length + kAround);
  }
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  const size_t mutated = LLVMFuzzerMutate(data, size, max_size);
  if (seed % 8 != 0) repair({data, mutated});
  return mutated;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const teff::Array picture = teff::read_image(teff::Bytes::of(std::span(data, size)), 1 << 20);
    teff::resize_image(teff::to_channels(picture, 1), 7, 5);
  } catch (const teff::Error&) {
  }
  return 0;
}
