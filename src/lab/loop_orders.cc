// The orders that three loops can have. One walk through i, j and k serves both the product, which is timed,
// and the simulator, which is told the addresses.
#include <algorithm>

#include "cache.h"

namespace teff::lab {
namespace {

enum Axis { I, J, K };

struct Block {
  int64_t begin[3], end[3];
};

template <Axis X, Axis Y, Axis Z, class Visit>
inline void walk(const Block& block, Visit visit) {
  int64_t at[3];
  for (at[X] = block.begin[X]; at[X] < block.end[X]; ++at[X])
    for (at[Y] = block.begin[Y]; at[Y] < block.end[Y]; ++at[Y])
      for (at[Z] = block.begin[Z]; at[Z] < block.end[Z]; ++at[Z]) visit(at[I], at[J], at[K]);
}

// The three loops over one block: all there is.
template <Axis X, Axis Y, Axis Z>
struct Plain {
  template <class Visit>
  static void go(const Matmul& p, Visit visit) {
    walk<X, Y, Z>({{0, 0, 0}, {p.m, p.n, p.k}}, visit);
  }
};

// i, k, j within blocks; of an axis that is not tiled there is one block. The lecture tiles one axis after
// another.
template <bool tile_i, bool tile_j, bool tile_k>
struct Tiled {
  template <class Visit>
  static void go(const Matmul& p, Visit visit) {
    const int64_t ti = tile_i ? kOrderTile : p.m, tj = tile_j ? kOrderTile : p.n,
                  tk = tile_k ? kOrderTile : p.k;
    for (int64_t i = 0; i < p.m; i += ti)
      for (int64_t k = 0; k < p.k; k += tk)
        for (int64_t j = 0; j < p.n; j += tj)
          walk<I, K, J>({{i, j, k}, {std::min(i + ti, p.m), std::min(j + tj, p.n), std::min(k + tk, p.k)}},
                        visit);
  }
};

template <class Order>
void run(const Matmul& p) {
  std::fill_n(p.c, p.m * p.n, 0.0f);
  const float *a = p.a, *b = p.b;
  float* c = p.c;
  const int64_t columns = p.n, depth = p.k;
  Order::go(p, [=](int64_t i, int64_t j, int64_t k) {
    c[i * columns + j] += a[i * depth + k] * b[k * columns + j];
  });
}

// Each product reads a number of A, one of B, and reads and writes one of C. (What stays in a register would
// have been found in the first cache: it changes no miss.)
template <class Order>
void simulate(const Matmul& p, Hierarchy& caches) {
  const auto address = [](const float* x) { return reinterpret_cast<uint64_t>(x); };
  const uint64_t a = address(p.a), b = address(p.b), c = address(p.c);
  Order::go(p, [&](int64_t i, int64_t j, int64_t k) {
    caches.touch(a + 4 * static_cast<uint64_t>(i * p.k + k));
    caches.touch(b + 4 * static_cast<uint64_t>(k * p.n + j));
    caches.touch(c + 4 * static_cast<uint64_t>(i * p.n + j));
  });
}

template <class Order>
LoopOrder order(const char* name, const char* between) {
  return {name, between, run<Order>, simulate<Order>};
}

}  // namespace

std::vector<LoopOrder> loop_orders() {
  return {order<Plain<I, J, K>>("i j k", "K x N"),
          order<Plain<J, I, K>>("j i k", "K"),
          order<Plain<I, K, J>>("i k j", "K x N"),
          order<Plain<K, I, J>>("k i j", "N"),
          order<Plain<J, K, I>>("j k i", "1"),
          order<Plain<K, J, I>>("k j i", "1"),
          order<Tiled<false, true, false>>("i k j, tile j", "K x T"),
          order<Tiled<false, true, true>>("i k j, tile j k", "T x T"),
          order<Tiled<true, true, true>>("i k j, tile i j k", "T x T")};
}

}  // namespace teff::lab
