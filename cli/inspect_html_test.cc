#include "inspect_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "graph_svg.h"
#include "models.h"

namespace teff::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string page_of(const Network& network, const std::string& title) {
  return inspect_html(title, *network.program(), layers_of(*network.program()));
}

size_t count(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return static_cast<size_t>(std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {}));
}

struct Span {
  double left, right, top, bottom;
};

std::vector<Span> boxes_of(const std::string& svg) {
  const std::regex box(R"(<rect x='([\d.]+)' y='([\d.]+)' width='([\d.]+)' height='([\d.]+)')");
  std::vector<Span> boxes;
  for (std::sregex_iterator m(svg.begin(), svg.end(), box), end; m != end; ++m) {
    const double x = std::stod((*m)[1]), y = std::stod((*m)[2]);
    boxes.push_back({x, x + std::stod((*m)[3]), y, y + std::stod((*m)[4])});
  }
  return boxes;
}

bool overlap(const Span& a, const Span& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

TEST(InspectHtml, IsOnePageThatFetchesNothing) {
  const std::string page = page_of(open_network("fashion"), "fashion");
  EXPECT_THAT(page, testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
  EXPECT_EQ(count(page, "https?:|<script|<link|src=|url\\("), 0u);
}

TEST(InspectHtml, HasARowForEveryLayerAndTheTotals) {
  const Network network = open_network("fashion");
  const std::string page = page_of(network, "fashion");
  EXPECT_EQ(count(page, "<tr><td"), layers_of(*network.program()).size());
  EXPECT_THAT(page, HasSubstr("<b>2.46 M</b><span>multiply-adds</span>"));
  EXPECT_THAT(page, HasSubstr("most at once: "));
}

TEST(InspectHtml, TakesNamesForTextAndNotForTags) {
  const std::string page = page_of(open_network("fashion"), "<b>&\x01");
  EXPECT_THAT(page, HasSubstr("<h1>&lt;b&gt;&amp;</h1>"));
  EXPECT_THAT(page, Not(HasSubstr("<h1><b>")));
}

TEST(InspectHtml, TheLegendNamesOnlyTheColoursThatAreThere) {
  const std::string page = page_of(open_network("fashion"), "fashion");
  EXPECT_THAT(page, HasSubstr("</i>depthwise convolution</span>"));
  EXPECT_THAT(page, Not(HasSubstr("</i>data movement, other</span>")));
}

TEST(GraphSvg, DrawsABoxForEachInputOperatorAndOutputAndNoneOverlap) {
  const Network network = open_network("fashion");
  const Graph& graph = network.program()->model.main();
  const auto boxes = boxes_of(graph_svg(graph, layers_of(*network.program())));
  EXPECT_EQ(boxes.size(), graph.nodes.size() + 2);
  for (size_t i = 0; i < boxes.size(); ++i)
    for (size_t j = i + 1; j < boxes.size(); ++j) EXPECT_FALSE(overlap(boxes[i], boxes[j])) << i << " " << j;
}

// An edge over several rows runs down at the x of its first H, from the row of its first Q to that of its V.
TEST(GraphSvg, LongEdgesRunBesideTheBoxes) {
  const Network network = open_network("fashion");
  const std::string svg = graph_svg(network.program()->model.main(), layers_of(*network.program()));
  const auto boxes = boxes_of(svg);
  const std::regex edge(R"(H[\d.]+Q([\d.]+) ([\d.]+) [\d. ]+V([\d.]+))");
  size_t edges = 0;
  for (std::sregex_iterator m(svg.begin(), svg.end(), edge), end; m != end; ++m, ++edges) {
    const double x = std::stod((*m)[1]);
    const Span run{x - 1, x + 1, std::stod((*m)[2]), std::stod((*m)[3])};
    for (const Span& box : boxes) EXPECT_FALSE(overlap(run, box));
  }
  EXPECT_EQ(edges, 2u);  // the two residual blocks
}

}  // namespace
}  // namespace teff::cli
