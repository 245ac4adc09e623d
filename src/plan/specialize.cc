#include "plan/specialize.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "kernels/c/conv2d.h"
#include "kernels/c/conv_rows_c.h"
#include "kernels/c/conv_rows_dsp.h"
#include "kernels/c/conv_rows_mve.h"
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
#include "plan/specialize_images.h"
#include "plan/staircase.h"

namespace teff {
namespace {

// The kernels of one instruction set.
struct Kernels {
  KernelId conv, depthwise, dense;
  Bytes (*pack_conv)(const ConvConstants&);
  Bytes (*pack_depthwise)(const ConvConstants&);
  Bytes (*pack_dense)(const ConvConstants&);
  int32_t (*conv_scratch)(const teff_conv_rows*);
  int32_t (*depthwise_scratch)(const teff_depthwise_rows*);
  int32_t (*dense_scratch)(const teff_dense*);
  bool knows_right = false;  // TEFF_SCALE_RIGHT; otherwise it is called TFLITE, which it is, too
};

const Kernels& kernels_of(Isa isa, bool small) {
  static const Kernels c = {
      KernelId::conv_rows_c,    KernelId::depthwise_rows_c,    KernelId::dense_c,    pack_c, pack_c, pack_c,
      teff_conv_rows_c_scratch, teff_depthwise_rows_c_scratch, teff_dense_c_scratch, true};
  static const Kernels dsp = {KernelId::conv_rows_dsp,    KernelId::depthwise_rows_dsp,
                              KernelId::dense_dsp,        pack_conv_rows_dsp,
                              pack_depthwise_rows_dsp,    pack_dense_dsp,
                              teff_conv_rows_dsp_scratch, teff_depthwise_rows_dsp_scratch,
                              teff_dense_dsp_scratch,     true};
  static const Kernels mve = {KernelId::conv_rows_mve,    KernelId::depthwise_rows_mve,
                              KernelId::dense_mve,        pack_conv_rows_mve,
                              pack_depthwise_rows_mve,    pack_dense_mve,
                              teff_conv_rows_mve_scratch, teff_depthwise_rows_mve_scratch,
                              teff_dense_mve_scratch,     true};
  static const Kernels small_dsp = [] {
    Kernels k = dsp;
    k.depthwise = KernelId::depthwise_taps_dsp;
    k.pack_depthwise = pack_depthwise_taps_dsp;
    k.depthwise_scratch = teff_depthwise_taps_dsp_scratch;
    return k;
  }();
  if (isa == Isa::mve) return mve;
  return isa == Isa::c ? c : small ? small_dsp : dsp;
}

template <class P>
const P& params_of(const Step& step) {
  return *reinterpret_cast<const P*>(step.params.words.data());
}

// What conv2d_s8, depthwise_conv2d_s8 and fully_connected_s8 have in common: the operands x, weights, bias,
// factors, y.
struct Products {
  Operand x, y;
  std::span<const int8_t> weights;
  std::span<const int32_t> bias;  // may be empty
  std::span<const teff_factor> factors;
  int32_t x_zero;
  teff_requantize result;
  int32_t outputs, taps;  // products that make one output
  bool depthwise;         // weights are [taps][outputs], not [outputs][taps]

