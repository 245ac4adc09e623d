// What computing a network's first layers in patches would take, beside rows that stream through them.
//
//     ninja -C build/release patches_bench && build/release/patches_bench ../shared/models/vww96.tflite ...
//
// Patches are granted more than they could have: residual inputs cost nothing, results lie in the place of
// their inputs in the layers behind the patches, and the kernels need no scratch. Only the image counts, for
// each patch reads a part of it anew. Of all numbers of layers and grids of 2 x 2 to 5 x 5, the one that
// takes the least memory.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "graph/cost.h"
#include "graph/infer.h"
#include "graph/load.h"
#include "graph/pass_io.h"
#include "plan/board.h"
#include "plan/halo.h"
#include "run/compile.h"

namespace teff {
namespace {

int32_t extent(const Graph& graph, TensorId id, int axis) {
  const Shape& s = graph.tensor(id).shape;
  return s.rank() == 4 ? static_cast<int32_t>(s[axis]) : 1;
}

// The layers from the input to the first that is no image of the one before it.
class Chain {
 public:
  explicit Chain(const Graph& graph) : graph_(graph) {
    for (const Node& node : graph.nodes)
      if (!std::visit([&](const auto& op) { return add(op, node); }, node.op)) break;
  }
  std::vector<PatchLayer> layers;

 private:
  template <class Op>
  AxisWindow axis(const Node& node, int i, int64_t kernel, int stride, int dilation, const Op& op) const {
    const int32_t in = extent(graph_, node.inputs[0], i), out = extent(graph_, node.outputs[0], i);
    const auto before = i == 1 ? op.pads.top : op.pads.left, after = i == 1 ? op.pads.bottom : op.pads.right;
    const auto pad = window_axis(in, kernel, stride, dilation, op.padding, before, after).pad_before;
    return {in, out, static_cast<int32_t>(kernel), stride, dilation, static_cast<int32_t>(pad)};
  }
  bool push(const Node& node, const AxisWindow& rows, const AxisWindow& columns, bool in_place) {
    layers.push_back({rows, columns, extent(graph_, node.inputs[0], 3), extent(graph_, node.outputs[0], 3),
                      macs_of(graph_, node), in_place});
    return true;
  }
  template <class Op>
  bool convolution(const Op& op, const Node& node, bool in_place) {
    const Shape& w = graph_.tensor(node.inputs[1]).shape;
    return push(node, axis(node, 1, w[1], op.stride_h, op.dilation_h, op),
                axis(node, 2, w[2], op.stride_w, op.dilation_w, op), in_place);
  }
  bool add(const Conv2D& op, const Node& node) { return convolution(op, node, false); }
  bool add(const DepthwiseConv2D& op, const Node& node) { return convolution(op, node, true); }
  bool add(const Pool2D& op, const Node& node) {
    return push(node, axis(node, 1, op.filter_height, op.stride_h, 1, op),
                axis(node, 2, op.filter_width, op.stride_w, 1, op), false);
  }
  bool add(const Binary&, const Node& node) {
    const int32_t h = extent(graph_, node.outputs[0], 1), w = extent(graph_, node.outputs[0], 2);
    if (graph_.tensor(node.inputs[0]).shape != graph_.tensor(node.inputs[1]).shape) return false;
    return push(node, {h, h}, {w, w}, true);
  }
  template <class Op>
  bool add(const Op&, const Node&) {
    return false;
  }

  const Graph& graph_;
};

int64_t bytes_of(const Graph& graph, TensorId id) { return graph.tensor(id).shape.elements(); }

// Of the layers behind the first `layers`, layer by layer.
int64_t rest_bytes(const Graph& graph, size_t layers) {
  int64_t most = 0;
  for (size_t n = layers; n < graph.nodes.size(); ++n) {
    most = std::max(most, bytes_of(graph, graph.nodes[n].outputs[0]));
    for (TensorId id : graph.nodes[n].inputs)
      if (id != kNoTensor && !graph.tensor(id).is_constant()) most = std::max(most, bytes_of(graph, id));
  }
  return most;
}

struct Patched {
  int64_t bytes = std::numeric_limits<int64_t>::max(), more_macs = 0;
  size_t layers = 0;
  int32_t grid = 0;
  std::string text(int64_t macs) const {
    return fmt::format("{} | {} in {} x {} | {:.1f} %", bytes, layers, grid, grid,
                       100.0 * static_cast<double>(more_macs) / static_cast<double>(macs));
  }
};

// `image`: bytes of it that have to be there besides.
Patched best_patched(const Graph& graph, int64_t image) {
  const std::vector<PatchLayer> chain = Chain(graph).layers;
  Patched best;
  for (size_t layers = 1; layers <= chain.size(); ++layers)
    for (int32_t grid = 2; grid <= 5; ++grid) {
      const std::vector<PatchLayer> first(chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(layers));
      const PatchCost cost = patch_cost(first, grid);
      const int64_t bytes = std::max(image + cost.patch_bytes + cost.result_bytes, rest_bytes(graph, layers));
      const Patched p{bytes, cost.macs - cost.whole_macs, layers, grid};
      if (std::tie(p.bytes, p.more_macs) < std::tie(best.bytes, best.more_macs)) best = p;
    }
  return best;
}

int64_t streamed_bytes(const Model& model, bool input_rows) {
  return compile(model, {},
                 [&](Model m) {
                   return make_board_program(std::move(m), {.isa = BoardIsa::dsp,
                                                            .memory = BoardMemory::least,
                                                            .budget = {},
                                                            .input_rows = input_rows});
                 })
      ->arena_bytes;
}

void print_row(const std::string& file) {
  Model model = load_model(file);
  drop_float_io(model.main());
  const auto program = compile(model);
  const Graph& graph = program->model.main();
  int64_t macs = 0;
  for (const Node& node : graph.nodes) macs += macs_of(graph, node);
  const int64_t image = bytes_of(graph, graph.inputs[0]);
  fmt::print("| {} | {} | {} | {} | {} |\n", std::filesystem::path(file).stem().string(),
             streamed_bytes(model, false), best_patched(graph, image).text(macs), streamed_bytes(model, true),
             best_patched(graph, 0).text(macs));
}

}  // namespace
}  // namespace teff

int main(int argc, char** argv) {
  fmt::print(
      "| | streamed | patched | layers | more MACs | streamed, input in rows | patched, without the image | "
      "layers | more MACs |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  for (int i = 1; i < argc; ++i) teff::print_row(argv[i]);
}
