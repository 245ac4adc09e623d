#include "layers.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/cost.h"

namespace teff::cli {
namespace {

// Options as words, those left at their default not named.
class OptionPrinter {
 public:
  explicit OptionPrinter(std::string& text) : text_(text) {}
  template <class T>
  void operator()(const char* name, const T& value, const T& otherwise) {
    if (value == otherwise) return;
    if (!text_.empty()) text_ += " ";
    if constexpr (!std::is_same_v<T, Activation>) text_ += fmt::format("{}=", name);  // "relu" says it all
    text_ += word(value);
  }

 private:
  static std::string word(bool v) { return v ? "yes" : "no"; }
  static std::string word(int v) { return std::to_string(v); }
  static std::string word(float v) { return fmt::format("{:g}", v); }
  static std::string word(const std::string& v) { return v; }
  static std::string word(Type v) { return std::string(name_of(v)); }
  static std::string word(Padding v) {
    return v == Padding::same ? "same" : v == Padding::valid ? "valid" : "given";
  }
  static std::string word(MirrorMode v) { return v == MirrorMode::reflect ? "reflect" : "symmetric"; }
  static std::string word(Activation v) {
    constexpr const char* kNames[] = {"none", "relu", "relu_n1_to_1", "relu6", "tanh", "sign_bit"};
    return kNames[static_cast<size_t>(v)];
  }
  static std::string word(const std::vector<int64_t>& v) { return fmt::format("[{}]", fmt::join(v, ",")); }

  std::string& text_;
};

std::string options_of(const Op& op) {
  std::string text;
  std::visit(
      [&](const auto& o) {
        using Operator = std::remove_cvref_t<decltype(o)>;
        const Operator otherwise{};
        OptionPrinter print(text);
        // Two visits in step: the member of the operator, then the same member of a default one.
        fields(o, [&](const char* name, const auto& value) {
          fields(otherwise, [&](const char* other_name, const auto& other) {
            if constexpr (std::is_same_v<decltype(value), decltype(other)>)
              if (std::string_view(name) == other_name) print(name, value, other);
          });
        });
      },
      op);
  return text;
}

std::string shape_of(const Graph& graph, TensorId id) {
  return id == kNoTensor ? "-" : to_string(graph.tensor(id).shape);
}

// Inputs that are computed; constants are counted as parameters.
std::string computed_inputs(const Graph& graph, const Node& node) {
  std::string text;
  for (TensorId id : node.inputs)
    if (id != kNoTensor && !graph.tensor(id).is_constant())
      text += fmt::format("{}{}", text.empty() ? "" : ", ", shape_of(graph, id));
  return text;
}

}  // namespace

int64_t live_bytes(const Plan& plan, int first, int last) {
  int64_t most = 0;
  for (int step = first; step <= last; ++step) {
    int64_t bytes = 0;
    for (const PlannedTensor& t : plan.tensors)
      if (t.alias_of == kNoTensor && t.location.place == Location::Place::arena && t.first_step <= step &&
          step <= t.last_step)
        bytes += t.bytes;
    most = std::max(most, bytes);
  }
  return most;
}

std::vector<Layer> layers_of(const Program& program) {
  const Graph& graph = program.model.main();
  const Plan& plan = program.plans.front();
  std::vector<Layer> layers;
  int first_step = 0;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const Weights weights = weights_of(graph, node);
    Layer layer{.node = static_cast<int>(i), .number = node.source, .op = std::string(op_name(node.op))};
    layer.options = options_of(node.op);
    layer.inputs = computed_inputs(graph, node);
    if (!node.outputs.empty()) {
      layer.output = shape_of(graph, node.outputs[0]);
      layer.type = name_of(graph.tensor(node.outputs[0]).type);
    }
    layer.macs = macs_of(graph, node);
    layer.parameters = weights.elements;
    layer.parameter_bytes = weights.bytes;
    layer.live_bytes = live_bytes(plan, first_step, plan.steps_end[i] - 1);
    first_step = plan.steps_end[i];
    layers.push_back(std::move(layer));
  }
  return layers;
}

int64_t total(const std::vector<Layer>& layers, int64_t Layer::*member) {
  int64_t sum = 0;
  for (const Layer& layer : layers) sum += layer.*member;
  return sum;
}

int busiest(const std::vector<Layer>& layers) {
  const auto most = std::max_element(layers.begin(), layers.end(), [](const Layer& a, const Layer& b) {
    return a.live_bytes < b.live_bytes;
  });
  return most == layers.end() ? -1 : static_cast<int>(most - layers.begin());
}

}  // namespace teff::cli
