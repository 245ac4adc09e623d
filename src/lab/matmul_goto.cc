// Goto's product, as BLIS and OpenBLAS are built: around the micro-kernel, three loops that cut A and B into
// pieces each of which fits into one cache, and that copy ("pack") each piece into the order in which the
// micro-kernel reads it.
#include <algorithm>

#include "core/aligned_buffer.h"
#include "core/cpu.h"
#include "core/threads.h"
#include "matmul.h"
#include "micro_kernel.h"

namespace teff::lab {
namespace {

// How much of k, of the rows and of the columns is packed at a time.
struct Blocking {
  int64_t k, rows, columns;
};

int64_t up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

Blocking blocking(const Matmul& p, const MicroKernel& kernel) {
  // Long enough that reading and writing C is nothing beside it, short enough that a panel of A and one of B
  // lie in the first two caches.
  const int64_t k = std::min<int64_t>(p.k, 320);
  const int64_t l2 = cpu().l2 > 0 ? cpu().l2 : 256 * 1024;
  const int64_t rows_in_l2 = l2 / 2 / (k * static_cast<int64_t>(sizeof(float)));
  return {k, std::max(kernel.rows, rows_in_l2 / kernel.rows * kernel.rows),
          up(std::min<int64_t>(p.n, 4096), kernel.columns)};
}

class Floats {
 public:
  explicit Floats(int64_t count) : memory_(static_cast<size_t>(count) * sizeof(float)) {}
  float* data() { return reinterpret_cast<float*>(memory_.data()); }

 private:
  AlignedBuffer memory_;
};

// Rows [begin, end) of A, k of its columns from k0 on: panels of `kernel.rows` rows, each a sequence of
// columns. Where rows are missing there are zeros, so that the micro-kernel knows one size only.
void pack_a(const Matmul& p, const MicroKernel& kernel, Range rows, int64_t k0, int64_t k, float* to) {
  for (int64_t i0 = rows.begin; i0 < rows.end; i0 += kernel.rows, to += kernel.rows * k)
    for (int64_t i = 0; i < kernel.rows; ++i) {
      const float* from = p.a + (i0 + i) * p.k + k0;
      const bool there = i0 + i < rows.end;
      for (int64_t step = 0; step < k; ++step) to[step * kernel.rows + i] = there ? from[step] : 0;
    }
}

// One panel of B: columns from j0 on, k of its rows from k0 on.
void pack_b(const Matmul& p, const MicroKernel& kernel, int64_t j0, int64_t k0, int64_t k, float* to) {
  const int64_t columns = std::min(kernel.columns, p.n - j0);
  for (int64_t step = 0; step < k; ++step, to += kernel.columns) {
    const float* from = p.b + (k0 + step) * p.n + j0;
    std::copy_n(from, columns, to);
    std::fill(to + columns, to + kernel.columns, 0.0f);
  }
}

// One block of C at (i, j). At the edges of C the micro-kernel writes into a block beside it.
void add_block(const Matmul& p, const MicroKernel& kernel, int64_t k, const float* a, const float* b,
               int64_t i, int64_t j) {
  const int64_t rows = std::min(kernel.rows, p.m - i), columns = std::min(kernel.columns, p.n - j);
  float* c = p.c + i * p.n + j;
  if (rows == kernel.rows && columns == kernel.columns) return kernel.add(k, a, b, c, p.n);
  alignas(64) float edge[32 * 64] = {};
  kernel.add(k, a, b, edge, kernel.columns);
  for (int64_t y = 0; y < rows; ++y)
    for (int64_t x = 0; x < columns; ++x) c[y * p.n + x] += edge[y * kernel.columns + x];
}

}  // namespace

// Without packing, the micro-kernel reads B with a stride of n floats: in most steps another
// page of memory, lines that push each other out of the cache because their addresses are so regular. Packed,
// it reads two sequences. Each number is copied once and then used for hundreds of products.
//
//   columns of B    all that is packed at a time: stays in the third cache, or the second
//     k             a slice of A and B: panel by panel through the first cache
//       rows of A   stay in the second cache; shared out among threads
//         panels of B, panels of A: the micro-kernel
void goto_packed(Matmul p) {
  const MicroKernel& kernel = micro_kernel();
  const Blocking block = blocking(p, kernel);
  const int64_t panels = up(p.m, kernel.rows) / kernel.rows;
  const int threads =
      static_cast<int>(std::clamp<int64_t>(p.threads, 1, std::min<int64_t>(panels, kMaxThreads)));
  Floats packed_b(block.k * block.columns), packed_a(threads * block.k * block.rows);
  std::fill_n(p.c, p.m * p.n, 0.0f);
  for (int64_t j0 = 0; j0 < p.n; j0 += block.columns)
    for (int64_t k0 = 0; k0 < p.k; k0 += block.k) {
      const int64_t k = std::min(block.k, p.k - k0), j_end = std::min(j0 + block.columns, p.n);
      parallel_for(up(j_end - j0, kernel.columns) / kernel.columns, threads, [&](Range r, int) {
        for (int64_t panel = r.begin; panel < r.end; ++panel)
          pack_b(p, kernel, j0 + panel * kernel.columns, k0, k, packed_b.data() + panel * kernel.columns * k);
      });
      parallel_for(panels, threads, [&](Range r, int thread) {
        float* a = packed_a.data() + thread * block.k * block.rows;
        const int64_t end = std::min(r.end * kernel.rows, p.m);
        for (int64_t i0 = r.begin * kernel.rows; i0 < end; i0 += block.rows) {
          const Range rows{i0, std::min(i0 + block.rows, end)};
          pack_a(p, kernel, rows, k0, k, a);
          for (int64_t j = j0; j < j_end; j += kernel.columns)
            for (int64_t i = rows.begin; i < rows.end; i += kernel.rows)
              add_block(p, kernel, k, a + (i - i0) * k, packed_b.data() + (j - j0) * k, i, j);
        }
      });
    }
}

}  // namespace teff::lab
