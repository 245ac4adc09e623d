// Kernels that make an image row by row, beside those that make it as a whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "kernels/c/add_rows_mve.h"
#include "kernels/c/arithmetic.h"
#include "kernels/c/mean_rows_mve.h"
#include "kernels/c/mul_rows_mve.h"
#include "kernels/c/pool_rows.h"
#include "kernels/c/reduce.h"

namespace {

using Image = std::vector<int8_t>;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int up_to(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }
  int between(int lo, int hi) { return lo + up_to(hi - lo + 1); }
  int8_t byte() { return static_cast<int8_t>(up_to(256) - 128); }
  Image image(int n) {
    Image x(static_cast<size_t>(n));
    for (int8_t& v : x) v = byte();
    return x;
  }
  teff_factor factor(int least_shift, int most_shift) {
    return {(1 << 30) + static_cast<int32_t>(engine_() % (1u << 30)), between(least_shift, most_shift)};
  }

 private:
  std::mt19937 engine_;
};

// Row y of an image of `height` rows is put where a ring of few rows has it.
struct Ring {
  Ring(int rows, int row_bytes) : ring{rows, row_bytes}, bytes(static_cast<size_t>(rows * row_bytes)) {}
  void put(const Image& image, int height, int y) {
    const int8_t* row = image.data() + y * ring.row_bytes;
    std::copy(row, row + ring.row_bytes, bytes.data() + teff_row_offset(ring, height, y));
  }
  teff_ring ring;
  Image bytes;
};

struct Shape {
  int h, w, c;
  int row() const { return w * c; }
  int size() const { return h * w * c; }
};

Shape random_shape(Random& random) {
  return {random.between(1, 9), random.between(1, 11), random.between(1, 19)};
}

TEST(MeanRows, GathersWhatReduceAndThePoolDo) {
  Random random(1);
  for (int k = 0; k < 500; ++k) {
    const Shape s = random_shape(random);
    const Image x = random.image(s.size());
    const int zero = random.byte(), count = s.h * s.w;
    teff_mean_rows_params p{.height = s.h, .width = s.w, .channels = s.c, .in = {1, s.row()}};
    p.divides = k % 2;
    const teff_factor factor = random.factor(-10, 1);
    p.result = {TEFF_SCALE_TFLITE, 0, random.byte(), -128, 127};
    p.scale = {-zero * count, factor.q, factor.shift};
    Image expected(static_cast<size_t>(s.c)), y(expected.size());
    std::vector<int32_t> sums(expected.size());
    if (p.divides) {
      const teff_window all{s.h, s.w, s.c, 1, 1, s.h, s.w, 1, 1, 1, 1, 0, 0};
      std::vector<uint32_t> scratch(expected.size());
      teff_average_pool2d_s8({all, -128, 127}, x.data(), expected.data(), scratch.data(), {0, 1});
    } else {
      const teff_reduce_params over{{{1, 1, 1, s.c}, {0, 0, 0, 1}}, {{1, 1, s.h, s.w}, {0, 0, s.row(), s.c}}};
      teff_reduce_scaled_s8({over, -p.scale.bias, factor, p.result.zero}, x.data(), expected.data(),
                            {0, s.c});
    }
    Ring ring(1, s.row());
    for (int row = 0; row < s.h; ++row) {
      ring.put(x, s.h, row);
      teff_mean_rows(p, ring.bytes.data(), y.data(), sums.data(), {row, row + 1});
    }
    ASSERT_EQ(y, expected);
  }
}

TEST(MeanRows, WideImagesDoNotOverflow) {
  for (const int8_t value : {int8_t{-128}, int8_t{127}}) {
    const int width = 1000, channels = 5;
    const Image x(static_cast<size_t>(width * channels), value);
    teff_mean_rows_params p{.height = 1, .width = width, .channels = channels, .in = {1, width * channels}};
    p.divides = 1, p.result.lo = -128, p.result.hi = 127;
    Image y(channels);
    std::vector<int32_t> sums(channels);
    teff_mean_rows(p, x.data(), y.data(), sums.data(), {0, 1});
    EXPECT_EQ(y, Image(channels, value));
  }
}

