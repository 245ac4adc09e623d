#include "kernels/x86/conv_f32.h"

#include <algorithm>

#include "kernels/x86/divide.h"
#include "kernels/x86/regions.h"
#include "kernels/x86/tile_f32.h"

namespace teff::x86 {
namespace {

// Rows of few images are divided further, by output channels.
int32_t stripes_of(const ConvF32& p) {
  const int32_t panels = panels_f32(p.outputs / p.groups);
  return p.groups > 1 ? 1 : std::clamp(ceil_div(4, p.window.out_h), 1, ceil_div(panels, 4));
}

class Convolution {
 public:
  Convolution(const ConvF32& p, const float* x, const float* packed, const float* bias, float* y)
      : p_(p), w_(p.window), x_(x), packed_(packed), bias_(bias), y_(y) {}

  // Rows are counted through all images.
  void rows(teff_range rows, teff_range panels) {
    for_parts_of_images(w_, rows, [&](int32_t image, teff_range part) {
      for (int32_t group = 0; group < p_.groups; ++group) part_of_image(image, group, part, panels);
    });
  }

 private:
  void part_of_image(int32_t image, int32_t group, teff_range rows, teff_range panels) {
    const int32_t blocks = ceil_div(panels.end - panels.begin, panels_in_cache(taps_));
    for (int32_t i = 0; i < blocks; ++i) {
      const teff_range block = part_of(panels.end - panels.begin, blocks, i);
      for_regions(w_, rows, [&](const Region& region) {
        rectangle(region, image, group, {panels.begin + block.begin, panels.begin + block.end});
      });
    }
  }

  void rectangle(const Region& region, int32_t image, int32_t group, teff_range panels) {
    const bool across = along_rows(region, kernels_.rows);
    const teff_range lines = across ? region.rows : region.columns;
    const teff_range pixels = across ? region.columns : region.rows;
    const int32_t length = pixels.end - pixels.begin, tiles = ceil_div(length, kernels_.rows);
    TileF32 t = tile_of(region, across);
    for (int32_t line = lines.begin; line < lines.end; ++line)
      for (int32_t i = 0; i < tiles; ++i) {
        const teff_range part = part_of(length, tiles, i);
        const int32_t first = pixels.begin + part.begin;
        const int32_t row = across ? line : first, column = across ? first : line;
        t.a = x_ + input_of(w_, region, image, row, column) + group * depth_;
        t.c = y_ + ((int64_t{image} * w_.out_h + row) * w_.out_w + column) * p_.outputs + group * outputs_;
        const int64_t skipped = int64_t{region.down.begin} * w_.kernel_w + region.across.begin;
        t.b = packed_ + group * packed_floats_f32(taps_, outputs_) + skipped * depth_ * kPanelF32;
        row_of_panels(t, part.end - part.begin, group, panels);
      }
  }

  // What all tiles of a region have in common.
  TileF32 tile_of(const Region& region, bool across) const {
    TileF32 t{};
    const ptrdiff_t line = ptrdiff_t{w_.in_w} * w_.channels;
    const int32_t taps = region.across.end - region.across.begin;
    const bool together = w_.dilation_w == 1 && p_.groups == 1;  // the taps of a line lie side by side
    t.a_step = across ? ptrdiff_t{w_.stride_w} * w_.channels : w_.stride_h * line;
    t.depth = together ? taps * depth_ : depth_;
    t.runs = together ? 1 : taps;
    t.lines = region.down.end - region.down.begin;
    t.run_step = ptrdiff_t{w_.dilation_w} * w_.channels, t.line_step = w_.dilation_h * line;
    t.b_line_step = ptrdiff_t{w_.kernel_w} * depth_ * kPanelF32;
    t.panel_step = ptrdiff_t{taps_} * kPanelF32;
    t.c_step = ptrdiff_t{across ? 1 : w_.out_w} * p_.outputs;
    t.lo = p_.lo, t.hi = p_.hi;
    return t;
  }

  void row_of_panels(TileF32 t, int32_t pixels, int32_t group, teff_range panels) {
    const float *b = t.b, *bias = bias_ != nullptr ? bias_ + group * outputs_ : nullptr;
    float* c = t.c;
    for (int32_t panel = panels.begin; panel < panels.end;) {
      const int width = width_for(kernels_, pixels, panels.end - panel);
      const int32_t column = panel * kPanelF32;
      t.b = t.fetch = b + panel * t.panel_step;
      t.c = c + column;
      t.bias = bias != nullptr ? bias + column : nullptr;
      t.columns = std::min(outputs_ - column, kPanelF32 << width);
      kernels_.tiles[pixels][width](t);
      panel += 1 << width;
    }
  }

  const ConvF32& p_;
  const teff_window& w_;
  const float *x_, *packed_, *bias_;
  float* y_;
  const TilesF32& kernels_ = p_.tiles != nullptr ? *p_.tiles : tiles_f32();
  const int32_t depth_ = w_.channels / p_.groups;  // of one tap
  const int32_t taps_ = w_.kernel_h * w_.kernel_w * depth_;
  const int32_t outputs_ = p_.outputs / p_.groups;
};

int32_t taps_of(const ConvF32& p) {
  return p.window.kernel_h * p.window.kernel_w * (p.window.channels / p.groups);
}

}  // namespace

int64_t conv_f32_packed_floats(const ConvF32& p) {
  return p.groups * packed_floats_f32(taps_of(p), p.outputs / p.groups);
}

void conv_f32_pack(const ConvF32& p, const float* weights, float* packed) {
  const int32_t taps = taps_of(p), outputs = p.outputs / p.groups;
  for (int32_t group = 0; group < p.groups; ++group)
    pack_f32(weights + int64_t{group} * taps * outputs, outputs, 1, taps, outputs,
             packed + group * packed_floats_f32(taps, outputs));
}

int32_t conv_f32_units(const ConvF32& p, int32_t images) { return images * p.window.out_h * stripes_of(p); }

// Unit u is the row u / stripes in the stripe u % stripes.
void conv_f32(const ConvF32& p, const float* x, const float* packed, const float* bias, float* y,
              teff_range units) {
  const int32_t stripes = stripes_of(p), panels = panels_f32(p.outputs / p.groups);
  Convolution convolution(p, x, packed, bias, y);
  for (int32_t i = 0; i < stripes; ++i) {
    const auto row = [&](int32_t unit) { return (std::max(unit - i, 0) + stripes - 1) / stripes; };
    convolution.rows({row(units.begin), row(units.end)}, part_of(panels, stripes, i));
  }
}

}  // namespace teff::x86
