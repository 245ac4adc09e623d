#include <algorithm>
#include <limits>
#include <optional>

#include "graph/pass.h"

namespace teff {
namespace {

constexpr int64_t kMostPadding = 1 << 16;

std::vector<int64_t> integers(const Tensor& tensor) {
  const Bytes& value = tensor.value();
  if (!value.owned()) return {};
  if (tensor.type == Type::s64) return {value.as<int64_t>().begin(), value.as<int64_t>().end()};
  return {value.as<int32_t>().begin(), value.as<int32_t>().end()};
}

// The padding of height and width, if nothing else is padded.
std::optional<Pads> pads_of(const Graph& graph, const Node& pad) {
  const auto p = integers(graph.tensor(pad.inputs[1]));
  if (p.size() != 8 || p[0] != 0 || p[1] != 0 || p[6] != 0 || p[7] != 0) return std::nullopt;
  if (*std::max_element(p.begin(), p.end()) > kMostPadding) return std::nullopt;
  return Pads{static_cast<int>(p[2]), static_cast<int>(p[4]), static_cast<int>(p[3]), static_cast<int>(p[5])};
}

// The value is the real 0: what a convolution takes for what lies outside of its input.
bool pads_with_zero(const Graph& graph, const Node& pad) {
  const Tensor& padded = graph.tensor(pad.outputs[0]);
  const int32_t zero = padded.type == Type::f32 ? 0 : padded.quant.zero();
  const bool given = pad.inputs.size() > 2 && pad.inputs[2] != kNoTensor;
  if (!given) {
    // PAD puts the zero point around 8-bit numbers, and 0 around others.
    if (padded.type == Type::s8) return zero >= -128 && zero <= 127;
    return zero == 0 && (padded.type == Type::f32 || padded.type == Type::s16);
  }
  const Bytes& value = graph.tensor(pad.inputs[2]).value();
  if (!value.owned() || graph.tensor(pad.inputs[2]).type != padded.type) return false;
  if (padded.type == Type::s8) return value.as<int8_t>()[0] == zero;
  if (padded.type == Type::s16) return value.as<int16_t>()[0] == zero;
  return padded.type == Type::f32 && value.as<uint32_t>()[0] == 0;
}

const Node* zero_padding_before(const Graph& graph, const Uses& uses, const Node& node) {
  const int maker = uses.maker(node.inputs[0]);
  if (maker < 0) return nullptr;
  const Node& pad = graph.nodes[static_cast<size_t>(maker)];
  if (!std::holds_alternative<Pad>(pad.op) || !pads_with_zero(graph, pad)) return nullptr;
  const Tensor &in = graph.tensor(pad.inputs[0]), &out = graph.tensor(pad.outputs[0]);
  return same_numbers(in, out) && !in.is_variable && !out.is_variable ? &pad : nullptr;
}

template <class Op>
void fuse_padding(const Graph& graph, const Uses& uses, Node& node) {
  Op* op = std::get_if<Op>(&node.op);
  if (!op || op->padding != Padding::valid) return;
  const Node* pad = zero_padding_before(graph, uses, node);
  const auto pads = pad ? pads_of(graph, *pad) : std::nullopt;
  if (!pads) return;
  op->padding = Padding::given;
  op->pads = *pads;
  node.inputs[0] = pad->inputs[0];
}

}  // namespace

void fuse_paddings(Graph& graph) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    fuse_padding<Conv2D>(graph, uses, node);
    fuse_padding<DepthwiseConv2D>(graph, uses, node);
  }
}

}  // namespace teff