TEST(MeanColumns, AgreeWithReduce) {
  Random random(2);
  for (int k = 0; k < 500; ++k) {
    const Shape s = random_shape(random);
    const Image x = random.image(s.size());
    teff_mean_rows_params p{.height = s.h, .width = s.w, .channels = s.c};
    p.in = {s.h, s.row()}, p.out = {s.h, s.c};
    const teff_factor factor = random.factor(-8, 1);
    p.result = {TEFF_SCALE_TFLITE, 0, random.byte(), -128, 127};
    p.scale = {random.byte() * s.w, factor.q, factor.shift};
    const teff_reduce_params over{{{1, 1, s.h, s.c}, {0, 0, s.row(), 1}}, {{1, 1, 1, s.w}, {0, 0, 0, s.c}}};
    Image expected(static_cast<size_t>(s.h * s.c)), y(expected.size());
    teff_reduce_scaled_s8({over, -p.scale.bias, factor, p.result.zero}, x.data(), expected.data(),
                          {0, s.h * s.c});
    std::vector<int32_t> sums(static_cast<size_t>(s.c));
    teff_mean_columns(p, x.data(), y.data(), sums.data(), {0, s.h});
    ASSERT_EQ(y, expected);
  }
}

TEST(MulRows, AgreesWithTheBroadcastProduct) {
  Random random(3);
  for (int k = 0; k < 500; ++k) {
    const Shape s = random_shape(random);
    const Image x = random.image(s.size()), m = random.image(s.c);
    teff_product_params product{};
    product.over = {2, {s.h * s.w, s.c}, {s.c, 1}, {0, 1}, {0, 0}};
    product.a_zero = random.byte(), product.b_zero = random.byte(), product.y_zero = random.byte();
    product.factor = random.factor(-14, 1);
    product.lo = k % 3 ? -128 : -100, product.hi = k % 3 ? 127 : 90;
    Image expected(x.size());
    teff_mul_s8(product, x.data(), m.data(), expected.data(), {0, s.size()});
    teff_mul_rows_params p{.height = s.h, .width = s.w, .channels = s.c};
    p.in = {s.h, s.row()}, p.out = {2, s.row()}, p.x_zero = product.a_zero, p.m_zero = product.b_zero;
    p.result = {TEFF_SCALE_TFLITE, 0, product.y_zero, product.lo, product.hi};
    p.scale = {0, product.factor.q, product.factor.shift};
    Image y(static_cast<size_t>(2 * s.row()));
    std::vector<int32_t> scratch(static_cast<size_t>(teff_mul_rows_scratch(&p)) / sizeof(int32_t));
    for (int row = 0; row < s.h; ++row) {
      teff_mul_rows(p, x.data(), m.data(), y.data(), scratch.data(), {row, row + 1});
      const auto from = y.begin() + teff_row_offset(p.out, s.h, row);
      ASSERT_TRUE(std::equal(from, from + s.row(), expected.begin() + row * s.row()));
    }
  }
}

// Those for Helium, in the plain C that stands beside their assembly.
TEST(HeliumRows, AgreeWithTheOthers) {
  Random random(5);
  for (int k = 0; k < 500; ++k) {
    const Shape s = {random.between(1, 4), random.between(1, k % 20 ? 11 : 600), random.between(1, 40)};
    const Image x = random.image(s.size()), w = random.image(s.size());
    Image expected(x.size()), y(x.size());
    std::vector<int64_t> scratch(static_cast<size_t>((s.c + 3) / 4 * 4));  // more than both products want
    std::vector<int32_t> sums(static_cast<size_t>(s.c));
    const teff_ring whole{s.h, s.row()};
    const teff_range all{0, s.h};
    const int lo = k % 3 ? -128 : -70, hi = k % 3 ? 127 : 80;

    teff_add_rows_params sum{.height = s.h, .row = s.row(), .a = whole, .b = whole, .out = whole};
    sum.a_factor = random.between(1, 1 << 22), sum.b_factor = random.between(1, 1 << 22);
    sum.offset = random.between(-1 << 28, 1 << 28), sum.right = random.between(18, 24);
    sum.lo = lo, sum.hi = hi;
    teff_add_rows(sum, x.data(), w.data(), expected.data(), all);
    teff_add_rows_mve(sum, x.data(), w.data(), y.data(), all);
    ASSERT_EQ(y, expected);

    teff_mul_rows_params product{.height = s.h, .width = s.w, .channels = s.c, .in = whole, .out = whole};
    product.x_zero = random.byte(), product.m_zero = random.byte();
    product.result = {k % 4, random.between(6, 12), random.byte(), lo, hi};
    const bool cheap = k % 4 == TEFF_SCALE_HIGH || k % 4 == TEFF_SCALE_HIGH2;
    product.scale = {random.byte(), 1 << 30, cheap ? random.between(-9999, 9999) : -random.between(1, 10)};
    teff_mul_rows(product, x.data(), w.data(), expected.data(), scratch.data(), all);
    teff_mul_rows_mve(product, x.data(), w.data(), y.data(), scratch.data(), all);
    ASSERT_EQ(y, expected);

    teff_mean_rows_params mean{.height = s.h, .width = s.w, .channels = s.c, .in = whole, .out = {s.h, s.c}};
    mean.divides = k % 2, mean.result = product.result, mean.scale = product.scale;
    teff_mean_rows(mean, x.data(), expected.data(), sums.data(), all);
    teff_mean_rows_mve(mean, x.data(), y.data(), sums.data(), all);
    ASSERT_TRUE(std::equal(y.begin(), y.begin() + s.c, expected.begin()));
    teff_mean_columns(mean, x.data(), expected.data(), sums.data(), all);
    teff_mean_columns_mve(mean, x.data(), y.data(), sums.data(), all);
    ASSERT_TRUE(std::equal(y.begin(), y.begin() + s.h * s.c, expected.begin()));
  }
}

