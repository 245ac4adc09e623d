#include "lab/streams.h"

#include <gtest/gtest.h>

#include "core/aligned_buffer.h"
#include "lab/oracle.h"

namespace teff::lab {
namespace {

TEST(Streams, SumsAreRightForAnyLength) {
  for (int64_t n : {0, 1, 15, 16, 17, 1000}) {
    const auto a = random_floats(n, 1), b = random_floats(n, 2);
    const double truth = matmul64(1, n, 1, a, b, 1)[0];
    EXPECT_NEAR(dot_one_sum(a.data(), b.data(), n), truth, allowed_error(n));
    EXPECT_NEAR(dot(a.data(), b.data(), n), truth, allowed_error(n));
  }
}

TEST(Streams, MatricesTimesVectors) {
  const auto a = random_floats(7 * 33, 1), x = random_floats(33, 2);
  std::vector<float> y(7);
  matvec(a.data(), x.data(), y.data(), 7, 33);
  EXPECT_LE(largest_error(y, matmul64(7, 33, 1, a, x, 1)), allowed_error(33));
}

TEST(Streams, ScaledVectorsAreAdded) {
  std::vector<float> y{1, 2, 3};
  add_scaled(2, std::vector<float>{10, 20, 30}.data(), y.data(), 3);
  EXPECT_EQ(y, (std::vector<float>{21, 42, 63}));
}

TEST(Streams, MemoriesAreReadToTheirEndAndNotBeyond) {  // AddressSanitizer looks on
  for (size_t bytes : {size_t{0}, size_t{512}, size_t{4096}}) {
    const AlignedBuffer memory(bytes);
    read_all(memory.data(), static_cast<int64_t>(bytes));
  }
  const auto levels = memory_levels();
  for (size_t i = 0; i < levels.size(); ++i) {
    EXPECT_EQ(levels[i].bytes % 512, 0) << levels[i].name;
    EXPECT_GT(levels[i].bytes, i > 0 ? levels[i - 1].bytes : 0);
  }
}

}  // namespace
}  // namespace teff::lab