  int8_t weight(int32_t output, int32_t tap) const {
    return weights[static_cast<size_t>(depthwise ? tap * outputs + output : output * taps + tap)];
  }
  int64_t bias_of(int32_t output) const { return bias.empty() ? 0 : bias[static_cast<size_t>(output)]; }
  teff_factor factor_of(int32_t output) const {
    return factors[static_cast<size_t>(output * result.factor_step)];
  }
};

// The value of an operand that is a constant.
std::optional<std::span<const std::byte>> constant(const Plan& plan, const Operand& operand) {
  int64_t index = operand.index;
  if (operand.kind == Operand::Kind::tensor) {
    const Location& where = plan.tensors[static_cast<size_t>(operand.index)].location;
    if (where.place != Location::Place::constant) return {};
    index = where.offset;
  } else if (operand.kind != Operand::Kind::constant) {
    return {};
  }
  return plan.constants[static_cast<size_t>(index)].span();
}

template <class T>
std::span<const T> as(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

std::optional<Products> products_of(const Plan& plan, const Step& step, int32_t x_zero,
                                    const teff_requantize& result, int32_t outputs, int32_t taps,
                                    bool depthwise) {
  const auto weights = constant(plan, step.operands[1]), factors = constant(plan, step.operands[3]);
  if (!weights || !factors) return {};
  Products p{.x = step.operands[0],
             .y = step.operands[4],
             .weights = as<int8_t>(*weights),
             .bias = {},
             .factors = as<teff_factor>(*factors),
             .x_zero = x_zero,
             .result = result,
             .outputs = outputs,
             .taps = taps,
             .depthwise = depthwise};
  if (step.operands[2].kind != Operand::Kind::none) {
    const auto bias = constant(plan, step.operands[2]);
    if (!bias) return {};
    p.bias = as<int32_t>(*bias);
  }
  return p;
}

// A sum that starts at the bias and takes its products in any order stays within 32 bits.
bool sums_fit(const Products& p, int32_t output, int64_t start) {
  int64_t magnitude = 0;
  for (int32_t t = 0; t < p.taps; ++t) magnitude += std::abs(int64_t{p.weight(output, t)});
  return std::abs(start) + 128 * magnitude <= std::numeric_limits<int32_t>::max();
}

// The kernels read x as it is stored: sum (x - x_zero) w = sum x w - x_zero sum w.
int64_t start_of(const Products& p, int32_t output) {
  int64_t weights = 0;
  for (int32_t t = 0; t < p.taps; ++t) weights += p.weight(output, t);
  return p.bias_of(output) - p.x_zero * weights;
}

// The cheapest arithmetic for the sums that the layer's weights allow; its channels start at the whole bias.
std::optional<Scaling> scaling_of(const Products& p, bool knows_right, bool small) {
  std::vector<ChannelSums> sums;
  for (int32_t o = 0; o < p.outputs; ++o) {
    if (!sums_fit(p, o, start_of(p, o))) return {};
    const int8_t* weights = p.weights.data() + (p.depthwise ? o : int64_t{o} * p.taps);
    sums.push_back(reachable_sums(weights, p.taps, p.depthwise ? p.outputs : 1, p.bias_of(o), p.factor_of(o),
                                  {.zero = p.x_zero}));
  }
  const auto choose = small ? stepwise_scaling : choose_scaling;
  Scaling scaling = choose(sums, p.result.zero, p.result.lo, p.result.hi);
  if (scaling.result.scaling == TEFF_SCALE_RIGHT && !knows_right) scaling.result.scaling = TEFF_SCALE_TFLITE;
  for (int32_t o = 0; o < p.outputs; ++o) {
    int32_t& bias = scaling.channels[static_cast<size_t>(o)].bias;
    if (!sums_fit(p, o, start_of(p, o) + bias)) return {};
    bias += static_cast<int32_t>(start_of(p, o));
  }
  return scaling;
}

class Specializer {
 public:
  Specializer(Plan& plan, Isa isa, bool small)
      : plan_(plan), kernels_(kernels_of(isa, small)), small_(small) {}

  // True: the step has been exchanged.
  bool exchange(Step& step) {
    if (step.kind != Step::Kind::kernel) return false;
    switch (step.kernel) {
      case KernelId::conv2d_s8: return convolution(step);
      case KernelId::depthwise_conv2d_s8: return depthwise(step);
      case KernelId::fully_connected_s8: return dense(step);
      default: return false;
    }
  }

 private:
  bool convolution(Step& step) {
    const auto p = params_of<teff_conv2d_params>(step);
    if (p.groups != 1 || step.units != int64_t{p.window.out_h} * p.window.out_w) return false;
    const auto products =
        products_of(plan_, step, p.x_zero, p.result, p.outputs, teff_taps_of(&p.window), false);
    return products && as_convolution(step, p.window, *products);
  }

  // One input channel with many outputs is what a convolution does, too.
  bool depthwise(Step& step) {
    const auto p = params_of<teff_depthwise_conv2d_params>(step);
    const int32_t outputs = p.window.channels * p.multiplier, taps = p.window.kernel_h * p.window.kernel_w;
    if (step.units != int64_t{p.window.out_h} * p.window.out_w) return false;
    const auto products = products_of(plan_, step, p.x_zero, p.result, outputs, taps, true);
    if (!products) return false;
    if (p.multiplier == 1) return as_depthwise(step, p.window, *products);
    return p.window.channels == 1 && as_convolution(step, p.window, *products);
  }

  // Several inputs are the pixels of an image.
  bool dense(Step& step) {
    const auto p = params_of<teff_fully_connected_params>(step);
    const auto images = static_cast<int32_t>(step.units / p.outputs);
    if (p.w_zero != 0) return false;
    const auto products = products_of(plan_, step, p.x_zero, p.result, p.outputs, p.inputs, false);
    if (!products) return false;
    if (images == 1) return as_dense(step, p, *products);
    const teff_window pixels{.in_h = 1,
                             .in_w = images,
                             .channels = p.inputs,
                             .out_h = 1,
                             .out_w = images,
                             .kernel_h = 1,
                             .kernel_w = 1,
                             .stride_h = 1,
                             .stride_w = 1,
                             .dilation_h = 1,
                             .dilation_w = 1};
    return as_convolution(step, pixels, *products);
  }

  bool as_convolution(Step& step, const teff_window& w, const Products& products) {
    const auto scaling = scaling_of(products, kernels_.knows_right, small_);
    if (!scaling) return false;
    const teff_conv_rows p{.window = w,
                           .outputs = products.outputs,
                           .in = {w.in_h, w.in_w * w.channels},
                           .out = {w.out_h, w.out_w * products.outputs},
                           .x_zero = products.x_zero,
                           .result = scaling->result};
    std::vector<int8_t> weights;
    for (int32_t o = 0; o < products.outputs; ++o)
      for (int32_t t = 0; t < products.taps; ++t) weights.push_back(products.weight(o, t));
    const ConvConstants constants{w, products.outputs, weights, scaling->channels};
    const Bytes packed = kernels_.pack_conv(constants);
    const Kernels& kernels = packed.owned() ? kernels_ : plain_;
    replace(step, kernels.conv, p, products, packed.owned() ? packed : plain_.pack_conv(constants),
            kernels.conv_scratch(&p), w.out_h);
    return true;
  }

  bool as_depthwise(Step& step, const teff_window& w, const Products& products) {
    const auto scaling = scaling_of(products, kernels_.knows_right, small_);
    if (!scaling) return false;
    const teff_depthwise_rows p{.window = w,
                                .in = {w.in_h, w.in_w * w.channels},
                                .out = {w.out_h, w.out_w * w.channels},
                                .x_zero = products.x_zero,
                                .result = scaling->result};
    const ConvConstants constants{w, products.outputs, products.weights, scaling->channels};
    const Bytes packed = kernels_.pack_depthwise(constants);
    const Kernels& kernels = packed.owned() ? kernels_ : plain_;
    replace(step, kernels.depthwise, p, products, packed.owned() ? packed : plain_.pack_depthwise(constants),
            kernels.depthwise_scratch(&p), w.out_h);
    return true;
  }

  bool as_dense(Step& step, const teff_fully_connected_params& from, const Products& products) {
    const auto scaling = scaling_of(products, kernels_.knows_right, small_);
    if (!scaling) return false;
    const teff_dense p{.inputs = from.inputs, .outputs = from.outputs, .result = scaling->result};
    const teff_window w{.in_h = 1,
                        .in_w = 1,
                        .channels = from.inputs,
                        .out_h = 1,
                        .out_w = 1,
                        .kernel_h = 1,
                        .kernel_w = 1,
                        .stride_h = 1,
                        .stride_w = 1,
                        .dilation_h = 1,
                        .dilation_w = 1};
    const ConvConstants constants{w, from.outputs, products.weights, scaling->channels};
    const Bytes packed = kernels_.pack_dense(constants);
    const Kernels& kernels = packed.owned() ? kernels_ : plain_;
    replace(step, kernels.dense, p, products, packed.owned() ? packed : plain_.pack_dense(constants),
            kernels.dense_scratch(&p), from.outputs);
    return true;
  }

  template <class P>
  void replace(Step& step, KernelId kernel, const P& params, const Products& products, Bytes packed,
               int32_t scratch, int64_t units) {
    plan_.constants.push_back(std::move(packed));
    const Operand constants{Operand::Kind::constant, static_cast<int64_t>(plan_.constants.size()) - 1};
    const double work = static_cast<double>(step.units) * step.unit_cost;
    step.kernel = kernel;
    step.params = Params::of(params);
    step.operands = {products.x, constants, products.y, scratch_of(scratch)};
    step.unit_cost = work / static_cast<double>(units);
    step.units = units;
  }

  Operand scratch_of(int32_t bytes) {
    if (bytes == 0) return {};
    plan_.scratch_bytes = std::max<int64_t>(plan_.scratch_bytes, bytes);
    return {Operand::Kind::scratch, 0, bytes};
  }

  Plan& plan_;
  const Kernels& kernels_;
  bool small_;
  const Kernels& plain_ = kernels_of(Isa::c, false);  // where the constants are not such that ours are exact
};

}  // namespace

void specialize(const Graph& graph, Plan& plan, Isa isa, bool small) {
  Specializer specializer(plan, isa, small);
  for (Step& step : plan.steps)
    if (!specializer.exchange(step)) exchange_image_step(graph, plan, step, isa);
}

}  // namespace teff
