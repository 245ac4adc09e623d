// CRC-32 as in zlib (polynomial 0xEDB88320), for comparing tensors with recorded ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace teff {

uint32_t crc32(std::span<const std::byte> bytes, uint32_t so_far = 0);

}  // namespace teff
