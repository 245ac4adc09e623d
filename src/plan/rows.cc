#include "plan/rows.h"

#include <algorithm>

#include "kernels/c/add_rows.h"
#include "kernels/c/conv_rows_mve.h"
#include "kernels/c/depthwise_rows_dsp.h"
#include "kernels/c/depthwise_rows_mve.h"
#include "kernels/c/input_rows.h"
#include "kernels/c/mean_rows.h"
#include "kernels/c/mul_rows.h"
#include "kernels/c/pool_rows.h"
#include "kernels/c/rows.h"
#include "plan/step_params.h"

namespace teff {
namespace {

// Operands of convolutions: input, packed constants, output, scratch.
constexpr int kInput = 0, kOutput = 2;

RowStep window_rows(const teff_window& w, int32_t outputs) {
  const RowInput input{.operand = kInput,
                       .height = w.in_h,
                       .row_bytes = w.in_w * w.channels,
                       .kernel = w.kernel_h,
                       .stride = w.stride_h,
                       .dilation = w.dilation_h,
                       .pad = w.pad_top};
  return {.units = w.out_h,
          .inputs = {input},
          .output = kOutput,
          .height = w.out_h,
          .row_bytes = w.out_w * outputs};
}

// So many pixels of a row at a time, all of their outputs; `buffered`: what they see is copied before.
RowStep in_pixels(RowStep rows, const teff_window& w, int32_t pixels, bool buffered) {
  const int64_t channels = w.channels, reach = int64_t{w.kernel_w - 1} * w.dilation_w + 1;
  RowInput& in = rows.inputs[0];
  in.part_bytes = pixels * w.stride_w * channels;
  in.part_before = w.pad_left * channels;
  in.part_after = std::max<int64_t>(reach - w.pad_left - w.stride_w, 0) * channels;
  rows.parts = (w.out_w + pixels - 1) / pixels;
  rows.part_bytes = int64_t{pixels} * (rows.row_bytes / w.out_w);
  rows.buffered = buffered;
  return rows;
}

// Bytes of the input that are widened once more for every row of the result in which they are seen, unless a
// band of rows is made together.
double widened_again(const teff_window& w) {
  return static_cast<double>(std::max(w.kernel_h - w.stride_h, 0)) * w.out_h * w.in_w * w.channels;
}

// Helium makes three pixels together, of several rows if these are no shorter, or if no result overlays its
// input.
double blocks_saved(const teff_conv_rows& p) {
  const int32_t width = p.window.out_w, pixels = width * p.window.out_h;
  if (!teff_is_pointwise(&p.window) || width >= 3) return 0;
  return p.window.out_h - (pixels + 2) / 3;
}

// Rows of several lines are widened together, or the whole image in as few bands as there may be.
void add_bands(const teff_depthwise_rows& p, RowStep& rows) {
  if (teff_depthwise_in_planes_dsp(&p.window)) rows.apart_gain = widened_again(p.window);
  if (!teff_depthwise_has_bands_dsp(&p.window)) return;
  rows.apart_gain = widened_again(p.window);
  rows.band = teff_depthwise_band_dsp_rows(&p.window);
  rows.band_scratch = teff_depthwise_bands_dsp_scratch(&p.window);
}

// --- element by element ---

// Each byte is read before the one at its place is written, and all go from the first to the last: two parts
// say so.
RowStep elementwise_rows(int32_t height, int32_t row, const std::vector<int>& images, int output) {
  const int32_t half = (row + 1) / 2;
  RowStep step{.units = height, .inputs = {}, .output = output, .height = height, .row_bytes = row};
  for (const int operand : images)
    step.inputs.push_back({.operand = operand, .height = height, .row_bytes = row, .part_bytes = half});
  step.parts = 2, step.buffered = true, step.part_bytes = half;
  return step;
}

RowStep product_rows(const teff_mul_rows_params& p) {
  RowStep step = elementwise_rows(p.height, p.width * p.channels, {0}, 2);
  step.inputs.push_back({.operand = 1, .height = 1, .row_bytes = p.channels, .stride = 0});
  return step;
}

// --- means and pools ---

// Rows are read to their end before a result is written.
RowStep mean_rows(const teff_mean_rows_params& p, bool gathers) {
  const int32_t row = p.width * p.channels;
  RowStep step{.units = p.height,
               .inputs = {{.operand = 0, .height = p.height, .row_bytes = row, .part_bytes = row}},
               .output = 1,
               .height = gathers ? 1 : p.height,
               .row_bytes = p.channels};
  step.gathers = gathers, step.buffered = true, step.part_bytes = p.channels;
  return step;
}

RowStep pool_rows(const teff_pool_rows_params& p) {
  RowStep step = window_rows(p.window, p.window.channels);
  step.output = 1;
  return step;
}

// --- rings ---

template <class P>
teff_ring* ring_of(Step& step, int operand, int output) {
  auto& p = params_of<P>(step);
  return operand == 0 ? &p.in : operand == output ? &p.out : nullptr;
}

// Where the image behind an operand lies; null where that is no image.
teff_ring* ring_of(Step& step, int operand) {
  switch (step.kernel) {
    case KernelId::conv_rows_c:
    case KernelId::conv_rows_mve:
    case KernelId::conv_rows_dsp: return ring_of<teff_conv_rows>(step, operand, 2);
    case KernelId::depthwise_rows_c:
    case KernelId::depthwise_rows_mve:
    case KernelId::depthwise_taps_dsp:
    case KernelId::depthwise_rows_dsp: return ring_of<teff_depthwise_rows>(step, operand, 2);
    case KernelId::add_rows:
    case KernelId::add_rows_mve: {
      auto& p = params_of<teff_add_rows_params>(step);
      return operand == 0 ? &p.a : operand == 1 ? &p.b : &p.out;
    }
    case KernelId::mul_rows:
    case KernelId::mul_rows_mve: return ring_of<teff_mul_rows_params>(step, operand, 2);
    case KernelId::mean_rows:
    case KernelId::mean_rows_mve:
    case KernelId::mean_columns:
    case KernelId::mean_columns_mve: return ring_of<teff_mean_rows_params>(step, operand, 1);
    case KernelId::average_pool_rows:
    case KernelId::max_pool_rows: return ring_of<teff_pool_rows_params>(step, operand, 1);
    default: return nullptr;
  }
}

}  // namespace

std::optional<RowStep> row_step(const Step& step) {
  if (step.kind == Step::Kind::take_rows) {
    const auto rows = static_cast<int32_t>(step.units);
    const int32_t row_bytes = params_of<teff_input_rows>(step).row_bytes;
    return RowStep{.units = rows, .inputs = {}, .output = 0, .height = rows, .row_bytes = row_bytes};
  }
  if (step.kind != Step::Kind::kernel) return {};
  switch (step.kernel) {
    case KernelId::conv_rows_c: {
      const auto& p = params_of<teff_conv_rows>(step);
      const bool copies = p.window.kernel_h * p.window.kernel_w > 1;
      return in_pixels(window_rows(p.window, p.outputs), p.window, 2, copies);
    }
    case KernelId::conv_rows_dsp: {
      const auto& p = params_of<teff_conv_rows>(step);
      return in_pixels(window_rows(p.window, p.outputs), p.window, 2, true);
    }
    case KernelId::conv_rows_mve: {
      const auto& p = params_of<teff_conv_rows>(step);
      RowStep rows = window_rows(p.window, p.outputs);
      rows.apart_gain = blocks_saved(p) * p.window.channels * p.outputs;
      return rows;
    }
    case KernelId::depthwise_rows_mve: {
      const auto& p = params_of<teff_depthwise_rows>(step);
      RowStep rows = window_rows(p.window, p.window.channels);
      rows.part_scratch = teff_depthwise_rows_mve_part_scratch(&p);
      // A column is as slow as an image of many columns.
      if (teff_is_column_mve(&p)) rows.apart_gain = 1.0 * rows.row_bytes * rows.height * p.window.kernel_h;
      return rows;
    }
    case KernelId::depthwise_rows_c: {  // its sums are
      const auto& p = params_of<teff_depthwise_rows>(step);
      return in_pixels(window_rows(p.window, p.window.channels), p.window, 1, true);
    }
    case KernelId::depthwise_taps_dsp:
    case KernelId::depthwise_rows_dsp: {
      const auto& p = params_of<teff_depthwise_rows>(step);
      RowStep rows = window_rows(p.window, p.window.channels);
      if (step.kernel == KernelId::depthwise_rows_dsp) add_bands(p, rows);
      return rows;
    }
    case KernelId::add_rows:
    case KernelId::add_rows_mve: {
      const auto& p = params_of<teff_add_rows_params>(step);
      return elementwise_rows(p.height, p.row, {0, 1}, 2);
    }
    case KernelId::mul_rows:
    case KernelId::mul_rows_mve: return product_rows(params_of<teff_mul_rows_params>(step));
    case KernelId::mean_rows:
    case KernelId::mean_rows_mve: return mean_rows(params_of<teff_mean_rows_params>(step), true);
    case KernelId::mean_columns:
    case KernelId::mean_columns_mve: return mean_rows(params_of<teff_mean_rows_params>(step), false);
    case KernelId::average_pool_rows:
    case KernelId::max_pool_rows: return pool_rows(params_of<teff_pool_rows_params>(step));
    default: return {};
  }
}

void set_band(Step& step) { params_of<teff_depthwise_rows>(step).banded = 1; }

void set_ring(Step& step, int operand, int32_t rows) {
  if (step.kind == Step::Kind::take_rows) params_of<teff_input_rows>(step).rows = rows;
  if (step.kind != Step::Kind::kernel) return;
  if (teff_ring* ring = ring_of(step, operand)) ring->rows = rows;
}

int32_t ring_rows(const Step& step) {
  if (step.kind == Step::Kind::take_rows) return params_of<teff_input_rows>(step).rows;
  Step copy = step;
  return ring_of(copy, row_step(step)->output)->rows;
}

}  // namespace teff
