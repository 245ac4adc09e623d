// Layers of int8 for x86.
#include <numeric>

#include "kernels/c/conv2d.h"
#include "kernels/c/conv_rows_c.h"
#include "kernels/c/depthwise_conv2d.h"
#include "kernels/c/fully_connected.h"
#include "kernels/x86/s8.h"
#include "plan/host_step.h"
#include "plan/pack_x86.h"
#include "plan/products.h"
#include "plan/step_params.h"

namespace teff {

#if defined(__x86_64__)

namespace {

// Inputs written down at a time: they stay in the second cache beside a block's weights. All weights pass for
// each band, so where they come from further away bands are larger.
constexpr int64_t kBandElements = 64 * 1024, kLargeBandElements = 256 * 1024, kManyWeights = 512 * 1024;

// Rows of the output whose inputs fit.
int32_t band_of(const teff_window& w, int64_t weights, int64_t (*elements)(const teff_window*, int32_t)) {
  const int64_t most = weights > kManyWeights ? kLargeBandElements : kBandElements;
  int32_t rows = 1;
  while (rows < w.out_h && elements(&w, rows + 1) <= most) ++rows;
  return rows;
}

// What the kernels take for granted of a window.
bool is_plain(const teff_window& w) {
  constexpr double kMost = 1 << 26;  // scratch, in bytes
  return w.pad_top >= 0 && w.pad_left >= 0 && static_cast<double>(teff_band_elements_x86(&w, 1)) <= kMost;
}

// The kernels of one instruction set, and how they multiply.
struct Kernels {
  Isa isa;
  X86Sums sums;
  KernelId convolution, dense, depthwise;
  double speed;  // beside that of AVX-512 VNNI
};
constexpr Kernels kKernels[] = {
    {Isa::avx512vnni, kVnni512, KernelId::conv_s8_avx512vnni, KernelId::dense_s8_avx512vnni,
     KernelId::depthwise_s8_avx512vnni, 1},
    {Isa::avx2, kWords256, KernelId::conv_s8_avx2, KernelId::dense_s8_avx2, KernelId::depthwise_s8_avx2, 0.4},
};

// About the cycles for sums of `taps` products in `sums` lanes of 16, and their scaling.
double sum_cycles(double sums, double taps) { return sums / 16 * (taps / 4 + 6); }

class StepS8 {
 public:
  StepS8(HostStep& host, const Kernels& kernels) : host_(host), kernels_(kernels), sums_(kernels.sums) {}

  bool exchange() {
    switch (host_.step().kernel) {
      case KernelId::conv2d_s8: return convolution();
      case KernelId::depthwise_conv2d_s8: return depthwise();
      case KernelId::fully_connected_s8: return dense();
      default: return false;
    }
  }

 private:
  bool convolution() {
    const auto p = params_of<teff_conv2d_params>(host_.step());
    if (p.groups != 1) return false;
    const auto products = products_of(host_.plan(), host_.step(), p.x_zero, p.result, p.outputs,
                                      teff_taps_of(&p.window), false);
    return products && as_convolution(p.window, *products);
  }

  // One input channel with many outputs is what a convolution does.
  bool depthwise() {
    const auto p = params_of<teff_depthwise_conv2d_params>(host_.step());
    const int32_t outputs = p.window.channels * p.multiplier, taps = p.window.kernel_h * p.window.kernel_w;
    const auto products = products_of(host_.plan(), host_.step(), p.x_zero, p.result, outputs, taps, true);
    if (!products) return false;
    if (p.multiplier == 1) return as_depthwise(p.window, *products);
    return p.window.channels == 1 && as_convolution(p.window, *products);
  }

  bool dense() {
    const auto p = params_of<teff_fully_connected_params>(host_.step());
    if (p.w_zero != 0 || p.inputs == 0) return false;
    const auto products =
        products_of(host_.plan(), host_.step(), p.x_zero, p.result, p.outputs, p.inputs, false);
    if (!products) return false;
    if (host_.step().units == p.outputs) return as_dense(p.inputs, *products);
    // Many inputs are rows of one pixel each.
    const auto rows = static_cast<int32_t>(host_.step().units / p.outputs);
    teff_window w = pixels_in_a_row(1, p.inputs);
    w.in_h = w.out_h = rows;
    return as_convolution(w, *products);
  }

