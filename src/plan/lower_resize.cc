// Pictures at another size: the taps of every row and column are worked out here, in TFLite's precisions.
#include <algorithm>
#include <cmath>

#include "kernels/c/resize.h"
#include "plan/lower.h"

namespace teff {
namespace {

// One axis of the picture.
struct Axis {
  int32_t in, out;
};

float scale_of(Axis axis, bool align_corners) {
  if (align_corners && axis.out > 1)
    return static_cast<float>(axis.in - 1) / static_cast<float>(axis.out - 1);
  return static_cast<float>(axis.in) / static_cast<float>(axis.out);
}

// The same with 10 fractional bits, rounded to nearest.
int32_t fixed_scale_of(Axis axis, bool align_corners) {
  const bool corners = align_corners && axis.out > 1;
  const int64_t in = axis.in - corners, out = axis.out - corners;
  return static_cast<int32_t>((in * 1024 + out / 2) / out);
}

std::vector<teff_tap_f32> float_taps(const ResizeBilinear& op, Axis axis) {
  const float scale = scale_of(axis, op.align_corners);
  std::vector<teff_tap_f32> taps;
  for (int32_t i = 0; i < axis.out; ++i) {
    const float at =
        op.half_pixel_centers ? (static_cast<float>(i) + 0.5f) * scale - 0.5f : static_cast<float>(i) * scale;
    const auto lower = std::clamp(static_cast<int32_t>(std::floor(at)), 0, axis.in - 1);
    const auto upper = std::clamp(static_cast<int32_t>(std::ceil(at)), 0, axis.in - 1);
    taps.push_back({lower, upper, at - static_cast<float>(lower)});
  }
  return taps;
}

std::vector<teff_tap_s32> fixed_taps(const ResizeBilinear& op, Axis axis) {
  const int64_t scale = fixed_scale_of(axis, op.align_corners);
  std::vector<teff_tap_s32> taps;
  for (int64_t i = 0; i < axis.out; ++i) {
    const int64_t at = i * scale + (op.half_pixel_centers ? scale / 2 - 512 : 0);
    const auto lower = std::clamp<int64_t>(at / 1024, 0, axis.in - 1);
    const auto upper = std::clamp<int64_t>((at + 1023) / 1024, 0, axis.in - 1);
    taps.push_back(
        {static_cast<int32_t>(lower), static_cast<int32_t>(upper), static_cast<int32_t>(at - lower * 1024)});
  }
  return taps;
}

std::vector<int32_t> nearest(const ResizeNearest& op, Axis axis) {
  const float scale = scale_of(axis, op.align_corners), offset = op.half_pixel_centers ? 0.5f : 0.0f;
  std::vector<int32_t> sources;
  for (int32_t i = 0; i < axis.out; ++i) {
    const float at = (static_cast<float>(i) + offset) * scale;
    const float whole = op.align_corners ? std::round(at) : std::floor(at);
    sources.push_back(std::clamp(static_cast<int32_t>(whole), 0, axis.in - 1));
  }
  return sources;
}

struct Picture {
  Axis rows, columns;
  teff_resize_params params;
  int64_t units;
  double unit_cost;
};

Picture picture_of(const Lowering& node) {
  const Shape &in = node.in(0).shape, &out = node.out().shape;
  const auto small = [](int64_t extent) { return static_cast<int32_t>(extent); };
  const teff_resize_params p{.in_height = small(in[1]),
                             .in_width = small(in[2]),
                             .out_height = small(out[1]),
                             .out_width = small(out[2]),
                             .channels = small(in[3])};
  return {{p.in_height, p.out_height},
          {p.in_width, p.out_width},
          p,
          out.elements() > 0 ? out[0] * out[1] : 0,
          8.0 * static_cast<double>(out[2] * out[3])};
}

}  // namespace

void lower(const ResizeBilinear& op, Lowering& node) {
  const auto [rows, columns, p, units, cost] = picture_of(node);
  const auto integer = [&](auto kernel) {
    node.step(kernel, p, units, cost, node.input(0), node.constant(fixed_taps(op, rows)),
              node.constant(fixed_taps(op, columns)), node.output());
  };
  switch (node.in(0).type) {
    case Type::f32:
      return node.step(KERNEL_ID(resize_bilinear_f32), p, units, cost, node.input(0),
                       node.constant(float_taps(op, rows)), node.constant(float_taps(op, columns)),
                       node.output());
    case Type::s8: return integer(KERNEL_ID(resize_bilinear_s8));
    case Type::s16: return integer(KERNEL_ID(resize_bilinear_s16));
    default: node.unsupported("the input has to be float32, int8 or int16");
  }
}

void lower(const ResizeNearest& op, Lowering& node) {
  auto [rows, columns, p, units, cost] = picture_of(node);
  const int bits = bits_of(node.in(0).type);
  if (node.in(0).type != node.out().type || bits < 8)
    node.unsupported("input and output have to be of one type");
  p.channels *= bits / 8;
  node.step(KERNEL_ID(resize_nearest), p, units, cost / 8, node.input(0), node.constant(nearest(op, rows)),
            node.constant(nearest(op, columns)), node.output());
}

}  // namespace teff
