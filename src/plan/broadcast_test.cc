#include "plan/broadcast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace teff {
namespace {

using testing::ElementsAre;

std::vector<int32_t> first(const int32_t* values, int32_t count) { return {values, values + count}; }

struct Walked {
  std::vector<int32_t> extents, a, b;
};
Walked walked(const Shape& out, const Shape& a, const Shape& b) {
  const teff_broadcast over = broadcast_over(out, {a, b});
  return {first(over.extent, over.axes), first(over.a, over.axes), first(over.b, over.axes)};
}

TEST(Broadcast, IsOneAxisWhereShapesAreEqual) {
  const Walked w = walked({2, 3, 4}, {2, 3, 4}, {2, 3, 4});
  EXPECT_THAT(w.extents, ElementsAre(24));
  EXPECT_THAT(w.a, ElementsAre(1));
  EXPECT_THAT(w.b, ElementsAre(1));
}

TEST(Broadcast, OfANumberIsOneAxisWithoutSteps) {
  const Walked w = walked({2, 3, 4}, {2, 3, 4}, {});
  EXPECT_THAT(w.extents, ElementsAre(24));
  EXPECT_THAT(w.b, ElementsAre(0));
}

TEST(Broadcast, OfAVectorAlongTheLastAxisIsRows) {
  const Walked w = walked({2, 3, 4}, {2, 3, 4}, {4});
  EXPECT_THAT(w.extents, ElementsAre(6, 4));
  EXPECT_THAT(w.a, ElementsAre(4, 1));
  EXPECT_THAT(w.b, ElementsAre(0, 1));
}

TEST(Broadcast, KeepsAxesApartWhereAnOperandTurns) {
  const Walked w = walked({2, 3, 4, 5}, {2, 1, 4, 1}, {1, 3, 1, 5});
  EXPECT_THAT(w.extents, ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(w.a, ElementsAre(4, 0, 1, 0));
  EXPECT_THAT(w.b, ElementsAre(0, 5, 0, 1));
}

TEST(Broadcast, OfNothingButOnesIsOneElement) {
  const Walked w = walked({1, 1}, {1, 1}, {});
  EXPECT_THAT(w.extents, ElementsAre(1));
  EXPECT_THAT(w.a, ElementsAre(0));
}

// The offset of `operand`'s element that belongs to the result's element `unit`, from the definition.
int64_t offset_by_definition(const Shape& out, const Shape& operand, int64_t unit) {
  int64_t offset = 0, stride = 1;
  for (int axis = out.rank() - 1; axis >= 0; --axis) {
    const int own = axis - (out.rank() - operand.rank());
    if (own >= 0) {
      offset += operand[own] == 1 ? 0 : unit % out[axis] * stride;
      stride *= operand[own];
    }
    unit /= out[axis];
  }
  return offset;
}

// Walks [begin, end) as kernels do and compares every offset.
void expect_walk(const Shape& out, const Shape& a, const Shape& b, int32_t begin, int32_t end) {
  const teff_broadcast over = broadcast_over(out, {a, b});
  const int32_t last = over.axes - 1;
  teff_walk walk = teff_walk_from(&over, begin);
  for (int32_t unit = begin, n; unit < end; unit += n) {
    n = teff_walk_run(&over, &walk, end - unit);
    for (int32_t i = 0; i < n; ++i) {
      ASSERT_EQ(walk.a + i * over.a[last], offset_by_definition(out, a, unit + i));
      ASSERT_EQ(walk.b + i * over.b[last], offset_by_definition(out, b, unit + i));
    }
    teff_walk_on(&over, n, &walk);
  }
}

TEST(Broadcast, IsWalkedFromAnywhereToAnywhere) {
  const Shape a{3, 1, 2, 1, 2}, b{4, 1, 5, 1}, out = broadcast(a, b);
  const auto units = static_cast<int32_t>(out.elements());
  for (int32_t begin = 0; begin < units; begin += 7)
    for (int32_t end = begin; end <= units; end += 13) expect_walk(out, a, b, begin, end);
}

}  // namespace
}  // namespace teff
