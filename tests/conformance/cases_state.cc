#include <fmt/format.h>

#include <algorithm>

#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

// Tensors and nodes of a subgraph, by hand: a CaseBuilder builds the main graph only.
class SubgraphBuilder {
 public:
  SubgraphBuilder(CaseBuilder& c, const char* name) : c_(c) { graph_.name = name; }

  TensorId tensor(Type type, const Shape& shape, const Quant& quant = {}) {
    return graph_.add(
        {.name = fmt::format("t{}", graph_.tensors.size()), .type = type, .shape = shape, .quant = quant});
  }
  TensorId input(Type type, const Shape& shape, const Quant& quant = {}) {
    graph_.inputs.push_back(tensor(type, shape, quant));
    return graph_.inputs.back();
  }
  TensorId constant(Type type, const Shape& shape, const Quant& quant = {}, const Values& values = {}) {
    const TensorId id = tensor(type, shape, quant);
    graph_.tensor(id).data = c_.data(type, shape.elements(), values, quant.zero());
    return id;
  }
  void node(Op op, std::vector<TensorId> inputs, std::vector<TensorId> outputs) {
    graph_.nodes.push_back({std::move(op), std::move(inputs), std::move(outputs)});
  }
  // The number by which it is called.
  int finish(std::vector<TensorId> outputs) {
    graph_.outputs = std::move(outputs);
    c_.model().graphs.push_back(std::move(graph_));
    return static_cast<int>(c_.model().graphs.size()) - 1;
  }

 private:
  CaseBuilder& c_;
  Graph graph_;
};

TensorId handle_in(CaseBuilder& c, const VarHandle& variable) {
  const TensorId handle = c.intermediate(Type::resource);
  c.node(variable, {}, {handle});
  return handle;
}

// What came before x, and before that: a delay line of one or two variables, which begin with the zero point
// or with what CALL_ONCE puts into some of them.
void delay(CaseBuilder& c, bool call_once) {
  const Type type = c.random.pick({Type::f32, Type::s8, Type::s8, Type::s16, Type::s32, Type::boolean});
  Shape shape = c.shape(1, 4, 120);
  for (int i = 0; i < shape.rank(); ++i) shape[i] = std::max<int64_t>(shape[i], 1);
  const Quant quant = type == Type::s32 ? Quant{} : c.quant(type);
  const int variables = c.integer(1, 2);
  const auto variable = [](int v) { return VarHandle{.shared_name = fmt::format("v{}", v)}; };
  if (call_once) {
    SubgraphBuilder first(c, "first");
    for (int v = c.integer(0, variables - 1); v < variables; ++v) {
      const TensorId handle = first.tensor(Type::resource, {});
      first.node(variable(v), {}, {handle});
      first.node(AssignVariable{}, {handle, first.constant(type, shape, quant)}, {});
    }
    c.node(CallOnce{first.finish({})}, {}, {});
  }
  TensorId value = c.input(type, shape, quant);
  for (int v = 0; v < variables; ++v) {
    const TensorId handle = handle_in(c, variable(v)), before = c.output(type, quant, shape);
    c.node(ReadVariable{}, {handle}, {before});
    c.node(AssignVariable{}, {handle, value}, {});
    value = before;
  }
  c.calls(c.integer(1, 4));
}

// The last rows of a stream: what was kept and what is new, of which the last rows are kept again. CALL_ONCE
// sets what is kept at first.
void stream(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8});
  const Quant quant = c.quant(type);
  const int kept = c.integer(1, 4), fresh = c.integer(1, 3), width = c.integer(1, 5);
  const VarHandle variable{.container = "", .shared_name = "stream"};

  SubgraphBuilder first(c, "first");
  const TensorId first_handle = first.tensor(Type::resource, {});
  first.node(variable, {}, {first_handle});
  first.node(AssignVariable{}, {first_handle, first.constant(type, {1, kept, width}, quant)}, {});
  c.node(CallOnce{first.finish({})}, {}, {});

  const TensorId x = c.input(type, {1, fresh, width}, quant), handle = handle_in(c, variable);
  const TensorId before = c.intermediate(type, quant), both = c.output(type, quant);
  const TensorId after = c.intermediate(type, quant);
  c.tensor(before).shape = {1, kept, width};
  c.node(ReadVariable{}, {handle}, {before});
  c.node(Concatenation{.axis = 1}, {before, x}, {both});
  const TensorId from = c.constant({0, fresh, 0}), to = c.constant({1, fresh + kept, width});
  c.node(StridedSlice{}, {both, from, to, c.constant({1, 1, 1})}, {after});
  c.node(AssignVariable{}, {handle, after}, {});
  c.calls(c.integer(1, 5));
}

