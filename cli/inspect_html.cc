#include "inspect_html.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph_svg.h"
#include "memory_svg.h"
#include "svg.h"
#include "text.h"

namespace teff::cli {
namespace {

constexpr const char* kStyle = R"(
:root { --ink: #1d2430; --soft: #667085; --paper: #ffffff; --card: #f5f6f8; --line: #dfe3e9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #98a2b3; --paper: #14171c; --card: #1d2128; --line: #333a45; }
}
body { font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
       max-width: 1600px; padding: 24px; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 16px; margin: 32px 0 10px; }
.soft { color: var(--soft); }
.cards { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 16px; }
.card { background: var(--card); border-radius: 8px; padding: 10px 16px; }
.card b { display: block; font-size: 20px; } .card span { color: var(--soft); }
.frame { overflow: auto; border: 1px solid var(--line); border-radius: 8px; }
.two { display: flex; gap: 24px; align-items: flex-start; flex-wrap: wrap; }
.graph { max-height: 1200px; flex: 0 0 auto; max-width: 100%; } .table { flex: 1 1 600px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 3px 10px; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; position: sticky; top: 0; background: var(--paper); }
td.n, th.n { text-align: right; } td.o { white-space: normal; color: var(--soft); font-size: 12px; }
.meter { background: var(--line); height: 8px; width: 90px; border-radius: 4px; }
.meter i { display: block; height: 8px; border-radius: 4px; background: #4c7df0; }
text { font: 11px system-ui, sans-serif; fill: var(--ink); } text.name { font-weight: 600; font-size: 12px; }
text.shape { fill: var(--soft); }
.edge { fill: none; stroke: var(--soft); stroke-width: 1.3; opacity: .7; } .grid { stroke: var(--line); }
.node { fill-opacity: .22; stroke-width: 1.2; } .tensor { fill-opacity: .75; stroke: var(--paper); }
.conv { fill: #4c7df0; stroke: #4c7df0; } .depthwise { fill: #14a3a8; stroke: #14a3a8; }
.dense { fill: #8b5cf6; stroke: #8b5cf6; } .pool { fill: #e8912d; stroke: #e8912d; }
.binary { fill: #e0527a; stroke: #e0527a; } .unary { fill: #5fae57; stroke: #5fae57; }
.move { fill: #8a93a3; stroke: #8a93a3; } .input { fill: #b7a37a; stroke: #b7a37a; }
.tensor { stroke: var(--paper); stroke-width: .5; }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 5px 0 14px; }
)";

struct LegendEntry {
  const char *colour, *words;
};
constexpr LegendEntry kLegend[] = {{"#4c7df0", "convolution"},          {"#14a3a8", "depthwise"},
                                   {"#8b5cf6", "matrix, recurrent"},    {"#e8912d", "pooling, reduction"},
                                   {"#e0527a", "arithmetic"},           {"#5fae57", "activation"},
                                   {"#8a93a3", "data movement, other"}, {"#b7a37a", "input"}};

std::string legend() {
  std::string text = "<p class='legend soft'>";
  for (const auto& [colour, words] : kLegend)
    text += fmt::format("<i style='background:{}'></i>{}", colour, words);
  return text + "</p>\n";
}

std::string card(const std::string& value, const char* words) {
  return fmt::format("<div class='card'><b>{}</b><span>{}</span></div>\n", value, words);
}

std::string cards(const Program& program, const std::vector<Layer>& layers) {
  std::string text = "<div class='cards'>\n";
  text += card(std::to_string(layers.size()), "operators");
  text += card(count_text(total(layers, &Layer::macs)), "multiply-adds");
  text += card(count_text(total(layers, &Layer::parameters)), "parameters");
  text += card(bytes_text(total(layers, &Layer::parameter_bytes)), "of parameters");
  text += card(bytes_text(program.arena_bytes), "working memory");
  if (!program.initial_state.empty())
    text += card(bytes_text(static_cast<int64_t>(program.initial_state.size())), "state");
  return text + "</div>\n";
}

std::string meter(int64_t value, int64_t most) {
  const double share = most > 0 ? 100.0 * static_cast<double>(value) / static_cast<double>(most) : 0;
  return fmt::format("<div class='meter'><i style='width:{:.0f}%'></i></div>", share);
}

std::string table(const std::vector<Layer>& layers) {
  int64_t most_macs = 0, most_live = 0;
  for (const Layer& layer : layers)
    most_macs = std::max(most_macs, layer.macs), most_live = std::max(most_live, layer.live_bytes);
  std::string text =
      "<table><tr><th class='n'></th><th>operator</th><th>inputs</th><th>output</th><th>type</th><th "
      "class='n'>MACs</th>"
      "<th></th><th class='n'>parameters</th><th class='n'>live</th><th></th><th>options</th></tr>\n";
  for (const Layer& l : layers)
    text += fmt::format(
        "<tr><td class='n soft'>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class='n'>{}</td>"
        "<td>{}</td><td class='n'>{}</td><td class='n'>{}</td><td>{}</td><td class='o'>{}</td></tr>\n",
        l.number < 0 ? "+" : std::to_string(l.number), escaped(l.op), escaped(shorten(l.inputs, 60)),
        l.output, l.type, l.macs == 0 ? "" : count_text(l.macs), l.macs == 0 ? "" : meter(l.macs, most_macs),
        l.parameters == 0 ? "" : count_text(l.parameters), bytes_text(l.live_bytes),
        meter(l.live_bytes, most_live), escaped(l.options));
  return text + "</table>\n";
}

}  // namespace

std::string inspect_html(const std::string& title, const Program& program, const std::vector<Layer>& layers) {
  std::string page = "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>";
  page += fmt::format("<title>{}</title>\n<style>{}</style></head><body>\n", escaped(title), kStyle);
  page += fmt::format("<h1>{}</h1>\n<div class='soft'>{}</div>\n", escaped(title),
                      escaped(program.model.description));
  page += cards(program, layers);
  page += "<h2>Memory over time</h2>\n<div class='frame'>" + memory_svg(program) + "</div>\n" + legend();
  page += "<div class='two'><div><h2>Graph</h2><div class='frame graph'>" +
          graph_svg(program.model.main(), layers) +
          "</div></div>\n<div class='table'><h2>Layers</h2><div class='frame'>" + table(layers) +
          "</div></div></div>\n";
  return page + "</body></html>\n";
}

}  // namespace teff::cli
