// Variables, calls of other graphs and circular buffers, from a graph to what it computes call after call.
#include <gmock/gmock.h>

#include <cstring>

#include "core/testing.h"
#include "run/compile.h"
#include "run/instance.h"

namespace teff {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Tensor floats(const Shape& shape, const std::vector<float>& values = {}) {
  return {.type = Type::f32, .shape = shape, .data = values.empty() ? Bytes{} : Bytes::of(values)};
}
const Tensor kHandle{.type = Type::resource};
const Tensor kBool{.type = Type::boolean, .shape = {1}};

// A network that is run several times.
class Network {
 public:
  explicit Network(Model model) : instance_(compile(std::move(model)), 1) {}

  template <class T>
  std::vector<T> run(const std::vector<T>& x, int output = 0) {
    std::memcpy(instance_.input(0).bytes.data(), x.data(), x.size() * sizeof(T));
    finished_ = instance_.run();
    const auto values = instance_.output(output).as<T>();
    return {values.begin(), values.end()};
  }
  bool finished() const { return finished_; }
  void reset() { instance_.reset(); }

 private:
  Instance instance_;
  bool finished_ = false;
};

// --- variables ---

// y = what x was in the call before.
Model delay(Quant quant = {}, Type type = Type::f32) {
  Model model;
  model.graphs.emplace_back();
  Graph& g = model.main();
  const Tensor value{.type = type, .shape = {2}, .quant = std::move(quant)};
  const TensorId x = g.add(value), handle = g.add(kHandle), y = g.add(value);
  g.nodes = {{VarHandle{.shared_name = "v"}, {}, {handle}},
             {ReadVariable{}, {handle}, {y}},
             {AssignVariable{}, {handle, x}, {}}};
  g.inputs = {x}, g.outputs = {y};
  return model;
}

TEST(Variables, KeepWhatWasAssignedUntilTheNextCall) {
  Network network(delay());
  EXPECT_THAT(network.run<float>({1, 2}), ElementsAre(0, 0));
  EXPECT_THAT(network.run<float>({3, 4}), ElementsAre(1, 2));
  EXPECT_THAT(network.run<float>({5, 6}), ElementsAre(3, 4));
  network.reset();
  EXPECT_THAT(network.run<float>({7, 8}), ElementsAre(0, 0));
}

TEST(Variables, BeginWithTheZeroPointOfWhatIsAssigned) {
  Network network(delay({{0.5f}, {-7}}, Type::s8));
  EXPECT_THAT(network.run<int8_t>({1, 2}), ElementsAre(-7, -7));
}

TEST(Variables, OfOneNameAreOneAcrossGraphsAndCallOnceFillsThemOnce) {
  Model model = delay();
  model.graphs.emplace_back();
  Graph& init = model.graphs[1];
  const TensorId handle = init.add(kHandle), value = init.add(floats({2}, {8, 9}));
  init.nodes = {{VarHandle{.shared_name = "v"}, {}, {handle}}, {AssignVariable{}, {handle, value}, {}}};
  model.main().nodes.insert(model.main().nodes.begin(), Node{CallOnce{.init_subgraph_index = 1}, {}, {}});
  Network network(std::move(model));
  EXPECT_THAT(network.run<float>({1, 2}), ElementsAre(8, 9));
  EXPECT_THAT(network.run<float>({3, 4}), ElementsAre(1, 2));
  network.reset();
  EXPECT_THAT(network.run<float>({3, 4}), ElementsAre(8, 9));
}

TEST(Variables, MayBeHandedToAGraphThatIsCalled) {
  Model model = delay();
  Graph assign, leave;
  for (Graph* g : {&assign, &leave}) {
    g->inputs = {g->add(kHandle), g->add(floats({2}))};
    model.graphs.push_back(*g);
  }
  model.graphs[1].nodes = {{AssignVariable{}, {0, 1}, {}}};
  Graph& main = model.main();
  main.inputs.push_back(main.add(kBool));
  main.nodes[2] = {If{.then_subgraph_index = 1, .else_subgraph_index = 2}, {3, 1, 0}, {}};
  Instance instance(compile(std::move(model)), 1);
  const auto run = [&](float x, bool keep) {
    instance.input(0).as<float>()[1] = x;
    instance.input(1).bytes[0] = std::byte{keep};
    instance.run();
    return instance.output(0).as<float>()[1];
  };
  EXPECT_EQ(run(1, true), 0);
  EXPECT_EQ(run(2, false), 1);
  EXPECT_EQ(run(3, true), 1);
  EXPECT_EQ(run(4, true), 3);
}

TEST(Variables, AreRefusedWhereSizesDisagreeOrTheHandleIsNone) {
  Model sizes = delay();
  sizes.main().tensor(2).shape = {3};
  EXPECT_THAT(error_of([&] { compile(sizes); }), HasSubstr("variable 'v' has 8 bytes here and 12 elsewhere"));

  Model no_handle = delay();
  no_handle.main().nodes[1].inputs = {0};
  EXPECT_THAT(error_of([&] { compile(no_handle); }), HasSubstr("READ_VARIABLE: input 0 is float32"));
}

// --- control ---

void add_graph(Model& model, Op op, bool twice_the_second, Type result = Type::f32) {
  Graph graph;
  const TensorId a = graph.add(floats({2})), b = graph.add(floats({2})),
                 y = graph.add({.type = result, .shape = {2}});
  graph.inputs = {a, b};
  graph.nodes = {{std::move(op), {twice_the_second ? b : a, b}, {y}}};
  graph.outputs = {y};
  model.graphs.push_back(std::move(graph));
}

// y = condition ? x + k : x * k.
Model branches() {
  Model model;
  model.graphs.emplace_back();
  Graph& g = model.main();
  const TensorId condition = g.add(kBool), x = g.add(floats({2}, {5, 6})), k = g.add(floats({2}, {2, 3})),
                 y = g.add(floats({2}));
  g.nodes = {{If{.then_subgraph_index = 1, .else_subgraph_index = 2}, {condition, x, k}, {y}}};
  g.inputs = {condition}, g.outputs = {y};
  add_graph(model, Binary{.kind = BinaryKind::add}, false);
  add_graph(model, Binary{.kind = BinaryKind::mul}, false);
  return model;
}

std::vector<float> run_branches(Model model, uint8_t condition) {
  Instance instance(compile(std::move(model)), 1);
  instance.input(0).bytes[0] = static_cast<std::byte>(condition);
  instance.run();
  const auto y = instance.output(0).as<float>();
  return {y.begin(), y.end()};
}

TEST(If, RunsOneOfItsGraphs) {
  EXPECT_THAT(run_branches(branches(), 1), ElementsAre(7, 9));
  EXPECT_THAT(run_branches(branches(), 0), ElementsAre(10, 18));
}

TEST(If, ArgumentsGiveTheGraphsTheirShapes) {
  Model model = branches();
  for (size_t g : {1, 2})
    for (Tensor& tensor : model.graphs[g].tensors) tensor.shape = {1, 1};
  EXPECT_THAT(run_branches(model, 1), ElementsAre(7, 9));
}

TEST(If, IsRefusedWhereGraphsDoNotFit) {
  const auto refused = [](auto change) {
    Model model = branches();
    change(model);
    return error_of([&] { compile(model); });
  };
  EXPECT_THAT(refused([](Model& m) { std::get<If>(m.main().nodes[0].op).then_subgraph_index = 3; }),
              HasSubstr("calls subgraph 3, but the model has 3"));
  EXPECT_THAT(refused([](Model& m) { m.main().nodes[0].inputs.pop_back(); }),
              HasSubstr("subgraph 1 takes 2 arguments, but is given 1"));
  EXPECT_THAT(refused([](Model& m) { m.graphs[1].tensor(0).type = Type::s8; }),
              HasSubstr("argument 0 of subgraph 1 has to be int8, but is float32"));
  EXPECT_THAT(refused([](Model& m) { m.graphs[2].outputs = {}; }),
              HasSubstr("subgraph 2 has 0 results, the node 1"));
  EXPECT_THAT(refused([](Model& m) { m.main().tensor(0).shape = {2}; }),
              HasSubstr("bool 2 where one bool is expected"));
  EXPECT_THAT(refused([](Model& m) {
                m.graphs[1].nodes = {{If{1, 1}, {2, 0, 1}, {}}};
                m.graphs[1].tensor(2) = kBool;
                m.graphs[1].tensor(2).is_variable = true;
              }),
              HasSubstr("subgraph 1 calls itself"));
}

TEST(CallOnce, IsRefusedWhereCallsNestTooDeep) {
  Model model = delay();
  model.graphs.resize(100000);
  for (size_t i = 1; i + 1 < model.graphs.size(); ++i)
    model.graphs[i].nodes = {{CallOnce{.init_subgraph_index = static_cast<int>(i) + 1}, {}, {}}};
  EXPECT_THAT(error_of([&] { compile(model); }), HasSubstr("nest deeper than 100"));
}

// while (a < limit) a, b = b, a + b
Model fibonacci() {
  Model model;
  model.graphs.emplace_back();
  Graph& g = model.main();
  const Tensor one = floats({1});
  const TensorId a = g.add(one), b = g.add(floats({1}, {1})), last = g.add(one), next = g.add(one);
  g.nodes = {{While{.cond_subgraph_index = 1, .body_subgraph_index = 2}, {a, b}, {last, next}}};
  g.inputs = {a}, g.outputs = {last, next};

  Graph condition;
  for (const Tensor& t : {one, one, floats({1}, {50}), kBool}) condition.add(t);
  condition.inputs = {0, 1}, condition.outputs = {3};
  condition.nodes = {{Binary{.kind = BinaryKind::less}, {0, 2}, {3}}};

  Graph body;
  for (int i = 0; i < 3; ++i) body.add(one);
  body.inputs = {0, 1}, body.outputs = {1, 2};
  body.nodes = {{Binary{.kind = BinaryKind::add}, {0, 1}, {2}}};
  model.graphs.push_back(condition);
  model.graphs.push_back(body);
  return model;
}

TEST(While, RunsItsBodyUntilTheConditionFails) {
  Network network(fibonacci());
  EXPECT_THAT(network.run<float>({0}), ElementsAre(55));
  EXPECT_THAT(network.run<float>({0}, 1), ElementsAre(89));
  EXPECT_THAT(network.run<float>({60}), ElementsAre(60));
  EXPECT_THAT(network.run<float>({60}, 1), ElementsAre(1));
}

TEST(While, IsRefusedWhereTheBodyChangesAShape) {
  Model model = fibonacci();
  model.graphs[2].add(floats({2}, {1, 1}));
  model.graphs[2].nodes[0].inputs = {0, 3};
  EXPECT_THAT(error_of([&] { compile(model); }), HasSubstr("value 1 of the loop is 1 at first and then 2"));
}

// --- circular buffers ---

// The sum over all slots of a buffer that is evaluated every `cycles` calls.
Model buffer(int cycles) {
  Model model;
  model.graphs.emplace_back();
  Graph& g = model.main();
  const Quant quant{{1.0f}, {3}};
  const TensorId x = g.add({.type = Type::s8, .shape = {1, 1, 1, 2}, .quant = quant});
  const TensorId y = g.add({.type = Type::s8, .shape = {1, 3, 1, 2}, .quant = quant, .is_variable = true});
  g.nodes = {{CircularBuffer{.cycles_max = cycles}, {x}, {y}}};
  g.inputs = {x}, g.outputs = {y};
  return model;
}

TEST(CircularBuffer, KeepsTheLastSlots) {
  Network network(buffer(1));
  EXPECT_THAT(network.run<int8_t>({1, 2}), ElementsAre(3, 3, 3, 3, 1, 2));
  EXPECT_THAT(network.run<int8_t>({4, 5}), ElementsAre(3, 3, 1, 2, 4, 5));
  EXPECT_THAT(network.run<int8_t>({6, 7}), ElementsAre(1, 2, 4, 5, 6, 7));
  EXPECT_THAT(network.run<int8_t>({8, 9}), ElementsAre(4, 5, 6, 7, 8, 9));
  EXPECT_TRUE(network.finished());
}

TEST(CircularBuffer, EndsTheRunsInBetween) {
  Network network(buffer(3));
  std::vector<bool> finished;
  for (int8_t call = 0; call < 7; ++call) {
    network.run<int8_t>({call, call});
    finished.push_back(network.finished());
  }
  EXPECT_THAT(finished, ElementsAre(false, false, true, false, false, true, false));
  network.reset();
  network.run<int8_t>({0, 0});
  EXPECT_FALSE(network.finished());
}

TEST(CircularBuffer, TellsItsPeriodByItsShapeWhereTheFileDoesNot) {
  Network two(buffer(0));
  two.run<int8_t>({1, 2});
  EXPECT_FALSE(two.finished());
  two.run<int8_t>({1, 2});
  EXPECT_TRUE(two.finished());

  Model five = buffer(0);
  five.main().tensor(1).shape = {1, 5, 1, 2};
  Network one(std::move(five));
  one.run<int8_t>({1, 2});
  EXPECT_TRUE(one.finished());
}

}  // namespace
}  // namespace teff
