#include <fmt/format.h>

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

void branch(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8});
  const Quant quant = c.quant(type);
  const Shape shape = c.shape(1, 4, 100);
  const auto side = [&](const char* name, Op op) {
    SubgraphBuilder graph(c, name);
    const TensorId x = graph.input(type, shape, quant), y = graph.tensor(type, shape, quant);
    graph.node(std::move(op), {x, graph.constant(type, shape, quant)}, {y});
    return graph.finish({y});
  };
  const int yes = side("yes", Binary{.kind = BinaryKind::maximum});
  const int no = side("no", Binary{.kind = BinaryKind::minimum});
  const TensorId condition = c.input(Type::boolean, {1}), x = c.input(type, shape, quant);
  c.node(If{yes, no}, {condition, x}, {c.output(type, quant)});
  c.calls(3);
}

// while (i < limit) { i = i + 1; x = max(x * factor, least) }
void loop(CaseBuilder& c) {
  const Shape shape = c.shape(1, 3, 50);
  SubgraphBuilder condition(c, "condition");
  const TensorId i = condition.input(Type::s32, {1});
  condition.input(Type::f32, shape);
  const TensorId limit = condition.constant(Type::s32, {1}, {}, {0, 6}),
                 goes_on = condition.tensor(Type::boolean, {1});
  condition.node(Binary{.kind = BinaryKind::less}, {i, limit}, {goes_on});
  const int condition_index = condition.finish({goes_on});

  SubgraphBuilder body(c, "body");
  const TensorId k = body.input(Type::s32, {1}), x = body.input(Type::f32, shape);
  const TensorId next = body.tensor(Type::s32, {1}), product = body.tensor(Type::f32, shape);
  const TensorId result = body.tensor(Type::f32, shape);
  body.node(Binary{.kind = BinaryKind::add}, {k, body.constant(Type::s32, {1}, {}, {1, 2})}, {next});
  body.node(Binary{.kind = BinaryKind::mul}, {x, body.constant(Type::f32, shape, {}, {-2, 2})}, {product});
  body.node(Binary{.kind = BinaryKind::maximum}, {product, body.constant(Type::f32, shape)}, {result});
  const int body_index = body.finish({next, result});

  const TensorId start = c.input(Type::s32, {1}, {}, {-2, 4}), value = c.input(Type::f32, shape);
  c.node(While{condition_index, body_index}, {start, value}, {c.output(Type::s32), c.output(Type::f32)});
  c.calls(2);
}

}  // namespace

void cases_state(Registry& registry) {
  for (const char* name : {"VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE", "CALL_ONCE"})
    registry.add(name, stream);
  registry.add("IF", branch);
  registry.add("WHILE", loop);
}

}  // namespace teff::conformance
