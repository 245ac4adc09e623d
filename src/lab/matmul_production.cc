// The product that teff runs networks with. Its idea is that of goto_packed; what it adds is a tile for every
// instruction set, edges without waste, and a division of the work that gives the same bytes with any number
// of threads.
#include <algorithm>

#include "core/aligned_buffer.h"
#include "core/threads.h"
#include "kernels/x86/gemm_f32.h"
#include "matmul.h"

namespace teff::lab {
namespace {

AlignedBuffer floats(int64_t count) { return AlignedBuffer(static_cast<size_t>(count) * sizeof(float)); }
float* data(AlignedBuffer& buffer) { return reinterpret_cast<float*>(buffer.data()); }

}  // namespace

// A network packs its weights once and uses them for every input; here packing is part of the time, as it is
// for the others.
void production(Matmul p) {
  const auto depth = static_cast<int32_t>(p.k), columns = static_cast<int32_t>(p.n);
  AlignedBuffer packed = floats(x86::packed_floats_f32(depth, columns));
  parallel_for(x86::panels_f32(columns), p.threads, [&](Range panels, int) {
    const auto begin = static_cast<int32_t>(panels.begin) * x86::kPanelF32;
    const auto end = std::min(static_cast<int32_t>(panels.end) * x86::kPanelF32, columns);
    x86::pack_f32(p.b + begin, p.n, 1, depth, end - begin, data(packed) + int64_t{begin} * depth);
  });
  x86::GemmF32 gemm;
  gemm.rows = static_cast<int32_t>(p.m), gemm.columns = columns, gemm.depth = depth;
  gemm.a = p.a, gemm.a_step = p.k, gemm.b = data(packed), gemm.c = p.c, gemm.c_step = p.n;
  const int64_t each = (x86::gemm_f32_scratch(gemm) + 15) / 16 * 16;
  const int threads = std::clamp(p.threads, 1, kMaxThreads);
  AlignedBuffer scratch = floats(each * threads);
  parallel_for(x86::gemm_f32_units(gemm), threads, [&](Range units, int thread) {
    x86::gemm_f32(gemm, {static_cast<int32_t>(units.begin), static_cast<int32_t>(units.end)},
                  data(scratch) + each * thread);
  });
}

}  // namespace teff::lab
