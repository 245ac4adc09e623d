#include "kernels/x86/conv_f32.h"

#include <algorithm>
#include <vector>

#include "kernels/x86/divide.h"
#include "kernels/x86/regions.h"
#include "kernels/x86/tile_f32.h"

namespace teff::x86 {
namespace {

// Rows of few images are divided further, by output channels.
int32_t stripes_of(const ConvF32& p) {
  const int32_t panels = panels_f32(p.outputs / p.groups);
  return p.groups > 1 ? 1 : std::clamp(ceil_div(4, p.window.out_h), 1, std::max(ceil_div(panels, 4), 1));
}

// Sixteen columns cost a multiplication for each tap. Of few it costs less to compute each on its own, in
// words along the taps and a few instructions to sum them up. The kernel's rows or taps are such runs of
// words. The choice must not depend on the instruction set's lanes: the weights are packed before.
bool by_dots(const ConvF32& p) {
  const teff_window& w = p.window;
  const int64_t depth = w.channels / p.groups, outputs = p.outputs / p.groups;
  const bool together = w.dilation_w == 1 && p.groups == 1;
  const int64_t run = together ? depth * w.kernel_w : depth, runs = w.kernel_h * (together ? 1 : w.kernel_w);
  return outputs * (runs * ((run + 15) / 16) + 5) < runs * run + 6;
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
    const int32_t most = dots_ ? kernels_.lanes : kernels_.rows;
    const bool across = along_rows(region, most);
    const teff_range lines = across ? region.rows : region.columns;
    const teff_range pixels = across ? region.columns : region.rows;
    const int32_t length = pixels.end - pixels.begin, tiles = ceil_div(length, most);
    TileF32 t = tile_of(region, across);
    for (int32_t line = lines.begin; line < lines.end; ++line)
      for (int32_t i = 0; i < tiles; ++i) {
        const teff_range part = dots_ ? lanes_of(length, i) : part_of(length, tiles, i);
        const int32_t first = pixels.begin + part.begin;
        const int32_t row = across ? line : first, column = across ? first : line;
        t.a = x_ + input_of(w_, region, image, row, column) + group * depth_;
        t.c = y_ + (int64_t{image} * w_.out_h + row) * y_row_step_ + column * y_step_ + group * outputs_;
        const int64_t skipped = (int64_t{region.down.begin} * w_.kernel_w + region.across.begin) * depth_;
        t.b = packed_ + group * packed_of_group() + skipped * (dots_ ? 1 : kPanelF32);
        if (dots_)
          columns(t, part.end - part.begin, group);
        else
          row_of_panels(t, part.end - part.begin, group, panels);
      }
  }

  // Whole words of rows; where there are enough the last of them begins early, so that it is whole, too.
  teff_range lanes_of(int32_t length, int32_t i) const {
    const int32_t lanes = kernels_.lanes, last = std::min((i + 1) * lanes, length);
    return {std::max(last - lanes, 0), last};
  }

