#include "plan/specialize.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "kernels/c/conv2d.h"
#include "kernels/c/conv_rows_c.h"
#include "kernels/c/conv_rows_dsp.h"
#include "kernels/c/conv_rows_mve.h"
#include "kernels/c/dense_bytes_dsp.h"
#include "kernels/c/dense_c.h"
#include "kernels/c/dense_dsp.h"
#include "kernels/c/dense_mve.h"
#include "kernels/c/depthwise_conv2d.h"
#include "kernels/c/depthwise_rows_c.h"
#include "kernels/c/depthwise_rows_dsp.h"
#include "kernels/c/depthwise_rows_mve.h"
#include "kernels/c/depthwise_taps_dsp.h"
#include "kernels/c/fully_connected.h"
#include "plan/pack.h"
#include "plan/pack_dsp.h"
#include "plan/pack_mve.h"
#include "plan/products.h"
#include "plan/specialize_images.h"
#include "plan/staircase.h"
#include "plan/step_params.h"

namespace teff {
namespace {

// A kernel that takes packed constants, and how they are packed for it: no bytes where it would not be exact
// with them.
template <class P>
struct PackedKernel {
  KernelId id;
  Bytes (*pack)(const ConvConstants&);
  int32_t (*scratch)(const P*);
  const char* refuses;  // why there may be no such bytes; or null
};

// The kernels of one instruction set.
struct Kernels {
  PackedKernel<teff_conv_rows> convolution;
  PackedKernel<teff_depthwise_rows> depthwise;
  PackedKernel<teff_dense> dense;
  // For dense layers with few inputs or outputs, whose constants the others would fill up; or null.
  const PackedKernel<teff_dense>* few;
  int32_t small = 0;  // as their parameters have it
};

constexpr Kernels kPlain = {{KernelId::conv_rows_c, pack_c, teff_conv_rows_c_scratch, nullptr},
                            {KernelId::depthwise_rows_c, pack_c, teff_depthwise_rows_c_scratch, nullptr},
                            {KernelId::dense_c, pack_c, teff_dense_c_scratch, nullptr},
                            nullptr};
constexpr PackedKernel<teff_dense> kDenseBytesDsp = {KernelId::dense_bytes_dsp, pack_c,
                                                     teff_dense_bytes_dsp_scratch, nullptr};
constexpr const char* kNoWords = "its weights cannot share words, two outputs in one";
constexpr Kernels kDsp = {
    {KernelId::conv_rows_dsp, pack_conv_rows_dsp, teff_conv_rows_dsp_scratch, kNoWords},
    {KernelId::depthwise_rows_dsp, pack_depthwise_rows_dsp, teff_depthwise_rows_dsp_scratch, nullptr},
    {KernelId::dense_dsp, pack_dense_dsp, teff_dense_dsp_scratch, kNoWords},
    &kDenseBytesDsp};
constexpr Kernels kSmallDsp = {kDsp.convolution,
                               {KernelId::depthwise_taps_dsp, pack_depthwise_taps_dsp,
                                teff_depthwise_taps_dsp_scratch, "its channels are no multiple of four"},
                               kDsp.dense,
                               &kDenseBytesDsp};
constexpr Kernels kMve = {
    {KernelId::conv_rows_mve, pack_conv_rows_mve, teff_conv_rows_mve_scratch, nullptr},
    {KernelId::depthwise_rows_mve, pack_depthwise_rows_mve, teff_depthwise_rows_mve_scratch, nullptr},
    {KernelId::dense_mve, pack_dense_mve, teff_dense_mve_scratch, nullptr},
    nullptr};
constexpr Kernels kSmallMve = {
    {KernelId::conv_rows_mve, pack_conv_rows_small_mve, teff_conv_rows_mve_scratch, nullptr},
    kMve.depthwise,
    kMve.dense,
    nullptr,
    1};

const Kernels& kernels_of(BoardIsa isa, bool small, KernelSet set) {
  if (set == KernelSet::plain) return kPlain;
  if (set == KernelSet::pairs) return kDsp;
  if (set == KernelSet::small) small = true;
  switch (isa) {
    case BoardIsa::dsp: return small ? kSmallDsp : kDsp;
    case BoardIsa::mve: return small ? kSmallMve : kMve;
    default: return kPlain;
  }
}

// One pixel that sees all of the image.
bool is_dense(const teff_window& w) {
  return w.out_h == 1 && w.out_w == 1 && w.kernel_h == w.in_h && w.kernel_w == w.in_w && w.pad_top == 0 &&
         w.pad_left == 0 && w.dilation_h == 1 && w.dilation_w == 1;
}

bool has_convolutions(const Plan& plan) {
  return std::ranges::any_of(plan.steps, [](const Step& step) {
    return step.kind == Step::Kind::kernel &&
           (step.kernel == KernelId::conv2d_s8 || step.kernel == KernelId::conv_rows_mve);
  });
}

// More than a sixteenth of the packed constants only fill up.
bool is_filled_up(const Bytes& packed, const ConvConstants& c) {
  const size_t bytes = c.weights.size_bytes() + c.channels.size_bytes();
  return packed.owned() && packed.size() > bytes + bytes / 16;
}

class Specializer {
 public:
  Specializer(Plan& plan, BoardIsa isa, bool small, KernelSet set)
      : plan_(plan),
        kernels_(kernels_of(isa, small, set)),
        isa_(isa),
        set_(set),
        stepwise_(small && isa != BoardIsa::dsp),
        one_pixel_(small && kernels_.small && has_convolutions(plan)) {}

