#include "inspect_html.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph_svg.h"
#include "memory_svg.h"
#include "page.h"
#include "svg.h"
#include "text.h"

namespace teff::cli {
namespace {

std::string cards(const Program& program, const std::vector<Layer>& layers) {
  std::string text = "<div class='cards'>\n";
  text += page_card(std::to_string(layers.size()), "operators");
  text += page_card(count_text(total(layers, &Layer::macs)), "multiply-adds");
  text += page_card(count_text(total(layers, &Layer::parameters)), "parameters");
  text += page_card(bytes_text(total(layers, &Layer::parameter_bytes)), "of parameters");
  text += page_card(bytes_text(program.arena_bytes + program.scratch_bytes), "working memory");
  if (program.state.bytes > 0) text += page_card(bytes_text(program.state.bytes), "state");
  return text + "</div>\n";
}

std::string table_row(const Layer& l, int64_t most_macs, int64_t most_live) {
  return fmt::format(
      "<tr><td class='n soft'>{}</td><td>{}</td><td class='w'>{}</td><td>{}</td><td>{}</td><td "
      "class='n'>{}</td>"
      "<td>{}</td><td class='n'>{}</td><td class='n'>{}</td><td>{}</td><td class='o w'>{}</td></tr>\n",
      l.number < 0 ? "+" : std::to_string(l.number), escaped(l.op), escaped(shorten(l.inputs, 60)), l.output,
      l.type, l.macs == 0 ? "" : count_text(l.macs), l.macs == 0 ? "" : meter(l.macs, most_macs),
      l.parameters == 0 ? "" : count_text(l.parameters), bytes_text(l.live_bytes),
      meter(l.live_bytes, most_live), escaped(l.options));
}

std::string table(const std::vector<Layer>& layers) {
  int64_t most_macs = 0, most_live = 0;
  for (const Layer& layer : layers)
    most_macs = std::max(most_macs, layer.macs), most_live = std::max(most_live, layer.live_bytes);
  std::string text =
      "<table><tr><th class='n'></th><th>operator</th><th>inputs</th><th>output</th><th>type</th>"
      "<th class='n'>MACs</th><th></th><th class='n'>parameters</th><th class='n'>memory</th><th></th>"
      "<th>options</th></tr>\n";
  for (const Layer& layer : layers) text += table_row(layer, most_macs, most_live);
  return text + "</table>\n";
}

// What the picture of the memory shows, in words.
std::string memory_words(const Program& program, const std::vector<Layer>& layers) {
  const int peak = busiest(layers);
  if (peak < 0) return "";
  const Layer& layer = layers[static_cast<size_t>(peak)];
  return fmt::format(
      "<p class='soft'>Boxes are tensors: as high as they have bytes, where they lie in memory, from when "
      "they are "
      "made to when they are last needed. {} in all; most at once: {}, operator {} {}.</p>\n",
      bytes_text(program.arena_bytes), bytes_text(layer.live_bytes), layer.number, escaped(layer.op));
}

}  // namespace

std::string inspect_html(const std::string& title, const Program& program, const std::vector<Layer>& layers) {
  std::string page = page_head(title, program.model.description);
  page += cards(program, layers);
  page += "<h2>Memory over time</h2>\n" + memory_words(program, layers);
  page += "<div class='frame memory'>" + memory_svg(program) + "</div>\n" +
          page_legend(program.model.main(), true);
  page +=
      "<div class='two'><div class='graph'><h2>Graph</h2><p class='soft'>at the right: MACs</p><div "
      "class='frame'>" +
      graph_svg(program.model.main(), layers) +
      "</div></div>\n<div class='table'><h2>Layers</h2><p class='soft'>memory: needed while it "
      "runs</p><div class='frame'>" +
      table(layers) + "</div></div></div>\n";
  return page + page_end();
}

}  // namespace teff::cli
