#include "plan/pack_mve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "kernels/c/all.h"

namespace teff {
namespace {

// Layers of random shape; the plain kernel says what they compute.
class Layers {
 public:
  explicit Layers(unsigned seed) : random_(seed) {}

  int32_t any(int32_t least, int32_t most) {
    return least + static_cast<int32_t>(random_() % static_cast<unsigned>(most - least + 1));
  }

  std::vector<int8_t> bytes(int64_t n, int32_t least = -128) {
    std::vector<int8_t> values(static_cast<size_t>(n));
    for (int8_t& v : values) v = static_cast<int8_t>(any(least, 127));
    return values;
  }

  // Some tap of every window lies inside of the image.
  teff_window window(int32_t most_kernel, int32_t most_channels) {
    teff_window w{};
    w.channels = any(1, most_channels);
    w.kernel_h = any(1, most_kernel), w.kernel_w = any(1, most_kernel);
    w.stride_h = any(1, 2), w.stride_w = any(1, 2);
    w.dilation_h = any(1, 2), w.dilation_w = any(1, 2);
    w.pad_top = any(0, w.kernel_h - 1), w.pad_left = any(0, w.kernel_w - 1);
    w.in_h = any(1, 8) + w.pad_top, w.in_w = any(1, 12) + w.pad_left;
    w.out_h = (w.in_h - 1 + w.pad_top) / w.stride_h + 1, w.out_w = (w.in_w - 1 + w.pad_left) / w.stride_w + 1;
    return w;
  }

  // The sums of `products` products stay within what every scaling is exact for.
  teff_result result() {
    const int32_t scaling = any(0, 3);
    const bool clamped = any(0, 3) == 0;
    return {scaling, any(4, 9), any(-128, 127), clamped ? -100 : -128, clamped ? 90 : 127};
  }

  std::vector<teff_channel> channels(int32_t n, const teff_result& result) {
    std::vector<teff_channel> all(static_cast<size_t>(n));
    for (teff_channel& c : all) {
      c.bias = any(-20000, 20000);
      c.multiplier = any(1 << 30, INT32_MAX);
      if (result.scaling == TEFF_SCALE_TFLITE) {
        c.offset = any(-12, 3);
      } else if (result.scaling == TEFF_SCALE_RIGHT) {
        c.offset = any(-14, -1);
      } else {
        c.multiplier >>= any(0, 4);
        c.offset = any(-3000, 3000);
      }
    }
    return all;
  }

