// A strip of output pixels whose windows have the same taps inside: what there is one of for each instruction
// set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace teff::x86 {

// y[p][c] = clamp(sum over lines i and taps j of x[p][i][j][c] w[i][j][c] + bias[c]): lines are added one
// after the other, and in each the taps.
struct StripF32 {
  const float* x;
  ptrdiff_t x_step, line_step, tap_step;  // from a pixel, line or tap to the next
  int32_t lines, taps;
  const float* w;
  ptrdiff_t w_line_step, w_tap_step;
  const float* bias;  // null: none
  float* y;
  ptrdiff_t y_step;
  int32_t pixels, channels;
  float lo, hi;
};

struct StripsF32 {
  void (*depthwise)(const StripF32&);
};

extern const StripsF32 kStripsF32Any;
#if defined(__x86_64__)
extern const StripsF32 kStripsF32Avx2, kStripsF32Avx512;
#endif

const StripsF32& strips_f32();  // the best for this processor

}  // namespace teff::x86
