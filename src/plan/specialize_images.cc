#include "plan/specialize_images.h"

#include <algorithm>
#include <optional>

#include "kernels/c/add_rows.h"
#include "kernels/c/mean_rows.h"
#include "kernels/c/mul_rows.h"
#include "kernels/c/pool_rows.h"
#include "kernels/c/reduce.h"
#include "plan/products.h"
#include "plan/step_params.h"
#include "plan/sum_fit.h"

namespace teff {
namespace {

// One image; what has no rank of 4 is an image of one row.
struct Image {
  int32_t height, width, channels;
  int32_t row() const { return width * channels; }
  teff_ring whole(int32_t elements) const { return {height, elements}; }
  teff_ring whole() const { return whole(row()); }
};

class ImageStep {
 public:
  ImageStep(const Graph& graph, Plan& plan, Step& step, BoardIsa isa, bool small)
      : graph_(graph),
        plan_(plan),
        step_(step),
        helium_(isa == BoardIsa::mve),
        helium_means_(helium_ && !small) {}

  bool exchange() {
    if (!has_kernel_by_rows()) return false;
    if (!try_exchange()) {
      step_.why = "no kernel by rows for these shapes";
      return false;
    }
    step_.why = helium_ && kernel(step_.kernel).name.ends_with("_mve") ? "the core has vectors"
                                                                       : "one image, row by row";
    return true;
  }

 private:
  bool has_kernel_by_rows() const {
    switch (step_.kernel) {
      case KernelId::add_s8:
      case KernelId::mul_s8:
      case KernelId::reduce_scaled_s8:
      case KernelId::average_pool2d_s8:
      case KernelId::max_pool2d_s8: return true;
      default: return false;
    }
  }

  bool try_exchange() {
    switch (step_.kernel) {
      case KernelId::add_s8: return sum();
      case KernelId::mul_s8: return product();
      case KernelId::reduce_scaled_s8: return mean();
      case KernelId::average_pool2d_s8:
      case KernelId::max_pool2d_s8: return pool();
      default: return false;
    }
  }

  bool sum() {
    const auto p = params_of<teff_sum_params>(step_);
    const Shape *a = shape(0), *b = shape(1), *y = shape(2);
    if (!a || !b || !y || *a != *y || *b != *y) return false;
    const std::optional<Image> image = image_of(*y);
    if (!image) return false;
    teff_add_rows_params to{.height = image->height, .row = image->row()};
    to.a = to.b = to.out = image->whole();
    to.lo = p.lo, to.hi = p.hi;
    to.steps = {p.a_zero, p.b_zero, p.y_zero, p.shift, p.a_factor, p.b_factor, p.y_factor};
    if (const auto fit = fit_sum(to.steps, p.lo, p.hi)) {
      to.a_factor = fit->a_factor, to.b_factor = fit->b_factor;
      to.offset = fit->offset, to.right = fit->right;
      to.steps = {};  // nobody takes them
    }
    return replace(helium_ ? KernelId::add_rows_mve : KernelId::add_rows, to, image->height,
                   {operand(0), operand(1), operand(2)});
  }

  // An image times a vector of its channels, in either order.
  bool product() {
    const auto p = params_of<teff_product_params>(step_);
    const Shape *a = shape(0), *b = shape(1), *y = shape(2);
    if (!a || !b || !y) return false;
    const std::optional<Image> image = image_of(*y);
    if (!image || y->rank() != 4) return false;
    const auto is_vector = [&](const Shape& s) {
      return s.elements() == image->channels && s.rank() > 0 && s[s.rank() - 1] == image->channels;
    };
    const bool swapped = *b == *y && is_vector(*a) && *a != *y;
    if (!swapped && !(*a == *y && is_vector(*b))) return false;
    teff_mul_rows_params to{.height = image->height, .width = image->width, .channels = image->channels};
    to.in = to.out = image->whole();
    to.x_zero = swapped ? p.b_zero : p.a_zero, to.m_zero = swapped ? p.a_zero : p.b_zero;
    scale_products(p, to);
    return replace(helium_ ? KernelId::mul_rows_mve : KernelId::mul_rows, to, image->height,
                   {operand(swapped ? 1 : 0), operand(swapped ? 0 : 1), operand(2),
                    scratch(teff_mul_rows_scratch(&to))});
  }

  static void scale_products(const teff_product_params& p, teff_mul_rows_params& to) {
    const Scaling scaling = scaling_of_products(p);
    to.result = scaling.result;
    to.scale = scaling.channels[0];
  }

