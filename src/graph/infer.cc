#include "graph/infer.h"

#include <algorithm>

#include "core/view.h"
#include "graph/densify.h"
#include "graph/rules.h"

namespace teff {
namespace {

// Each level of calls takes stack here and when the network runs.
constexpr int kDeepestCall = 100;

// Values of at most this many elements are worked out before anything runs.
constexpr int64_t kMostKnownElements = 1024;

bool is_integer(Type type) { return type == Type::s32 || type == Type::s64; }

// Weights that are stored in a smaller form, step by step.
bool unpacks_constant(const Graph& graph, const Node& node) {
  return (std::holds_alternative<Dequantize>(node.op) || std::holds_alternative<Densify>(node.op)) &&
         graph.tensor(node.inputs[0]).value().owned();
}

bool worth_knowing(const Graph& graph, const Node& node) {
  if (unpacks_constant(graph, node)) return true;
  for (TensorId id : node.outputs) {
    const Tensor& t = graph.tensor(id);
    if ((!is_integer(t.type) && t.type != Type::boolean) || t.shape.elements() > kMostKnownElements)
      return false;
  }
  for (TensorId id : node.inputs)
    if (id != kNoTensor && !graph.tensor(id).value().owned()) return false;
  return !node.outputs.empty();
}

// The shape of a tensor is known even where its value is not.
bool is_shape_of(const Node& node) {
  return std::holds_alternative<ShapeOf>(node.op) || std::holds_alternative<Rank>(node.op);
}

bool calls_a_graph(const Node& node) {
  return std::holds_alternative<If>(node.op) || std::holds_alternative<While>(node.op) ||
         std::holds_alternative<CallOnce>(node.op) || std::holds_alternative<VarHandle>(node.op) ||
         std::holds_alternative<ReadVariable>(node.op);
}

Bytes integers_as(Type type, const std::vector<int64_t>& values) {
  if (type == Type::s64) return Bytes::of(values);
  return Bytes::of(std::vector<int32_t>(values.begin(), values.end()));
}

void know_shape(Graph& graph, const Node& node) {
  const Shape& shape = graph.tensor(node.inputs.at(0)).shape;
  Tensor& out = graph.tensor(node.outputs.at(0));
  std::vector<int64_t> values(shape.begin(), shape.end());
  if (std::holds_alternative<Rank>(node.op)) values = {shape.rank()};
  if (is_integer(out.type)) out.known = integers_as(out.type, values);
}

void know_values(Graph& graph, const Node& node, const Evaluator& evaluate) {
  if (is_shape_of(node)) return know_shape(graph, node);
  if (std::holds_alternative<Densify>(node.op)) {
    graph.tensor(node.outputs[0]).known = densify(graph.tensor(node.inputs[0]));
    return;
  }
  if (calls_a_graph(node) || !worth_knowing(graph, node)) return;
  std::vector<Bytes> values = evaluate(graph, node);
  for (size_t i = 0; i < node.outputs.size(); ++i) graph.tensor(node.outputs[i]).known = std::move(values[i]);
}

void expect_as_in_file(const Graph& graph, const Node& node, const std::vector<Shape>& before) {
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const Tensor& t = graph.tensor(node.outputs[i]);
    if (t.source == kNoTensor || t.flexible || t.type == Type::resource) continue;
    check(t.shape == before[i], "{} is {} in the file, but the operator makes it {}",
          describe(graph, node.outputs[i]), to_string(before[i]), to_string(t.shape));
  }
}

// All graphs of a model, each once: those that are called when the first of their calls is reached.
class ModelInference {
 public:
  ModelInference(Model& model, const Evaluator& evaluate, bool reshaped)
      : model_(model),
        evaluate_(evaluate),
        reshaped_(reshaped),
        before_(shapes_of_inputs(model)),
        progress_(model.graphs.size(), Progress::none) {}