 private:
  std::mt19937 random_;
};

constexpr int8_t kGuard = 77;

// Runs a kernel of rows over the whole image at once or row by row, in memory that is no larger than it says.
template <class P, class Kernel>
std::vector<int8_t> rows(const P& p, Kernel kernel, int32_t scratch, const std::vector<int8_t>& x,
                         const Bytes& packed, int32_t step) {
  std::vector<int8_t> y(static_cast<size_t>(p.window.out_h) * static_cast<size_t>(p.out.row_bytes) + 1,
                        kGuard);
  std::vector<int32_t> memory(static_cast<size_t>(scratch) / 4 + 1);
  for (int32_t row = 0; row < p.window.out_h; row += step)
    kernel(p, x.data(), packed.data(), y.data(), memory.data(),
           teff_range{row, std::min(row + step, p.window.out_h)});
  EXPECT_EQ(y.back(), kGuard);
  return y;
}

TEST(ConvRowsMve, AgreesWithThePlainKernel) {
  for (unsigned seed = 0; seed < 700; ++seed) {
    Layers layers(seed);
    teff_conv_rows p{};
    p.window = layers.window(seed % 2 ? 4 : 1, seed % 3 ? 12 : 70);
    if (seed % 8 == 0) p.window.channels = 64;
    p.outputs = layers.any(1, 21);
    if (seed % 5 == 0) {  // numbers of products that go in quads
      constexpr int32_t kProducts[] = {40, 64, 128, 144, 288};
      const int32_t products = kProducts[seed / 5 % 5];
      while (products % (p.window.kernel_h * p.window.kernel_w) != 0) p.window = layers.window(3, 1);
      p.window.dilation_w = 1;
      p.window.channels = products / (p.window.kernel_h * p.window.kernel_w);
      if (seed % 2) p.window.in_w = p.window.out_w = p.window.kernel_w = 1, p.window.pad_left = 0;
      p.outputs = 4 * layers.any(1, 5);
    }
    p.in = {p.window.in_h, p.window.in_w * p.window.channels};
    p.out = {p.window.out_h, p.window.out_w * p.outputs};
    p.x_zero = layers.any(-128, 127);
    p.result = layers.result();
    const auto channels = layers.channels(p.outputs, p.result);
    const auto x = layers.bytes(int64_t{p.window.in_h} * p.in.row_bytes);
    const auto w = layers.bytes(int64_t{p.outputs} * teff_taps_of(&p.window));
    const ConvConstants constants{p.window, p.outputs, w, channels};
    const auto right = rows(p, teff_conv_rows_c, teff_conv_rows_c_scratch(&p), x, pack_c(constants), 1);
    for (const bool small : {false, true}) {
      p.small = small;
      const Bytes packed = (small ? pack_conv_rows_small_mve : pack_conv_rows_mve)(constants);
      const int32_t scratch = teff_conv_rows_mve_scratch(&p);
      ASSERT_EQ(rows(p, teff_conv_rows_mve, scratch, x, packed, p.window.out_h), right) << seed << small;
      ASSERT_EQ(rows(p, teff_conv_rows_mve, scratch, x, packed, 1), right) << seed << small;
    }
  }
}

TEST(DepthwiseRowsMve, AgreesWithThePlainKernel) {
  for (unsigned seed = 0; seed < 700; ++seed) {
    Layers layers(seed);
    teff_depthwise_rows p{};
    p.window = layers.window(seed % 2 ? 8 : 4, seed % 3 ? 12 : 50);
    if (seed % 2) p.window.kernel_w = p.window.kernel_h = layers.any(1, 3) * 2 + 1;
    if (seed % 10 == 0) p.window.in_w += 300, p.window.out_w += 150;  // more than one strip
    if (seed % 7 == 0) {                                              // one pixel wide
      p.window.in_w = p.window.out_w = p.window.kernel_w = 1;
      p.window.pad_left = 0;
    }
    p.in = {p.window.in_h, p.window.in_w * p.window.channels};
    p.out = {p.window.out_h, p.window.out_w * p.window.channels};
    p.x_zero = layers.any(-128, 127);
    p.result = layers.result();
    const auto channels = layers.channels(p.window.channels, p.result);
    const auto x = layers.bytes(int64_t{p.window.in_h} * p.in.row_bytes);
    const auto w = layers.bytes(teff_taps_of(&p.window));
    const ConvConstants constants{p.window, p.window.channels, w, channels};
    const auto right =
        rows(p, teff_depthwise_rows_c, teff_depthwise_rows_c_scratch(&p), x, pack_c(constants), 1);
    const Bytes packed = pack_depthwise_rows_mve(constants);
    for (const bool small : {false, true}) {
      p.small = small;
      const int32_t scratch = teff_depthwise_rows_mve_scratch(&p);
      ASSERT_EQ(rows(p, teff_depthwise_rows_mve, scratch, x, packed, p.window.out_h), right) << seed << small;
      ASSERT_EQ(rows(p, teff_depthwise_rows_mve, scratch, x, packed, 1), right) << seed << small;
    }
  }
}

// A layer whose rows may be made together, and the plain kernel's result.
struct Together {
  explicit Together(unsigned seed) : layers(seed) {
    const int kind = static_cast<int>(seed % 3), channels = layers.any(1, 9) * 4;
    teff_window& w = p.window;
    w = {layers.any(1, 30), kind == 0 ? 5 : layers.any(3, 53), channels, 0, 0, 3, 3, 1, 1, 1, 1, 1, 1};
    if (kind == 2) {
      w.in_h = layers.any(4, 40), w.in_w = w.kernel_w = 1, w.pad_left = 0;
      w.kernel_h = layers.any(1, 16), w.pad_top = layers.any(0, w.kernel_h - 1);
    }
    w.out_w = w.in_w;
    w.out_h = kind == 2 ? std::max(w.in_h + w.pad_top - layers.any(0, w.kernel_h - 1), 1) : w.in_h;
    p.in = {w.in_h, w.in_w * channels};
    p.out = {w.out_h, w.out_w * channels};
    p.x_zero = layers.any(-128, 127);
    p.result = layers.result();
    constants = layers.channels(channels, p.result);
    x = layers.bytes(int64_t{w.in_h} * p.in.row_bytes);
    weights = layers.bytes(teff_taps_of(&w));
    const ConvConstants all{w, channels, weights, constants};
    packed = pack_depthwise_rows_mve(all);
    right = rows(p, teff_depthwise_rows_c, teff_depthwise_rows_c_scratch(&p), x, pack_c(all), 1);
  }