  // Over height, width or both.
  bool mean() {
    const auto p = params_of<teff_reduce_scaled_params>(step_);
    const Shape *x = shape(0), *y = shape(1);
    if (!x || !y || x->rank() != 4 || y->elements() == 0) return false;
    const std::optional<Image> image = image_of(*x);
    if (!image) return false;
    const teff_reduce_params over = p.over;
    const auto [h, w, c] = *image;
    teff_mean_rows_params to{.height = h, .width = w, .channels = c, .in = image->whole()};
    scale_means(p, x->elements() / y->elements(), to);
    if (reduces(over, {{1, 1, 1, c}, {0, 0, 0, 1}}, {{1, 1, 1, h * w}, {0, 0, 0, c}})) return gather(to);
    if (reduces(over, {{1, 1, 1, w * c}, {0, 0, 0, 1}}, {{1, 1, 1, h}, {0, 0, 0, w * c}})) {
      to.width = 1, to.channels = w * c;
      return gather(to);
    }
    if (!reduces(over, {{1, 1, h, c}, {0, 0, w * c, 1}}, {{1, 1, 1, w}, {0, 0, 0, c}})) return false;
    to.out = image->whole(c);
    return replace(helium_means_ ? KernelId::mean_columns_mve : KernelId::mean_columns, to, h,
                   {operand(0), operand(1), scratch(teff_mean_columns_scratch(&to))});
  }

  // Sums of `count` bytes, less the zero point of each.
  static void scale_means(const teff_reduce_scaled_params& p, int64_t count, teff_mean_rows_params& to) {
    const Scaling scaling = scaling_of_means(p, count);
    to.result = scaling.result, to.scale = scaling.channels[0];
  }

  bool gather(teff_mean_rows_params to) {
    to.out = {1, to.channels};
    return replace(helium_means_ ? KernelId::mean_rows_mve : KernelId::mean_rows, to, to.height,
                   {operand(0), operand(1), scratch(teff_mean_rows_scratch(&to))});
  }

  // Axes of one element may stand anywhere or not at all, whatever their stride.
  static bool same_axes(teff_reduce_axes a, teff_reduce_axes b) {
    int i = 0, j = 0;
    while (true) {
      while (i < TEFF_REDUCE_AXES && a.extent[i] == 1) ++i;
      while (j < TEFF_REDUCE_AXES && b.extent[j] == 1) ++j;
      if (i == TEFF_REDUCE_AXES || j == TEFF_REDUCE_AXES) return i == j;
      if (a.extent[i] != b.extent[j] || a.stride[i] != b.stride[j]) return false;
      ++i, ++j;
    }
  }
  static bool reduces(const teff_reduce_params& p, const teff_reduce_axes& kept,
                      const teff_reduce_axes& reduced) {
    return same_axes(p.kept, kept) && same_axes(p.reduced, reduced);
  }

  bool pool() {
    const auto p = params_of<teff_pool2d_params>(step_);
    const teff_window& w = p.window;
    if (step_.units != int64_t{w.out_h} * w.out_w) return false;
    const bool average = step_.kernel == KernelId::average_pool2d_s8;
    const bool all = w.out_h == 1 && w.out_w == 1 && w.pad_top == 0 && w.pad_left == 0 &&
                     w.kernel_h >= w.in_h && w.kernel_w >= w.in_w;
    const teff_ring in{w.in_h, w.in_w * w.channels};
    if (average && all) {
      teff_mean_rows_params to{.height = w.in_h, .width = w.in_w, .channels = w.channels, .in = in};
      to.divides = 1, to.result.lo = p.lo, to.result.hi = p.hi;
      return gather(to);
    }
    const teff_pool_rows_params to{w, in, {w.out_h, w.out_w * w.channels}, p.lo, p.hi};
    if (!average) return replace(KernelId::max_pool_rows, to, w.out_h, {operand(0), operand(1)});
    return replace(KernelId::average_pool_rows, to, w.out_h,
                   {operand(0), operand(1), scratch(teff_average_pool_rows_scratch(&to))});
  }

  // --- the step ---

  Operand operand(size_t i) const { return step_.operands[i]; }

  // Null for what is no tensor of the graph.
  const Shape* shape(size_t i) const {
    const Operand& o = step_.operands[i];
    if (o.kind != Operand::Kind::tensor || o.index >= static_cast<int64_t>(graph_.tensors.size()))
      return nullptr;
    return &graph_.tensor(static_cast<TensorId>(o.index)).shape;
  }

  static std::optional<Image> image_of(const Shape& shape) {
    if (shape.elements() == 0) return {};
    if (shape.rank() != 4) return Image{1, 1, static_cast<int32_t>(shape.elements())};
    if (shape[0] != 1) return {};
    return Image{static_cast<int32_t>(shape[1]), static_cast<int32_t>(shape[2]),
                 static_cast<int32_t>(shape[3])};
  }

  Operand scratch(int32_t bytes) {
    plan_.scratch_bytes = std::max<int64_t>(plan_.scratch_bytes, bytes);
    return {Operand::Kind::scratch, 0, bytes};
  }

  template <class P>
  bool replace(KernelId kernel, const P& params, int32_t units, std::vector<Operand> operands) {
    const double work = static_cast<double>(step_.units) * step_.unit_cost;
    step_.kernel = kernel;
    step_.params = Params::of(params);
    step_.operands = std::move(operands);
    step_.unit_cost = work / units;
    step_.units = units;
    return true;
  }

  const Graph& graph_;
  Plan& plan_;
  Step& step_;
  bool helium_;
  bool helium_means_;  // which are much code
};

}  // namespace

bool exchange_image_step(const Graph& graph, Plan& plan, Step& step, BoardIsa isa, bool small) {
  return step.kind == Step::Kind::kernel && ImageStep(graph, plan, step, isa, small).exchange();
}

}  // namespace teff
