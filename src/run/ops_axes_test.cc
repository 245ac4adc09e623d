#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/one_op.h"

namespace teff {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatNear;
using Floats = std::vector<float>;

OneOp reduce(ReduceKind kind, const Shape& shape, const Floats& x, int32_t axis) {
  OneOp op(Reduce{.kind = kind});
  op.input<float>(shape, x).constant<int32_t>({1}, {axis}).output(Type::f32);
  return op;
}

TEST(Reduce, SumsAlongAnyAxis) {
  const Floats x = {1, 2, 3, 4, 5, 6};
  EXPECT_THAT(reduce(ReduceKind::sum, {2, 3}, x, 0).values<float>(), ElementsAre(5, 7, 9));
  EXPECT_THAT(reduce(ReduceKind::sum, {2, 3}, x, 1).values<float>(), ElementsAre(6, 15));
  EXPECT_THAT(reduce(ReduceKind::mean, {1, 3, 2}, x, -2).values<float>(), ElementsAre(3, 4));
}

TEST(Reduce, OfNothingIsZero) {
  EXPECT_THAT(reduce(ReduceKind::sum, {3, 0}, {}, 1).values<float>(), ElementsAre(0, 0, 0));
  EXPECT_THAT(reduce(ReduceKind::mean, {3, 0, 2}, {}, 1).values<float>(), Each(0));
}

// Kernels sum sixteen results at a time, and a result in parts of 64 elements: neither shows at its edges.
TEST(Reduce, SumsWhatIsNoMultipleOfItsBlocks) {
  constexpr int kRows = 131, kColumns = 37;
  Floats x(kRows * kColumns), down(kColumns, 0), across(kRows, 0);
  for (int i = 0; i < kRows; ++i)
    for (int j = 0; j < kColumns; ++j) {
      const auto value = static_cast<float>((i * 7 + j * 5) % 23);
      x[static_cast<size_t>(i * kColumns + j)] = value;
      down[static_cast<size_t>(j)] += value;
      across[static_cast<size_t>(i)] += value;
    }
  EXPECT_EQ(reduce(ReduceKind::sum, {kRows, kColumns}, x, 0).values<float>(), down);
  EXPECT_EQ(reduce(ReduceKind::sum, {kRows, kColumns}, x, 1).values<float>(), across);
}

// Added one after the other, 65536 tenths are 6553.6 by six parts in ten thousand only.
TEST(Reduce, SumsManyElementsToTheLastDigits) {
  const Floats tenths(3 * 65536, 0.1f);
  EXPECT_THAT(reduce(ReduceKind::mean, {65536, 3}, tenths, 0).values<float>(), Each(FloatNear(0.1f, 2e-6f)));
  EXPECT_THAT(reduce(ReduceKind::mean, {3, 65536}, tenths, 1).values<float>(), Each(FloatNear(0.1f, 2e-6f)));
}

}  // namespace
}  // namespace teff
