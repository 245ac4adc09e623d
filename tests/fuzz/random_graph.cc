#include "tests/fuzz/random_graph.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "run/compile.h"
#include "run/instance.h"

namespace teff {
namespace {

using conformance::Case;
using conformance::CaseBuilder;
using conformance::Random;
using conformance::Values;

constexpr int64_t kMostElements = 3000;
constexpr int kMostNodes = 12;

class Maker {
 public:
  explicit Maker(Random& random) : c_(random), type_(random.pick({Type::f32, Type::s8, Type::s8})) {}

  Case make() {
    for (int i = c_.integer(1, 2); i > 0; --i) live_.push_back(c_.input(type_, start_shape(), quant(type_)));
    const int nodes = c_.integer(1, kMostNodes);
    for (int tries = 0; tries < 4 * kMostNodes && count() < nodes; ++tries) propose();
    choose_outputs();
    number_everything();
    return c_.finish();
  }

 private:
  Graph& graph() { return c_.model().main(); }
  int count() { return static_cast<int>(graph().nodes.size()); }
  const Shape& shape(TensorId id) { return c_.tensor(id).shape; }
  const Quant& quant_of(TensorId id) { return c_.tensor(id).quant; }
  Type type(TensorId id) { return c_.tensor(id).type; }

  Quant quant(Type type) { return type == Type::s8 || type == Type::s16 ? c_.quant(type) : Quant{}; }
  Shape start_shape() {
    if (c_.chance(0.6)) return {1, c_.integer(1, 7), c_.integer(1, 7), c_.extent(8)};
    return c_.shape(1, 4, 100);
  }

  // --- operands ---

  TensorId any() { return c_.random.pick(live_); }
  std::optional<TensorId> any(std::initializer_list<Type> types, int rank = -1) {
    std::vector<TensorId> fitting;
    for (TensorId id : live_)
      if (std::ranges::count(types, type(id)) && (rank < 0 || shape(id).rank() == rank))
        fitting.push_back(id);
    if (fitting.empty()) return std::nullopt;
    return c_.random.pick(fitting);
  }
  std::optional<TensorId> number(int rank = -1) { return any({Type::f32, Type::s8}, rank); }
  TensorId ints(std::vector<int32_t> values) { return c_.constant(values); }
  std::vector<int32_t> extents(const Shape& s) { return {s.begin(), s.end()}; }
  int axis_of(TensorId id) { return c_.integer(-shape(id).rank(), shape(id).rank() - 1); }
  // Same quantization as before, or another where the operator can change it.
  Quant maybe_other(TensorId id) { return c_.chance(0.5) ? quant_of(id) : quant(type(id)); }

  // --- nodes ---

  // Adds the node if the graph still compiles; otherwise everything is as before.
  void add(Op op, std::vector<TensorId> inputs, std::vector<TensorId> outputs, size_t tensors_before) {
    Graph& g = graph();
    g.nodes.push_back({std::move(op), std::move(inputs), outputs});
    if (compiles(outputs)) {
      live_.insert(live_.end(), outputs.begin(), outputs.end());
      return;
    }
    g.nodes.pop_back();
    g.tensors.resize(tensors_before);
  }

