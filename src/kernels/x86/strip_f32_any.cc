#include "kernels/x86/strip_f32.h"
#include "kernels/x86/target.h"

namespace teff::x86 {
namespace {
#include "kernels/x86/words_f32_any.inc"

#include "kernels/x86/strip_f32.inc"
}  // namespace

const StripsF32 kStripsF32Any = {depthwise_strip};

}  // namespace teff::x86
