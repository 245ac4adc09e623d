// Random int8 networks, of odd sizes, strides, dilations and paddings, planned layer by layer, streamed row
// by row, and between: every output has the reference's bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "graph/infer.h"
#include "plan/board.h"
#include "run/compile.h"
#include "run/instance.h"

namespace teff {
namespace {

class RandomNetwork {
 public:
  explicit RandomNetwork(uint32_t seed) : random_(seed) { model_.graphs.emplace_back(); }

  Model make() {
    int x = image(draw(5, 23), draw(1, 13), draw(1, 9));
    graph().inputs = {images_[0].id};
    const int blocks = draw(2, 5);
    for (int i = 0; i < blocks; ++i) x = draw(0, 3) == 0 ? residual(x) : layer(x, false);
    if (draw(0, 2) == 0) x = mean(x);
    graph().outputs = {at(x).id};
    return std::move(model_);
  }

  std::vector<std::byte> bytes(size_t count) {
    std::vector<std::byte> values(count);
    for (std::byte& v : values) v = static_cast<std::byte>(draw(0, 255));
    return values;
  }

 private:
  struct Image {
    TensorId id;
    int height, width, channels;
  };
  struct Axis {
    int kernel, stride, dilation, out;
  };

  int draw(int from, int to) { return std::uniform_int_distribution(from, to)(random_); }
  float scale(float exponent) {
    return std::exp(exponent + std::uniform_real_distribution<float>(-1, 1)(random_));
  }
  Graph& graph() { return model_.main(); }
  Image at(int x) const { return images_[static_cast<size_t>(x)]; }

  int image(int height, int width, int channels) {
    Tensor t{.type = Type::s8, .shape = {1, height, width, channels}};
    t.quant = {.scales = {scale(-3)}, .zeros = {draw(-128, 127)}};
    t.source = static_cast<TensorId>(graph().tensors.size());
    images_.push_back({graph().add(std::move(t)), height, width, channels});
    return static_cast<int>(images_.size()) - 1;
  }
  TensorId weights(const Shape& shape, int axis) {
    Tensor t{
        .type = Type::s8, .shape = shape, .data = Bytes::own(bytes(static_cast<size_t>(shape.elements())))};
    for (int64_t i = 0; i < shape[axis]; ++i) t.quant.scales.push_back(scale(-5)), t.quant.zeros.push_back(0);
    t.quant.axis = axis;
    return graph().add(std::move(t));
  }
  TensorId bias(int channels) {
    std::vector<int32_t> values(static_cast<size_t>(channels));
    for (int32_t& v : values) v = draw(-2000, 2000);
    return graph().add({.type = Type::s32, .shape = {channels}, .data = Bytes::of(values)});
  }
  int node(Op op, std::vector<TensorId> inputs, int result) {
    graph().nodes.push_back(
        {std::move(op), std::move(inputs), {at(result).id}, static_cast<int>(graph().nodes.size())});
    return result;
  }
  Activation activation() { return draw(0, 1) == 0 ? Activation::none : Activation::relu6; }

  Axis axis(int in, Padding padding, bool keep) {
    Axis a{keep ? 2 * draw(0, 1) + 1 : draw(1, 4), keep ? 1 : draw(1, 3), 1, 0};
    if (a.stride == 1 && draw(0, 3) == 0) a.dilation = 2;
    while (padding == Padding::valid && (a.kernel - 1) * a.dilation + 1 > in) --a.kernel;
    a.out = static_cast<int>(window_axis(in, a.kernel, a.stride, a.dilation, padding).out);
    return a;
  }
  template <class Op>
  static Op window(Padding padding, const Axis& h, const Axis& w) {
    Op op;
    op.padding = padding, op.stride_h = h.stride, op.stride_w = w.stride;
    return op;
  }

