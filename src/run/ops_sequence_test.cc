// Recurrent networks, from a graph to what it computes call after call.
#include <gmock/gmock.h>

#include <cmath>
#include <cstring>

#include "core/testing.h"
#include "run/compile.h"
#include "run/instance.h"

namespace teff {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

constexpr float kClose = 1e-6f;

// A network of one operator; tensors are added in the order of its inputs.
class Cell {
 public:
  Cell() { model_.graphs.emplace_back(); }

  Cell& input(Tensor like) { return add(std::move(like), true); }
  Cell& missing(int count = 1) {
    inputs_.insert(inputs_.end(), static_cast<size_t>(count), kNoTensor);
    return *this;
  }
  template <class T>
  Cell& constant(const Shape& shape, const std::vector<T>& values, Quant quant = {}) {
    return add({.type = type_of<T>(), .shape = shape, .quant = std::move(quant), .data = Bytes::of(values)});
  }
  Cell& state(Type type, const Shape& shape, Quant quant = {}) {
    return add({.type = type, .shape = shape, .quant = std::move(quant), .is_variable = true});
  }
  Model model(Op op, const std::vector<Tensor>& outputs) const {
    Model model = model_;
    Graph& g = model.main();
    for (const Tensor& t : outputs) g.outputs.push_back(g.add(t));
    g.nodes = {{std::move(op), inputs_, g.outputs}};
    return model;
  }

 private:
  Cell& add(Tensor tensor, bool is_input = false) {
    inputs_.push_back(model_.main().add(std::move(tensor)));
    if (is_input) model_.main().inputs.push_back(inputs_.back());
    return *this;
  }

  Model model_;
  std::vector<TensorId> inputs_;
};

class Network {
 public:
  explicit Network(Model model, int threads = 1) : instance_(compile(std::move(model)), threads) {}

  template <class T>
  std::vector<T> run(const std::vector<T>& x) {
    std::memcpy(instance_.input(0).bytes.data(), x.data(), x.size() * sizeof(T));
    instance_.run();
    return values<T>(0);
  }
  template <class T>
  std::vector<T> values(int output) const {
    const auto values = instance_.output(output).as<T>();
    return {values.begin(), values.end()};
  }

