#include "plan/reasons.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/c/pool_rows.h"
#include "kernels/c/rows.h"
#include "plan/rows.h"
#include "plan/step_params.h"

namespace teff {
namespace {

std::string both(int32_t h, int32_t w) { return h == w ? std::to_string(h) : fmt::format("{}x{}", h, w); }

// "3x3 convolution, stride 2".
std::string window_words(const teff_window& w, const char* what) {
  std::string text = fmt::format("{}x{} {}", w.kernel_h, w.kernel_w, what);
  if (w.stride_h != 1 || w.stride_w != 1) text += ", stride " + both(w.stride_h, w.stride_w);
  if (w.dilation_h != 1 || w.dilation_w != 1) text += ", dilation " + both(w.dilation_h, w.dilation_w);
  return text;
}

const char* instructions_words(std::string_view name) {
  if (name.ends_with("_dsp")) return ": pairs of 16 bits";
  if (name.ends_with("_mve")) return ": Helium's vectors";
  if (name.ends_with("_c")) return ": plain C";
  return "";
}

struct TypeWords {
  std::string_view ending, words;
};
constexpr TypeWords kTypes[] = {
    {"_s8", "int8"}, {"_s16", "int16"}, {"_f32", "float"}, {"_u8", "uint8"}, {"_f64", "double"}};
struct NameWords {
  std::string_view name, words;
};
constexpr NameWords kNames[] = {{"conv2d", "convolution"},
                                {"depthwise_conv2d", "depthwise convolution"},
                                {"transpose_conv2d", "transposed convolution"},
                                {"average_pool2d", "average pool"},
                                {"max_pool2d", "maximum pool"},
                                {"lut_8", "table of 256 bytes"},
                                {"reduce_scaled", "mean or sum"},
                                {"add_rows", "sum of two images"},
                                {"mul_rows", "image times a number for each channel"},
                                {"mean_rows", "mean of each channel"},
                                {"mean_columns", "mean of each row"}};

// Names are words with lines between them, and the type behind them.
std::string words_of_name(std::string_view name) {
  std::string type;
  for (const TypeWords& t : kTypes)
    if (name.ends_with(t.ending)) {
      name.remove_suffix(t.ending.size());
      type = fmt::format(" of {}", t.words);
      break;
    }
  const auto known = std::ranges::find(kNames, name, &NameWords::name);
  std::string text(known != std::end(kNames) ? known->words : name);
  std::ranges::replace(text, '_', ' ');
  return text + type;
}

std::string rows_words(const Plan& plan, int s, const std::vector<int>& runs) {
  const Step& step = plan.steps[static_cast<size_t>(s)];
  const auto rows = row_step(step);
  if (!rows || runs[static_cast<size_t>(s)] < 2) return "";
  if (rows->gathers) return "rows streamed: gathered as they come";
  const int32_t ring = ring_rows(step);
  if (ring >= rows->height) return fmt::format("rows streamed: all {} are kept", rows->height);
  return fmt::format("rows streamed: line buffer of {} of {} rows", ring, rows->height);
}

std::string band_words(const Step& step) {
  if (step.kernel != KernelId::depthwise_rows_dsp || params_of<teff_depthwise_rows>(step).banded == 0)
    return "";
  const RowStep rows = *row_step(step);
  return fmt::format("{} rows at a time, its result apart from its input", rows.band);
}

void add(std::string& text, const std::string& more) {
  if (!more.empty()) text += (text.empty() ? "" : "; ") + more;
}

// How many runs each step's work is done in; those that follow each other are one.
std::vector<int> count_runs(const Plan& plan) {
  std::vector<int> runs(plan.steps.size(), plan.order.empty() ? 1 : 0);
  int before = -1;
  for (const Run& run : plan.order) {
    if (run.step != before) ++runs[static_cast<size_t>(run.step)];
    before = run.step;
  }
  return runs;
}

}  // namespace

std::string kernel_words(const Step& step) {
  std::string_view name = kernel(step.kernel).name;
  const char* instructions = instructions_words(name);
  const auto is = [&](std::string_view begin) { return name.starts_with(begin); };
  if (is("conv_rows"))
    return window_words(params_of<teff_conv_rows>(step).window, "convolution") + instructions;
  if (is("depthwise_rows") || is("depthwise_taps"))
    return window_words(params_of<teff_depthwise_rows>(step).window, "depthwise") + instructions;
  if (is("average_pool_rows") || is("max_pool_rows"))
    return window_words(params_of<teff_pool_rows_params>(step).window,
                        is("max") ? "maximum pool" : "average pool");
  if (name == "dense_c" || name == "dense_dsp" || name == "dense_mve" || name == "dense_bytes_dsp") {
    const auto& p = params_of<teff_dense>(step);
    return fmt::format("{} inputs fully connected to {}{}", p.inputs, p.outputs, instructions);
  }
  if (*instructions) name.remove_suffix(name.size() - name.rfind('_'));
  return words_of_name(name) + instructions;
}

std::vector<std::string> reasons_of(const Plan& plan) {
  const std::vector<int> runs = count_runs(plan);
  std::vector<std::string> reasons;
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    const Step& step = plan.steps[s];
    std::string& text = reasons.emplace_back();
    if (step.kind != Step::Kind::kernel) continue;
    text = step.why.empty() ? "the only kernel for it" : step.why;
    add(text, band_words(step));
    add(text, rows_words(plan, static_cast<int>(s), runs));
  }
  return reasons;
}

}  // namespace teff
