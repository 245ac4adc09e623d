#include "kernels/x86/depthwise_f32.h"

#include <algorithm>

#include "core/cpu.h"
#include "kernels/x86/regions.h"
#include "kernels/x86/strip_f32.h"

namespace teff::x86 {
namespace {

// Of what lines of windows see this much stays in the first cache while the next line of pixels is made.
constexpr int32_t kLinesFloats = 16 * 1024 / 4;

constexpr int32_t kStrip = 8;  // pixels, at least

// Narrow images are walked down. The order of additions depends on the way, so it must not depend on how rows
// are divided among threads.
bool goes_across(const teff_window& w, const Region& region) {
  const int32_t width = region.columns.end - region.columns.begin;
  return width >= kStrip || 2 * width >= w.out_h;
}

struct Images {
  const DepthwiseF32& p;
  const float *x, *weights, *bias;
  float* y;

  void rectangle(const Region& region, int32_t image) const {
    const teff_window& w = p.window;
    const bool across = goes_across(w, region);
    const teff_range lines = across ? region.rows : region.columns;
    const teff_range pixels = across ? region.columns : region.rows;
    StripF32 s = strip_of(region, across);
    const Block block = block_of(s, pixels.end - pixels.begin);
    for (int32_t c = 0; c < w.channels; c += block.channels)
      for (int32_t first = pixels.begin; first < pixels.end; first += block.pixels) {
        s.channels = std::min(block.channels, w.channels - c);
        s.pixels = std::min(block.pixels, pixels.end - first);
        s.w = first_weight(region) + c, s.bias = bias != nullptr ? bias + c : nullptr;
        for (int32_t i = lines.begin; i < lines.end; ++i) {
          const int32_t row = across ? i : first, column = across ? first : i;
          s.x = x + input_of(w, region, image, row, column) + c;
          s.y = y + ((int64_t{image} * w.out_h + row) * w.out_w + column) * w.channels + c;
          strips.depthwise(s);
        }
      }
  }

  // What all strips of a region have in common. Lines are those of the window that a strip goes along.
  StripF32 strip_of(const Region& region, bool across) const {
    const teff_window& w = p.window;
    const ptrdiff_t pixel = w.channels, line = ptrdiff_t{w.in_w} * w.channels;
    const ptrdiff_t rows_step = w.dilation_h * line, columns_step = w.dilation_w * pixel;
    const ptrdiff_t w_rows_step = w.kernel_w * pixel;
    const int32_t rows = region.down.end - region.down.begin,
                  columns = region.across.end - region.across.begin;
    StripF32 s{};
    s.x_step = across ? w.stride_w * pixel : w.stride_h * line;
    s.y_step = across ? pixel : w.out_w * pixel;
    s.lines = across ? rows : columns, s.taps = across ? columns : rows;
    s.line_step = across ? rows_step : columns_step, s.tap_step = across ? columns_step : rows_step;
    s.w_line_step = across ? w_rows_step : pixel, s.w_tap_step = across ? pixel : w_rows_step;
    s.lo = p.lo, s.hi = p.hi;
    return s;
  }

  const float* first_weight(const Region& region) const {
    return weights +
           (ptrdiff_t{region.down.begin} * p.window.kernel_w + region.across.begin) * p.window.channels;
  }

  struct Block {
    int32_t channels, pixels;
  };

  // All channels and pixels of a line, or of both so many, channels in whole lines of the cache.
  Block block_of(const StripF32& s, int32_t pixels) const {
    const auto stride = static_cast<int32_t>(s.x_step / std::max<ptrdiff_t>(s.tap_step, 1));
    const auto seen = [&](int32_t count) { return std::max(s.lines * (count * stride + s.taps), 1); };
    if (int64_t{seen(pixels)} * p.window.channels <= kLinesFloats) return {p.window.channels, pixels};
    const int32_t channels = std::max(kLinesFloats / seen(kStrip) / 32 * 32, 32);
    const int32_t all = std::min(channels, p.window.channels);
    const int32_t longest = (kLinesFloats / (std::max(s.lines, 1) * all) - s.taps) / std::max(stride, 1);
    return {channels, std::max(longest / kStrip * kStrip, kStrip)};
  }

  const StripsF32& strips = p.strips != nullptr ? *p.strips : strips_f32();
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