  bool compiles(const std::vector<TensorId>& outputs) {
    try {
      Model trial = c_.model();
      trial.main().outputs = outputs;
      const auto program = compile(std::move(trial), {.fuse = false});
      for (TensorId id : outputs) {
        c_.tensor(id).shape = program->model.main().tensor(id).shape;
        if (shape(id).elements() > kMostElements) return false;
      }
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  void one(Op op, std::vector<TensorId> inputs, Type type, const Quant& quant, size_t before) {
    const TensorId out = c_.intermediate(type, quant);
    add(std::move(op), std::move(inputs), {out}, before);
  }

  void propose() {
    using Proposal = void (Maker::*)();
    static constexpr Proposal kProposals[] = {
        &Maker::unary,      &Maker::unary,   &Maker::binary,  &Maker::binary,       &Maker::convolution,
        &Maker::depthwise,  &Maker::pool,    &Maker::full,    &Maker::pad,          &Maker::pad,
        &Maker::reshape,    &Maker::reshape, &Maker::reshape, &Maker::transpose,    &Maker::transpose,
        &Maker::squeeze,    &Maker::expand,  &Maker::concat,  &Maker::split,        &Maker::slice,
        &Maker::strided,    &Maker::pack,    &Maker::reduce,  &Maker::softmax,      &Maker::requantize,
        &Maker::dequantize, &Maker::cast,    &Maker::select,  &Maker::gather,       &Maker::blocks,
        &Maker::shape_of,   &Maker::folded,  &Maker::folded,  &Maker::does_nothing, &Maker::does_nothing,
        &Maker::resize,     &Maker::prelu,
    };
    (this->*kProposals[c_.integer(0, static_cast<int>(std::size(kProposals)) - 1)])();
  }

  size_t here() { return graph().tensors.size(); }

  void unary() {
    const auto x = number();
    if (!x) return;
    const auto kind =
        c_.random.pick({UnaryKind::relu, UnaryKind::relu6, UnaryKind::relu, UnaryKind::abs, UnaryKind::neg,
                        UnaryKind::logistic, UnaryKind::tanh, UnaryKind::hard_swish});
    Quant q = maybe_other(*x);
    if (kind == UnaryKind::logistic && type(*x) == Type::s8) q = CaseBuilder::scaled(1.0 / 256, -128);
    if (kind == UnaryKind::tanh && type(*x) == Type::s8) q = CaseBuilder::scaled(1.0 / 128, 0);
    one(Unary{kind}, {*x}, type(*x), q, here());
  }

  void binary() {
    const auto x = any({Type::f32, Type::s8, Type::s32});
    if (!x) return;
    const size_t before = here();
    TensorId y = any();
    if (c_.chance(0.5) || type(y) != type(*x))
      y = c_.constant(type(*x), c_.broadcastable(shape(*x)), quant(type(*x)));
    const auto kind = c_.random.pick(
        {BinaryKind::add, BinaryKind::mul, BinaryKind::sub, BinaryKind::maximum, BinaryKind::minimum});
    Binary op{.kind = kind};
    if (kind == BinaryKind::add || kind == BinaryKind::mul) op.activation = c_.activation();
    one(op, {*x, y}, type(*x), maybe_other(*x), before);
  }

  TensorId weights(Type type, const Shape& s) {
    return c_.constant(type, s, type == Type::s8 ? c_.symmetric(type) : Quant{});
  }
  Quant product(TensorId x, TensorId w, int64_t terms) {
    return type(x) == Type::f32
               ? Quant{}
               : c_.product_quant(Type::s8, quant_of(x), quant_of(w), static_cast<double>(terms));
  }
  TensorId bias(TensorId x, TensorId w, int64_t channels) {
    if (c_.chance(0.3)) return kNoTensor;
    if (type(x) == Type::f32) return c_.constant(Type::f32, {channels});
    return c_.constant(Type::s32, {channels}, CaseBuilder::bias_quant(quant_of(x), quant_of(w)),
                       {-20000, 20000});
  }
  Padding padding() { return c_.random.pick({Padding::same, Padding::valid}); }

  void convolution() {
    const auto x = number(4);
    if (!x) return;
    const size_t before = here();
    const int64_t out = c_.extent(6), kh = c_.integer(1, 3), kw = c_.integer(1, 3), in = shape(*x)[3];
    const TensorId w = weights(type(*x), {out, kh, kw, in}), b = bias(*x, w, out);
    const int stride = c_.integer(1, 2);
    one(Conv2D{.padding = padding(), .stride_w = stride, .stride_h = stride, .activation = c_.activation()},
        {*x, w, b}, type(*x), product(*x, w, kh * kw * in), before);
  }

  void depthwise() {
    const auto x = number(4);
    if (!x) return;
    const size_t before = here();
    const int64_t channels = shape(*x)[3], kh = c_.integer(1, 3), kw = c_.integer(1, 3);
    const TensorId w = weights(type(*x), {1, kh, kw, channels}), b = bias(*x, w, channels);
    one(DepthwiseConv2D{.padding = padding(), .activation = c_.activation()}, {*x, w, b}, type(*x),
        product(*x, w, kh * kw), before);
  }

  void pool() {
    const auto x = number(4);
    if (!x) return;
    Pool2D op{.kind = c_.random.pick({PoolKind::max, PoolKind::average}), .padding = padding()};
    op.filter_width = c_.integer(1, 3), op.filter_height = c_.integer(1, 3), op.activation = c_.activation();
    one(op, {*x}, type(*x), quant_of(*x), here());
  }

  void full() {
    const auto x = number();
    if (!x || shape(*x).rank() == 0) return;
    const size_t before = here();
    const int64_t in = shape(*x).back(), out = c_.extent(6);
    const TensorId w = weights(type(*x), {out, in}), b = bias(*x, w, out);
    one(FullyConnected{.activation = c_.activation(), .keep_num_dims = c_.chance(0.5)}, {*x, w, b}, type(*x),
        product(*x, w, in), before);
  }

  void pad() {
    const TensorId x = any();
    const size_t before = here();
    std::vector<int32_t> list;
    for (int i = 0; i < 2 * shape(x).rank(); ++i) list.push_back(c_.chance(0.6) ? 0 : c_.integer(0, 2));
    // Between batch and channels, as frameworks do it before a convolution.
    if (list.size() == 8 && c_.chance(0.7)) list[0] = list[1] = list[6] = list[7] = 0;
    const TensorId amounts = c_.constant(list, {shape(x).rank(), 2});
    one(Pad{}, {x, amounts}, type(x), quant_of(x), before);
  }

  void reshape() {
    const TensorId x = any();
    const size_t before = here();
    std::vector<int32_t> to = extents(shape(x));
    if (c_.chance(0.4) && to.size() > 1) {
      to[1] *= to[0];
      to.erase(to.begin());
    } else if (c_.chance(0.5)) {
      to = {static_cast<int32_t>(shape(x).elements())};
    } else {
      c_.random.shuffle(to);
    }
    one(Reshape{}, {x, ints(to)}, type(x), quant_of(x), before);
  }

  void transpose() {
    const TensorId x = any();
    const size_t before = here();
    std::vector<int32_t> order(static_cast<size_t>(shape(x).rank()));
    std::iota(order.begin(), order.end(), 0);
    if (order.size() == 4 && c_.chance(0.6))
      order = c_.chance(0.5) ? std::vector<int32_t>{0, 2, 3, 1} : std::vector<int32_t>{0, 3, 1, 2};
    else
      c_.random.shuffle(order);
    one(Transpose{}, {x, ints(order)}, type(x), quant_of(x), before);
  }

  void squeeze() {
    const TensorId x = any();
    one(Squeeze{}, {x}, type(x), quant_of(x), here());
  }

  void expand() {
    const TensorId x = any();
    const size_t before = here();
    const int rank = shape(x).rank();
    one(ExpandDims{}, {x, ints({c_.integer(-rank - 1, rank)})}, type(x), quant_of(x), before);
  }

  // With itself or with whatever else has its type: mostly that does not fit and is not kept.
  void concat() {
    const TensorId x = any(), y = any();
    if (shape(x).rank() == 0) return;
    const bool fits = type(x) == type(y) && shape(x) == shape(y) && quant_of(x) == quant_of(y);
    std::vector<TensorId> inputs = {x, fits ? y : x};
    if (c_.chance(0.2)) inputs.pop_back();
    one(Concatenation{.axis = axis_of(x)}, inputs, type(x), quant_of(x), here());
  }

  void split() {
    const TensorId x = any();
    if (shape(x).rank() == 0) return;
    const size_t before = here();
    const int axis = c_.integer(0, shape(x).rank() - 1), parts = c_.integer(1, 3);
    const TensorId at = c_.scalar(axis);
    std::vector<TensorId> outputs;
    for (int i = 0; i < parts; ++i) outputs.push_back(c_.intermediate(type(x), quant_of(x)));
    add(Split{parts}, {at, x}, outputs, before);
  }

  void slice() {
    const TensorId x = any();
    const size_t before = here();
    std::vector<int32_t> begin, size;
    for (int64_t extent : shape(x)) {
      begin.push_back(c_.chance(0.6) || extent == 0 ? 0 : c_.integer(0, static_cast<int>(extent) - 1));
      size.push_back(c_.chance(0.6) ? -1 : 1);
    }
    const TensorId from = ints(begin), count = ints(size);
    one(Slice{}, {x, from, count}, type(x), quant_of(x), before);
  }

  void strided() {
    const TensorId x = any();
    const size_t before = here();
    StridedSlice op;
    std::vector<int32_t> begin, end, step;
    for (int axis = 0; axis < shape(x).rank(); ++axis) {
      begin.push_back(0), end.push_back(static_cast<int32_t>(shape(x)[axis]));
      step.push_back(c_.random.pick({1, 1, 2}));
      if (c_.chance(0.2)) op.shrink_axis_mask |= 1 << axis;
    }
    const TensorId from = ints(begin), to = ints(end), stride = ints(step);
    one(op, {x, from, to, stride}, type(x), quant_of(x), before);
  }

  void pack() {
    const TensorId x = any(), y = any();
    const bool fits = type(x) == type(y) && shape(x) == shape(y) && quant_of(x) == quant_of(y);
    one(Pack{.values_count = 2, .axis = c_.integer(0, shape(x).rank())}, {x, fits ? y : x}, type(x),
        quant_of(x), here());
  }

  void reduce() {
    const auto x = number();
    if (!x || shape(*x).rank() == 0) return;
    const size_t before = here();
    std::vector<int32_t> axes = {axis_of(*x)};
    if (shape(*x).rank() == 4 && c_.chance(0.6)) axes = {1, 2};
    const auto kind = c_.random.pick({ReduceKind::mean, ReduceKind::sum, ReduceKind::max});
    const Quant q = kind == ReduceKind::max ? quant_of(*x) : maybe_other(*x);
    one(Reduce{.kind = kind, .keep_dims = c_.chance(0.5)}, {*x, ints(axes)}, type(*x), q, before);
  }

  void softmax() {
    const auto x = number();
    if (!x) return;
    one(Softmax{}, {*x}, type(*x), type(*x) == Type::s8 ? CaseBuilder::scaled(1.0 / 256, -128) : Quant{},
        here());
  }

  void requantize() {
    const auto x = number();
    if (x) one(Quantize{}, {*x}, Type::s8, quant(Type::s8), here());
  }

  void dequantize() {
    const auto x = any({Type::s8});
    if (x) one(Dequantize{}, {*x}, Type::f32, {}, here());
  }

  void cast() {
    const auto x = any({Type::s32, Type::boolean, Type::s8});
    if (x) one(Cast{}, {*x}, c_.random.pick({Type::f32, Type::s32}), {}, here());
  }

  void select() {
    const auto x = number();
    if (!x) return;
    const size_t before = here();
    const TensorId other = c_.constant(type(*x), c_.broadcastable(shape(*x)), quant_of(*x));
    one(Binary{.kind = BinaryKind::less}, {*x, other}, Type::boolean, {}, before);
    if (here() == before) return;
    const size_t between = here();
    one(Select{}, {live_.back(), *x, other}, type(*x), quant_of(*x), between);
  }

  void gather() {
    const auto x = number();
    if (!x || shape(*x).rank() == 0) return;
    const size_t before = here();
    const int axis = c_.integer(0, shape(*x).rank() - 1);
    const double last = static_cast<double>(shape(*x)[axis] - 1);
    if (last < 0) return;
    const TensorId indices = c_.constant(Type::s32, {c_.extent(4)}, {}, Values{0, last});
    one(Gather{.axis = axis}, {*x, indices}, type(*x), quant_of(*x), before);
  }

  void blocks() {
    const auto x = number(4);
    if (!x) return;
    if (c_.chance(0.5))
      one(SpaceToDepth{2}, {*x}, type(*x), quant_of(*x), here());
    else
      one(DepthToSpace{2}, {*x}, type(*x), quant_of(*x), here());
  }

  // The shape of one tensor as that of another with as many elements.
  void shape_of() {
    const TensorId x = any(), y = any();
    const size_t before = here();
    one(ShapeOf{}, {x}, Type::s32, {}, before);
    if (here() == before) return;
    const size_t between = here();
    one(Reshape{}, {y, live_.back()}, type(y), quant_of(y), between);
  }

  // A constant that others compute with: it can be worked out before anything runs.
  void folded() {
    const Type t = c_.random.pick({Type::f32, Type::s8, Type::s32});
    live_.push_back(c_.constant(t, c_.shape(0, 4, 60), quant(t)));
  }

  void does_nothing() {
    const TensorId x = any();
    const size_t before = here();
    const Shape s = shape(x);
    std::vector<int32_t> order(static_cast<size_t>(s.rank()));
    std::iota(order.begin(), order.end(), 0);
    const std::vector<int32_t> zeros(order.size(), 0), twice(2 * order.size(), 0);
    switch (c_.integer(0, 4)) {
      case 0: return one(Reshape{}, {x, ints(extents(s))}, type(x), quant_of(x), before);
      case 1: return one(Transpose{}, {x, ints(order)}, type(x), quant_of(x), before);
      case 2: return one(Pad{}, {x, c_.constant(twice, {s.rank(), 2})}, type(x), quant_of(x), before);
      case 3: return one(Slice{}, {x, ints(zeros), ints(extents(s))}, type(x), quant_of(x), before);
      default:
        if (type(x) == Type::s8) one(Quantize{}, {x}, Type::s8, quant_of(x), before);
    }
  }

  void resize() {
    const auto x = number(4);
    if (!x) return;
    const size_t before = here();
    one(ResizeNearest{}, {*x, ints({c_.integer(1, 6), c_.integer(1, 6)})}, type(*x), quant_of(*x), before);
  }

  void prelu() {
    const auto x = number();
    if (!x || shape(*x).rank() == 0) return;
    const size_t before = here();
    const TensorId alpha = c_.constant(type(*x), {shape(*x).back()}, quant(type(*x)));
    one(Prelu{}, {*x, alpha}, type(*x), maybe_other(*x), before);
  }

  // --- the end ---

  // What nothing reads, and a few that others read too; now and then something is left computed in vain.
  void choose_outputs() {
    std::vector<bool> read(graph().tensors.size(), false);
    for (const Node& node : graph().nodes)
      for (TensorId id : node.inputs)
        if (id != kNoTensor) read[static_cast<size_t>(id)] = true;
    for (TensorId id : live_)
      if (c_.chance(read[static_cast<size_t>(id)] ? 0.15 : 0.9)) graph().outputs.push_back(id);
    if (graph().outputs.empty()) graph().outputs.push_back(live_.back());
  }

  void number_everything() {
    Graph& g = graph();
    for (size_t i = 0; i < g.tensors.size(); ++i) g.tensors[i].source = static_cast<TensorId>(i);
    for (size_t i = 0; i < g.nodes.size(); ++i) g.nodes[i].source = static_cast<int>(i);
  }

  CaseBuilder c_;
  Type type_;
  std::vector<TensorId> live_;
};

// --- running ---

struct Result {
  std::vector<std::vector<std::byte>> outputs;
  std::map<TensorId, std::vector<std::byte>> tensors;  // by their number in the source
};

std::vector<std::byte> copy_of(View view) { return {view.bytes.begin(), view.bytes.end()}; }

// The host's kernels add floats in another order than the plain ones, with which constants are folded, and an
// order that depends on the window: where there are floats, plain plans show whether passes change anything.
Program plan_of(Model model) {
  const auto is_float = [](const Tensor& t) { return t.type == Type::f32; };
  const bool floats = std::ranges::any_of(model.main().tensors, is_float);
  return floats ? make_program(std::move(model)) : make_program_here(std::move(model));
}

Result run(const Case& c, bool fuse) {
  const auto program = compile(c.model, {.fuse = fuse}, plan_of);
  Instance instance(program, 1);
  for (size_t i = 0; i < c.inputs.size(); ++i)
    std::ranges::copy(c.inputs[i].span(), instance.input(static_cast<int>(i)).bytes.begin());
  Result result;
  instance.run([&](const Node& node) {
    for (TensorId id : node.outputs) {
      const TensorId source = program->model.main().tensor(id).source;
      if (source != kNoTensor) result.tensors[source] = copy_of(instance.tensor(id));
    }
  });
  for (size_t i = 0; i < c.model.main().outputs.size(); ++i)
    result.outputs.push_back(copy_of(instance.output(static_cast<int>(i))));
  return result;
}

std::string in_words(const Graph& graph) {
  std::string text;
  const auto tensors = [&](const std::vector<TensorId>& ids) {
    for (TensorId id : ids) {
      if (id == kNoTensor) continue;
      const Tensor& t = graph.tensor(id);
      text += fmt::format(" {}:{}:{}{}", id, name_of(t.type), to_string(t.shape), t.is_constant() ? "=" : "");
    }
  };
  for (const Node& node : graph.nodes) {
    text += fmt::format("  {}", op_name(node.op));
    tensors(node.inputs);
    text += " ->";
    tensors(node.outputs);
    text += "\n";
  }
  text += "  outputs";
  tensors(graph.outputs);
  return text + "\n";
}

}  // namespace

Case random_graph(Random& random) { return Maker(random).make(); }

std::string fusion_difference(const Case& c) {
  const Result plain = run(c, false), fused = run(c, true);
  std::string found;
  for (size_t i = 0; i < plain.outputs.size(); ++i)
    if (plain.outputs[i] != fused.outputs[i]) found += fmt::format("output {} differs\n", i);
  for (const auto& [source, bytes] : fused.tensors) {
    const auto other = plain.tensors.find(source);
    if (other != plain.tensors.end() && other->second != bytes)
      found += fmt::format("tensor {} differs\n", source);
  }
  return found.empty() ? found : found + in_words(c.model.main());
}

}  // namespace teff