  // Bytes that the constants of the last step exchanged were filled up with.
  int64_t filled_up() const { return filled_up_; }

  // True: the step has been exchanged.
  bool exchange(Step& step) {
    if (step.kind != Step::Kind::kernel) return false;
    const bool exchanged = try_exchange(step);
    if (why_not_) step.why = fmt::format("no packed kernel: {}", why_not_);
    return exchanged;
  }

 private:
  bool try_exchange(Step& step) {
    switch (step.kernel) {
      case KernelId::conv2d_s8: return convolution(step);
      case KernelId::depthwise_conv2d_s8: return depthwise(step);
      case KernelId::fully_connected_s8: return dense(step);
      default: return false;
    }
  }

  // No packed kernel does it.
  bool refuse(const char* why) {
    why_not_ = why;
    return false;
  }

  bool convolution(Step& step) {
    const auto p = params_of<teff_conv2d_params>(step);
    if (p.groups != 1) return refuse("none takes groups of channels");
    if (step.units != int64_t{p.window.out_h} * p.window.out_w) return refuse(kOneImage);
    const auto products =
        products_of(plan_, step, p.x_zero, p.result, p.outputs, teff_taps_of(&p.window), false);
    return products ? as_convolution(step, p.window, *products) : refuse(kKnown);
  }

  // One input channel with many outputs is what a convolution does, too.
  bool depthwise(Step& step) {
    const auto p = params_of<teff_depthwise_conv2d_params>(step);
    const int32_t outputs = p.window.channels * p.multiplier, taps = p.window.kernel_h * p.window.kernel_w;
    if (step.units != int64_t{p.window.out_h} * p.window.out_w) return refuse(kOneImage);
    const auto products = products_of(plan_, step, p.x_zero, p.result, outputs, taps, true);
    if (!products) return refuse(kKnown);
    if (p.multiplier == 1) return as_depthwise(step, p.window, *products);
    if (p.window.channels != 1) return refuse("none makes several outputs of each channel");
    return as_convolution(step, p.window, *products);
  }

  // Several inputs are the pixels of an image.
  bool dense(Step& step) {
    const auto p = params_of<teff_fully_connected_params>(step);
    const auto images = static_cast<int32_t>(step.units / p.outputs);
    if (p.w_zero != 0) return refuse("its weights have a zero point");
    const auto products = products_of(plan_, step, p.x_zero, p.result, p.outputs, p.inputs, false);
    if (!products) return refuse(kKnown);
    if (images == 1 && !one_pixel_) return as_dense(step, p, *products);
    return as_convolution(step, pixels_in_a_row(images, p.inputs), *products);
  }

