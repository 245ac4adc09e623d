#include "page.h"

#include <fmt/format.h>

#include <set>

#include "graph_svg.h"
#include "svg.h"

namespace teff::cli {
namespace {

constexpr const char* kStyle = R"(
:root { --ink: #1d2430; --soft: #667085; --paper: #ffffff; --card: #f5f6f8; --line: #dfe3e9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #98a2b3; --paper: #14171c; --card: #1d2128; --line: #333a45; }
}
body { font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
       max-width: 1600px; padding: 24px; }
h1 { font-size: 22px; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 28px 0 2px; } p { margin: 0 0 10px; }
pre { font: 13px/1.5 ui-monospace, monospace; margin: 8px 0 0; overflow: auto; }
.soft { color: var(--soft); }
.cards { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 16px; }
.card { background: var(--card); border-radius: 8px; padding: 10px 16px; }
.card b { display: block; font-size: 20px; } .card span { color: var(--soft); }
.frame { overflow: auto; border: 1px solid var(--line); border-radius: 8px; } svg { display: block; }
.memory svg { min-width: 100%; height: auto; }
.fit svg { width: 100%; height: auto; }
.lab { padding: 8px 0; } .lab svg { max-width: 100%; height: auto; } .notes { white-space: pre-line; margin-top: 8px; }
.two { display: flex; gap: 24px; align-items: flex-start; }
.graph { flex: 0 0 auto; max-width: 36%; position: sticky; top: 0; }
.graph .frame { max-height: calc(100vh - 90px); } .table { flex: 1 1 0; min-width: 0; }
@media (max-width: 1100px) { .two { display: block; } .graph { max-width: 100%; position: static; } }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { padding: 3px 8px; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; } th { color: var(--soft); font-weight: 500; }
td.n, th.n { text-align: right; } td.o { color: var(--soft); font-size: 12px; } td.w { white-space: normal; }
td.o { min-width: 130px; }
.meter { background: var(--line); height: 8px; width: 48px; border-radius: 4px; }
.meter i { display: block; height: 8px; border-radius: 4px; background: #4c7df0; }
text { font: 11px system-ui, sans-serif; fill: var(--ink); } text.name { font-weight: 600; font-size: 12px; }
text.shape { fill: var(--soft); } text.inside { font-size: 10px; paint-order: stroke; stroke: var(--paper); stroke-opacity: .35; stroke-width: 3px; pointer-events: none; }
.edge { fill: none; stroke: var(--soft); stroke-width: 1.3; } .grid { stroke: var(--line); }
.border { stroke: #e0527a; stroke-width: 2; }
.live { fill: none; stroke: var(--ink); stroke-width: 1.5; stroke-opacity: .7; pointer-events: none; }
.node { fill-opacity: .22; stroke-width: 1.2; }
.tensor { fill-opacity: .7; stroke: var(--paper); stroke-width: .5; }
.point { fill: var(--paper); stroke: #4c7df0; stroke-width: 2; } .taken { fill: #4c7df0; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 8px 0 0; }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 6px; }
.legend i.line { height: 2px; width: 16px; background: var(--ink); vertical-align: middle; }
)";

// What a box's colour says about who made it, by the class that op_style gives.
struct Colour {
  const char *style, *colour, *words;
};
constexpr Colour kColours[] = {{"input", "#b7a37a", "input"},
                               {"conv", "#4c7df0", "convolution"},
                               {"depthwise", "#14a3a8", "depthwise convolution"},
                               {"dense", "#8b5cf6", "matrix, recurrent"},
                               {"pool", "#e8912d", "pooling, reduction"},
                               {"binary", "#e0527a", "arithmetic"},
                               {"unary", "#5fae57", "activation"},
                               {"move", "#8a93a3", "data movement, other"},
                               {"output", "#b7a37a", nullptr}};

std::string colour_rules() {
  std::string text;
  for (const Colour& c : kColours)
    text += fmt::format("rect.{0} {{ fill: {1}; stroke: {1}; }}\n", c.style, c.colour);
  return text + "rect.tensor { stroke: var(--paper); }\n";
}

}  // namespace

std::string page_head(const std::string& title, const std::string& words) {
  std::string page = "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>";
  page += "<meta name='viewport' content='width=device-width'>";
  page += fmt::format("<title>{}</title>\n<style>{}{}</style></head><body>\n", escaped(title), kStyle,
                      colour_rules());
  return page + fmt::format("<h1>{}</h1>\n<div class='soft'>{}</div>\n", escaped(title), escaped(words));
}

std::string page_end() { return "</body></html>\n"; }

// The colours that this network has.
std::string page_legend(const Graph& graph, bool with_line) {
  std::set<std::string> used{"input"};
  for (const Node& node : graph.nodes) used.insert(op_style(node.op));
  std::string text = "<p class='legend soft'>";
  for (const Colour& c : kColours)
    if (c.words && used.contains(c.style))
      text += fmt::format("<span><i style='background:{}'></i>{}</span>", c.colour, c.words);
  if (with_line) text += "<span><i class='line'></i>bytes needed at a time</span>";
  return text + "</p>\n";
}

std::string page_card(const std::string& value, const char* words) {
  return fmt::format("<div class='card'><b>{}</b><span>{}</span></div>\n", value, words);
}

std::string meter(int64_t value, int64_t most) {
  const double share = most > 0 ? 100.0 * static_cast<double>(value) / static_cast<double>(most) : 0;
  return fmt::format("<div class='meter'><i style='width:{:.0f}%'></i></div>", share);
}

}  // namespace teff::cli
