#include "core/shape.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/testing.h"

namespace teff {
namespace {

std::string error_of_checked(const std::vector<int64_t>& extents) {
  return error_of([&] { Shape::checked(extents); });
}

TEST(Shape, AScalarHasNoAxesAndOneElement) {
  EXPECT_EQ(Shape().rank(), 0);
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ(to_string(Shape()), "scalar");
}

TEST(Shape, CountsElements) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(shape.elements(), 24);
  EXPECT_EQ(shape.product(0, 1), 2);
  EXPECT_EQ(shape.product(1, 3), 12);
  EXPECT_EQ(shape.product(2, 2), 1);
  EXPECT_EQ(shape.back(), 4);
  EXPECT_EQ((Shape{5, 0, 7}.elements()), 0);
  EXPECT_EQ(to_string(shape), "2x3x4");
}

TEST(Shape, IsEqualByItsAxesAlone) {
  Shape shrunk{2, 3, 4};
  shrunk.resize(2);
  EXPECT_EQ(shrunk, (Shape{2, 3}));
  EXPECT_NE(shrunk, (Shape{2, 3, 1}));
  EXPECT_NE(shrunk, (Shape{3, 2}));
  shrunk.resize(4, 7);
  EXPECT_EQ(shrunk, (Shape{2, 3, 7, 7}));
  shrunk[0] = 9;
  EXPECT_EQ(shrunk, (Shape{9, 3, 7, 7}));
}

TEST(Shape, FromAFileIsChecked) {
  const std::vector<int32_t> extents{1, 49, 10, 1};
  EXPECT_EQ(Shape::checked(extents), (Shape{1, 49, 10, 1}));
  EXPECT_EQ(Shape::checked(std::vector<int64_t>(8, 2)).rank(), kMaxRank);
  EXPECT_EQ(error_of_checked(std::vector<int64_t>(9, 1)),
            "a shape of 9 dimensions (at most 8 are supported)");
  EXPECT_EQ(error_of_checked({2, -1}), "a dimension of -1");
}

TEST(Shape, FromAFileCanBeCounted) {
  const int64_t big = int64_t{1} << 31;
  EXPECT_EQ(Shape::checked(std::vector{big, big - 1}).elements(), big * (big - 1));
  EXPECT_EQ(error_of_checked({big, big}),
            "shape 2147483648x2147483648 has more elements than can be counted");
  EXPECT_EQ(error_of_checked({big, big, big, 5}),
            "shape 2147483648x2147483648 has more elements than can be counted");
  EXPECT_NE(error_of_checked({0, big, big}), "no error") << "its strides would overflow";
}

TEST(Shape, StridesAreRowMajor) {
  const auto strides = strides_of(Shape{2, 3, 4});
  EXPECT_EQ(strides[0], 12);
  EXPECT_EQ(strides[1], 4);
  EXPECT_EQ(strides[2], 1);
  EXPECT_EQ(strides_of(Shape())[0], 0);
}

TEST(Broadcast, AlignsTheLastAxesAndStretchesOnes) {
  EXPECT_EQ(broadcast(Shape{2, 3}, Shape{2, 3}), (Shape{2, 3}));
  EXPECT_EQ(broadcast(Shape{8, 1, 6, 1}, Shape{7, 1, 5}), (Shape{8, 7, 6, 5}));
  EXPECT_EQ(broadcast(Shape{3}, Shape{2, 3}), (Shape{2, 3}));
  EXPECT_EQ(broadcast(Shape(), Shape{4}), Shape{4});
  EXPECT_EQ(broadcast(Shape{0, 3}, Shape{1, 3}), (Shape{0, 3})) << "one stretches to nothing too";
}

TEST(Broadcast, RefusesOtherExtentsAndNamesBothShapes) {
  EXPECT_EQ(error_of([] {
              broadcast(Shape{2, 3}, Shape{4, 3});
            }),
            "shapes 2x3 and 4x3 cannot be broadcast together");
  EXPECT_EQ(error_of([] { broadcast(Shape{0}, Shape{2}); }), "shapes 0 and 2 cannot be broadcast together");
}

}  // namespace
}  // namespace teff
