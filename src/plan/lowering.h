// From a node to steps: what each operator's `lower` is given, and gives.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/view.h"
#include "plan/plan.h"

namespace teff {

// Names a kernel together with its C signature: KERNEL_ID(conv2d_s8).
template <KernelId Id, class F>
struct KernelTag {
  using Signature = teff::Signature<F>;
  static constexpr KernelId kId = Id;
};
#define KERNEL_ID(name) (::teff::KernelTag<::teff::KernelId::name, decltype(teff_##name)>{})

// State that outlives a call: variables by name, and the operators' own.
class StateLayout {
 public:
  int64_t add(int64_t bytes, std::byte fill = {});  // offset, aligned to 16
  // The variable of that name; the same bytes for everyone who names it, at first all `fill` as the first
  // says who does. Throws where the sizes disagree.
  int64_t variable(const std::string& name, int64_t bytes, std::optional<std::byte> fill = {});
  InitialState take() { return std::move(initial_); }

 private:
  struct Variable {
    std::string name;
    int64_t offset, bytes;
    bool filled;
  };
  InitialState initial_;
  std::vector<Variable> variables_;
};

class Lowering {
 public:
  Lowering(const Model& model, const Graph& graph, int node, Plan& plan, StateLayout& state)
      : model_(model), graph_(graph), node_(node), plan_(plan), state_(state) {}

  // --- the node and its tensors ---
  const Model& model() const { return model_; }
  const Graph& graph() const { return graph_; }
  const Node& node() const { return graph_.nodes[static_cast<size_t>(node_)]; }
  int inputs() const { return static_cast<int>(node().inputs.size()); }
  int outputs() const { return static_cast<int>(node().outputs.size()); }
  bool has(int i) const { return i < inputs() && node().inputs[static_cast<size_t>(i)] != kNoTensor; }
  const Tensor& in(int i) const;  // throws where it is left out
  const Tensor& out(int i = 0) const;

  // The value of an input that must be known before anything runs. Throws, naming the input, where it is not.
  std::span<const std::byte> bytes(int i) const;
  std::vector<int64_t> integers(int i) const;  // of 32 or 64 bits
  std::vector<float> floats(int i) const;      // of a float type, or quantized and then dequantized

  // Throws "int16 input, float32 weights: ...": the node's types have no kernel. `what` says what is
  // supported.
  [[noreturn]] void unsupported(const std::string& what) const;

  // --- operands ---
  Operand input(int i) const;  // Kind::none where left out
  Operand output(int i = 0) const;
  Operand constant(Bytes bytes);
  template <class T>
  Operand constant(const std::vector<T>& values) {
    return constant(Bytes::of(values));
  }
  static Operand none() { return {}; }
  Operand scratch(
      int64_t bytes);  // each thread its own; not cleared; the node's scratch pieces do not overlap
  Operand state(int64_t bytes, std::byte fill = {});  // kept from call to call, this node's own
  Operand variable(const std::string& name, int64_t bytes, std::optional<std::byte> fill = {});
  Operand temporary(Type type, int64_t elements);  // made by one step of this node, used by others

  // --- steps ---
  // Adds a call of a kernel over `units` units, each about `unit_cost` operations. Operands are checked
  // against the kernel's pointers: a tensor of another type than the pointer's throws Error.
  template <class Tag, class P, class... Operands>
  void step(Tag, const P& params, int64_t units, double unit_cost, Operands... operands) {
    using S = typename Tag::Signature;
    static_assert(std::is_same_v<P, typename S::P>, "the kernel takes another parameter struct");
    static_assert(sizeof...(Operands) == S::kOperands, "the kernel takes another number of pointers");
    const std::initializer_list<Operand> list = {operands...};
    const auto expected = S::pointer_types();
    for (size_t i = 0; i < list.size(); ++i) expect_type(list.begin()[i], expected[i]);
    add_step(Tag::kId, Params::of(params), units, unit_cost, list);
  }
  // The output is the input's bytes under another shape: nothing is done at run time.
  void alias(int output, int input);
  // Runs other plans (indices of graphs) with this node's inputs from `first_input` on, those before it being
  // the step's operands; see Step::Kind.
  void call(Step::Kind kind, int first, int second, int first_input);

 private:
  void expect_type(const Operand& operand, PointerType wanted) const;
  void add_step(KernelId kernel, Params params, int64_t units, double unit_cost,
                std::vector<Operand> operands);

  const Model& model_;
  const Graph& graph_;
  int node_;
  Plan& plan_;
  StateLayout& state_;
  int64_t scratch_ = 0;  // used by this node so far
};

}  // namespace teff