// Two results of two arguments; the branches differ in the operators.
void branch(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s32, Type::s8});
  const Quant quant = type == Type::s8 ? c.quant(type) : Quant{};
  const Shape shape = c.shape(1, 4, 100);
  const Values values = type == Type::s32 ? Values{-1000, 1000} : Values{};
  const auto any_binary = [&] {
    if (type == Type::s8) return Binary{.kind = c.random.pick({BinaryKind::maximum, BinaryKind::minimum})};
    return Binary{.kind = c.random.pick({BinaryKind::add, BinaryKind::sub, BinaryKind::mul})};
  };
  const auto side = [&](const char* name) {
    SubgraphBuilder graph(c, name);
    const TensorId x = graph.input(type, shape, quant), y = graph.input(type, shape, quant);
    const TensorId a = graph.tensor(type, shape, quant), b = graph.tensor(type, shape, quant);
    graph.node(any_binary(), {x, graph.constant(type, shape, quant, values)}, {a});
    graph.node(any_binary(), {y, a}, {b});
    return graph.finish({a, b});
  };
  const int yes = side("yes"), no = side("no");
  const TensorId condition = c.input(Type::boolean, {1});
  const TensorId x = c.input(type, shape, quant, values), y = c.input(type, shape, quant, values);
  c.node(If{yes, no}, {condition, x, y}, {c.output(type, quant), c.output(type, quant)});
  c.calls(3);
}

// while (i < limit) { i = i + step; x, y = y, max(x * factor, y) }
void loop(CaseBuilder& c) {
  const Shape shape = c.shape(1, 3, 50);
  SubgraphBuilder condition(c, "condition");
  const TensorId i = condition.input(Type::s32, {1});
  condition.input(Type::f32, shape), condition.input(Type::f32, shape);
  const TensorId limit = condition.constant(Type::s32, {1}, {}, {0, 6}),
                 goes_on = condition.tensor(Type::boolean, {1});
  condition.node(Binary{.kind = BinaryKind::less}, {i, limit}, {goes_on});
  const int condition_index = condition.finish({goes_on});

  SubgraphBuilder body(c, "body");
  const TensorId k = body.input(Type::s32, {1});
  const TensorId x = body.input(Type::f32, shape), y = body.input(Type::f32, shape);
  const TensorId next = body.tensor(Type::s32, {1}), product = body.tensor(Type::f32, shape);
  const TensorId result = body.tensor(Type::f32, shape);
  body.node(Binary{.kind = BinaryKind::add}, {k, body.constant(Type::s32, {1}, {}, {1, 2})}, {next});
  body.node(Binary{.kind = BinaryKind::mul}, {x, body.constant(Type::f32, shape, {}, {-2, 2})}, {product});
  body.node(Binary{.kind = BinaryKind::maximum}, {product, y}, {result});
  const int body_index = body.finish({next, y, result});

  const TensorId start = c.input(Type::s32, {1}, {}, {-2, 8});
  const TensorId a = c.input(Type::f32, shape), b = c.input(Type::f32, shape);
  c.node(While{condition_index, body_index}, {start, a, b},
         {c.output(Type::s32), c.output(Type::f32), c.output(Type::f32)});
  c.calls(2);
}

void variables(CaseBuilder& c) { delay(c, false); }
void call_once(CaseBuilder& c) { c.chance(0.5) ? delay(c, true) : stream(c); }

// TFLite Micro's Python interface takes a run that a buffer ends for a failed one: each call goes through.
void circular_buffer(CaseBuilder& c) {
  const int64_t slots = c.extent(9), h = c.extent(4), w = c.extent(13);
  const Quant quant = c.quant(Type::s8);
  const TensorId y = c.output(Type::s8, quant, {1, slots, h, w});
  c.tensor(y).is_variable = true;
  c.node(CircularBuffer{.cycles_max = 1}, {c.input(Type::s8, {1, 1, h, w}, quant)}, {y});
  c.calls(c.integer(1, 8));
}

}  // namespace

void cases_state(Registry& registry) {
  for (const char* name : {"VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE"}) registry.add(name, variables);
  registry.add("CALL_ONCE", call_once);
  registry.add("IF", branch);
  registry.add("WHILE", loop);
  registry.add("CIRCULAR_BUFFER", circular_buffer);
}

}  // namespace teff::conformance
