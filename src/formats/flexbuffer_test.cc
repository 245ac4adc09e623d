#include "formats/flexbuffer.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/error.h"

namespace teff {
namespace {

// {"cycles_max": 1}, as TFLite Micro's own tests have it.
const std::vector<uint8_t> kMapOfBytes = {'c', 'y', 'c', 'l', 'e', 's', '_', 'm', 'a', 'x', 0,
                                          1,   12,  1,   1,   1,   1,   4,   2,   36,  1};

int64_t first(const std::vector<uint8_t>& bytes) {
  return first_integer_of_flexbuffer(std::as_bytes(std::span(bytes)));
}

TEST(Flexbuffer, GivesTheValueOfAMapOfOne) { EXPECT_EQ(first(kMapOfBytes), 1); }

TEST(Flexbuffer, GivesTheFirstOfAVectorOfTwoByteIntegers) {
  EXPECT_EQ(first({2, 0, 0xFE, 0xFF, 9, 0, 5, 5, 6, 41, 1}), -2);
}

TEST(Flexbuffer, RefusesWhatHasNoFirstInteger) {
  EXPECT_THROW(first({}), Error);
  EXPECT_THROW(first({7, 4, 1}), Error);              // a number, no map
  EXPECT_THROW(first({0, 0, 41, 1}), Error);          // a vector of nothing
  EXPECT_THROW(first({1, 0, 12, 2, 40, 1}), Error);   // its value is a float
  EXPECT_THROW(first({1, 5, 4, 200, 40, 1}), Error);  // starts before the first byte
}

TEST(Flexbuffer, NeverReadsOutsideWhateverAByteSays) {
  for (size_t at = 0; at < kMapOfBytes.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      auto bytes = kMapOfBytes;
      bytes[at] = static_cast<uint8_t>(value);
      try {
        first(bytes);
      } catch (const Error&) {
      }
    }
  }
}

}  // namespace
}  // namespace teff
