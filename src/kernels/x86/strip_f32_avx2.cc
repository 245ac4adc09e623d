#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/x86/strip_f32.h"
#include "kernels/x86/target.h"

TEFF_TARGET_BEGIN("avx2,fma")
namespace teff::x86 {
namespace {
#include "kernels/x86/words_f32_avx2.inc"

#include "kernels/x86/strip_f32.inc"
}  // namespace

const StripsF32 kStripsF32Avx2 = {depthwise_strip};

}  // namespace teff::x86
TEFF_TARGET_END
#endif
