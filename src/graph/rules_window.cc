#include <algorithm>
#include <limits>

#include "graph/rules.h"

namespace teff {
namespace {

// Kernels count pixels, taps and positions within an image with 32 bits.
constexpr int64_t kMost = std::numeric_limits<int32_t>::max() / 2;
constexpr int64_t kMostExtent = kMost / 4;  // along one axis: sums of a few do not overflow

void expect_counts(const Shape& shape, const char* what) {
  check(shape.product(1, shape.rank()) <= kMost, "the {} ({}) is too large for a window operator", what,
        to_string(shape));
}

int64_t extent_of_result(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, Padding padding,
                         int before, int after) {
  check(before >= 0 && after >= 0, "padding of {} before and {} after", before, after);
  check(in <= kMostExtent && kernel <= kMostExtent && stride <= kMostExtent && before <= kMostExtent &&
            after <= kMostExtent,
        "a window of {} with stride {} over {} is too large", kernel, stride, in);
  const int64_t out = window_axis(in, kernel, stride, dilation, padding, before, after).out;
  check((kernel - 1) * dilation <= kMostExtent, "a window of {} with dilation {} is too large", kernel,
        dilation);
  return out;
}

// The result of a window over x: [N, H, W, channels].
template <class Op>
Shape windowed(const Op& op, const Shape& x, int64_t kernel_h, int64_t kernel_w, int64_t dilation_h,
               int64_t dilation_w, int64_t channels) {
  expect_counts(x, "input");
  const Pads& p = op.pads;
  const int64_t h = extent_of_result(x[1], kernel_h, op.stride_h, dilation_h, op.padding, p.top, p.bottom);
  const int64_t w = extent_of_result(x[2], kernel_w, op.stride_w, dilation_w, op.padding, p.left, p.right);
  return {x[0], h, w, channels};
}

// x [N,H,W,C] and weights of rank 4, at least one tap; a bias of as many values as there are outputs.
void expect_convolution(const Inference& node, int x, int weights, int bias, int64_t outputs) {
  node.expect_rank(x, 4);
  expect_counts(node.shape(weights), "weights");
  if (!node.has(bias)) return;
  const int64_t values = node.shape(bias).elements();
  check(values == outputs, "a bias of {} for {} outputs", values, outputs);
}

// What transposed convolutions ask of input `x` [N,H,W,C] and `weights` [O,kh,kw,C].
template <class Op>
void expect_spread(const Op& op, const Inference& node, int x, int weights, int bias) {
  node.expect_rank(weights, 4);
  const Shape& w = node.shape(weights);
  expect_convolution(node, x, weights, bias, w[0]);
  expect_counts(node.shape(x), "input");
  check(node.shape(x)[3] == w[3] && w.elements() > 0, "input {} cannot be convolved with weights {}",
        to_string(node.shape(x)), to_string(w));
  check(op.stride_h > 0 && op.stride_w > 0 && std::max(op.stride_h, op.stride_w) <= kMostExtent,
        "strides of {} and {}", op.stride_h, op.stride_w);
  check(op.padding != Padding::given, "padding has to be given as SAME or VALID");
}

void expect_spread_result(const Inference& node, int x, int weights, const Shape& y) {
  check(y.rank() == 4 && y[0] == node.shape(x)[0] && y[3] == node.shape(weights)[0],
        "the result cannot be {} where the input is {} and the weights are {}", to_string(y),
        to_string(node.shape(x)), to_string(node.shape(weights)));
  check(std::max({y[1], y[2], node.shape(weights)[1], node.shape(weights)[2]}) <= kMostExtent,
        "the result ({}) is too large", to_string(y));
}

}  // namespace

// Weights of fewer channels than x's divide these into groups.
void infer(const Conv2D& op, Inference& node) {
  node.expect(2, 3);
  node.expect_rank(1, 4);
  const Shape &x = node.shape(0), &w = node.shape(1);
  expect_convolution(node, 0, 1, 2, w[0]);
  check(w[3] > 0 && x[3] > 0 && x[3] % w[3] == 0 && w[0] % (x[3] / w[3]) == 0,
        "input {} cannot be convolved with weights {}", to_string(x), to_string(w));
  node.set(0, windowed(op, x, w[1], w[2], op.dilation_h, op.dilation_w, w[0]));
}

void infer(const DepthwiseConv2D& op, Inference& node) {
  node.expect(2, 3);
  node.expect_rank(1, 4);
  const Shape &x = node.shape(0), &w = node.shape(1);
  expect_convolution(node, 0, 1, 2, w[3]);
  check(w[0] == 1 && w[3] > 0 && x[3] > 0 && w[3] % x[3] == 0,
        "input {} cannot be convolved depthwise with weights {}", to_string(x), to_string(w));
  check(op.depth_multiplier == 0 || op.depth_multiplier == w[3] / x[3],
        "a depth multiplier of {} where {} channels become {}", op.depth_multiplier, x[3], w[3]);
  node.set(0, windowed(op, x, w[1], w[2], op.dilation_h, op.dilation_w, w[3]));
}

// The file says how large the result is: a stride leaves that open.
void infer(const TransposeConv& op, Inference& node) {
  node.expect(3, 4);
  expect_spread(op, node, 2, 1, 3);
  if (!node.knows(0)) {
    node.keep(0);
    return expect_spread_result(node, 2, 1, node.out().shape);
  }
  const std::vector<int64_t> extents = node.integers(0);
  const Shape y = Shape::checked(std::span(extents));
  expect_spread_result(node, 2, 1, y);
  node.set(0, y);
}

// As large as a window with this padding and stride would make it into the input.
void infer(const TransposeConvBias& op, Inference& node) {
  node.expect(3, 3);
  expect_spread(op, node, 0, 1, 2);
  const Shape &x = node.shape(0), &w = node.shape(1);
  const auto extent = [&](int64_t in, int64_t kernel, int64_t stride) {
    return op.padding == Padding::same || in == 0 ? in * stride : (in - 1) * stride + kernel;
  };
  const Shape y = {x[0], extent(x[1], w[1], op.stride_h), extent(x[2], w[2], op.stride_w), w[0]};
  expect_spread_result(node, 0, 1, y);
  node.set(0, y);
}

void infer(const Pool2D& op, Inference& node) {
  node.expect(1, 1);
  node.expect_rank(0, 4);
  const Shape& x = node.shape(0);
  const Pads& p = op.pads;
  check(p.top < op.filter_height && p.bottom < op.filter_height && p.left < op.filter_width &&
            p.right < op.filter_width,
        "padding as wide as the window leaves windows that see nothing");
  node.set(0, windowed(op, x, op.filter_height, op.filter_width, 1, 1, x[3]));
}

}  // namespace teff
