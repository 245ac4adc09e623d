#include "graph_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "svg.h"
#include "text.h"

namespace teff::cli {
namespace {

constexpr double kWidth = 190, kHeight = 40, kGapX = 36, kGapY = 26, kMargin = 16;
constexpr size_t kMostDrawn = 2000;  // beyond, a picture helps nobody

struct Place {
  int depth = 0, column = 0;
};

// Which node makes each tensor; -1: none does.
std::vector<int> makers(const Graph& graph) {
  std::vector<int> maker(graph.tensors.size(), -1);
  for (size_t n = 0; n < graph.nodes.size(); ++n)
    for (TensorId id : graph.nodes[n].outputs) maker[static_cast<size_t>(id)] = static_cast<int>(n);
  return maker;
}

std::vector<int> predecessors(const Graph& graph, const std::vector<int>& maker, size_t n) {
  std::vector<int> before;
  for (TensorId id : graph.nodes[n].inputs)
    if (id != kNoTensor && maker[static_cast<size_t>(id)] >= 0)
      before.push_back(maker[static_cast<size_t>(id)]);
  return before;
}

// A node stands below all that it waits for; in its row, as near as possible to the column of the first of
// those.
std::vector<Place> arrange(const Graph& graph, const std::vector<int>& maker) {
  std::vector<Place> places(graph.nodes.size());
  std::map<int, std::vector<bool>> taken;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    int wanted = 0;
    const auto before = predecessors(graph, maker, n);
    for (int p : before)
      places[n].depth = std::max(places[n].depth, places[static_cast<size_t>(p)].depth + 1);
    if (!before.empty()) wanted = places[static_cast<size_t>(before.front())].column;
    auto& row = taken[places[n].depth];
    while (static_cast<size_t>(wanted) < row.size() && row[static_cast<size_t>(wanted)]) ++wanted;
    if (row.size() <= static_cast<size_t>(wanted)) row.resize(static_cast<size_t>(wanted) + 1);
    row[static_cast<size_t>(wanted)] = true;
    places[n].column = wanted;
  }
  return places;
}

double left_of(const Place& p) { return kMargin + p.column * (kWidth + kGapX); }
double top_of(const Place& p) { return kMargin + p.depth * (kHeight + kGapY); }

// An edge over several rows swings out to the side, so that it does not run through boxes.
void draw_edge(Svg& svg, const Place& from, const Place& to) {
  const double x1 = left_of(from) + kWidth / 2, y1 = top_of(from) + kHeight;
  const double x2 = left_of(to) + kWidth / 2, y2 = top_of(to);
  const int rows = to.depth - from.depth;
  if (rows > 1 && from.column == to.column) {
    const double side = left_of(from) + kWidth, out = side + std::min(12.0 + 4 * rows, kGapX - 4);
    svg.path(fmt::format("M{:.1f} {:.1f} C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", side, y1 - kHeight / 2,
                         out + 12, y1 - kHeight / 2, out + 12, y2 + kHeight / 2, side, y2 + kHeight / 2),
             "edge");
    return;
  }
  const double bend = (y2 - y1) / 2;
  svg.path(fmt::format("M{:.1f} {:.1f} C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", x1, y1, x1, y1 + bend, x2,
                       y2 - bend, x2, y2),
           "edge");
}

void draw_node(Svg& svg, const Place& place, const Node& node, const Layer& layer) {
  const double x = left_of(place), y = top_of(place);
  svg.box({x, y, kWidth, kHeight}, "node " + op_style(node.op),
          fmt::format("{} {}\n{} -> {} {}\n{}\n{} MACs, {} parameters", layer.number, layer.op, layer.inputs,
                      layer.output, layer.type, layer.options, layer.macs, layer.parameters));
  svg.text(x + 8, y + 16, shorten(layer.op, 24), "name");
  svg.text(x + 8, y + 31, fmt::format("{} {}", layer.output, layer.type), "shape");
  if (layer.macs > 0) svg.text(x + kWidth - 8, y + 31, count_text(layer.macs), "shape", "end");
}

struct OpStyle {
  std::string operator()(const Conv2D&) const { return "conv"; }
  std::string operator()(const TransposeConv&) const { return "conv"; }
  std::string operator()(const TransposeConvBias&) const { return "conv"; }
  std::string operator()(const DepthwiseConv2D&) const { return "depthwise"; }
  std::string operator()(const FullyConnected&) const { return "dense"; }
  std::string operator()(const BatchMatMul&) const { return "dense"; }
  std::string operator()(const Lstm&) const { return "dense"; }
  std::string operator()(const Svdf&) const { return "dense"; }
  std::string operator()(const Pool2D&) const { return "pool"; }
  std::string operator()(const Reduce&) const { return "pool"; }
  std::string operator()(const Binary&) const { return "binary"; }
  std::string operator()(const Unary&) const { return "unary"; }
  std::string operator()(const Softmax&) const { return "unary"; }
  template <class Other>
  std::string operator()(const Other&) const {
    return "move";
  }
};

}  // namespace

std::string op_style(const Op& op) { return std::visit(OpStyle{}, op); }

std::string graph_svg(const Graph& graph, const std::vector<Layer>& layers) {
  if (graph.nodes.size() > kMostDrawn)
    return fmt::format("<p>{} operators: too many to draw.</p>\n", graph.nodes.size());
  const auto maker = makers(graph);
  const auto places = arrange(graph, maker);
  Place last;
  for (const Place& p : places) last = {std::max(last.depth, p.depth), std::max(last.column, p.column)};
  Svg svg(left_of(last) + kWidth + kGapX + kMargin, top_of(last) + kHeight + kMargin);
  for (size_t n = 0; n < places.size(); ++n)
    for (int p : predecessors(graph, maker, n)) draw_edge(svg, places[static_cast<size_t>(p)], places[n]);
  for (size_t n = 0; n < places.size(); ++n) draw_node(svg, places[n], graph.nodes[n], layers[n]);
  return svg.str();
}

}  // namespace teff::cli
