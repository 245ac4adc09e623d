// Sums, products, pools and means of int8 beside the plain ones, on random images.
#include <gtest/gtest.h>

#include "kernels/c/arithmetic.h"
#include "kernels/c/pool2d.h"
#include "kernels/c/reduce.h"
#include "plan/broadcast.h"
#include "plan/host_testing.h"

namespace teff {
namespace {

class HostImagesS8 : public HostTest {};

struct Image {
  int32_t h, w, c;
  int32_t size() const { return h * w * c; }
  Shape shape() const { return {1, h, w, c}; }
};

Image random_image(HostRandom& random) {
  return {random.in(2, 9), random.in(2, 11), random.one_in(2) ? random.in(2, 20) : random.in(20, 150)};
}

teff_factor random_factor(HostRandom& random, int32_t least_shift, int32_t most_shift) {
  return {(1 << 30) + random.in(0, (1 << 30) - 1), random.in(least_shift, most_shift)};
}

TEST_P(HostImagesS8, Sums) {
  HostRandom random(1);
  int exchanged = 0;
  for (int k = 0; k < 40; ++k) {
    SCOPED_TRACE(k);
    const Image image = random_image(random);
    teff_sum_params p{};
    p.over = broadcast_over(image.shape(), {image.shape(), image.shape()});
    p.a_zero = random.in(-128, 127), p.b_zero = random.in(-128, 127), p.y_zero = random.in(-128, 127);
    p.shift = 20;
    p.a_factor = random_factor(random, -2, 0), p.b_factor = {1 << 30, 0};
    p.y_factor = random_factor(random, -19, -18);
    p.lo = random.in(-128, 0), p.hi = random.in(1, 127);
    SingleStep step;
    const Operand a = step.input(Type::s8, image.shape(), random.bytes(image.size()));
    const Operand b = step.input(Type::s8, image.shape(), random.bytes(image.size()));
    step.set(KernelId::add_s8, p, image.size(), {a, b, step.output(Type::s8, image.shape(), image.size())});
    const auto expected = step.run();
    const Isa isa = GetParam();
    exchanged += step.exchange(std::span(&isa, 1));  // where a linear function is found
    ASSERT_EQ(step.run(), expected);
    ASSERT_EQ(step.run(3, static_cast<size_t>(random.in(1, 63))), expected);
  }
  EXPECT_GT(exchanged, 20);
}

TEST_P(HostImagesS8, ProductsWithAVectorOfChannels) {
  HostRandom random(2);
  for (int k = 0; k < 60; ++k) {
    SCOPED_TRACE(k);
    const Image image = random_image(random);
    const Shape vector = {1, 1, 1, image.c};
    const bool swapped = random.one_in(2);
    teff_product_params p{};
    p.over = swapped ? broadcast_over(image.shape(), {vector, image.shape()})
                     : broadcast_over(image.shape(), {image.shape(), vector});
    p.a_zero = random.in(-128, 127), p.b_zero = random.in(-128, 127), p.y_zero = random.in(-128, 127);
    p.factor = random_factor(random, -8, random.one_in(5) ? 1 : -6);
    p.lo = random.in(-128, 0), p.hi = random.in(1, 127);
    SingleStep step;
    const Operand x = step.input(Type::s8, image.shape(), random.bytes(image.size()));
    const Operand m = step.input(Type::s8, vector, random.bytes(image.c));
    step.set(KernelId::mul_s8, p, image.size(),
             {swapped ? m : x, swapped ? x : m, step.output(Type::s8, image.shape(), image.size())});
    expect_same(step, random, GetParam());
    if (HasFatalFailure()) return;
  }
}

TEST_P(HostImagesS8, Pools) {
  HostRandom random(3);
  for (int k = 0; k < 80; ++k) {
    SCOPED_TRACE(k);
    const Image image = random_image(random);
    const int32_t kernel_h = random.in(1, image.h), kernel_w = random.in(1, image.w);
    const int32_t stride_h = random.in(1, 3), stride_w = random.in(1, 3);
    const int32_t pad_h = random.in(0, kernel_h - 1), pad_w = random.in(0, kernel_w - 1);
    const int32_t out_h = (image.h + pad_h - 1) / stride_h + 1, out_w = (image.w + pad_w - 1) / stride_w + 1;
    const teff_window w{image.h,  image.w,  image.c, out_h, out_w, kernel_h, kernel_w,
                        stride_h, stride_w, 1,       1,     pad_h, pad_w};
    const teff_pool2d_params p{w, random.in(-128, 0), random.in(1, 127)};
    const bool average = k % 2 == 0;
    SingleStep step;
    const Operand x = step.input(Type::s8, image.shape(), random.bytes(image.size()));
    const Operand y =
        step.output(Type::s8, Shape{1, out_h, out_w, image.c}, int64_t{out_h} * out_w * image.c);
    step.set(average ? KernelId::average_pool2d_s8 : KernelId::max_pool2d_s8, p, int64_t{out_h} * out_w,
             average ? std::vector{x, y, SingleStep::scratch(4 * image.c)} : std::vector{x, y});
    expect_same(step, random, GetParam());
    if (HasFatalFailure()) return;
  }
}

TEST_P(HostImagesS8, Means) {
  HostRandom random(4);
  for (int k = 0; k < 60; ++k) {
    SCOPED_TRACE(k);
    const auto [h, w, c] = random_image(random);
    teff_reduce_scaled_params p{};
    Shape y;
    int32_t count = 0;
    switch (k % 3) {
      case 0:
        p.over = {{{1, 1, 1, c}, {0, 0, 0, 1}}, {{1, 1, 1, h * w}, {0, 0, 0, c}}}, y = {c}, count = h * w;
        break;
      case 1:
        p.over = {{{1, 1, 1, w * c}, {0, 0, 0, 1}}, {{1, 1, 1, h}, {0, 0, 0, w * c}}}, y = {w, c}, count = h;
        break;
      default:
        p.over = {{{1, 1, h, c}, {0, 0, w * c, 1}}, {{1, 1, 1, w}, {0, 0, 0, c}}}, y = {h, c}, count = w;
    }
    p.zero_sum = random.in(-128, 127) * count;
    p.factor = random_factor(random, -7, -3);
    p.y_zero = random.in(-128, 127);
    SingleStep step;
    const Operand x = step.input(Type::s8, Shape{1, h, w, c}, random.bytes(int64_t{h} * w * c));
    step.set(KernelId::reduce_scaled_s8, p, y.elements(), {x, step.output(Type::s8, y, y.elements())});
    expect_same(step, random, GetParam());
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, HostImagesS8, testing::Values(Isa::avx2, Isa::avx512vnni), isa_name);

}  // namespace
}  // namespace teff
