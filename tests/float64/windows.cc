// Windows that slide over pictures, and pictures at another size.
#include "graph/infer.h"
#include "tests/float64/values.h"

namespace teff::float64 {
namespace {

// Calls visit(y, x, ky, kx) for the input pixels under the window of an output pixel.
template <class Op, class Visit>
void under_window(const Op& op, const Shape& in, int64_t height, int64_t width, int dilation_h,
                  int dilation_w, int64_t oy, int64_t ox, Visit visit) {
  const WindowAxis rows =
      window_axis(in[1], height, op.stride_h, dilation_h, op.padding, op.pads.top, op.pads.bottom);
  const WindowAxis columns =
      window_axis(in[2], width, op.stride_w, dilation_w, op.padding, op.pads.left, op.pads.right);
  for (int64_t ky = 0; ky < height; ++ky)
    for (int64_t kx = 0; kx < width; ++kx) {
      const int64_t y = oy * op.stride_h - rows.pad_before + ky * dilation_h;
      const int64_t x = ox * op.stride_w - columns.pad_before + kx * dilation_w;
      if (y >= 0 && y < in[1] && x >= 0 && x < in[2]) visit(y, x, ky, kx);
    }
}

int64_t pixel(const Shape& s, int64_t n, int64_t y, int64_t x, int64_t c) {
  return ((n * s[1] + y) * s[2] + x) * s[3] + c;
}

// For each element of an NHWC result.
template <class Element>
Results each_pixel(const Shape& out, Element element) {
  Results results;
  for (int64_t n = 0; n < out[0]; ++n)
    for (int64_t y = 0; y < out[1]; ++y)
      for (int64_t x = 0; x < out[2]; ++x)
        for (int64_t c = 0; c < out[3]; ++c) results.push_back(element(n, y, x, c));
  return results;
}

Exact product(double a, double b) { return Exact(a) * Exact(b); }

Results convolution(const Values& v) {
  const auto& op = std::get<Conv2D>(v.node().op);
  const Shape &in = v.shape(0), &w = v.shape(1), &out = v.out();
  const int64_t group = w[3] > 0 ? out[3] / std::max<int64_t>(in[3] / w[3], 1) : 1;
  return each_pixel(out, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
    Sum sum;
    under_window(op, in, w[1], w[2], op.dilation_h, op.dilation_w, y, x,
                 [&](int64_t iy, int64_t ix, int64_t ky, int64_t kx) {
                   for (int64_t i = 0; i < w[3]; ++i)
                     sum.add(product(v.at(0, pixel(in, n, iy, ix, c / group * w[3] + i)),
                                     v.at(1, pixel(w, c, ky, kx, i))));
                 });
    if (v.has(2)) sum.add(v.at(2, c));
    return activated(op.activation, sum.exact());
  });
}

Results depthwise(const Values& v) {
  const auto& op = std::get<DepthwiseConv2D>(v.node().op);
  const Shape &in = v.shape(0), &w = v.shape(1), &out = v.out();
  const int64_t multiplier = in[3] > 0 ? out[3] / in[3] : 1;
  return each_pixel(out, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
    Sum sum;
    under_window(
        op, in, w[1], w[2], op.dilation_h, op.dilation_w, y, x,
        [&](int64_t iy, int64_t ix, int64_t ky, int64_t kx) {
          sum.add(product(v.at(0, pixel(in, n, iy, ix, c / multiplier)), v.at(1, pixel(w, 0, ky, kx, c))));
        });
    if (v.has(2)) sum.add(v.at(2, c));
    return activated(op.activation, sum.exact());
  });
}

// Each input pixel, times a tap of the weights, goes to the output pixel that this tap of a window there
// would read. The padding is that of the window.
Results transposed_convolution(const Values& v) {
  const auto& op = std::get<TransposeConv>(v.node().op);
  const Shape &w = v.shape(1), &in = v.shape(2), &out = v.out();
  const int64_t top = window_axis(out[1], w[1], op.stride_h, 1, op.padding).pad_before;
  const int64_t left = window_axis(out[2], w[2], op.stride_w, 1, op.padding).pad_before;
  std::vector<Sum> sums(static_cast<size_t>(out.elements()));
  const auto spread = [&](int64_t n, int64_t iy, int64_t ix, int64_t ky, int64_t kx) {
    const int64_t y = iy * op.stride_h - top + ky, x = ix * op.stride_w - left + kx;
    if (y < 0 || y >= out[1] || x < 0 || x >= out[2]) return;
    for (int64_t c = 0; c < out[3]; ++c)
      for (int64_t i = 0; i < in[3]; ++i)
        sums[static_cast<size_t>(pixel(out, n, y, x, c))].add(
            product(v.at(2, pixel(in, n, iy, ix, i)), v.at(1, pixel(w, c, ky, kx, i))));
  };
  for (int64_t n = 0; n < in[0]; ++n)
    for (int64_t iy = 0; iy < in[1]; ++iy)
      for (int64_t ix = 0; ix < in[2]; ++ix)
        for (int64_t ky = 0; ky < w[1]; ++ky)
          for (int64_t kx = 0; kx < w[2]; ++kx) spread(n, iy, ix, ky, kx);
  Results results;
  for (size_t i = 0; i < sums.size(); ++i) {
    if (v.has(3)) sums[i].add(v.at(3, static_cast<int64_t>(i) % out[3]));
    results.push_back(activated(op.activation, sums[i].exact()));
  }
  return results;
}

