// Convolutions that are sums of products as they stand: direct, by im2col, by a product whose matrix is never
// written.
#include "conv.h"

#include <algorithm>
#include <vector>

#include "kernels/x86/conv_f32.h"
#include "panels.h"

namespace teff::lab {
namespace {

class Direct : public Conv {
 public:
  Direct(const ConvShape& shape, const float* weights)
      : s_(shape), weights_(weights, weights + 9 * shape.in * shape.out) {}
  int64_t products() const override { return s_.macs(); }
  int64_t scratch_bytes() const override { return 0; }

 protected:
  bool inside(int64_t y, int64_t x) const { return y >= 0 && y < s_.height && x >= 0 && x < s_.width; }

  ConvShape s_;
  std::vector<float> weights_;
};

// As the formula has it: for each output channel and pixel a sum over channels and window. The inner loops
// are three steps long, each product looks up whether it is inside, and one sum waits for itself.
class DirectNchw : public Direct {
 public:
  using Direct::Direct;
  void run(const float* x, float* y) override {
    for (int64_t o = 0; o < s_.out; ++o)
      for (int64_t row = 0; row < s_.height; ++row)
        for (int64_t column = 0; column < s_.width; ++column)
          y[o * s_.pixels() + row * s_.width + column] = sum(x, o, row, column);
  }

 private:
  float sum(const float* x, int64_t o, int64_t row, int64_t column) const {
    float total = 0;
    for (int64_t c = 0; c < s_.in; ++c)
      for (int64_t v = 0; v < 3; ++v)
        for (int64_t u = 0; u < 3; ++u)
          if (inside(row + v - 1, column + u - 1))
            total += x[c * s_.pixels() + (row + v - 1) * s_.width + column + u - 1] *
                     weights_[static_cast<size_t>(((v * 3 + u) * s_.in + c) * s_.out + o)];
    return total;
  }
};

// The output channels innermost: they lie in sequence in y and in the weights, so that the compiler makes
// vectors of them, and each number of x is read once for all of them.
class DirectNhwc : public Direct {
 public:
  using Direct::Direct;
  void run(const float* x, float* y) override {
    for (int64_t row = 0; row < s_.height; ++row)
      for (int64_t column = 0; column < s_.width; ++column, y += s_.out) {
        std::fill_n(y, s_.out, 0.0f);
        for (int64_t v = 0; v < 3; ++v)
          for (int64_t u = 0; u < 3; ++u)
            if (inside(row + v - 1, column + u - 1))
              add_tap(x + ((row + v - 1) * s_.width + column + u - 1) * s_.in,
                      weights_.data() + (v * 3 + u) * s_.in * s_.out, y);
      }
  }

 private:
  void add_tap(const float* pixel, const float* weights, float* y) const {
    for (int64_t c = 0; c < s_.in; ++c, weights += s_.out)
      for (int64_t o = 0; o < s_.out; ++o) y[o] += pixel[c] * weights[o];
  }
};

// What lies under the window at a pixel, written to `to` with numbers `step` apart.
void copy_patch(const ConvShape& s, const float* x, int64_t pixel, int64_t step, float* to) {
  const int64_t row = pixel / s.width, column = pixel % s.width;
  for (int64_t v = 0; v < 3; ++v)
    for (int64_t u = 0; u < 3; ++u, to += s.in * step) {
      const int64_t py = row + v - 1, px = column + u - 1;
      const bool inside = py >= 0 && py < s.height && px >= 0 && px < s.width;
      const float* from = x + (py * s.width + px) * s.in;
      for (int64_t c = 0; c < s.in; ++c) to[c * step] = inside ? from[c] : 0;
    }
}

// The patches of all pixels become the rows of a matrix, nine times as large as the image; then it is a
// product of matrices, for which everything is known.
class Im2col : public Conv {
 public:
  Im2col(const ConvShape& shape, const float* weights)
      : s_(shape),
        weights_(pack_panels(weights, 9 * shape.in, shape.out)),
        columns_(static_cast<size_t>(shape.pixels() * 9 * shape.in)) {}
  void run(const float* x, float* y) override {
    const int64_t k = weights_.k;
    for (int64_t pixel = 0; pixel < s_.pixels(); ++pixel)
      copy_patch(s_, x, pixel, 1, columns_.data() + pixel * k);
    multiply_panels(s_.pixels(), weights_, y, [&](int64_t first, int64_t count, float* panel) {
      gather_rows(columns_.data(), k, k, first, count, panel);
    });
  }
  int64_t products() const override { return s_.macs(); }
  int64_t scratch_bytes() const override {
    return static_cast<int64_t>(columns_.size() * sizeof(float)) +
           panel_rows() * weights_.k * static_cast<int64_t>(sizeof(float));
  }

