#include "plan/packing.h"

#include <gtest/gtest.h>

namespace teff {
namespace {

Buffer always(int64_t bytes, int64_t begin, int64_t end, int64_t align = 1) {
  return {.bytes = bytes, .align = align, .needs = {{begin, end, 0, bytes}}};
}

TEST(Packing, NothingTakesNothing) { EXPECT_EQ(pack({}, 10).bytes, 0); }

TEST(Packing, BuffersNeededAtOnceLieSideBySide) {
  const std::vector<Buffer> buffers = {always(10, 0, 5), always(20, 2, 6), always(30, 5, 9)};
  const Packing p = pack(buffers, 10);
  EXPECT_EQ(p.least, 50);
  EXPECT_EQ(p.bytes, 50);
}

// Placing by size alone takes 11: the classic case in which the order decides.
TEST(Packing, FindsAnOrderThatMeetsTheBound) {
  const std::vector<Buffer> buffers = {always(4, 0, 2),  always(3, 1, 4), always(4, 3, 6), always(3, 5, 8),
                                       always(4, 7, 10), always(3, 0, 1), always(3, 9, 10)};
  const Packing p = pack(buffers, 200);
  EXPECT_EQ(p.bytes, p.least);
}

TEST(Packing, KeepsAlignment) {
  const std::vector<Buffer> buffers = {always(3, 0, 5), always(8, 0, 5, 8), always(2, 0, 5, 4)};
  const Packing p = pack(buffers, 100);
  EXPECT_EQ(p.offsets[1] % 8, 0);
  EXPECT_EQ(p.offsets[2] % 4, 0);
  EXPECT_LE(p.bytes, 15);
  for (int64_t offset : p.offsets) EXPECT_GE(offset, 0);
}

TEST(Packing, AGrowingBufferFollowsAShrinkingOne) {
  Buffer in{.bytes = 40, .needs = {}}, out{.bytes = 40, .needs = {}};
  for (int64_t t = 0; t < 4; ++t) {
    in.needs.push_back({t, t + 1, 10 * t, 40});
    out.needs.push_back({t, t + 1, 0, 10 * (t + 1)});
  }
  const std::vector<Buffer> buffers = {in, out};
  EXPECT_EQ(pack(buffers, 10).bytes, 50);
}

}  // namespace
}  // namespace teff