  bool as_convolution(Step& step, const teff_window& w, const Products& products) {
    const auto scaling = scaling_of(products, stepwise_);
    if (!scaling) return refuse(kSums);
    const teff_conv_rows p{.window = w,
                           .outputs = products.outputs,
                           .in = {w.in_h, w.in_w * w.channels},
                           .out = {w.out_h, w.out_w * products.outputs},
                           .x_zero = products.x_zero,
                           .result = scaling->result,
                           .small = kernels_.small};
    const std::vector<int8_t> weights = products.by_output();
    const ConvConstants constants{w, products.outputs, weights, scaling->channels};
    if (kernels_.few && is_dense(w) && is_filled_up(kernels_.convolution.pack(constants), constants)) {
      const teff_dense dense{products.taps, products.outputs, scaling->result};
      replace(step, *kernels_.few, kPlain.dense, dense, products, constants, products.outputs);
      return true;
    }
    replace(step, kernels_.convolution, kPlain.convolution, p, products, constants, w.out_h);
    return true;
  }

  bool as_depthwise(Step& step, const teff_window& w, const Products& products) {
    const auto scaling = scaling_of(products, stepwise_);
    if (!scaling) return refuse(kSums);
    const teff_depthwise_rows p{.window = w,
                                .in = {w.in_h, w.in_w * w.channels},
                                .out = {w.out_h, w.out_w * w.channels},
                                .x_zero = products.x_zero,
                                .result = scaling->result,
                                .small = kernels_.small};
    const ConvConstants constants{w, products.outputs, products.weights, scaling->channels};
    replace(step, kernels_.depthwise, kPlain.depthwise, p, products, constants, w.out_h);
    return true;
  }

  bool as_dense(Step& step, const teff_fully_connected_params& from, const Products& products) {
    const auto scaling = scaling_of(products, stepwise_);
    if (!scaling) return refuse(kSums);
    const teff_dense p{
        .inputs = from.inputs, .outputs = from.outputs, .result = scaling->result, .small = kernels_.small};
    const ConvConstants constants{pixels_in_a_row(1, from.inputs), from.outputs, products.weights,
                                  scaling->channels};
    const bool few = kernels_.few && is_filled_up(kernels_.dense.pack(constants), constants);
    replace(step, few ? *kernels_.few : kernels_.dense, kPlain.dense, p, products, constants, from.outputs);
    return true;
  }

  // Packed for `kernel`, or else for the plain one.
  template <class P>
  void replace(Step& step, PackedKernel<P> kernel, const PackedKernel<P>& plain, const P& params,
               const Products& products, const ConvConstants& constants, int64_t units) {
    Bytes packed = kernel.pack(constants);
    step.why = packed.owned() ? why_this(kernel.id) : kernel.refuses;
    if (!packed.owned()) {
      kernel = plain;
      packed = plain.pack(constants);
    }
    step.why += why_scaled(params.result);
    filled_up_ = static_cast<int64_t>(packed.size()) -
                 static_cast<int64_t>(constants.weights.size_bytes() + constants.channels.size_bytes());
    plan_.constants.push_back(std::move(packed));
    const Operand weights{Operand::Kind::constant, static_cast<int64_t>(plan_.constants.size()) - 1};
    const double work = static_cast<double>(step.units) * step.unit_cost;
    step.kernel = kernel.id;
    step.params = Params::of(params);
    step.operands = {products.x, weights, products.y, scratch_of(kernel.scratch(&params))};
    step.unit_cost = work / static_cast<double>(units);
    step.units = units;
  }