  Layers layers;
  teff_depthwise_rows p{};
  std::vector<teff_channel> constants;
  std::vector<int8_t> x, weights, right;
  Bytes packed;
};

TEST(DepthwiseRowsMve, MakesRowsTogether) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    const Together t(seed);
    const int32_t scratch = teff_depthwise_rows_mve_scratch(&t.p);
    const int32_t for_parts = teff_depthwise_rows_mve_part_scratch(&t.p);
    ASSERT_EQ(rows(t.p, teff_depthwise_rows_mve, scratch, t.x, t.packed, t.p.window.out_h), t.right) << seed;
    if (t.p.window.out_h == 1) continue;
    ASSERT_EQ(rows(t.p, teff_depthwise_rows_mve, for_parts, t.x, t.packed, 1), t.right) << seed;
  }
}

// Results begin two rows before the image, and a few bytes: rows may be made together only where pixels lie
// over pixels.
TEST(DepthwiseRowsMve, ResultsMayOverlayRowsThatHaveBeenRead) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    const Together t(seed);
    if (t.p.window.pad_top != 1 || t.p.window.kernel_h > 3 || t.p.window.out_h > t.p.window.in_h) continue;
    const size_t ahead = 2 * static_cast<size_t>(t.p.in.row_bytes) + (seed % 2 ? 0 : seed / 2 % 8);
    std::vector<int8_t> memory(ahead);
    memory.insert(memory.end(), t.x.begin(), t.x.end());
    std::vector<int32_t> scratch(static_cast<size_t>(teff_depthwise_rows_mve_scratch(&t.p)) / 4 + 1);
    teff_depthwise_rows_mve(t.p, memory.data() + ahead, t.packed.data(), memory.data(), scratch.data(),
                            {0, t.p.window.out_h});
    ASSERT_TRUE(std::equal(t.right.begin(), t.right.end() - 1, memory.begin())) << seed;
  }
}

// One output of each channel, which may overlay any pixel, and a few bytes off.
TEST(DepthwiseRowsMve, MakesASingleOutput) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    Layers layers(seed);
    teff_depthwise_rows p{};
    const int32_t channels = layers.any(1, 9) * 4;
    const int32_t high = layers.any(1, 17), wide = layers.any(1, high > 4 ? 2 : 4);
    p.window = {
        high + layers.any(0, 2), wide + layers.any(0, 2), channels, 1, 1, high, wide, 1, 1, 1, 1, 0, 0};
    p.in = {p.window.in_h, p.window.in_w * channels};
    p.out = {1, channels};
    p.result = layers.result();
    const auto constants = layers.channels(channels, p.result);
    const auto x = layers.bytes(int64_t{p.window.in_h} * p.in.row_bytes);
    const auto w = layers.bytes(teff_taps_of(&p.window));
    const ConvConstants all{p.window, channels, w, constants};
    const auto right = rows(p, teff_depthwise_rows_c, teff_depthwise_rows_c_scratch(&p), x, pack_c(all), 1);
    const Bytes packed = pack_depthwise_rows_mve(all);
    const int32_t scratch = teff_depthwise_rows_mve_scratch(&p);
    ASSERT_EQ(rows(p, teff_depthwise_rows_mve, scratch, x, packed, 1), right) << seed;
    if (!teff_is_single_mve(&p)) continue;
    const int32_t pixel = layers.any(0, p.window.in_h * p.window.in_w - 1);
    std::vector<int8_t> over = x;
    std::vector<int32_t> memory(static_cast<size_t>(scratch) / 4 + 1);
    int8_t* y = over.data() + std::ptrdiff_t{pixel} * channels;
    ASSERT_TRUE(teff_single_may_overlay_mve(&p, over.data(), y));
    ASSERT_TRUE(channels == 4 || !teff_single_may_overlay_mve(&p, over.data() + 4, over.data()));
    teff_depthwise_rows_mve(p, over.data(), packed.data(), y, memory.data(), {0, 1});
    ASSERT_TRUE(std::equal(right.begin(), right.end() - 1, y)) << seed;
  }
}

