#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/x86/gemm_f32.h"
#include "kernels/x86/target.h"
#include "kernels/x86/tile_f32.h"

TEFF_TARGET_BEGIN("avx2,fma")
namespace teff::x86 {
namespace {
#include "kernels/x86/words_f32_avx2.inc"

#include "kernels/x86/tile_f32.inc"
}  // namespace

// Of 16 registers a tile takes two for the sums of a row and a panel, two for each panel's weights, one for
// x.
const TilesF32 kTilesF32Avx2 = {8,
                                dots,
                                6,
                                {{},
                                 {tile<1, 1>, tile<1, 2>, tile<1, 4>},
                                 {tile<2, 1>, tile<2, 2>},
                                 {tile<3, 1>},
                                 {tile<4, 1>},
                                 {tile<5, 1>},
                                 {tile<6, 1>}}};

}  // namespace teff::x86
TEFF_TARGET_END
#endif
