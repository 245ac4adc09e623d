#include "kernels/x86/depthwise_f32.h"

#include <algorithm>

#include "core/cpu.h"
#include "kernels/x86/regions.h"
#include "kernels/x86/strip_f32.h"

namespace teff::x86 {
namespace {

// Strips of fewer pixels wait for their sums.
constexpr int32_t kGoodStrip = 8;

struct Images {
  const DepthwiseF32& p;
  const float *x, *weights, *bias;
  float* y;

  void rectangle(const Region& region, int32_t image) const {
    const teff_window& w = p.window;
    const bool across = along_rows(region, kGoodStrip);
    const teff_range lines = across ? region.rows : region.columns;
    const teff_range pixels = across ? region.columns : region.rows;
    const ptrdiff_t line = ptrdiff_t{w.in_w} * w.channels;
    StripF32 s{};
    s.x_step = across ? ptrdiff_t{w.stride_w} * w.channels : w.stride_h * line;
    s.line_step = w.dilation_h * line, s.tap_step = ptrdiff_t{w.dilation_w} * w.channels;
    s.lines = region.down.end - region.down.begin, s.taps = region.across.end - region.across.begin;
    s.w = weights + (ptrdiff_t{region.down.begin} * w.kernel_w + region.across.begin) * w.channels;
    s.w_line_step = ptrdiff_t{w.kernel_w} * w.channels;
    s.bias = bias;
    s.y_step = ptrdiff_t{across ? 1 : w.out_w} * w.channels;
    s.pixels = pixels.end - pixels.begin, s.channels = w.channels;
    s.lo = p.lo, s.hi = p.hi;
    const StripsF32& strips = p.strips != nullptr ? *p.strips : strips_f32();
    for (int32_t i = lines.begin; i < lines.end; ++i) {
      const int32_t row = across ? i : pixels.begin, column = across ? pixels.begin : i;
      s.x = x + input_of(w, region, image, row, column);
      s.y = y + ((int64_t{image} * w.out_h + row) * w.out_w + column) * w.channels;
      strips.depthwise(s);
    }
  }
};

}  // namespace

const StripsF32& strips_f32() {
#if defined(__x86_64__)
  static const StripsF32& best = cpu_has(Isa::avx512) ? kStripsF32Avx512
                                 : cpu_has(Isa::avx2) ? kStripsF32Avx2
                                                      : kStripsF32Any;
  return best;
#else
  return kStripsF32Any;
#endif
}

void depthwise_f32(const DepthwiseF32& p, const float* x, const float* weights, const float* bias, float* y,
                   teff_range rows) {
  const Images images{p, x, weights, bias, y};
  for_parts_of_images(p.window, rows, [&](int32_t image, teff_range part) {
    for_regions(p.window, part, [&](const Region& region) { images.rectangle(region, image); });
  });
}

}  // namespace teff::x86