TEST(DenseMve, AgreesWithThePlainKernel) {
  for (unsigned seed = 0; seed < 700; ++seed) {
    Layers layers(seed);
    const teff_dense p{seed % 3 ? layers.any(1, 150) : layers.any(1, 4) * 64, layers.any(1, 21),
                       layers.result(), static_cast<int32_t>(seed % 2)};
    const auto channels = layers.channels(p.outputs, p.result);
    const auto x = layers.bytes(p.inputs), w = layers.bytes(int64_t{p.inputs} * p.outputs);
    const ConvConstants constants{{1, 1, p.inputs, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0}, p.outputs, w, channels};
    const Bytes plain = pack_c(constants), packed = pack_dense_mve(constants);
    std::vector<int8_t> right(static_cast<size_t>(p.outputs) + 1, kGuard), y = right;
    teff_dense_c(p, x.data(), plain.data(), right.data(), nullptr, {0, p.outputs});
    const int32_t part = layers.any(0, p.outputs);
    teff_dense_mve(p, x.data(), packed.data(), y.data(), nullptr, {part, p.outputs});
    for (int32_t i = 0; i < part; ++i) ASSERT_EQ(y[static_cast<size_t>(i)], kGuard);
    teff_dense_mve(p, x.data(), packed.data(), y.data(), nullptr, {0, part});
    ASSERT_EQ(y, right) << seed;
  }
}

// Results overlay the image as far as rows allow: row y lies where row y - 1 of the image was.
TEST(ConvRowsMve, ResultsMayOverlayRowsThatHaveBeenRead) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Layers layers(seed);
    teff_conv_rows p{};
    const int32_t width = layers.any(1, 7), height = layers.any(2, 9),
                  channels = seed % 3 ? layers.any(1, 6) * 8 : 64;
    p.window = {height, width, channels, height, width, 1, 1, 1, 1, 1, 1, 0, 0};
    p.outputs = layers.any(1, channels);
    p.in = {height, width * channels};
    p.out = {height, width * p.outputs};
    p.result = layers.result();
    const auto constants = layers.channels(p.outputs, p.result);
    const auto x = layers.bytes(int64_t{height} * p.in.row_bytes);
    const auto w = layers.bytes(int64_t{p.outputs} * channels);
    const Bytes packed = pack_conv_rows_mve({p.window, p.outputs, w, constants});
    auto right = rows(p, teff_conv_rows_mve, 0, x, packed, 1);
    right.pop_back();
    std::vector<int8_t> memory(static_cast<size_t>(p.out.row_bytes));
    memory.insert(memory.end(), x.begin(), x.end());
    teff_conv_rows_mve(p, memory.data() + p.out.row_bytes, packed.data(), memory.data(), nullptr,
                       {0, height});
    ASSERT_TRUE(std::equal(right.begin(), right.end(), memory.begin())) << seed;
  }
}

// A ring of the rows that one row of outputs reads, and one row of outputs.
TEST(ConvRowsMve, ReadsAndWritesRings) {
  Layers layers(1);
  teff_conv_rows p{};
  p.window = {9, 7, 5, 9, 7, 3, 3, 1, 1, 1, 1, 1, 1};
  p.outputs = 6;
  p.in = {9, 35};
  p.out = {9, 42};
  p.result = {TEFF_SCALE_TFLITE, 0, 3, -128, 127};
  const auto channels = layers.channels(p.outputs, p.result);
  const auto x = layers.bytes(9 * 35);
  const auto w = layers.bytes(6 * 45);
  const Bytes packed = pack_conv_rows_mve({p.window, p.outputs, w, channels});
  const auto right = rows(p, teff_conv_rows_mve, teff_conv_rows_mve_scratch(&p), x, packed, 9);
  p.in.rows = 3;
  p.out.rows = 1;
  std::vector<int8_t> ring(3 * 35), y(42);
  std::vector<int32_t> scratch(static_cast<size_t>(teff_conv_rows_mve_scratch(&p)));
  for (int32_t row = 0; row < 9; ++row) {
    for (int32_t i = std::max(0, row - 1); i <= std::min(8, row + 1); ++i)
      std::copy_n(x.begin() + i * 35, 35, ring.begin() + i % 3 * 35);
    teff_conv_rows_mve(p, ring.data(), packed.data(), y.data(), scratch.data(), {row, row + 1});
    ASSERT_TRUE(std::equal(y.begin(), y.end(), right.begin() + row * 42)) << row;
  }
}

}  // namespace
}  // namespace teff