teff_window random_window(Random& random) {
  teff_window w{};
  w.in_h = random.between(1, 9), w.in_w = random.between(1, 9), w.channels = random.between(1, 9);
  w.kernel_h = random.between(1, 4), w.kernel_w = random.between(1, 4);
  w.stride_h = random.between(1, 3), w.stride_w = random.between(1, 3);
  w.dilation_h = 1, w.dilation_w = 1;
  w.pad_top = random.up_to(w.kernel_h), w.pad_left = random.up_to(w.kernel_w);
  // As many as begin inside of the image or before it.
  w.out_h = (w.in_h - 1 + w.pad_top) / w.stride_h + 1, w.out_w = (w.in_w - 1 + w.pad_left) / w.stride_w + 1;
  return w;
}

// The rows that a row of the output reads are put into the ring just before.
template <class Kernel>
Image by_rows(const teff_window& w, const Image& x, Kernel kernel) {
  Ring in(w.kernel_h, w.in_w * w.channels);
  Image y(static_cast<size_t>(w.out_h * w.out_w * w.channels));
  for (int row = 0; row < w.out_h; ++row) {
    for (int i = 0; i < w.kernel_h; ++i) {
      const int from = row * w.stride_h - w.pad_top + i;
      if (from >= 0 && from < w.in_h) in.put(x, w.in_h, from);
    }
    kernel(in, y, row);
  }
  return y;
}

TEST(PoolRows, AgreeWithThePools) {
  Random random(4);
  for (int k = 0; k < 500; ++k) {
    const teff_window w = random_window(random);
    const Image x = random.image(w.in_h * w.in_w * w.channels);
    const int lo = k % 2 ? -128 : random.between(-128, 0), hi = k % 2 ? 127 : random.between(1, 127);
    const int pixels = w.out_h * w.out_w;
    const auto params = [&](const Ring& in) {
      return teff_pool_rows_params{w, in.ring, {w.out_h, w.out_w * w.channels}, lo, hi};
    };
    Image expected(static_cast<size_t>(pixels * w.channels));
    std::vector<uint32_t> scratch(static_cast<size_t>(w.channels));
    std::vector<int32_t> sums(scratch.size());
    teff_average_pool2d_s8({w, lo, hi}, x.data(), expected.data(), scratch.data(), {0, pixels});
    ASSERT_EQ(expected, by_rows(w, x, [&](const Ring& in, Image& y, int row) {
                teff_average_pool_rows(params(in), in.bytes.data(), y.data(), sums.data(), {row, row + 1});
              }));
    teff_max_pool2d_s8({w, lo, hi}, x.data(), expected.data(), {0, pixels});
    ASSERT_EQ(expected, by_rows(w, x, [&](const Ring& in, Image& y, int row) {
                teff_max_pool_rows(params(in), in.bytes.data(), y.data(), {row, row + 1});
              }));
  }
}

}  // namespace
