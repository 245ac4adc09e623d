// Goto's product, as BLIS and OpenBLAS are built: around the micro-kernel, loops that cut A and B into
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

// How much of k and of the columns is packed at a time.
struct Blocking {
  int64_t k, columns;
};

int64_t up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

// A panel of A, rows of the micro-kernel times k, stays in the first cache while all of B that is packed
// passes by; that comes from the second, so it must fit in there. And k must be long enough that reading and
// writing C is little beside it.
Blocking blocking(const Matmul& p, const MicroKernel& kernel) {
  const int64_t k = std::min<int64_t>(p.k, 256);
  const int64_t l2 = cpu().l2 > 0 ? cpu().l2 : 256 * 1024;
  const int64_t in_l2 = l2 * 3 / 4 / (k * static_cast<int64_t>(sizeof(float)));
  return {k, std::min(up(p.n, kernel.columns),
                      std::max(kernel.columns, in_l2 / kernel.columns * kernel.columns))};
}

class Floats {
 public:
  explicit Floats(int64_t count) : memory_(static_cast<size_t>(count) * sizeof(float)) {}
  float* data() { return reinterpret_cast<float*>(memory_.data()); }

 private:
  AlignedBuffer memory_;
};

// One panel of A: rows from i0 on, k of its columns from k0 on. Where rows are missing there are zeros, so
// that the micro-kernel knows one size only.
void pack_a(const Matmul& p, const MicroKernel& kernel, int64_t i0, int64_t k0, int64_t k, float* to) {
  const int64_t rows = std::min(kernel.rows, p.m - i0);
  const float* from = p.a + i0 * p.k + k0;
  for (int64_t step = 0; step < k; ++step, to += kernel.rows) {
    for (int64_t i = 0; i < rows; ++i) to[i] = from[i * p.k + step];
    std::fill(to + rows, to + kernel.rows, 0.0f);
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
//   columns of B            as many as fit into the second cache
//     k                     a slice of A and of B
//       panels of A         shared out among threads; each through the first cache
//         panels of B       the micro-kernel
void goto_packed(Matmul p) {
  const MicroKernel& kernel = micro_kernel();
  const Blocking block = blocking(p, kernel);
  const int threads = std::clamp(p.threads, 1, kMaxThreads);
  Floats packed_b(block.k * block.columns), packed_a(threads * block.k * kernel.rows);
  std::fill_n(p.c, p.m * p.n, 0.0f);
  for (int64_t j0 = 0; j0 < p.n; j0 += block.columns)
    for (int64_t k0 = 0; k0 < p.k; k0 += block.k) {
      const int64_t k = std::min(block.k, p.k - k0), j_end = std::min(j0 + block.columns, p.n);
      const auto panel_of_b = [&](int64_t j) { return packed_b.data() + (j - j0) * k; };
      parallel_for(up(j_end - j0, kernel.columns) / kernel.columns, threads, [&](Range panels, int) {
        for (int64_t panel = panels.begin; panel < panels.end; ++panel) {
          const int64_t j = j0 + panel * kernel.columns;
          pack_b(p, kernel, j, k0, k, panel_of_b(j));
        }
      });
      parallel_for(up(p.m, kernel.rows) / kernel.rows, threads, [&](Range panels, int thread) {
        float* a = packed_a.data() + thread * block.k * kernel.rows;
        for (int64_t i = panels.begin * kernel.rows; i < panels.end * kernel.rows; i += kernel.rows) {
          pack_a(p, kernel, i, k0, k, a);
          for (int64_t j = j0; j < j_end; j += kernel.columns)
            add_block(p, kernel, k, a, panel_of_b(j), i, j);
        }
      });
    }
}

}  // namespace teff::lab
