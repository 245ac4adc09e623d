#include "formats/flexbuffer.h"

#include "core/error.h"

namespace teff {
namespace {

// Types of values that lie where they are used, not elsewhere.
constexpr unsigned kInt = 1, kUnsigned = 2;
constexpr unsigned kMap = 9, kVector = 10;

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  // A little-endian integer of 1, 2, 4 or 8 bytes.
  uint64_t number(size_t at, size_t width) const {
    check(width == 1 || width == 2 || width == 4 || width == 8, "the options' FlexBuffer has a width of {}",
          width);
    check(at <= bytes_.size() && width <= bytes_.size() - at, "the options' FlexBuffer points out of itself");
    uint64_t value = 0;
    for (size_t i = 0; i < width; ++i) value |= std::to_integer<uint64_t>(bytes_[at + i]) << (8 * i);
    return value;
  }
  size_t back(size_t at, uint64_t by) const {
    check(by <= at, "the options' FlexBuffer points out of itself");
    return at - static_cast<size_t>(by);
  }

 private:
  std::span<const std::byte> bytes_;
};

int64_t sign_extended(uint64_t value, size_t width) {
  const auto unused = static_cast<int>(64 - 8 * width);
  return static_cast<int64_t>(value << unused) >> unused;
}

}  // namespace

// Read from its end: the root's width, its type (six bits, and two for the width inside of it) and, that
// wide, how far back its first value lies. Before that stands the number of values, behind the last one a
// type for each.
int64_t first_integer_of_flexbuffer(std::span<const std::byte> bytes) {
  const Reader reader(bytes);
  check(bytes.size() >= 3, "a FlexBuffer of {} bytes", bytes.size());
  const auto root_width = static_cast<size_t>(reader.number(bytes.size() - 1, 1));
  const auto type = static_cast<unsigned>(reader.number(bytes.size() - 2, 1));
  check(type >> 2 == kMap || type >> 2 == kVector, "the options' FlexBuffer is neither map nor vector");
  const size_t root = reader.back(bytes.size() - 2, root_width);
  const size_t first = reader.back(root, reader.number(root, root_width));
  const size_t width = size_t{1} << (type & 3);
  const uint64_t count = reader.number(reader.back(first, width), width);
  check(count > 0 && count <= bytes.size(), "the options' FlexBuffer has {} values", count);
  const auto value_type = reader.number(first + static_cast<size_t>(count) * width, 1) >> 2;
  check(value_type == kInt || value_type == kUnsigned, "the options' first value is not an integer");
  return sign_extended(reader.number(first, width), width);
}

}  // namespace teff