  void run() {
    for (int i = 0; i < static_cast<int>(model_.graphs.size()); ++i) infer(i);
  }

 private:
  enum class Progress : uint8_t { none, begun, done };

  static std::vector<std::vector<Shape>> shapes_of_inputs(const Model& model) {
    std::vector<std::vector<Shape>> all;
    for (const Graph& graph : model.graphs) {
      all.emplace_back();
      for (TensorId id : graph.inputs) all.back().push_back(graph.tensor(id).shape);
    }
    return all;
  }

  bool has_other_arguments(size_t i) const {
    const Graph& graph = model_.graphs[i];
    for (size_t k = 0; k < graph.inputs.size(); ++k)
      if (graph.tensor(graph.inputs[k]).shape != before_[i][k]) return true;
    return false;
  }

  void infer(int index) {
    const auto i = static_cast<size_t>(index);
    check(progress_[i] != Progress::begun, "subgraph {} calls itself", index);
    if (progress_[i] == Progress::done) {
      check(!has_other_arguments(i), "subgraph {} is called with arguments of several shapes", index);
      return;
    }
    check(depth_ < kDeepestCall, "calls of subgraphs nest deeper than {}", kDeepestCall);
    progress_[i] = Progress::begun;
    ++depth_;
    const bool reshaped = reshaped_ || has_other_arguments(i);
    Graph& graph = model_.graphs[i];
    for (const Node& node : graph.nodes) {
      const std::string place = place_of(graph, node);
      with_place(index == 0 ? place : fmt::format("subgraph {} {}", index, place),
                 [&] { infer(graph, node, reshaped); });
    }
    --depth_;
    progress_[i] = Progress::done;
    for (size_t k = 0; k < graph.inputs.size(); ++k) before_[i][k] = graph.tensor(graph.inputs[k]).shape;
  }

  void infer(Graph& graph, const Node& node, bool reshaped) {
    std::vector<Shape> before;
    for (TensorId id : node.outputs) before.push_back(graph.tensor(id).shape);
    Inference inference(graph, node, model_, infer_graph_);
    std::visit([&](const auto& op) { teff::infer(op, inference); }, node.op);
    if (!reshaped) expect_as_in_file(graph, node, before);
    know_values(graph, node, evaluate_);
  }

  Model& model_;
  const Evaluator& evaluate_;
  bool reshaped_;
  std::vector<std::vector<Shape>> before_;  // shapes of each graph's inputs, as it was last inferred or read
  std::vector<Progress> progress_;
  int depth_ = 0;
  const Inference::InferGraph infer_graph_ = [this](int i) { infer(i); };
};

}  // namespace

const Tensor& Inference::in(int i) const {
  check(has(i), "input {} is missing", i);
  return graph_.tensor(node_.inputs[static_cast<size_t>(i)]);
}

void Inference::expect(int least_inputs, int most_inputs, int least_outputs, int most_outputs) const {
  const auto range = [](int least, int most) {
    return least == most ? std::to_string(least) : fmt::format("{} to {}", least, most);
  };
  check(inputs() >= least_inputs && inputs() <= most_inputs, "{} inputs where {} are expected", inputs(),
        range(least_inputs, most_inputs));
  check(outputs() >= least_outputs && outputs() <= most_outputs, "{} outputs where {} are expected",
        outputs(), range(least_outputs, most_outputs));
  for (int i = 0; i < least_inputs; ++i) in(i);
}

void Inference::expect_rank(int i, int rank) const { expect_rank_between(i, rank, rank); }

void Inference::expect_rank_between(int i, int least, int most) const {
  const int rank = shape(i).rank();
  check(rank >= least && rank <= most, "input {} has {} dimensions ({}) where {} are expected", i, rank,
        to_string(shape(i)), least == most ? std::to_string(least) : fmt::format("{} to {}", least, most));
}

