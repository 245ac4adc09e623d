#include "core/aligned_buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "core/testing.h"

namespace teff {
namespace {

TEST(AlignedBuffer, IsZeroedAndAligned) {
  for (size_t alignment : {1, 2, 64, 4096})
    for (size_t size : {1, 63, 100000}) {
      AlignedBuffer buffer(size, alignment);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % alignment, 0u);
      EXPECT_EQ(buffer.span().size(), size);
      EXPECT_TRUE(std::ranges::all_of(buffer.span(), [](std::byte b) { return b == std::byte{0}; }));
      std::ranges::fill(buffer.span(), std::byte{0xAB});
    }
}

TEST(AlignedBuffer, MayBeEmpty) {
  EXPECT_TRUE(AlignedBuffer().span().empty());
  EXPECT_TRUE(AlignedBuffer(0).span().empty());
}

TEST(AlignedBuffer, AMovedFromBufferIsEmpty) {
  AlignedBuffer a(10);
  std::byte* memory = a.data();
  AlignedBuffer b(std::move(a));
  EXPECT_EQ(b.data(), memory);
  EXPECT_TRUE(a.span().empty());
  a = std::move(b);
  EXPECT_EQ(a.span().data(), memory);
  EXPECT_EQ(a.size(), 10u);
  EXPECT_TRUE(b.span().empty());
}

TEST(AlignedBuffer, SaysHowMuchMemoryCannotBeHad) {
  EXPECT_THAT(error_of([] { AlignedBuffer(size_t{1} << 60); }),
              testing::StartsWith("1152921504606846976 bytes of memory cannot be had"));
}

}  // namespace
}  // namespace teff
