#include "plan/pack.h"

#include <cstring>
#include <vector>

namespace teff {

Bytes pack_c(const ConvConstants& c) {
  std::vector<std::byte> packed(c.channels.size_bytes() + c.weights.size_bytes());
  std::memcpy(packed.data(), c.channels.data(), c.channels.size_bytes());
  std::memcpy(packed.data() + c.channels.size_bytes(), c.weights.data(), c.weights.size_bytes());
  return Bytes::of(packed);
}

}  // namespace teff