  int layer(int x, bool keep) {
    const Image in = at(x);
    const Padding padding = keep || draw(0, 1) == 0 ? Padding::same : Padding::valid;
    Axis h = axis(in.height, padding, keep), w = axis(in.width, padding, keep);
    if (h.dilation != w.dilation && h.stride * w.stride > 1)
      h = w = {1, 1, 1, 0}, h.out = in.height, w.out = in.width;
    switch (draw(0, 3)) {
      case 0: {
        const int outputs = keep ? in.channels : draw(1, 11);
        auto op = window<Conv2D>(padding, h, w);
        op.dilation_h = h.dilation, op.dilation_w = w.dilation, op.activation = activation();
        const TensorId k = weights({outputs, h.kernel, w.kernel, in.channels}, 0), b = bias(outputs);
        return node(op, {in.id, k, b}, image(h.out, w.out, outputs));
      }
      case 1: {
        const int outputs = keep ? in.channels : draw(1, 17);
        const TensorId k = weights({outputs, 1, 1, in.channels}, 0), b = bias(outputs);
        Conv2D op;
        op.activation = activation();
        return node(op, {in.id, k, b}, image(in.height, in.width, outputs));
      }
      case 2: {
        auto op = window<DepthwiseConv2D>(padding, h, w);
        op.dilation_h = h.dilation, op.dilation_w = w.dilation, op.activation = activation();
        const TensorId k = weights({1, h.kernel, w.kernel, in.channels}, 3), b = bias(in.channels);
        return node(op, {in.id, k, b}, image(h.out, w.out, in.channels));
      }
      default: return keep ? layer(x, true) : pool(x, padding);
    }
  }
  int pool(int x, Padding padding) {
    const Image in = at(x);
    Axis h = axis(in.height, padding, false), w = axis(in.width, padding, false);
    const auto out = [&](int extent, const Axis& a) {
      return static_cast<int>(window_axis(extent, a.kernel, a.stride, 1, padding).out);
    };
    auto op = window<Pool2D>(padding, h, w);
    op.kind = draw(0, 1) == 0 ? PoolKind::max : PoolKind::average;
    op.filter_height = h.kernel, op.filter_width = w.kernel;
    const int y = image(out(in.height, h), out(in.width, w), in.channels);
    graph().tensors[static_cast<size_t>(at(y).id)].quant = graph().tensor(in.id).quant;
    return node(op, {in.id}, y);
  }
  int mean(int x) {
    const TensorId axes =
        graph().add({.type = Type::s32, .shape = {2}, .data = Bytes::of(std::vector<int32_t>{1, 2})});
    Reduce op;
    op.keep_dims = true;
    return node(op, {at(x).id, axes}, image(1, 1, at(x).channels));
  }
  int binary(BinaryKind kind, int a, int b) {
    Binary op;
    op.kind = kind;
    return node(op, {at(a).id, at(b).id}, image(at(a).height, at(a).width, at(a).channels));
  }
  int residual(int x) {
    int y = x;
    const int layers = draw(1, 3);
    for (int i = 0; i < layers; ++i) y = layer(y, true);
    if (draw(0, 2) == 0) y = binary(BinaryKind::mul, y, mean(y));
    return binary(BinaryKind::add, x, y);
  }

  Model model_;
  std::mt19937 random_;
  std::vector<Image> images_;
};

std::vector<std::byte> run(std::shared_ptr<const Program> program, const std::vector<std::byte>& input) {
  Instance instance(std::move(program), 1);
  std::memcpy(instance.input(0).bytes.data(), input.data(), input.size());
  instance.run();
  const auto bytes = instance.output(0).bytes;
  return {bytes.begin(), bytes.end()};
}

class Streamed : public testing::TestWithParam<BoardIsa> {};

TEST_P(Streamed, EveryPlanOfARandomNetworkComputesTheSame) {
  int streamed = 0;
  for (uint32_t seed = 0; seed < (TEFF_SANITIZED ? 20 : 120); ++seed) {
    SCOPED_TRACE(seed);
    RandomNetwork network(seed);
    const Model model = network.make();
    const auto input =
        network.bytes(static_cast<size_t>(model.main().tensor(model.main().inputs[0]).shape.elements()));
    const auto expected = run(compile(model), input);
    const auto board = [&](BoardMemory memory, std::optional<int64_t> budget) {
      return compile(model, {}, [&](Model m) {
        return make_board_program(std::move(m), {.isa = GetParam(), .memory = memory, .budget = budget});
      });
    };
    const auto layers = board(BoardMemory::layer_wise, {}), least = board(BoardMemory::least, {});
    ASSERT_EQ(run(layers, input), expected);
    ASSERT_EQ(run(least, input), expected);
    EXPECT_LE(least->arena_bytes, layers->arena_bytes);
    streamed += least->plans[0].order.size() > layers->plans[0].order.size() ? 1 : 0;
    ASSERT_EQ(run(board(BoardMemory::layer_wise, (least->arena_bytes + layers->arena_bytes) / 2), input),
              expected);
  }
  EXPECT_GT(streamed, TEFF_SANITIZED ? 5 : 50);
}

INSTANTIATE_TEST_SUITE_P(Isas, Streamed, testing::Values(BoardIsa::c, BoardIsa::dsp, BoardIsa::mve));

}  // namespace
}  // namespace teff
