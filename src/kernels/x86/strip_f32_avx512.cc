#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels/x86/strip_f32.h"
#include "kernels/x86/target.h"

TEFF_TARGET_BEGIN("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
namespace teff::x86 {
namespace {
#include "kernels/x86/words_f32_avx512.inc"

#include "kernels/x86/strip_f32.inc"
}  // namespace

const StripsF32 kStripsF32Avx512 = {depthwise_strip};

}  // namespace teff::x86
TEFF_TARGET_END
#endif
