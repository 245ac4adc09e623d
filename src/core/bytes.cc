#include "core/bytes.h"

namespace teff {

Bytes Bytes::own(std::vector<std::byte> data) {
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(data));
  return Bytes(owner, {owner->data(), owner->size()});
}

Bytes Bytes::copy(std::span<const std::byte> data) { return own({data.begin(), data.end()}); }

}  // namespace teff