std::vector<int64_t> Inference::integers(int i) const {
  const Tensor& t = in(i);
  check(is_integer(t.type), "input {} is {} where integers are expected", i, name_of(t.type));
  check(t.value().owned(), "input {} has to be known before the network runs", i);
  if (t.type == Type::s64) {
    const auto values = t.value().as<int64_t>();
    return {values.begin(), values.end()};
  }
  const auto values = t.value().as<int32_t>();
  return {values.begin(), values.end()};
}

std::vector<int64_t> Inference::integer_pairs(int i, int axes) const {
  const auto values = integers(i);
  check(values.size() == 2 * static_cast<size_t>(axes), "input {} has {} elements for {} axes", i,
        values.size(), axes);
  for (int64_t value : values)
    check(value >= 0 && value < int64_t{1} << 31, "input {} has {} where 0 or more is expected", i, value);
  return values;
}

int Inference::axis(int64_t axis, int rank) {
  check(axis >= -rank && axis < rank, "axis {} of a tensor of {} dimensions", axis, rank);
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

void Inference::set(int output, const Shape& shape) {
  // Again through the checks: products of extents may have grown beyond what can be counted.
  const Shape checked = Shape::checked(std::span(shape.begin(), shape.end()));
  check(checked.elements() <= kMostElements, "output {} of shape {} has more than {} elements", output,
        to_string(checked), kMostElements);
  graph_.tensor(node_.outputs.at(static_cast<size_t>(output))).shape = checked;
}

void Inference::keep(int output) {
  const Tensor& t = out(output);
  check(!t.flexible, "the shape of output {} depends on values that are known only when the network runs",
        output);
}

void Inference::know(int output, Bytes value) {
  graph_.tensor(node_.outputs.at(static_cast<size_t>(output))).known = std::move(value);
}

const Graph& Inference::call(int subgraph, int first_input) {
  check(subgraph >= 0 && static_cast<size_t>(subgraph) < model_.graphs.size(),
        "calls subgraph {}, but the model has {}", subgraph, model_.graphs.size());
  Graph& callee = model_.graphs[static_cast<size_t>(subgraph)];
  const auto given = node_.inputs.size() - static_cast<size_t>(first_input);
  check(callee.inputs.size() == given, "subgraph {} takes {} arguments, but is given {}", subgraph,
        callee.inputs.size(), given);
  for (size_t k = 0; k < given; ++k) {
    const Tensor& argument = in(first_input + static_cast<int>(k));
    Tensor& parameter = callee.tensor(callee.inputs[k]);
    check(parameter.type == argument.type, "argument {} of subgraph {} has to be {}, but is {}", k, subgraph,
          name_of(parameter.type), name_of(argument.type));
    parameter.shape = argument.shape;
    if (argument.type != Type::resource) continue;
    check(!parameter.known.owned() || parameter.known == argument.known,
          "subgraph {} is called with several variables as argument {}", subgraph, k);
    parameter.known = argument.known;
  }
  infer_graph_(subgraph);
  return callee;
}

WindowAxis window_axis(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, Padding padding,
                       int64_t given_before, int64_t given_after) {
  check(stride > 0 && dilation > 0 && kernel > 0, "a window of {} with stride {} and dilation {}", kernel,
        stride, dilation);
  int64_t reach = 0;
  check(!__builtin_mul_overflow(kernel - 1, dilation, &reach) && reach < int64_t{1} << 32,
        "a window of {} with dilation {}", kernel, dilation);
  reach += 1;
  if (padding == Padding::same) {
    const int64_t out = (in + stride - 1) / stride;
    const int64_t pad = std::max<int64_t>((out - 1) * stride + reach - in, 0);
    return {out, pad / 2};
  }
  const int64_t padded = in + given_before + given_after;
  return {padded < reach ? 0 : (padded - reach) / stride + 1, given_before};
}

void infer_shapes(Model& model, const Evaluator& evaluate, bool reshaped) {
  ModelInference(model, evaluate, reshaped).run();
}

}  // namespace teff
