#include "matmul.h"

namespace teff::lab {
namespace {

const char* no_cuda() { return "teff has no CUDA kernels yet"; }

constexpr MatmulStep kSteps[] = {
    {"naive", "i, j, k: a row of A meets a column of B", 24296, false, naive},
    {"naive, pthreads", "the same, rows shared out among threads", 5864, true, naive_pthreads},
    {"unroll", "8 columns and 4 products at a time", 8512, false, unroll},
    {"reorder", "i, k, j: along the rows of B and C", 1979, false, reorder},
    {"tile", "blocks of 32 x 32 x 32 stay in the first cache", 1269, false, tile},
    {"tile twice", "and wider ones in the second", 0, false, tile_twice},
    {"tile, pthreads", "blocks, rows shared out among threads", 0, true, tile_pthreads},
    {"tile, OpenMP", "the same in one line", 0, true, tile_openmp, no_openmp},
    {"SSE", "B transposed, 4 products in one instruction", 0, false, sse, no_sse},
    {"AVX2", "6 x 16 sums in registers, multiply-add", 0, false, avx2, no_avx2},
    {"AVX-512", "12 x 32 sums in registers", 0, false, avx512, no_avx512},
    {"packed", "Goto: panels in the order in which they are read", 0, false, goto_packed},
    {"packed, threads", "the same, blocks of rows shared out", 0, true, goto_packed},
    {"CUDA", "tiles in shared memory, on a graphics processor", 258, false, nullptr, no_cuda},
    {"teff", "what teff runs networks with", 0, false, production},
    {"teff, threads", "the same, with all threads", 0, true, production},
};

}  // namespace

std::span<const MatmulStep> matmul_steps() { return kSteps; }

}  // namespace teff::lab