  // What decided for a kernel whose constants could be packed.
  std::string why_this(KernelId kernel) const {
    if (kernel == KernelId::dense_bytes_dsp) return "blocks would fill up more than a sixteenth";
    if (kernels_.small) return "the least code and constants, for any shape";
    if (set_ != KernelSet::usual) return "chosen by measuring";
    if (kernel == KernelId::depthwise_taps_dsp) return "the least code, for any window";
    if (isa_ == BoardIsa::c) return "the core makes one product at a time";
    return isa_ == BoardIsa::dsp ? "the core multiplies pairs" : "the core has vectors";
  }

  std::string why_scaled(const teff_result& result) const {
    if (stepwise_) return "; one way of scaling for all: little code";
    switch (result.scaling) {
      case TEFF_SCALE_HIGH: return "; scaled exactly by a high product";
      case TEFF_SCALE_HIGH2: return "; scaled exactly by a high product and a sign";
      default: return "; scaled in TFLite's steps: none shorter was found exact";
    }
  }

  Operand scratch_of(int32_t bytes) {
    if (bytes == 0) return {};
    plan_.scratch_bytes = std::max<int64_t>(plan_.scratch_bytes, bytes);
    return {Operand::Kind::scratch, 0, bytes};
  }

  static constexpr const char* kOneImage = "they take one image at a time";
  static constexpr const char* kKnown = "its weights are not known before it runs";
  static constexpr const char* kSums = "its sums may leave 32 bits";

  Plan& plan_;
  const Kernels& kernels_;
  BoardIsa isa_;
  KernelSet set_;
  // One arithmetic for all layers is less code, but for kernels that have it in a single place.
  bool stepwise_;
  // A fully connected layer is a convolution of one pixel: that kernel is there.
  bool one_pixel_;
  int64_t filled_up_ = 0;
  const char* why_not_ = nullptr;
};

// A convolution for Helium whose constants are filled up, as it is and as it was before.
struct FilledUp {
  Step* step;
  Step plain;
  int64_t bytes;
  double lost;  // instructions, about, by the loop that takes any number of products
};

double lost_by_any_loop(const Step& step) {
  const auto& p = params_of<teff_conv_rows>(step);
  const double pixels = static_cast<double>(p.window.out_h) * p.window.out_w;
  const double alone =
      pixels == 1 ? 3.0 / 16 * teff_taps_of(&p.window) : 0;  // it makes three pixels at a time
  return pixels * p.outputs * (3 + alone);
}

// Fills up no more than this in all: of the 30 kB beyond the weights, code takes about 25.
void limit_filling(Plan& plan, std::vector<FilledUp> layers) {
  constexpr int64_t kMostFilled = 4500;
  int64_t filled = 0;
  for (const FilledUp& layer : layers) filled += layer.bytes;
  std::ranges::stable_sort(layers, {},
                           [](const FilledUp& l) { return l.lost / static_cast<double>(l.bytes); });
  for (FilledUp& layer : layers) {
    if (filled <= kMostFilled) return;
    *layer.step = layer.plain;
    Specializer(plan, BoardIsa::mve, false, KernelSet::small).exchange(*layer.step);
    filled -= layer.bytes;
  }
}

}  // namespace

void specialize(const Graph& graph, Plan& plan, BoardIsa isa, bool small,
                std::span<const KernelSet> by_node) {
  std::vector<FilledUp> filled;
  for (Step& step : plan.steps) {
    const auto node = static_cast<size_t>(step.node);
    const KernelSet set = node < by_node.size() ? by_node[node] : KernelSet::usual;
    const Step plain = step;
    Specializer specializer(plan, isa, small, set);
    if (!specializer.exchange(step))
      exchange_image_step(graph, plan, step, isa, small || set == KernelSet::small);
    else if (!small && set == KernelSet::usual && step.kernel == KernelId::conv_rows_mve &&
             specializer.filled_up() > 0)
      filled.push_back({&step, plain, specializer.filled_up(), lost_by_any_loop(step)});
  }
  limit_filling(plan, std::move(filled));
}

}  // namespace teff
