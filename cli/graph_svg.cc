#include "graph_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "svg.h"
#include "text.h"

namespace teff::cli {
namespace {

constexpr double kWidth = 200, kHeight = 38, kGapX = 24, kGapY = 20, kMargin = 16;
constexpr int kLanes = 28;  // places for edges that run down beside boxes, in the width of a column
constexpr double kLane = (kWidth + kGapX) / kLanes;
constexpr double kAside = 34;        // from a box's middle, where such an edge leaves and arrives
constexpr double kRound = 5;         // radius of its corners
constexpr size_t kMostDrawn = 2000;  // beyond, a picture helps nobody

// A box: an input of the graph, an operator, or an output.
struct Vertex {
  std::string style, title, detail, figure, hint;
  std::vector<size_t> before;  // vertices that it waits for
  int row = 0, column = 0;

  double left() const { return kMargin + column * (kWidth + kGapX); }
  double middle() const { return left() + kWidth / 2; }
  double top() const { return kMargin + row * (kHeight + kGapY); }
  double bottom() const { return top() + kHeight; }
};

Vertex tensor_vertex(const char* style, const Graph& graph, TensorId id) {
  const Tensor& tensor = graph.tensor(id);
  Vertex vertex{.style = style, .title = shorten(tensor.name, 22)};
  vertex.detail = fmt::format("{} {}", to_string(tensor.shape), name_of(tensor.type));
  vertex.hint = fmt::format("{} '{}'\n{}", style, tensor.name, vertex.detail);
  return vertex;
}

Vertex node_vertex(const Node& node, const Layer& layer) {
  Vertex vertex{.style = op_style(node.op), .title = shorten(layer.op, 22)};
  if (layer.macs > 0) vertex.figure = count_text(layer.macs);
  vertex.detail = shorten(fmt::format("{} {}", layer.output, layer.type), layer.macs > 0 ? 22 : 30);
  vertex.hint =
      fmt::format("{} {}\n{} -> {} {}\n{}\n{} MACs, {} parameters", layer.number, layer.op, layer.inputs,
                  layer.output, layer.type, layer.options, layer.macs, layer.parameters);
  return vertex;
}

// Every tensor that something makes, with the vertex that does.
using Makers = std::map<TensorId, size_t>;

std::vector<Vertex> vertices_of(const Graph& graph, const std::vector<Layer>& layers) {
  std::vector<Vertex> vertices;
  Makers makers;
  const auto wait_for = [&](Vertex& vertex, TensorId id) {
    if (const auto maker = makers.find(id); maker != makers.end()) vertex.before.push_back(maker->second);
  };
  for (TensorId id : graph.inputs) {
    makers[id] = vertices.size();
    vertices.push_back(tensor_vertex("input", graph, id));
  }
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    Vertex vertex = node_vertex(graph.nodes[n], layers[n]);
    for (TensorId id : graph.nodes[n].inputs) wait_for(vertex, id);
    for (TensorId id : graph.nodes[n].outputs) makers[id] = vertices.size();
    vertices.push_back(std::move(vertex));
  }
  for (TensorId id : graph.outputs) {
    Vertex vertex = tensor_vertex("output", graph, id);
    wait_for(vertex, id);
    vertices.push_back(std::move(vertex));
  }
  return vertices;
}

// A box stands below all that it waits for, and what waits for nothing right above the first that needs it.
void choose_rows(std::vector<Vertex>& vertices) {
  constexpr int kNobody = -1;
  std::vector<int> needed(vertices.size(), kNobody);
  for (Vertex& vertex : vertices) {
    for (size_t b : vertex.before) vertex.row = std::max(vertex.row, vertices[b].row + 1);
    for (size_t b : vertex.before)
      needed[b] = needed[b] == kNobody ? vertex.row : std::min(needed[b], vertex.row);
  }
  for (size_t v = 0; v < vertices.size(); ++v)
    if (vertices[v].before.empty() && needed[v] > 0) vertices[v].row = needed[v] - 1;
}

// In its row, a box is as near as possible to the first that it waits for; inputs take what is left.
void choose_columns(std::vector<Vertex>& vertices) {
  std::map<int, std::vector<bool>> taken;
  const auto settle = [&](Vertex& vertex) {
    auto column = vertex.before.empty() ? 0 : static_cast<size_t>(vertices[vertex.before.front()].column);
    auto& row = taken[vertex.row];
    while (column < row.size() && row[column]) ++column;
    if (row.size() <= column) row.resize(column + 1);
    row[column] = true;
    vertex.column = static_cast<int>(column);
  };
  for (Vertex& vertex : vertices)
    if (!vertex.before.empty()) settle(vertex);
  for (Vertex& vertex : vertices)
    if (vertex.before.empty()) settle(vertex);
}

void draw_short_edge(Svg& svg, const Vertex& from, const Vertex& to) {
  const double half = (from.bottom() + to.top()) / 2;
  svg.path(fmt::format("M{0:.1f} {1:.1f}C{0:.1f} {2:.1f} {3:.1f} {2:.1f} {3:.1f} {4:.1f}", from.middle(),
                       from.bottom(), half, to.middle(), to.top()),
           "edge");
}

// An edge over several rows: out between the rows, down at `x` to the right of the boxes on its way, and
// back between the rows, so that it crosses no box.
void draw_long_edge(Svg& svg, const Vertex& from, const Vertex& to, double x) {
  const double out = from.bottom() + kGapY / 3, back = to.top() - kGapY / 3;
  const auto turn = [](double by_x, double by_y, double to_x, double to_y) {
    return fmt::format("Q{:.1f} {:.1f} {:.1f} {:.1f}", by_x, by_y, to_x, to_y);
  };
  const double start = from.middle() + kAside, end = to.middle() + kAside;
  std::string path = fmt::format("M{:.1f} {:.1f}", start, from.bottom());
  path += turn(start, out, start + kRound, out) + fmt::format("H{:.1f}", x - kRound);
  path += turn(x, out, x, out + kRound) + fmt::format("V{:.1f}", back - kRound);
  path += turn(x, back, x - kRound, back) + fmt::format("H{:.1f}", end + kRound);
  path += turn(end, back, end, to.top());
  svg.path(path, "edge");
}

struct LongEdge {
  const Vertex *from, *to;
  int lane = 0;  // counted from the right of the first column
  int rows() const { return to->row - from->row; }
  double x() const { return kMargin + kWidth + (lane + 1) * kLane; }
};

bool beside_each_other(const LongEdge& a, const LongEdge& b) {
  return a.from->row < b.to->row && b.from->row < a.to->row;
}

// Short edges come first and get the lanes nearest to the boxes between their ends.
std::vector<LongEdge> long_edges(const std::vector<Vertex>& vertices) {
  std::map<int, int> last_column;  // of each row
  std::vector<LongEdge> edges;
  for (const Vertex& vertex : vertices) {
    last_column[vertex.row] = std::max(last_column[vertex.row], vertex.column);
    for (size_t b : vertex.before)
      if (vertex.row - vertices[b].row > 1) edges.push_back({&vertices[b], &vertex});
  }
  std::ranges::sort(edges, {}, [](const LongEdge& e) { return std::tuple(e.rows(), e.to, e.from); });
  for (size_t e = 0; e < edges.size(); ++e) {
    LongEdge& edge = edges[e];
    for (int row = edge.from->row + 1; row < edge.to->row; ++row)
      edge.lane = std::max(edge.lane, last_column[row] * kLanes);
    const auto taken = [&](const LongEdge& other) {
      return other.lane == edge.lane && beside_each_other(other, edge);
    };
    while (std::any_of(edges.begin(), edges.begin() + static_cast<std::ptrdiff_t>(e), taken)) ++edge.lane;
  }
  return edges;
}

void draw_box(Svg& svg, const Vertex& vertex) {
  svg.box({vertex.left(), vertex.top(), kWidth, kHeight}, "node " + vertex.style, vertex.hint);
  svg.text(vertex.left() + 8, vertex.top() + 16, vertex.title, "name");
  svg.text(vertex.left() + 8, vertex.top() + 30, vertex.detail, "shape");
  svg.text(vertex.left() + kWidth - 8, vertex.top() + 30, vertex.figure, "shape", "end");
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
  std::vector<Vertex> vertices = vertices_of(graph, layers);
  choose_rows(vertices);
  choose_columns(vertices);
  const auto edges = long_edges(vertices);
  double right = 0, bottom = 0;
  for (const Vertex& v : vertices)
    right = std::max(right, v.left() + kWidth), bottom = std::max(bottom, v.bottom());
  for (const LongEdge& edge : edges) right = std::max(right, edge.x());

  Svg svg(right + kMargin, bottom + kMargin);
  for (const Vertex& vertex : vertices)
    for (size_t b : vertex.before)
      if (vertex.row - vertices[b].row <= 1) draw_short_edge(svg, vertices[b], vertex);
  for (const LongEdge& edge : edges) draw_long_edge(svg, *edge.from, *edge.to, edge.x());
  for (const Vertex& vertex : vertices) draw_box(svg, vertex);
  return svg.str();
}

}  // namespace teff::cli