 private:
  ConvShape s_;
  PackedPanels weights_;
  std::vector<float> columns_;
};

// The same product. But the micro-kernel reads packed panels anyway: the patches are written straight into
// the panel, and the matrix never exists.
class ImplicitGemm : public Conv {
 public:
  ImplicitGemm(const ConvShape& shape, const float* weights)
      : s_(shape), weights_(pack_panels(weights, 9 * shape.in, shape.out)) {}
  void run(const float* x, float* y) override {
    multiply_panels(s_.pixels(), weights_, y, [&](int64_t first, int64_t count, float* panel) {
      for (int64_t i = 0; i < count; ++i) copy_patch(s_, x, first + i, panel_rows(), panel + i);
    });
  }
  int64_t products() const override { return s_.macs(); }
  int64_t scratch_bytes() const override {
    return panel_rows() * weights_.k * static_cast<int64_t>(sizeof(float));
  }

 private:
  ConvShape s_;
  PackedPanels weights_;
};

// What teff runs networks with: tiles that read the pixels where they lie, no panel at all.
class Production : public Conv {
 public:
  Production(const ConvShape& s, const float* weights) : s_(s) {
    const auto height = static_cast<int32_t>(s.height), width = static_cast<int32_t>(s.width);
    teff_window& w = conv_.window;
    w.in_h = w.out_h = height, w.in_w = w.out_w = width;
    w.kernel_h = w.kernel_w = 3, w.stride_h = w.stride_w = w.dilation_h = w.dilation_w = 1;
    w.pad_top = w.pad_left = 1;
    w.channels = static_cast<int32_t>(s.in);
    conv_.outputs = static_cast<int32_t>(s.out);
    packed_.resize(static_cast<size_t>(x86::conv_f32_packed_floats(conv_)));
    x86::conv_f32_pack(conv_, weights, packed_.data());
  }
  void run(const float* x, float* y) override {
    x86::conv_f32(conv_, x, packed_.data(), nullptr, y, {0, x86::conv_f32_units(conv_, 1)});
  }
  int64_t products() const override { return s_.macs(); }
  int64_t scratch_bytes() const override { return 0; }

 private:
  ConvShape s_;
  x86::ConvF32 conv_;
  std::vector<float> packed_;
};

template <class Kind>
std::unique_ptr<Conv> made(const ConvShape& shape, const float* weights) {
  return std::make_unique<Kind>(shape, weights);
}

constexpr ConvStep kSteps[] = {
    {"direct, NCHW", "seven loops, as the formula has it", "", true, 1, direct_nchw},
    {"direct, NHWC", "output channels innermost", "", false, 1, direct_nhwc},
    {"im2col", "patches as rows of a matrix, then a product", "needs memory", false, 1, im2col},
    {"implicit GEMM", "patches go straight into the product's panels", "solves that", false, 1,
     implicit_gemm},
    {"Winograd 2", "tiles of 2 x 2 outputs: 16 products for 36", "2.25x fewer", false, 4, winograd2},
    {"Winograd 4", "tiles of 4 x 4 outputs: 36 products for 144", "", false, 40, winograd4},
    {"teff", "what teff runs networks with", "", false, 1, production_conv},
};

}  // namespace

std::span<const ConvStep> conv_steps() { return kSteps; }

std::unique_ptr<Conv> direct_nchw(const ConvShape& s, const float* w) { return made<DirectNchw>(s, w); }
std::unique_ptr<Conv> direct_nhwc(const ConvShape& s, const float* w) { return made<DirectNhwc>(s, w); }
std::unique_ptr<Conv> im2col(const ConvShape& s, const float* w) { return made<Im2col>(s, w); }
std::unique_ptr<Conv> implicit_gemm(const ConvShape& s, const float* w) { return made<ImplicitGemm>(s, w); }
std::unique_ptr<Conv> production_conv(const ConvShape& s, const float* w) { return made<Production>(s, w); }

}  // namespace teff::lab
