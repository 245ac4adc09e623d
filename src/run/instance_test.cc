#include "run/instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <new>
#include <thread>

#include "core/testing.h"
#include "run/compile.h"

namespace {
std::atomic<int64_t> g_allocations{0};
}  // namespace

// Counts what the test binary allocates (not inlined: g++ 12 would take the pair for a mismatch); the
// sanitizers bring operators of their own.
#if !TEFF_SANITIZED
#define TEFF_COUNTS_ALLOCATIONS
[[gnu::noinline]] void* operator new(size_t size) {
  ++g_allocations;
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }
#endif

namespace teff {
namespace {

using testing::ElementsAre;

// y = relu(x * w) over `n` inputs and outputs, w[o][i] = o - i, then softmax.
Model dense_model(int64_t n) {
  Model model;
  Graph& graph = model.graphs.emplace_back();
  std::vector<float> weights;
  for (int64_t o = 0; o < n; ++o)
    for (int64_t i = 0; i < n; ++i) weights.push_back(static_cast<float>(o - i));
  const TensorId x = graph.add({.name = "x", .shape = {1, n}});
  const TensorId w = graph.add({.name = "w", .shape = {n, n}, .data = Bytes::of(weights)});
  const TensorId h = graph.add({.name = "h", .shape = {1, n}}), y = graph.add({.name = "y", .shape = {1, n}});
  graph.nodes.push_back({FullyConnected{.activation = Activation::relu}, {x, w, kNoTensor}, {h}});
  graph.nodes.push_back({Softmax{}, {h}, {y}});
  graph.inputs = {x};
  graph.outputs = {y};
  return model;
}

std::vector<float> run(Instance& instance, std::span<const float> x) {
  std::copy(x.begin(), x.end(), instance.input(0).as<float>().begin());
  instance.run();
  const auto y = instance.output(0).as<float>();
  return {y.begin(), y.end()};
}

TEST(Instance, ComputesWhatTheGraphSays) {
  Instance instance(compile(dense_model(2)), 1);
  // h = relu(0 * 1 - 1 * 2, 1 * 1 + 0 * 2) = (0, 1)
  const double e = std::exp(1.0);
  const auto y = run(instance, std::vector<float>{1, 2});
  EXPECT_NEAR(y[0], 1 / (1 + e), 1e-6);
  EXPECT_NEAR(y[1], e / (1 + e), 1e-6);
}

TEST(Instance, AllocatesNothingWhileItRuns) {
  Instance instance(compile(dense_model(300)), 2);
  const std::vector<float> x(300, 0.01f);
  run(instance, x);  // the pool starts its threads once
  const int64_t before = g_allocations;
  instance.run();
  const int64_t during = g_allocations - before;
#ifdef TEFF_COUNTS_ALLOCATIONS
  EXPECT_GT(before, 0);
#endif
  EXPECT_EQ(during, 0);
}

TEST(Instance, AnyNumberOfThreadsGivesTheSameBytes) {
  const auto program = compile(dense_model(301));
  std::vector<float> x(301);
  for (size_t i = 0; i < x.size(); ++i) x[i] = 1e-4f * static_cast<float>(i % 17);
  Instance one(program, 1), two(program, 2), seven(program, 7);
  const auto expected = run(one, x);
  EXPECT_EQ(run(two, x), expected);
  EXPECT_EQ(run(seven, x), expected);
}

TEST(Instance, SeveralRunAtOnceAndShareTheProgram) {
  const auto program = compile(dense_model(64));
  const auto expected = [&](float value) {
    Instance alone(program, 1);
    return run(alone, std::vector<float>(64, value));
  };
  const std::vector<float> wanted[] = {expected(0.001f), expected(0.002f)};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      Instance mine(program, 2);
      const std::vector<float> x(64, t == 0 ? 0.001f : 0.002f);
      for (int i = 0; i < 50; ++i) wrong += run(mine, x) != wanted[t];
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Instance, ShowsEveryNodeToAnObserver) {
  Instance instance(compile(dense_model(2)), 1);
  instance.input(0).as<float>()[0] = 1;
  instance.input(0).as<float>()[1] = 2;
  std::vector<float> hidden;
  instance.run([&](const Node& node) {
    if (!std::holds_alternative<FullyConnected>(node.op)) return;
    const auto h = instance.tensor(node.outputs[0]).as<float>();
    hidden.assign(h.begin(), h.end());
  });
  EXPECT_THAT(hidden, ElementsAre(0, 1));
}

TEST(Instance, AnOutputMayBeAConstantOrAnInput) {
  Model model;
  Graph& graph = model.graphs.emplace_back();
  const TensorId x = graph.add({.name = "x", .shape = {1}});
  const TensorId c = graph.add({.name = "c", .shape = {1}, .data = Bytes::of(std::vector<float>{5})});
  graph.inputs = {x};
  graph.outputs = {c, x};
  Instance instance(compile(std::move(model)), 1);
  instance.input(0).as<float>()[0] = 3;
  instance.run();
  EXPECT_THAT(instance.output(0).as<float>(), ElementsAre(5));
  EXPECT_THAT(instance.output(1).as<float>(), ElementsAre(3));
}

}  // namespace
}  // namespace teff
