#include "kernels/x86/gemm_f32.h"
#include "kernels/x86/target.h"
#include "kernels/x86/tile_f32.h"

namespace teff::x86 {
namespace {
#include "kernels/x86/words_f32_any.inc"

#include "kernels/x86/tile_f32.inc"
}  // namespace

// Of 16 registers a tile takes four for the sums of a row and a panel.
const TilesF32 kTilesF32Any = {4, dots, 2, {{}, {tile<1, 1>, tile<1, 2>}, {tile<2, 1>}}};

}  // namespace teff::x86
