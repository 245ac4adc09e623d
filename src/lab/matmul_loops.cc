// What the order and the shape of three loops do, with nothing but C++. The compiler turns the inner loops
// into vector instructions of baseline x86-64 (four floats) where numbers lie in sequence: reorder, tile and
// tile_twice. In naive it gathers four numbers one by one and adds their products one by one, which gains
// nothing.
#include <algorithm>

#include "matmul.h"

namespace teff::lab {

// For each number of C a row of A meets a column of B. The row lies in sequence, the column does not: one
// step of k is n floats further, another cache line each time and, with n = 640, in five steps of eight
// another page of memory. Of the 64 bytes that are fetched, 4 are used before the line is gone. And each
// addition waits for the one before.
void naive(Matmul p) {
  for (int64_t i = 0; i < p.m; ++i)
    for (int64_t j = 0; j < p.n; ++j) {
      float sum = 0;
      for (int64_t k = 0; k < p.k; ++k) sum += p.a[i * p.k + k] * p.b[k * p.n + j];
      p.c[i * p.n + j] = sum;
    }
}

namespace {

// One number of C, for the columns that are left over when eight are taken at a time.
float one(const Matmul& p, int64_t i, int64_t j) {
  float sum = 0;
  for (int64_t k = 0; k < p.k; ++k) sum += p.a[i * p.k + k] * p.b[k * p.n + j];
  return sum;
}

}  // namespace

// Eight columns at a time: of each cache line of B eight floats are used instead of one, and eight sums are
// under way that do not wait for each other. Four products at a time: a quarter of the loop's own
// instructions. The lecture speaks of the second, but the first is what makes the difference.
void unroll(Matmul p) {
  const int64_t k4 = p.k / 4 * 4, j8 = p.n / 8 * 8;
  for (int64_t i = 0; i < p.m; ++i) {
    const float* a = p.a + i * p.k;
    for (int64_t j = 0; j < j8; j += 8) {
      float sum[8] = {};
      for (int64_t k = 0; k < k4; k += 4) {
        const float* b = p.b + k * p.n + j;
        for (int u = 0; u < 8; ++u) {  // the compiler writes these out
          sum[u] += a[k] * b[u];
          sum[u] += a[k + 1] * b[p.n + u];
          sum[u] += a[k + 2] * b[2 * p.n + u];
          sum[u] += a[k + 3] * b[3 * p.n + u];
        }
      }
      for (int64_t k = k4; k < p.k; ++k)
        for (int u = 0; u < 8; ++u) sum[u] += a[k] * p.b[k * p.n + j + u];
      for (int u = 0; u < 8; ++u) p.c[i * p.n + j + u] = sum[u];
    }
    for (int64_t j = j8; j < p.n; ++j) p.c[i * p.n + j] = one(p, i, j);
  }
}

namespace {

void clear(const Matmul& p) { std::fill_n(p.c, p.m * p.n, 0.0f); }

// Rows, products and columns [begin, end) of the three loops, in the order i, k, j: the inner loop walks
// along a row of B and a row of C.
struct Block {
  int64_t i0, i1, k0, k1, j0, j1;
};

inline void add_block(const Matmul& p, const Block& block) {
  for (int64_t i = block.i0; i < block.i1; ++i) {
    float* c = p.c + i * p.n;
    for (int64_t k = block.k0; k < block.k1; ++k) {
      const float a = p.a[i * p.k + k];
      const float* b = p.b + k * p.n;
      for (int64_t j = block.j0; j < block.j1; ++j) c[j] += a * b[j];
    }
  }
}

constexpr int64_t kTile = 32;    // 32 x 32 floats are 4 kB: blocks of A, B and C fit into the first cache
constexpr int64_t kTile2 = 256;  // 32 x 256 floats of B are 32 kB, which wait in the second

}  // namespace

// The two inner loops change places. Now all that the inner loop touches lies in sequence, every byte of a
// cache line is used, the processor fetches the next line before it is asked for, and four columns are one
// instruction. (The slide keeps a sum across the inner loop, which adds the columns together; C must be added
// to.)
void reorder(Matmul p) {
  clear(p);
  add_block(p, {0, p.m, 0, p.k, 0, p.n});
}

// All of B passes by for each row of A. In blocks, a 32 x 32 piece of B is used for 32 rows before it goes.
// What the slides leave out: where a size is no multiple of 32, the last block is smaller.
void tile(Matmul p) {
  clear(p);
  for (int64_t i = 0; i < p.m; i += kTile)
    for (int64_t k = 0; k < p.k; k += kTile)
      for (int64_t j = 0; j < p.n; j += kTile)
        add_block(p, {i, std::min(i + kTile, p.m), k, std::min(k + kTile, p.k), j, std::min(j + kTile, p.n)});
}

// A block for the second cache outside, blocks for the first within. (On the slide the inner loop begins at
// j_t, the wrong one of the two: that adds some columns several times and others never.)
void tile_twice(Matmul p) {
  clear(p);
  for (int64_t j2 = 0; j2 < p.n; j2 += kTile2) {
    const int64_t j2_end = std::min(j2 + kTile2, p.n);
    for (int64_t i = 0; i < p.m; i += kTile)
      for (int64_t k = 0; k < p.k; k += kTile)
        for (int64_t j = j2; j < j2_end; j += kTile)
          add_block(
              p, {i, std::min(i + kTile, p.m), k, std::min(k + kTile, p.k), j, std::min(j + kTile, j2_end)});
  }
}

}  // namespace teff::lab
