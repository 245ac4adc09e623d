// Sums, products, pools and means of int8 for x86.
#include <utility>

#include "kernels/c/arithmetic.h"
#include "kernels/c/pool2d.h"
#include "kernels/c/reduce.h"
#include "kernels/x86/images_s8.h"
#include "plan/host_step.h"
#include "plan/pack_x86.h"
#include "plan/products.h"
#include "plan/step_params.h"
#include "plan/sum_fit.h"

namespace teff {

#if defined(__x86_64__)

namespace {

// The kernels of one instruction set.
struct Kernels {
  Isa isa;
  KernelId add, mul, average_pool, max_pool, mean;
  double speed;  // beside that of AVX-512
};
constexpr Kernels kKernels[] = {
    {Isa::avx512vnni, KernelId::add_s8_avx512vnni, KernelId::mul_s8_avx512vnni,
     KernelId::average_pool_s8_avx512vnni, KernelId::max_pool_s8_avx512vnni, KernelId::mean_s8_avx512vnni, 1},
    {Isa::avx2, KernelId::add_s8_avx2, KernelId::mul_s8_avx2, KernelId::average_pool_s8_avx2,
     KernelId::max_pool_s8_avx2, KernelId::mean_s8_avx2, 0.5},
};

// Cycles for an element.
constexpr double kAddCycles = 0.4, kMulCycles = 0.6, kGatherCycles = 0.15, kAverageCycles = 0.5;

class ImageStepS8 {
 public:
  ImageStepS8(HostStep& host, const Kernels& kernels) : host_(host), kernels_(kernels) {}

  bool exchange() {
    switch (host_.step().kernel) {
      case KernelId::add_s8: return sum();
      case KernelId::mul_s8: return product();
      case KernelId::average_pool2d_s8: return pool(kernels_.average_pool);
      case KernelId::max_pool2d_s8: return pool(kernels_.max_pool);
      case KernelId::reduce_scaled_s8: return mean();
      default: return false;
    }
  }

 private:
  static constexpr int kMostCount = 1 << 15;  // of numbers that are averaged: floats hold their sums

  bool sum() {
    const auto p = params_of<teff_sum_params>(host_.step());
    if (p.over.axes != 1 || p.over.a[0] != 1 || p.over.b[0] != 1) return false;
    const auto fit =
        fit_sum({p.a_zero, p.b_zero, p.y_zero, p.shift, p.a_factor, p.b_factor, p.y_factor}, p.lo, p.hi);
    if (!fit) return false;
    const teff_add_x86 to{fit->a_factor, fit->b_factor, fit->offset, fit->right, p.lo, p.hi};
    const auto elements = static_cast<double>(host_.step().units);
    return host_.replace(kernels_.add, to, host_.step().units, kAddCycles * elements / kernels_.speed,
                         host_.step().operands);
  }

  // A tensor times a vector along its last axis, in either order.
  bool product() {
    const auto p = params_of<teff_product_params>(host_.step());
    const teff_broadcast& over = p.over;
    if (over.axes != 2) return false;
    const bool swapped = over.a[0] == 0;
    const int32_t *x = swapped ? over.b : over.a, *m = swapped ? over.a : over.b;
    if (x[0] != over.extent[1] || x[1] != 1 || m[0] != 0 || m[1] != 1) return false;
    const Scaling scaling = scaling_of_products(p);
    const teff_mul_x86 to{.channels = over.extent[1],
                          .x_zero = swapped ? p.b_zero : p.a_zero,
                          .m_zero = swapped ? p.a_zero : p.b_zero,
                          .scale = scale_x86(scaling.channels[0], scaling.result, 0),
                          .result = scaling.result};
    const auto elements = static_cast<double>(host_.step().units);
    return host_.replace(kernels_.mul, to, over.extent[0], kMulCycles * elements / kernels_.speed,
                         {host_.operand(swapped ? 1 : 0), host_.operand(swapped ? 0 : 1), host_.operand(2)});
  }

  bool pool(KernelId kernel) {
    const auto p = params_of<teff_pool2d_params>(host_.step());
    const teff_window& w = p.window;
    if (int64_t{w.kernel_h} * w.kernel_w > kMostCount) return false;
    const teff_pool_x86 to{w, p.lo, p.hi};
    const double cycles = static_cast<double>(host_.step().units) * w.channels *
                          (kAverageCycles + kGatherCycles * w.kernel_h * w.kernel_w) / kernels_.speed;
    return host_.replace(kernel, to, host_.step().units, cycles, {host_.operand(0), host_.operand(1)});
  }

  // Over one axis, or several that lie behind each other.
  bool mean() {
    const auto p = params_of<teff_reduce_scaled_params>(host_.step());
    const auto reduced = only_axes(p.over.reduced), kept = only_axes(p.over.kept);
    if (reduced.size() != 1 || kept.empty() || kept.size() > 2) return false;
    const Axis inner = kept.back(), outer = kept.size() == 2 ? kept[0] : Axis{1, 0};
    const auto [count, stride] = reduced[0];
    if (inner.stride != 1 || stride != inner.extent || count > kMostCount) return false;
    if (kept.size() == 2 && outer.stride != count * stride) return false;
    const Scaling scaling = scaling_of_means(p, count);
    const teff_mean_x86 to{.count = count,
                           .inner = inner.extent,
                           .scale = scale_x86(scaling.channels[0], scaling.result, 0),
                           .result = scaling.result};
    const auto elements = static_cast<double>(host_.step().units);
    return host_.replace(kernels_.mean, to, outer.extent,
                         elements * (kAverageCycles + kGatherCycles * count) / kernels_.speed,
                         {host_.operand(0), host_.operand(1)});
  }

  struct Axis {
    int32_t extent, stride;
  };
  // Those of more than one element, outermost first.
  static std::vector<Axis> only_axes(const teff_reduce_axes& axes) {
    std::vector<Axis> result;
    for (int i = 0; i < TEFF_REDUCE_AXES; ++i)
      if (axes.extent[i] != 1) result.push_back({axes.extent[i], axes.stride[i]});
    return result;
  }

  HostStep& host_;
  const Kernels& kernels_;
};

}  // namespace

bool exchange_images_s8(HostStep& host) {
  for (const Kernels& kernels : kKernels)
    if (host.has(kernels.isa)) return ImageStepS8(host, kernels).exchange();
  return false;
}

#else

bool exchange_images_s8(HostStep&) { return false; }

#endif

}  // namespace teff