// pooled(values under the window).
template <class Pooled>
Results pool(const Values& v, Pooled pooled) {
  const auto& op = std::get<Pool2D>(v.node().op);
  const Shape& in = v.shape(0);
  return each_pixel(v.out(), [&](int64_t n, int64_t y, int64_t x, int64_t c) {
    std::vector<double> seen;
    under_window(
        op, in, op.filter_height, op.filter_width, 1, 1, y, x,
        [&](int64_t iy, int64_t ix, int64_t, int64_t) { seen.push_back(v.at(0, pixel(in, n, iy, ix, c))); });
    return activated(op.activation, pooled(seen));
  });
}

Exact average(const std::vector<double>& seen) {
  Sum sum;
  for (double x : seen) sum.add(x);
  return sum.exact() / sum.terms();
}

Exact root_of_mean_square(const std::vector<double>& seen) {
  Sum sum;
  for (double x : seen) sum.add(product(x, x));
  return sqrt(sum.exact() / sum.terms());
}

// --- another size ---

// Where a row or column of the result lies in the picture. float32 finds that place by a quotient, a product
// and, between centres of pixels, a sum and a difference: four roundings of numbers that are no larger than
// the picture. Nothing is rounded where the quotient comes out even (of pictures this small it is short
// then).
struct Place {
  double at, error;
};

template <class Op>
Place place_of(const Op& op, int64_t in, int64_t out, int64_t index, double offset) {
  const bool corners = op.align_corners && out > 1;
  const double scale = static_cast<double>(in - corners) / static_cast<double>(out - corners);
  const bool even = scale == static_cast<double>(static_cast<float>(scale));
  return {(static_cast<double>(index) + offset) * scale, even ? 0 : 4 * kUnit * static_cast<double>(in + 1)};
}

struct Tap {
  int64_t lower, upper;
  double part;  // of `upper`
};

Tap tap_of(double at, int64_t in) {
  const auto inside = [&](double pixel) {
    return std::clamp<int64_t>(static_cast<int64_t>(pixel), 0, in - 1);
  };
  return {inside(std::floor(at)), inside(std::ceil(at)), at - std::floor(at)};
}

// A place that is off by e moves the result by e times the distance of two neighbours, once along each axis;
// the four parts of a pixel take three roundings each (a difference, two products) and three sums.
Results resize_bilinear(const Values& v) {
  const auto& op = std::get<ResizeBilinear>(v.node().op);
  const Shape &in = v.shape(0), &out = v.out();
  const double offset = op.half_pixel_centers ? 0.5 : 0;
  double most = 0;
  for (int64_t i = 0; i < in.elements(); ++i) most = std::max(most, std::abs(v.at(0, i)));
  return each_pixel(out, [&](int64_t n, int64_t oy, int64_t ox, int64_t c) {
    const Place y = place_of(op, in[1], out[1], oy, offset), x = place_of(op, in[2], out[2], ox, offset);
    const Tap row = tap_of(y.at - offset, in[1]), column = tap_of(x.at - offset, in[2]);
    const auto mix = [&](int64_t image_row) {
      const double a = v.at(0, pixel(in, n, image_row, column.lower, c));
      return a + (v.at(0, pixel(in, n, image_row, column.upper, c)) - a) * column.part;
    };
    const double lower = mix(row.lower), value = lower + (mix(row.upper) - lower) * row.part;
    return Exact(value, 2 * most * (y.error + x.error) + 6 * kUnit * most + kTiny);
  });
}

// Where a place is between two pixels to the last digits, it may fall to either.
Results resize_nearest(const Values& v) {
  const auto& op = std::get<ResizeNearest>(v.node().op);
  const Shape &in = v.shape(0), &out = v.out();
  const double offset = op.half_pixel_centers ? 0.5 : 0, half = op.align_corners ? 0.5 : 0;
  const auto pixels = [&](int64_t extent, int64_t size, int64_t index) {
    const Place p = place_of(op, extent, size, index, offset);
    const auto whole = [&](double at) {
      return std::clamp<int64_t>(static_cast<int64_t>(std::floor(at + half)), 0, extent - 1);
    };
    return std::pair(whole(p.at - p.error), whole(p.at + p.error));
  };
  return each_pixel(out, [&](int64_t n, int64_t oy, int64_t ox, int64_t c) {
    const auto [top, bottom] = pixels(in[1], out[1], oy);
    const auto [left, right] = pixels(in[2], out[2], ox);
    const double value = v.at(0, pixel(in, n, top, left, c));
    double bound = 0;
    for (int64_t y : {top, bottom})
      for (int64_t x : {left, right})
        bound = std::max(bound, std::abs(v.at(0, pixel(in, n, y, x, c)) - value));
    return Exact(value, bound);
  });
}

}  // namespace

std::vector<Named> windows() {
  return {
      {"CONV_2D", convolution},
      {"DEPTHWISE_CONV_2D", depthwise},
      {"TRANSPOSE_CONV", transposed_convolution},
      {"AVERAGE_POOL_2D", [](Values& v) { return pool(v, average); }},
      {"MAX_POOL_2D",
       [](Values& v) {
         return pool(v,
                     [](const std::vector<double>& seen) { return Exact(*std::ranges::max_element(seen)); });
       }},
      {"L2_POOL_2D", [](Values& v) { return pool(v, root_of_mean_square); }},
      {"RESIZE_BILINEAR", resize_bilinear},
      {"RESIZE_NEAREST_NEIGHBOR", resize_nearest},
  };
}

}  // namespace teff::float64
