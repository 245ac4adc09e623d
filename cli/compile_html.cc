#include "compile_html.h"

#include <fmt/format.h>

#include <algorithm>

#include "arena_svg.h"
#include "front_svg.h"
#include "page.h"
#include "svg.h"
#include "text.h"

namespace teff::cli {
namespace {

int64_t total_macs(const Emitted& emitted) {
  int64_t sum = 0;
  for (const EmittedLayer& layer : emitted.layers) sum += layer.macs;
  return sum;
}

std::string cards(const CompileReport& report) {
  const Emitted& emitted = report.compilation.emitted;
  const int64_t macs = total_macs(emitted);
  std::string text = "<div class='cards'>\n" + page_card(count_text(macs), "multiply-adds");
  text += page_card(bytes_text(emitted.arena_bytes), "arena, input and output included");
  if (emitted.state_bytes > 0) text += page_card(bytes_text(emitted.state_bytes), "state");
  if (!report.measured || !report.measured->counted)
    return text + page_card(bytes_text(emitted.constant_bytes), "of constants") + "</div>\n";
  const Measured& m = *report.measured;
  text += page_card(count_text(m.total.instructions), "instructions, counted");
  if (const auto time = time_of(report))
    text += page_card(time->milliseconds > 0 ? fmt::format("{:.3g} ms", time->milliseconds)
                                             : count_text(static_cast<int64_t>(time->cycles)),
                      time->milliseconds > 0 ? "estimated, not measured" : "cycles, estimated, not measured");
  if (macs > 0)
    text += page_card(
        fmt::format("{:.2f}", static_cast<double>(m.total.instructions) / static_cast<double>(macs)),
        "instructions for a multiply-add");
  text += page_card(count_text(m.total.loads), "loads") + page_card(count_text(m.total.stores), "stores");
  text += page_card(bytes_text(m.stack), "of stack") + page_card(bytes_text(m.flash_total), "of flash");
  return text + page_card(m.crc_ok ? "equal" : "DIFFERENT", "to the host, layer by layer") + "</div>\n";
}

std::string cell(const std::string& text, const char* kind = "n") {
  return fmt::format("<td class='{}'>{}</td>", kind, text);
}

std::string layer_rows(const CompileReport& report) {
  const Emitted& emitted = report.compilation.emitted;
  const Graph& graph = report.compilation.program->model.main();
  const bool counted = report.measured && report.measured->layers.size() == emitted.layers.size();
  int64_t most_macs = 1, most = 1;
  for (size_t i = 0; i < emitted.layers.size(); ++i) {
    most_macs = std::max(most_macs, emitted.layers[i].macs);
    if (counted) most = std::max(most, report.measured->layers[i].instructions);
  }
  std::string text;
  for (size_t i = 0; i < emitted.layers.size(); ++i) {
    const EmittedLayer& layer = emitted.layers[i];
    const int source = graph.nodes[static_cast<size_t>(layer.node)].source;
    text += "<tr>" + cell(source < 0 ? "+" : std::to_string(source), "n soft") +
            cell(escaped(layer.name), "") + cell(layer.shape, "") +
            cell(layer.macs == 0 ? "" : count_text(layer.macs)) +
            cell(layer.macs == 0 ? "" : meter(layer.macs, most_macs), "");
    if (counted) {
      const Counted& count = report.measured->layers[i];
      const double per_mac =
          layer.macs > 0 ? static_cast<double>(count.instructions) / static_cast<double>(layer.macs) : 0;
      text += cell(count_text(count.instructions)) + cell(meter(count.instructions, most), "") +
              cell(layer.macs > 0 ? fmt::format("{:.2f}", per_mac) : "") + cell(count_text(count.loads)) +
              cell(count_text(count.stores));
    }
    text += cell(bytes_text(layer.bytes)) +
            cell(fmt::format("{}<br>{}", escaped(layer.kernels), escaped(layer.words)), "o w") +
            cell(escaped(layer.why), "o w") + "</tr>\n";
  }
  return text;
}

std::string layer_table(const CompileReport& report) {
  const bool counted =
      report.measured && report.measured->layers.size() == report.compilation.emitted.layers.size();
  std::string head =
      "<table><tr><th class='n'></th><th>operator</th><th>output</th><th class='n'>MACs</th><th></th>";
  if (counted)
    head +=
        "<th class='n'>instructions</th><th></th><th class='n'>per MAC</th><th class='n'>loads</th><th "
        "class='n'>stores</th>";
  return head + "<th class='n'>bytes</th><th>kernel</th><th>why</th></tr>\n" + layer_rows(report) +
         "</table>\n";
}

std::string flash_table(const CompileReport& report) {
  const Emitted& emitted = report.compilation.emitted;
  const int64_t weights = report.compilation.weight_bytes;
  std::vector<std::pair<std::string, int64_t>> rows{
      {"weights, biases, scales as the network has them", weights},
      {"what packing and tables add to them", emitted.constant_bytes - weights}};
  int64_t total = emitted.constant_bytes;
  if (report.measured && report.measured->counted) {
    total = report.measured->flash_total;
    rows.emplace_back("code, and the shapes of layers", total - emitted.constant_bytes);
    rows.emplace_back("in all", total);
  }
  std::string text = "<table><tr><th>what</th><th class='n'>bytes</th><th></th></tr>\n";
  for (const auto& [what, bytes] : rows)
    text += "<tr>" + cell(what, "") + cell(std::to_string(bytes)) +
            cell(meter(std::max<int64_t>(bytes, 0), total), "") + "</tr>\n";
  return text + "</table>\n";
}

std::string ablation_row(const std::string& technique, int64_t more, int64_t most, const std::string& flash) {
  return "<tr>" + cell(technique, "") + cell(more == 0 ? "nothing" : fmt::format("{:+}", more)) +
         cell(more > 0 ? meter(more, most) : "", "") + flash + "</tr>\n";
}

std::string sram_ablation(const CompileReport& report) {
  const int64_t arena = report.compilation.emitted.arena_bytes;
  int64_t most = 1;
  for (const MemoryAblation& a : report.ablation.memory) most = std::max(most, a.bytes - arena);
  std::string text = "<table><tr><th>without</th><th class='n'>bytes of SRAM</th><th></th></tr>\n";
  for (const MemoryAblation& a : report.ablation.memory)
    text += ablation_row(std::string(a.technique), a.bytes - arena, most, "");
  return text + "</table>\n";
}

std::string counted_ablation(const CompileReport& report) {
  const Measured& m = *report.measured;
  int64_t most = 1;
  for (const CountedAblation& a : report.ablation.counted)
    most = std::max(most, a.instructions - m.total.instructions);
  std::string text =
      "<table><tr><th>without</th><th class='n'>instructions</th><th></th><th class='n'>bytes of "
      "flash</th></tr>\n";
  for (const CountedAblation& a : report.ablation.counted)
    text += ablation_row(a.technique, a.instructions - m.total.instructions, most,
                         cell(fmt::format("{:+}", a.flash - m.flash_total)));
  return text + "</table>\n";
}

// The same program with one technique turned off at a time.
std::string ablation_section(const CompileReport& report) {
  if (report.ablation.memory.empty()) return "";
  std::string text =
      "<h2>What each optimisation saves</h2>\n<p class='soft'>The program as it is, but for one.</p>\n";
  text += "<div class='frame'>" + sram_ablation(report) + "</div>\n";
  if (!report.ablation.counted.empty() && report.measured)
    text += "<p></p><div class='frame'>" + counted_ablation(report) + "</div>\n";
  return text;
}

std::string front_section(const Front& front) {
  std::string text =
      "<h2>What there is to choose from</h2>\n<p class='soft'>Each point is a program for this network; none "
      "of the others takes less memory and fewer instructions. The upright axis does not begin at 0.";
  if (!front.reason.empty()) text += fmt::format(" Taken is {}.", escaped(front.reason));
  return text + "</p>\n<div class='frame'>" + front_svg(front) + "</div>\n";
}

}  // namespace

std::string compile_html(const CompileReport& report) {
  const Program& program = *report.compilation.program;
  std::string page =
      page_head(report.model, fmt::format("for {}, {}", report.options.target->words, purpose(report)));
  page += cards(report);
  if (const auto time = time_of(report))
    page += fmt::format(
        "<p></p><p class='soft'>The time is an estimate from counted instructions; it misses by up to "
        "{:.0f} % in {}.</p>\n",
        100 * time->estimate.error, time->estimate.based_on);
  if (report.front) page += front_section(*report.front);
  page +=
      "<h2>Memory over time</h2>\n<p class='soft'>Boxes are tensors, the grey ones kernels' scratch: as high "
      "as "
      "they have bytes, where they lie in the arena, from when they are made to when they are last read. "
      "Where "
      "boxes lie over each other, one is written over what of the other has been read already.</p>\n";
  page +=
      "<div class='frame fit'>" + arena_svg(program) + "</div>\n" + page_legend(program.model.main(), false);
  if (const std::string regions = regions_text(report); !regions.empty())
    page += "<pre class='soft'>" + escaped(regions) + "</pre>\n";
  page += "<h2>Layers</h2>\n<div class='frame'>" + layer_table(report) + "</div>\n";
  page += ablation_section(report);
  page += "<h2>Flash</h2>\n<div class='frame'>" + flash_table(report) + "</div>\n";
  return page + page_end();
}

}  // namespace teff::cli