  bool as_convolution(const teff_window& w, const Products& products) {
    if (!is_plain(w) || products.taps == 0) return false;
    const auto scaling = scaling_of(products, false);
    if (!scaling) return false;
    const teff_conv_x86 p{
        .window = w,
        .outputs = products.outputs,
        .x_zero = products.x_zero,
        .band = band_of(w, int64_t{products.outputs} * products.taps, teff_band_elements_x86),
        .result = scaling->result};
    const std::vector<int8_t> weights = products.by_output();
    const ConvConstants constants{w, products.outputs, weights, scaling->channels};
    const int64_t pixels =
        host_.step().units / (host_.step().kernel == KernelId::fully_connected_s8 ? p.outputs : 1);
    const double cycles =
        static_cast<double>(pixels) * sum_cycles(products.outputs, products.taps) / kernels_.speed;
    return host_.replace(kernels_.convolution, p, pixels, cycles,
                         {products.x, host_.constant(pack_conv_x86(constants, p.result, sums_)), products.y,
                          host_.scratch(sums_.input_bytes * teff_band_elements_x86(&w, p.band))});
  }

  bool as_depthwise(const teff_window& w, const Products& products) {
    if (!is_plain(w) || products.taps == 0 || products.taps > TEFF_DEPTHWISE_TAPS_X86) return false;
    const auto scaling = scaling_of(products, false);
    if (!scaling) return false;
    constexpr int32_t kMostSets = 16;
    const int32_t period = w.channels / std::gcd(w.channels, sums_.set);
    const bool flat = period <= kMostSets;
    const teff_depthwise_x86 p{
        .window = w,
        .x_zero = products.x_zero,
        .band = band_of(w, int64_t{products.outputs} * products.taps, teff_sorted_elements_x86),
        .sets = flat ? period : (w.channels + sums_.set - 1) / sums_.set,
        .flat = flat,
        .result = scaling->result};
    const ConvConstants constants{w, products.outputs, products.weights, scaling->channels};
    const auto rows = static_cast<int32_t>(host_.step().units / w.out_w);
    const double cycles = static_cast<double>(host_.step().units) *
                          sum_cycles(w.channels, 2.0 * products.taps) / kernels_.speed;
    return host_.replace(
        kernels_.depthwise, p, rows, cycles,
        {products.x, host_.constant(pack_depthwise_x86(constants, p.result, sums_, p.sets, flat)), products.y,
         host_.scratch(sums_.input_bytes * teff_sorted_elements_x86(&w, p.band))});
  }

  bool as_dense(int32_t inputs, const Products& products) {
    const auto scaling = scaling_of(products, false);
    if (!scaling) return false;
    const teff_dense_x86 p{.inputs = inputs, .outputs = products.outputs, .result = scaling->result};
    const ConvConstants constants{pixels_in_a_row(1, inputs), products.outputs, products.weights,
                                  scaling->channels};
    int32_t blocks = 0;
    for (int32_t o = 0; o < p.outputs; ++blocks)
      o += sums_.lanes * teff_block_vectors_x86(p.outputs - o, sums_.lanes);
    // Weights come from the second cache, at half of what is multiplied.
    return host_.replace(kernels_.dense, p, blocks, 2 * sum_cycles(p.outputs, p.inputs) / kernels_.speed,
                         {products.x, host_.constant(pack_conv_x86(constants, p.result, sums_)), products.y,
                          host_.scratch(sums_.input_bytes * (int64_t{inputs} + 64))});
  }

  HostStep& host_;
  const Kernels& kernels_;
  const X86Sums& sums_;
};

}  // namespace

bool exchange_s8(HostStep& host) {
  for (const Kernels& kernels : kKernels)
    if (host.has(kernels.isa)) return StepS8(host, kernels).exchange();
  return false;
}

#else

bool exchange_s8(HostStep&) { return false; }

#endif

}  // namespace teff
