#if defined(__x86_64__)
#include "kernels/x86/streams_f32.h"
#include "kernels/x86/target.h"

#define TEFF_ROW(name) teff_##name##_avx512

TEFF_TARGET_BEGIN("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
namespace teff {
#include "kernels/x86/streams_f32.inc"
}  // namespace teff
TEFF_TARGET_END
#endif
