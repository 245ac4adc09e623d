#include "lab/cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/oracle.h"

namespace teff::lab {
namespace {

using testing::ElementsAre;

std::vector<bool> hits(Cache& cache, const std::vector<uint64_t>& addresses) {
  std::vector<bool> found;
  for (uint64_t address : addresses) found.push_back(cache.touch(address));
  return found;
}

TEST(Cache, ALineComesWhole) {
  Cache cache({"", 128, 1, 64});
  EXPECT_THAT(hits(cache, {0, 4, 63, 64, 127, 0}), ElementsAre(false, true, true, false, true, true));
  EXPECT_EQ(cache.misses(), 2);
}

TEST(Cache, LinesOfOneSetPushEachOtherOut) {
  Cache direct({"", 128, 1, 64});  // two sets of one line: 0 and 128 share one
  EXPECT_THAT(hits(direct, {0, 128, 0, 128, 64}), ElementsAre(false, false, false, false, false));
  Cache two_ways({"", 128, 2, 64});
  EXPECT_THAT(hits(two_ways, {0, 128, 0, 128}), ElementsAre(false, false, true, true));
}

TEST(Cache, TheLineThatWasNotUsedForLongestMakesRoom) {
  Cache cache({"", 128, 2, 64});
  EXPECT_THAT(hits(cache, {0, 64, 0, 128, 0, 64}), ElementsAre(false, false, true, false, true, false));
}

TEST(Cache, TheNextIsAskedForWhatTheFirstDoesNotHave) {
  Hierarchy caches({{"L1", 64, 1, 64}, {"L2", 256, 4, 64}}, {"pages", 4096, 1, 4096});
  for (uint64_t address : {0, 64, 0, 64, 0, 4096}) caches.touch(address);
  EXPECT_EQ(caches.accesses(), 6);
  EXPECT_EQ(caches.caches()[0].misses(), 6);
  EXPECT_EQ(caches.caches()[1].misses(), 3);
  EXPECT_EQ(caches.pages().misses(), 2);
}

// Matrices at addresses that are multiples of a line, each in pages of its own; nothing is read from them.
Matmul at_addresses(int64_t m, int64_t k, int64_t n) {
  const auto at = [](uint64_t address) { return reinterpret_cast<float*>(address); };
  return {m, k, n, at(1 << 20), at(2 << 20), at(3 << 20)};
}

int64_t misses(size_t order, const Matmul& p, int64_t bytes) {
  Hierarchy caches({{"L1", bytes, bytes / 64, 64}},
                   {"pages", 64 * 4096, 4, 4096});  // one set: only room counts
  loop_orders()[order].simulate(p, caches);
  EXPECT_EQ(caches.accesses(), 3 * p.m * p.k * p.n);
  return caches.caches()[0].misses();
}

// 16 x 16 floats: each row is one line, so A, B and C are 16 lines each.
TEST(Cache, OrdersMissAsCountedByHand) {
  const Matmul p = at_addresses(16, 16, 16);
  constexpr int64_t kAll = 64 * 64, kFew = 8 * 64;
  for (size_t order = 0; order < loop_orders().size(); ++order)
    EXPECT_EQ(misses(order, p, kAll), 48) << order;
  EXPECT_EQ(misses(0, p, kFew), 16 + 16 + 16 * 16 * 16);  // i j k: a column of B is 16 lines, of which 8 go
  EXPECT_EQ(misses(2, p, kFew), 16 + 16 + 16 * 16);       // i k j: a line of B for each i and k
  EXPECT_EQ(misses(3, p, kFew), 16 * 16 + 16 + 16 * 16);  // k i j: a line of B for each k
}

TEST(Cache, OrdersComputeTheProduct) {
  const auto a = random_floats(37 * 70, 1), b = random_floats(70 * 41, 2);
  const auto truth = matmul64(37, 70, 41, a, b, 1);
  for (const LoopOrder& order : loop_orders()) {
    std::vector<float> c(truth.size(), 7);
    order.run({37, 70, 41, a.data(), b.data(), c.data()});
    EXPECT_LE(largest_error(c, truth), allowed_error(70)) << order.name;
  }
}

TEST(Cache, ThisProcessorsCachesAreDescribed) {
  const auto shapes = cache_shapes();
  ASSERT_GE(shapes.size(), 2u);
  for (const CacheShape& shape : shapes) {
    EXPECT_GE(shape.bytes, shape.ways * shape.line) << shape.name;
    EXPECT_GT(shape.ways, 0);
  }
}

}  // namespace
}  // namespace teff::lab
