#include "plan/staircase.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>

#include "graph/load.h"
#include "kernels/c/result.h"
#include "plan/quantize.h"

namespace teff {
namespace {

int32_t high_half(int64_t product) { return static_cast<int32_t>(product >> 32); }

// What rows.h says, word by word.
int32_t scaled(const teff_result& r, const teff_channel& c, int64_t model_sum) {
  const auto sum = static_cast<int32_t>(model_sum + c.bias);
  const int32_t t = teff_wrap_add(sum, sum), right = -c.offset;
  switch (r.scaling) {
    case TEFF_SCALE_HIGH: return teff_wrap_add(c.offset, high_half(int64_t{sum} * c.multiplier)) >> r.right;
    case TEFF_SCALE_HIGH2:
      return teff_wrap_add(teff_wrap_add(c.offset, high_half(int64_t{t} * c.multiplier)), t >> 31) >> r.right;
    case TEFF_SCALE_RIGHT:
      return (high_half(int64_t{t} * c.multiplier + (INT64_C(1) << 31)) + (t >> 31) +
              (2 * r.zero + 1) * (1 << (right - 1))) >>
             right;
    default: return teff_wrap_add(teff_scale(sum, {c.multiplier, c.offset}), r.zero);
  }
}

int32_t result_of(const teff_result& r, const teff_channel& c, int64_t sum) {
  return teff_clamp_s32(teff_clamp_s32(scaled(r, c, sum), -128, 127), r.lo, r.hi);
}

struct Output {
  int32_t zero = 0, lo = -128, hi = 127;
};

int32_t tflite(const ChannelSums& c, const Output& y, int64_t sum) {
  return teff_clamp_s32(teff_wrap_add(teff_scale(static_cast<int32_t>(sum), c.factor), y.zero), y.lo, y.hi);
}

void expect_same(const Scaling& s, size_t channel, const ChannelSums& c, const Output& y, int64_t sum) {
  ASSERT_EQ(result_of(s.result, s.channels[channel], sum), tflite(c, y, sum))
      << "sum " << sum << " of [" << c.lo << ", " << c.hi << "], q " << c.factor.q << " shift "
      << c.factor.shift << ", zero " << y.zero << " [" << y.lo << ", " << y.hi << "], form "
      << s.result.scaling << " right " << s.result.right;
  const teff_channel& ours = s.channels[channel];
  ASSERT_EQ(result_of(s.result, ours, sum),
            teff_result_of_sum(&s.result, &ours, static_cast<int32_t>(sum + ours.bias)));
}

// All sums where they are few; otherwise both sides of every change of TFLite's result and of ours, and some
// more.
void expect_exact(const Scaling& s, size_t channel, const ChannelSums& c, const Output& y) {
  if (c.hi - c.lo < 20000) {
    for (int64_t sum = c.lo; sum <= c.hi; ++sum) ASSERT_NO_FATAL_FAILURE(expect_same(s, channel, c, y, sum));
    return;
  }
  const auto change = [&](int64_t from, auto value) {  // the first sum that has another value than `from`
    int64_t before = from, after = c.hi;
    if (value(after) == value(from)) return c.hi;
    while (after - before > 1) {
      const int64_t middle = before + (after - before) / 2;
      (value(middle) == value(from) ? before : after) = middle;
    }
    return after;
  };
  for (int64_t sum = c.lo; sum < c.hi;) {
    const auto theirs = change(sum, [&](int64_t x) { return tflite(c, y, x); });
    const auto ours = change(sum, [&](int64_t x) { return result_of(s.result, s.channels[channel], x); });
    ASSERT_EQ(theirs, ours);
    ASSERT_NO_FATAL_FAILURE(expect_same(s, channel, c, y, sum));
    ASSERT_NO_FATAL_FAILURE(expect_same(s, channel, c, y, theirs - 1));
    sum = theirs;
  }
  expect_same(s, channel, c, y, c.hi);
}

Scaling choose_and_expect_exact(const std::vector<ChannelSums>& channels, const Output& y) {
  const Scaling s = choose_scaling(channels, y.zero, y.lo, y.hi);
  EXPECT_EQ(s.channels.size(), channels.size());
  EXPECT_EQ(s.result.zero, y.zero);
  for (size_t i = 0; i < channels.size(); ++i) expect_exact(s, i, channels[i], y);
  return s;
}

// --- channels that were thought of ---

TEST(Staircase, OneSidedChannelsNeedTheHighHalfOnly) {
  const auto s = choose_and_expect_exact(
      {{factor_of(0.0041), -90000, 110000}, {factor_of(0.0013), -90000, 110000}}, {.zero = -128});
  EXPECT_EQ(s.result.scaling, TEFF_SCALE_HIGH);
  EXPECT_EQ(s.result.lo, -128);
  EXPECT_EQ(s.result.hi, 127);
}

TEST(Staircase, ChannelsThatAlwaysGiveTheSame) {
  const auto s = choose_and_expect_exact(
      {{{0, 0}, -5, 10}, {factor_of(1e-6), 7, 7}, {factor_of(1e-5), -900, 900}}, {.zero = 3});
  EXPECT_EQ(s.result.scaling, TEFF_SCALE_HIGH);
}

TEST(Staircase, AClampThatIsNeverReachedIsLifted) {
  const ChannelSums c{factor_of(0.01), 0, 5000};
  EXPECT_EQ(choose_and_expect_exact({c}, {.zero = 0, .lo = 0, .hi = 60}).result.lo, -128);
  EXPECT_EQ(choose_and_expect_exact({c}, {.zero = 0, .lo = 0, .hi = 60}).result.hi, 127);
  EXPECT_EQ(choose_and_expect_exact({c}, {.zero = 0, .lo = 0, .hi = 40}).result.hi, 40);
  EXPECT_EQ(choose_and_expect_exact({c}, {.zero = -20, .lo = -10, .hi = 127}).result.lo, -10);
}

TEST(Staircase, FactorsAboveOneAreLeftToTflite) {
  for (const double factor : {1.5, 3.0, 100.0, 1e6})
    choose_and_expect_exact({{factor_of(factor), -300, 300}, {factor_of(0.001), -5000, 5000}}, {.zero = -1});
}

TEST(Staircase, SumsThatWrapAreLeftToTflite) {
  const ChannelSums wide{factor_of(0.001), -(int64_t{1} << 33), 1 << 20};
  EXPECT_EQ(choose_scaling(std::vector{wide}, 0, -128, 127).result.scaling, TEFF_SCALE_TFLITE);
  const ChannelSums shifted{factor_of(1e6), -(1 << 20), 1 << 20};
  EXPECT_EQ(choose_scaling(std::vector{shifted}, 0, -128, 127).result.scaling, TEFF_SCALE_TFLITE);
}

TEST(Staircase, EndsOfTheMultiplier) {
  for (const int32_t q : {1 << 30, (1 << 30) + 1, 0x7FFFFFFF, 0x7FFFFFFE, 0x60000000})
    for (int shift = -18; shift <= 1; ++shift)
      for (const Output y :
           {Output{.zero = -128}, Output{.zero = 0}, Output{.zero = 127}, Output{.zero = -100}}) {
        const int64_t reach = int64_t{300} << -std::min(shift, 0);
        choose_and_expect_exact({{{q, shift}, -reach, reach}}, y);
      }
}

TEST(Staircase, IsDeterministic) {
  const std::vector<ChannelSums> channels{{factor_of(0.0037), -60000, 70000},
                                          {factor_of(0.0021), -60000, 70000}};
  const Scaling a = choose_scaling(channels, -128, -128, 127), b = choose_scaling(channels, -128, -128, 127);
  for (size_t i = 0; i < channels.size(); ++i) {
    EXPECT_EQ(a.channels[i].bias, b.channels[i].bias);
    EXPECT_EQ(a.channels[i].multiplier, b.channels[i].multiplier);
    EXPECT_EQ(a.channels[i].offset, b.channels[i].offset);
  }
}

// --- random ones ---

TEST(Staircase, RandomLayersAreExact) {
  std::mt19937 random(1);
  std::map<int, int> forms;
  const auto up_to = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int layer = 0; layer < (TEFF_SANITIZED ? 500 : 3000); ++layer) {
    Output y{.zero = up_to(4) == 0 ? up_to(256) - 128 : -128};
    if (up_to(3) == 0) y.lo = std::max(y.zero, -128);
    if (up_to(4) == 0) y.hi = std::min(127, y.lo + up_to(256));
    const int shift = up_to(14) - 13;
    std::vector<ChannelSums> channels;
    for (int i = 1 + up_to(6); i > 0; --i) {
      const teff_factor factor{(1 << 30) + static_cast<int32_t>(random() % (1u << 30)), shift - up_to(3)};
      const int64_t reach = 1 + random() % (uint64_t{600} << -std::max(factor.shift, -13));
      channels.push_back({factor, -reach + up_to(100), reach + up_to(100)});
    }
    ++forms[choose_and_expect_exact(channels, y).result.scaling];
    if (testing::Test::HasFatalFailure()) return;
  }
  for (const auto& [form, count] : forms) fmt::print("form {}: {} layers\n", form, count);
}

// --- real ones ---

struct Tally {
  std::map<int, int> layers, channels;
  int64_t most_added = 0;
};

template <class Op>
void count_layer(const Graph& graph, const Node& node, const Op& op, bool depthwise, Tally& tally) {
  const Tensor &x = graph.tensor(node.inputs[0]), &w = graph.tensor(node.inputs[1]);
  const Tensor& y = graph.tensor(node.outputs[0]);
  if (x.type != Type::s8 || w.type != Type::s8) return;
  const auto factors = product_factors(x.quant, w.quant, y.quant);
  const auto [lo, hi] = activation_range(op.activation, y.type, y.quant);
  const int64_t outputs = depthwise ? w.shape[3] : w.shape[0], taps = w.shape.elements() / outputs;
  const auto* weights = reinterpret_cast<const int8_t*>(w.data.data());
  const Tensor* bias =
      node.inputs.size() > 2 && node.inputs[2] >= 0 ? &graph.tensor(node.inputs[2]) : nullptr;
  std::vector<ChannelSums> channels;
  for (int64_t o = 0; o < outputs; ++o) {
    const int32_t b = bias ? reinterpret_cast<const int32_t*>(bias->data.data())[o] : 0;
    channels.push_back(reachable_sums(weights + (depthwise ? o : o * taps), taps, depthwise ? outputs : 1, b,
                                      factors[static_cast<size_t>(factors.size() > 1 ? o : 0)],
                                      {.zero = x.quant.zero()}));
  }
  const Scaling s = choose_and_expect_exact(channels, {y.quant.zero(), lo, hi});
  ++tally.layers[s.result.scaling];
  tally.channels[s.result.scaling] += static_cast<int>(outputs);
  for (const teff_channel& c : s.channels)
    tally.most_added = std::max(tally.most_added, std::abs(int64_t{c.bias}));
}

void count_model(const std::string& path) {
  const Model model = load_model(path);
  Tally tally;
  for (const Graph& graph : model.graphs)
    for (const Node& node : graph.nodes) {
      if (const auto* op = std::get_if<Conv2D>(&node.op)) count_layer(graph, node, *op, false, tally);
      if (const auto* op = std::get_if<DepthwiseConv2D>(&node.op)) count_layer(graph, node, *op, true, tally);
      if (const auto* op = std::get_if<FullyConnected>(&node.op)) count_layer(graph, node, *op, false, tally);
    }
  EXPECT_EQ(tally.layers[TEFF_SCALE_TFLITE], 0) << path;
  const auto part = [&](int form) {
    return fmt::format("{:3} ({:5})", tally.layers[form], tally.channels[form]);
  };
  fmt::print("{:24} layers (channels): high {}  high2 {}  right {}  tflite {}  most added {}\n",
             std::filesystem::path(path).filename().string(), part(TEFF_SCALE_HIGH), part(TEFF_SCALE_HIGH2),
             part(TEFF_SCALE_RIGHT), part(TEFF_SCALE_TFLITE), tally.most_added);
}

TEST(Staircase, TheEmbeddedModelIsExact) { count_model(TEFF_ROOT "/models/fashion/fashion.tflite"); }

TEST(Staircase, RealModelsAreExact) {
  if (TEFF_SANITIZED) GTEST_SKIP() << "arithmetic on hundreds of layers: too slow under sanitizers";
  const char* shared = std::getenv("TEFF_SHARED");
  const std::string folder = (shared ? std::string(shared) : TEFF_ROOT "/../shared") + "/models";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".tflite" && !entry.path().stem().string().ends_with("_float"))
      paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) count_model(path);
}

}  // namespace
}  // namespace teff
