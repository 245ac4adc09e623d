#include "plan/rows.h"

#include <algorithm>

#include "kernels/c/rows.h"

namespace teff {
namespace {

// Operands of all kernels of rows.h: input, packed constants, output, scratch.
constexpr int kInput = 0, kOutput = 2;

template <class P>
const P& params_of(const Step& step) {
  return *reinterpret_cast<const P*>(step.params.words.data());
}
template <class P>
P& params_of(Step& step) {
  return *reinterpret_cast<P*>(step.params.words.data());
}

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

void set_rows(teff_ring& in, teff_ring& out, int operand, int32_t rows) {
  (operand == kInput ? in : out).rows = rows;
}

}  // namespace

std::optional<RowStep> row_step(const Step& step) {
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
    case KernelId::depthwise_rows_c: {  // its sums are
      const auto& p = params_of<teff_depthwise_rows>(step);
      return in_pixels(window_rows(p.window, p.window.channels), p.window, 1, true);
    }
    case KernelId::depthwise_rows_dsp: {
      const auto& p = params_of<teff_depthwise_rows>(step);
      return window_rows(p.window, p.window.channels);
    }
    default: return {};
  }
}

void set_ring(Step& step, int operand, int32_t rows) {
  switch (step.kernel) {
    case KernelId::conv_rows_c:
    case KernelId::conv_rows_dsp: {
      auto& p = params_of<teff_conv_rows>(step);
      return set_rows(p.in, p.out, operand, rows);
    }
    case KernelId::depthwise_rows_c:
    case KernelId::depthwise_rows_dsp: {
      auto& p = params_of<teff_depthwise_rows>(step);
      return set_rows(p.in, p.out, operand, rows);
    }
    default: return;
  }
}

}  // namespace teff