  int64_t packed_of_group() const {
    return dots_ ? int64_t{taps_} * outputs_ : packed_floats_f32(taps_, outputs_);
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
    t.b_line_step = ptrdiff_t{w_.kernel_w} * depth_ * (dots_ ? 1 : kPanelF32);
    t.panel_step = ptrdiff_t{taps_} * (dots_ ? 1 : kPanelF32);
    t.c_step = across ? y_step_ : y_row_step_;
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

  // Few of them, each on its own.
  void columns(TileF32 t, int32_t pixels, int32_t group) {
    const float* bias = bias_ != nullptr ? bias_ + group * outputs_ : nullptr;
    for (int32_t n = 0; n < outputs_; ++n, t.b += t.panel_step, ++t.c) {
      t.bias = bias != nullptr ? bias + n : nullptr;
      kernels_.dots(t, pixels);
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
  const bool dots_ = by_dots(p_);
  const ptrdiff_t y_step_ = p_.y_step != 0 ? p_.y_step : p_.outputs;
  const ptrdiff_t y_row_step_ = p_.y_row_step != 0 ? p_.y_row_step : ptrdiff_t{w_.out_w} * p_.outputs;
};

int32_t taps_of(const ConvF32& p) {
  return p.window.kernel_h * p.window.kernel_w * (p.window.channels / p.groups);
}

}  // namespace

int64_t conv_f32_packed_floats(const ConvF32& p) {
  const int32_t taps = taps_of(p), outputs = p.outputs / p.groups;
  return p.groups * (by_dots(p) ? int64_t{taps} * outputs : packed_floats_f32(taps, outputs));
}

void conv_f32_pack(const ConvF32& p, const float* weights, float* packed) {
  const int32_t taps = taps_of(p), outputs = p.outputs / p.groups;
  if (by_dots(p)) {
    for (int32_t group = 0; group < p.groups; ++group)
      for (int32_t n = 0; n < outputs; ++n)
        for (int32_t k = 0; k < taps; ++k) *packed++ = weights[(int64_t{group} * taps + k) * outputs + n];
    return;
  }
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

// --- transposed ---

namespace {

// One of the rows that a row of inputs makes: its pixels side by side are the outputs of one pixel.
ConvF32 row_of_spread(const SpreadF32& p) {
  const int32_t outputs = p.stride_w * p.outputs;
  ConvF32 conv{.outputs = outputs, .lo = p.lo, .hi = p.hi, .tiles = p.tiles};
  conv.window = {.in_h = p.in_h,
                 .in_w = p.in_w,
                 .channels = p.channels,
                 .out_h = p.in_h,
                 .out_w = p.in_w,
                 .kernel_h = 1,
                 .kernel_w = 1,
                 .stride_h = 1,
                 .stride_w = 1,
                 .dilation_h = 1,
                 .dilation_w = 1};
  conv.y_step = outputs, conv.y_row_step = p.stride_h * p.in_w * outputs;
  return conv;
}

}  // namespace

int64_t spread_f32_packed_floats(const SpreadF32& p) {
  return p.stride_h * conv_f32_packed_floats(row_of_spread(p)) + p.stride_w * p.outputs;
}

// The bias, once for each pixel of a row, stands behind the weights.
void spread_f32_pack(const SpreadF32& p, const float* weights, const float* bias, float* packed) {
  const ConvF32 conv = row_of_spread(p);
  std::vector<float> row(static_cast<size_t>(p.channels) * static_cast<size_t>(conv.outputs));
  for (int32_t i = 0; i < p.stride_h; ++i, packed += conv_f32_packed_floats(conv)) {
    for (int32_t j = 0; j < p.stride_w; ++j)
      for (int32_t c = 0; c < p.channels; ++c)
        for (int32_t o = 0; o < p.outputs; ++o)
          row[static_cast<size_t>((c * p.stride_w + j) * p.outputs + o)] =
              weights[((int64_t{i} * p.stride_w + j) * p.channels + c) * p.outputs + o];
    conv_f32_pack(conv, row.data(), packed);
  }
  for (int32_t n = 0; n < conv.outputs; ++n) packed[n] = bias != nullptr ? bias[n % p.outputs] : 0;
}

int32_t spread_f32_units(const SpreadF32& p) { return conv_f32_units(row_of_spread(p), 1); }

void spread_f32(const SpreadF32& p, const float* x, const float* packed, float* y, teff_range units) {
  const ConvF32 conv = row_of_spread(p);
  const float* bias = packed + p.stride_h * conv_f32_packed_floats(conv);
  for (int32_t i = 0; i < p.stride_h; ++i)
    conv_f32(conv, x, packed + i * conv_f32_packed_floats(conv), bias, y + int64_t{i} * p.in_w * conv.outputs,
             units);
}

}  // namespace teff::x86