 private:
  Instance instance_;
};

Tensor floats(const Shape& shape = {}) { return {.type = Type::f32, .shape = shape}; }

// --- LSTM ---

float logistic(float x) { return 1 / (1 + std::exp(-x)); }

// One cell that reads one number: weights 1, 2, 3, 4 of the gates i, f, g, o over x, tenths of it over h,
// biases of 0.1, 0.2, 0.3, 0.4.
struct OneCell {
  float h = 0, c = 0;
  float next(float x, float peep = 0, bool coupled = false) {
    const float f = logistic(2 * x + 0.2f * h + 0.2f + peep * c);
    const float i = coupled ? 1 - f : logistic(x + 0.1f * h + 0.1f + peep * c);
    c = f * c + i * std::tanh(3 * x + 0.3f * h + 0.3f);
    return h = logistic(4 * x + 0.4f * h + 0.4f + peep * c) * std::tanh(c);
  }
};

Cell one_cell(const Shape& x, int64_t batch, bool peeps = false, bool coupled = false) {
  const auto gates = [&](Cell& cell, const Shape& shape, float scale) {
    for (int k = 1; k <= 4; ++k) {
      if (coupled && k == 1)
        cell.missing();
      else
        cell.constant<float>(shape, {scale * static_cast<float>(k)});
    }
  };
  Cell cell;
  cell.input(floats(x));
  gates(cell, {1, 1}, 1);
  gates(cell, {1, 1}, 0.1f);
  for (int k = 0; k < 3; ++k)
    peeps && !(coupled && k == 0) ? cell.constant<float>({1}, {0.5f}) : cell.missing();
  gates(cell, {1}, 0.1f);
  return cell.missing(2).state(Type::f32, {batch, 1}).state(Type::f32, {batch, 1});
}

TEST(Lstm, GoesThroughTimeAndGoesOnInTheNextCall) {
  Network network(one_cell({1, 2, 1}, 1).model(Lstm{}, {floats({1, 2, 1})}));
  OneCell cell;
  for (int call = 0; call < 2; ++call) {
    const float first = cell.next(0.5f), second = cell.next(-1);
    EXPECT_THAT(network.run<float>({0.5f, -1}), Pointwise(FloatNear(kClose), {first, second}));
  }
}

TEST(Lstm, ReadsTimeOrBatchFirstOnAnyNumberOfThreads) {
  const std::vector<float> batch_first = {1, 2, 3, -1, -2, -3}, time_first = {1, -1, 2, -2, 3, -3};
  std::vector<float> a, b;
  for (float sign : {1.0f, -1.0f}) {
    OneCell cell;
    for (float x : {1.0f, 2.0f, 3.0f}) a.push_back(cell.next(sign * x));
  }
  for (int time = 0; time < 3; ++time) b.insert(b.end(), {a[time], a[3 + time]});
  for (int threads : {1, 2, 7}) {
    Network one(one_cell({2, 3, 1}, 2).model(Lstm{}, {floats({2, 3, 1})}), threads);
    EXPECT_THAT(one.run(batch_first), Pointwise(FloatNear(kClose), a));
    Network two(one_cell({3, 2, 1}, 2).model(Lstm{.time_major = true}, {floats({3, 2, 1})}), threads);
    EXPECT_THAT(two.run(time_first), Pointwise(FloatNear(kClose), b));
  }
}

TEST(Lstm, MayHavePeepholesAndNoInputGate) {
  for (bool coupled : {false, true}) {
    Network network(one_cell({1, 2, 1}, 1, true, coupled).model(Lstm{}, {floats({1, 2, 1})}));
    OneCell cell;
    const float first = cell.next(0.5f, 0.5f, coupled), second = cell.next(-1, 0.5f, coupled);
    EXPECT_THAT(network.run<float>({0.5f, -1}), Pointwise(FloatNear(kClose), {first, second}));
  }
}

TEST(Lstm, ClipsItsCells) {
  Network network(one_cell({1, 1, 1}, 1).model(Lstm{.cell_clip = 0.25f}, {floats({1, 1, 1})}));
  const float o = logistic(40.4f);
  EXPECT_THAT(network.run<float>({10}), Pointwise(FloatNear(kClose), {o * std::tanh(0.25f)}));
}

TEST(LstmStep, IsALstmOfOneStep) {
  Network network(one_cell({1, 1}, 1).model(LstmStep{}, {floats({1, 1})}));
  OneCell cell;
  for (float x : {0.5f, -1.0f})
    EXPECT_THAT(network.run<float>({x}), Pointwise(FloatNear(kClose), {cell.next(x)}));
}

TEST(LstmStep, BasicKindGivesItsStateAndWhatItComputedOnTheWay) {
  Cell basic;
  basic.input(floats({1, 1})).constant<float>({1, 1}, {0.5f});
  basic.constant<float>({4, 2}, {1, 0.1f, 3, 0.3f, 2, 0.2f, 4, 0.4f})
      .constant<float>({4}, {0.1f, 0.3f, 0.2f, 0.4f});
  basic.constant<float>({1, 1}, {2});
  Network network(basic.model(LstmStep{.kernel_type = 1},
                              {floats({1, 1}), floats({1, 1}), floats({1, 2}), floats({1, 4})}));
  OneCell cell{.h = 0.5f, .c = 2};
  const float h = cell.next(-1);
  EXPECT_THAT(network.run<float>({-1}), Pointwise(FloatNear(kClose), {h}));
  EXPECT_THAT(network.values<float>(1), Pointwise(FloatNear(kClose), {cell.c}));
  EXPECT_THAT(network.values<float>(2), ElementsAre(-1, 0.5f));
  EXPECT_THAT(network.values<float>(3), Pointwise(FloatNear(kClose), {-0.85f, -2.55f, -1.7f, -3.4f}));
}

TEST(BidirectionalLstm, RunsOneNetworkForwardsAndOneBackwards) {
  const Cell one = one_cell({1, 3, 1}, 1);
  Cell both;
  both.input(floats({1, 3, 1}));
  for (int network = 0; network < 2; ++network) {
    for (int i = 0; i < 8; ++i)
      both.constant<float>({1, 1}, {(i < 4 ? 1 : 0.1f) * static_cast<float>(i % 4 + 1)});
    both.missing(3);
    for (int i = 1; i <= 4; ++i) both.constant<float>({1}, {0.1f * static_cast<float>(i)});
    both.missing(2);
  }
  for (int i = 0; i < 4; ++i) both.state(Type::f32, {1, 1});
  both.missing(9);
  Network network(
      both.model(BidirectionalLstm{.merge_outputs = true, .time_major = false}, {floats({1, 3, 2})}));
  OneCell forward, backward;
  std::vector<float> wanted(6);
  const std::vector<float> x = {1, -0.5f, 2};
  for (size_t i = 0; i < 3; ++i) {
    wanted[2 * i] = forward.next(x[i]);
    wanted[2 * (2 - i) + 1] = backward.next(x[2 - i]);
  }
  EXPECT_THAT(network.run(x), Pointwise(FloatNear(kClose), wanted));
}

TEST(Lstm, IsRefusedWhereInputsDoNotFit) {
  const auto refused = [](auto change) {
    Model model = one_cell({1, 2, 1}, 1).model(Lstm{}, {floats({1, 2, 1})});
    change(model.main());
    return error_of([&] { compile(model); });
  };
  EXPECT_THAT(refused([](Graph& g) { g.tensor(g.nodes[0].inputs[18]).is_variable = false; }),
              HasSubstr("UNIDIRECTIONAL_SEQUENCE_LSTM"));
  EXPECT_THAT(refused([](Graph& g) {
                g.tensor(g.nodes[0].inputs[19]).shape = {2, 1};
              }),
              HasSubstr("input 19 is 2x1 where 1 elements of state are expected"));
  EXPECT_THAT(refused([](Graph& g) {
                g.tensor(g.nodes[0].inputs[2]).shape = {0, 1};
                g.tensor(g.nodes[0].inputs[2]).data = Bytes::own({});
              }),
              HasSubstr("a network without cells"));
  EXPECT_THAT(refused([](Graph& g) { g.nodes[0].inputs[1] = kNoTensor; }),
              HasSubstr("input 5 (weights of h) is there, unlike the weights of that gate"));
  EXPECT_THAT(refused([](Graph& g) { g.nodes[0].inputs[9] = g.nodes[0].inputs[12]; }),
              HasSubstr("peepholes"));
  EXPECT_THAT(refused([](Graph& g) { g.nodes[0].inputs.resize(12); }),
              HasSubstr("input 12 (biases) is missing"));
}

// --- SVDF ---

// Two units of one filter each, which remember three calls.
Cell svdf() {
  Cell cell;
  return cell.input(floats({1, 2}))
      .constant<float>({2, 2}, {1, 1, 1, -1})
      .constant<float>({2, 3}, {100, 10, 1, 1, 1, 1})
      .constant<float>({2}, {0, 5})
      .state(Type::f32, {1, 6});
}

TEST(Svdf, RemembersWhatItsFeaturesGave) {
  Network network(svdf().model(Svdf{}, {floats({1, 2})}));
  EXPECT_THAT(network.run<float>({1, 2}), ElementsAre(3, 5 - 1));
  EXPECT_THAT(network.run<float>({4, 1}), ElementsAre(35, 5 + 2));
  EXPECT_THAT(network.run<float>({0, 0}), ElementsAre(350, 5 + 2));
  EXPECT_THAT(network.run<float>({1, 0}), ElementsAre(501, 5 + 4));
}

TEST(Svdf, OfRankTwoAddsPairsOfFilters) {
  Model model = svdf().model(Svdf{.rank = 2}, {floats({1, 1})});
  model.main().nodes[0].inputs[3] = kNoTensor;
  Network ranked(std::move(model));
  EXPECT_THAT(ranked.run<float>({1, 2}), ElementsAre(3 - 1));
  EXPECT_THAT(ranked.run<float>({4, 1}), ElementsAre(35 + 2));
}

TEST(Svdf, OfIntegersRoundsToItsStateAndSaturates) {
  const auto quant = [](float scale, int64_t zero = 0) { return Quant{{scale}, {zero}}; };
  Cell cell;
  cell.input({.type = Type::s8, .shape = {1, 1}, .quant = quant(0.5f, 10)})
      .constant<int8_t>({1, 1}, {100}, quant(0.25f))
      .constant<int8_t>({1, 2}, {1, 3}, quant(1))
      .missing()
      .state(Type::s8, {1, 2}, quant(0.5f));
  Network network(cell.model(Svdf{}, {{.type = Type::s8, .shape = {1, 1}, .quant = quant(1, -3)}}));
  // (11 - 10) * 100 / 4 = 25, times 3 / 2 = 37.5
  EXPECT_THAT(network.run<int8_t>({11}), ElementsAre(38 - 3));
  // -300 / 4 = -75: (25 * 1 - 75 * 3) / 2
  EXPECT_THAT(network.run<int8_t>({7}), ElementsAre(-100 - 3));
  // 20 * 25 is cut off at 127: (-75 + 381) / 2
  EXPECT_THAT(network.run<int8_t>({30}), ElementsAre(127));
}

}  // namespace
}  // namespace teff
