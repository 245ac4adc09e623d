// A small simulator of caches: sets of lines, of which the one that was not used for longest makes room. It
// knows no prefetching and no other program, so it says what an order of loops asks for, not how long that
// takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "matmul.h"

namespace teff::lab {

struct CacheShape {
  std::string name;
  int64_t bytes, ways,
      line;  // `line`: bytes that come together; the page, for a cache of page addresses (TLB)
};

class Cache {
 public:
  explicit Cache(const CacheShape& shape);
  // Whether the line of this address was there. It is afterwards, as the one used last.
  bool touch(uint64_t address);
  int64_t misses() const { return misses_; }
  const CacheShape& shape() const { return shape_; }

 private:
  CacheShape shape_;
  uint64_t sets_;
  int shift_;
  std::vector<uint64_t> lines_;  // ways of each set, the one used last in front; 0: empty, else line + 1
  int64_t misses_ = 0;
};

// Caches behind each other: the next is asked for what the one before does not have. Pages are looked up
// beside them.
class Hierarchy {
 public:
  Hierarchy(const std::vector<CacheShape>& caches, const CacheShape& pages);
  void touch(uint64_t address);
  const std::vector<Cache>& caches() const { return caches_; }
  const Cache& pages() const { return pages_; }
  int64_t accesses() const { return accesses_; }

 private:
  std::vector<Cache> caches_;
  Cache pages_;
  int64_t accesses_ = 0;
};

// This processor's, as the kernel describes them; where it does not, common ones.
std::vector<CacheShape> cache_shapes();
CacheShape page_cache_shape();

// An order of the three loops, perhaps in blocks of `tile`: what is simulated is what is run.
struct LoopOrder {
  const char* name;
  const char* between;  // what of B is touched between two uses of one of its numbers, as the lecture counts
  void (*run)(const Matmul& p);
  void (*simulate)(const Matmul& p, Hierarchy& caches);
};
std::vector<LoopOrder> loop_orders();
inline constexpr int64_t kOrderTile = 32;

}  // namespace teff::lab
