#include "plan/cost_features.h"

#include "kernels/c/mean_rows.h"
#include "kernels/c/rows.h"
#include "plan/step_params.h"

namespace teff {
namespace {

using Features = std::vector<double>;

double number(int64_t n) { return static_cast<double>(n); }
int64_t rounded_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

// How much a kernel does at once.
struct Blocks {
  int64_t pixels, taps, outputs, channels;
};
Blocks blocks_of(std::string_view name) {
  if (name.ends_with("_dsp")) return {2, 4, 2, 4};
  if (name.ends_with("_mve")) return {3, 16, 1, 16};
  return {2, 1, 1, 1};
}

bool is_convolution(std::string_view name) { return name.starts_with("conv_rows"); }
bool is_depthwise(std::string_view name) {
  return name.starts_with("depthwise_rows") || name.starts_with("depthwise_taps");
}
bool is_dense(std::string_view name) {
  return name == "dense_c" || name == "dense_dsp" || name == "dense_bytes_dsp" || name == "dense_mve";
}

bool is_mean(std::string_view name) {
  return name.starts_with("mean_rows") || name.starts_with("mean_columns");
}

// What the results take more where they are not scaled in the cheapest way.
void add_scaling(Features& features, const teff_result& result, double results) {
  for (int32_t scaling : {TEFF_SCALE_TFLITE, TEFF_SCALE_HIGH2, TEFF_SCALE_RIGHT})
    features.push_back(result.scaling == scaling ? results : 0);
}

bool is_pointwise(const teff_window& w) {
  return w.kernel_h * w.kernel_w == 1 && w.stride_h * w.stride_w == 1;
}

struct PixelBlocks {
  double full, parts;  // blocks, and those that are not filled
};
// Pixels run on from row to row where the window is a single pixel and nothing lies in a ring.
PixelBlocks pixel_blocks(const teff_conv_rows& p, int32_t units, int64_t block) {
  const teff_window& w = p.window;
  const bool runs_on = is_pointwise(w) && units == w.out_h && p.in.rows >= w.in_h && p.out.rows >= w.out_h;
  const int64_t rows = runs_on ? 1 : units, pixels = int64_t{w.out_w} * units / rows;
  return {number(rows * (pixels / block)), pixels % block == 0 ? 0.0 : number(rows)};
}

// A run; its rows; its blocks of pixels; what they gather; their results; their products; the same of blocks
// that are not filled.
Features convolution(const Step& step, int32_t units, const Blocks& block) {
  const auto& p = params_of<teff_conv_rows>(step);
  const teff_window& w = p.window;
  const auto [full, parts] = pixel_blocks(p, units, block.pixels);
  const double blocks = full + parts;
  const double taps = number(rounded_up(int64_t{w.kernel_h} * w.kernel_w * w.channels, block.taps));
  const double outputs = number(rounded_up(p.outputs, block.outputs));
  Features f{1,           number(units),   full,
             full * taps, full * outputs,  full * outputs * taps,
             parts,       parts * outputs, parts * outputs * taps};
  add_scaling(f, p.result, blocks * outputs);
  return f;
}

// A run; its rows; their strips of channels; what they read; their results; their products.
Features depthwise(const Step& step, int32_t units, const Blocks& block) {
  const auto& p = params_of<teff_depthwise_rows>(step);
  const teff_window& w = p.window;
  const double rows = units, channels = number(rounded_up(w.channels, block.channels));
  const double results = rows * w.out_w * channels;
  Features f{1,
             rows,
             rows * channels / number(block.channels),
             rows * w.kernel_h * w.in_w * channels,
             results,
             results * w.kernel_h * w.kernel_w};
  add_scaling(f, p.result, results);
  return f;
}

// A run; its results; their products.
Features dense(const Step& step, int32_t units, const Blocks& block) {
  const auto& p = params_of<teff_dense>(step);
  Features f{1, number(units), number(units) * number(rounded_up(p.inputs, block.taps))};
  add_scaling(f, p.result, number(units));
  return f;
}

// A run; its rows; what they read; a result for each channel, when all rows are there.
Features mean(const Step& step, int32_t units) {
  const auto& p = params_of<teff_mean_rows_params>(step);
  return {1, number(units), number(units) * p.width * p.channels,
          number(p.channels) * units / number(step.units)};
}

std::string way_of(const teff_window& w, bool depthwise) {
  if (!depthwise) return is_pointwise(w) ? "1x1" : "window";
  if (w.kernel_h == 3 && w.kernel_w == 3) return w.stride_w == 1 ? "3x3" : "3x3s2";
  if (w.kernel_w == 1) return "column";
  return w.kernel_w == 5 || w.kernel_w == 7 ? "wide" : "window";
}

}  // namespace

Features cost_features(const Step& step, int32_t units) {
  const std::string_view name = kernel(step.kernel).name;
  const Blocks block = blocks_of(name);
  if (is_convolution(name)) return convolution(step, units, block);
  if (is_depthwise(name)) return depthwise(step, units, block);
  if (is_dense(name)) return dense(step, units, block);
  if (is_mean(name)) return mean(step, units);
  return {1, number(units), units * step.unit_cost};
}

std::string cost_way(const Step& step) {
  const std::string name(kernel(step.kernel).name);
  if (is_convolution(name)) {
    const auto& p = params_of<teff_conv_rows>(step);
    return name + "." + (p.small ? "small." : "") + way_of(p.window, false);
  }
  if (is_depthwise(name)) {
    const auto& p = params_of<teff_depthwise_rows>(step);
    return name + "." + (p.small ? "small." : "") + way_of(p.window, true);
  }
  if (name == "dense_mve" && params_of<teff_dense>(step).small) return name + ".small";
  if (is_mean(name)) return name + (params_of<teff_mean_rows_params>(step).divides ? ".divided" : ".scaled");
  return name;
}

}  // namespace teff
