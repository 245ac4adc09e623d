#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/x86/gemm_f32.h"
#include "kernels/x86/target.h"
#include "kernels/x86/tile_f32.h"

TEFF_TARGET_BEGIN("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
namespace teff::x86 {
namespace {
#include "kernels/x86/words_f32_avx512.inc"

#include "kernels/x86/tile_f32.inc"
}  // namespace

// Of 32 registers a tile takes rows x panels for its sums, one for each panel's weights and one for x.
const TilesF32 kTilesF32Avx512 = {16,
                                  dots,
                                  14,
                                  {{},
                                   {tile<1, 1>, tile<1, 2>, tile<1, 4>, tile<1, 8>},
                                   {tile<2, 1>, tile<2, 2>, tile<2, 4>, tile<2, 8>},
                                   {tile<3, 1>, tile<3, 2>, tile<3, 4>},
                                   {tile<4, 1>, tile<4, 2>, tile<4, 4>},
                                   {tile<5, 1>, tile<5, 2>, tile<5, 4>},
                                   {tile<6, 1>, tile<6, 2>, tile<6, 4>},
                                   {tile<7, 1>, tile<7, 2>},
                                   {tile<8, 1>, tile<8, 2>},
                                   {tile<9, 1>, tile<9, 2>},
                                   {tile<10, 1>, tile<10, 2>},
                                   {tile<11, 1>, tile<11, 2>},
                                   {tile<12, 1>, tile<12, 2>},
                                   {tile<13, 1>, tile<13, 2>},
                                   {tile<14, 1>, tile<14, 2>}}};

}  // namespace teff::x86
TEFF_TARGET_END
#endif
