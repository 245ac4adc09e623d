#include "compile_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "arena_svg.h"
#include "core/json.h"
#include "plan/board_time.h"
#include "text.h"

namespace teff::cli {
namespace {

const Counted* counted(const CompileReport& report, size_t layer) {
  if (!report.measured || layer >= report.measured->layers.size()) return nullptr;
  return &report.measured->layers[layer];
}

std::string layer_table(const CompileReport& report) {
  Table table({{"", Align::right},
               {"operator"},
               {"output"},
               {"MACs", Align::right},
               {"instructions", Align::right},
               {"per MAC", Align::right},
               {"loads", Align::right},
               {"stores", Align::right},
               {"bytes", Align::right}});
  const Graph& graph = report.compilation.program->model.main();
  for (size_t i = 0; i < report.compilation.emitted.layers.size(); ++i) {
    const EmittedLayer& layer = report.compilation.emitted.layers[i];
    const Counted* count = counted(report, i);
    const int source = graph.nodes[static_cast<size_t>(layer.node)].source;
    const bool known = count && count->instructions > 0;
    table.row({source < 0 ? "+" : std::to_string(source), layer.name, layer.shape,
               layer.macs == 0 ? "" : count_text(layer.macs), known ? count_text(count->instructions) : "",
               known && layer.macs > 0 ? fmt::format("{:.2f}", static_cast<double>(count->instructions) /
                                                                   static_cast<double>(layer.macs))
                                       : "",
               known ? count_text(count->loads) : "", known ? count_text(count->stores) : "",
               bytes_text(layer.bytes)});
  }
  return table.text();
}

// Reasons are parted by ';'.
std::string wrapped(const std::string& text, size_t indent, size_t width) {
  const std::string margin(indent, ' ');
  std::string result, line;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find("; ", begin), text.size());
    const std::string piece = text.substr(begin, end - begin);
    begin = end + 2;
    if (!line.empty() && line.size() + 2 + piece.size() > width)
      result += margin + line + ";\n", line.clear();
    line += (line.empty() ? "" : "; ") + piece;
  }
  return result + margin + line + "\n";
}

// Which kernel each layer has, and why.
std::string kernel_table(const CompileReport& report) {
  const Graph& graph = report.compilation.program->model.main();
  std::string text = "     kernel, and why\n";
  for (const EmittedLayer& layer : report.compilation.emitted.layers) {
    const int source = graph.nodes[static_cast<size_t>(layer.node)].source;
    text += fmt::format("{:>3}  {:<18}  {}\n{}", source < 0 ? "+" : std::to_string(source),
                        shorten(layer.kernels, 40), shorten(layer.words, 80), wrapped(layer.why, 7, 100));
  }
  return text;
}

int64_t total_macs(const CompileReport& report) {
  int64_t sum = 0;
  for (const EmittedLayer& layer : report.compilation.emitted.layers) sum += layer.macs;
  return sum;
}

// How long it takes on the board itself is what nobody measured here: it says so.
std::string time_text(const CompileReport& report) {
  const auto time = time_of(report);
  if (!time)
    return "time         no latency of this core is published that an estimate could be calibrated on\n";
  const std::string at_clock =
      time->milliseconds == 0
          ? ""
          : fmt::format(", {:.3g} ms at {} MHz", time->milliseconds, report.options.target->mhz);
  const std::string waiting = time->waits > 0 ? fmt::format(", {} of them for memory beside the chip",
                                                            count_text(static_cast<int64_t>(time->waits)))
                                              : "";
  return fmt::format(
      "time         about {} cycles{}{}: an estimate, not a measurement; it misses by up to {:.0f} % in {}\n",
      count_text(static_cast<int64_t>(time->cycles)), at_clock, waiting, 100 * time->estimate.error,
      time->estimate.based_on);
}

std::string measured_text(const CompileReport& report) {
  const Measured& m = *report.measured;
  const Emitted& emitted = report.compilation.emitted;
  const std::string verdict = m.crc_ok ? "every layer as on the host" : "DIFFERS: " + m.difference;
  if (!m.counted) return fmt::format("checked      {}\n", verdict);
  const int64_t macs = total_macs(report);
  std::string text =
      fmt::format("checked      {}{}\n", verdict, m.guarded ? ", guards around the arena untouched" : "");
  text += fmt::format("instructions {} ({:.2f} per MAC), {} loads, {} stores\n", m.total.instructions,
                      macs > 0 ? static_cast<double>(m.total.instructions) / static_cast<double>(macs) : 0,
                      count_text(m.total.loads), count_text(m.total.stores));
  text +=
      fmt::format("SRAM         {} touched of {} planned, stack {}", m.sram, emitted.arena_bytes, m.stack);
  text += emitted.state_bytes > 0 ? fmt::format(", state {}\n", emitted.state_bytes) : "\n";
  text += time_text(report);
  text += fmt::format("flash        {} ({} beyond the weights' {}):", m.flash_total,
                      m.flash_total - report.compilation.weight_bytes, report.compilation.weight_bytes);
  for (const auto& [section, bytes] : m.flash) text += fmt::format(" {} {}", section, bytes);
  return text + "\n";
}

void ablation_json(const Ablation& ablation, Json& json) {
  json.key("ablation").array();
  for (const MemoryAblation& a : ablation.memory)
    json.object().member("without", a.technique).member("sram", a.bytes).end();
  for (const CountedAblation& a : ablation.counted) {
    json.object().member("without", a.technique).member("instructions", a.instructions);
    json.member("flash_total", a.flash).end();
  }
  json.end();
}

void front_json(const Front& front, Json& json) {
  json.key("front").array();
  for (size_t i = 0; i < front.points.size(); ++i) {
    const FrontPoint& point = front.points[i];
    json.object().member("sram", point.sram).member("instructions_predicted", point.predicted);
    if (point.counted)
      json.member("instructions", point.counted->total.instructions)
          .member("flash_total", point.counted->flash_total);
    json.member("constant_bytes", point.compilation.emitted.constant_bytes);
    json.member("taken", i == front.chosen).end();
  }
  json.end();
}

// Who makes a tensor: "node 3 CONV_2D", "the input".
std::string maker_of(const Graph& graph, int64_t tensor) {
  for (const Node& node : graph.nodes)
    if (std::ranges::find(node.outputs, tensor) != node.outputs.end()) return place_of(graph, node);
  return "the input";
}

bool lies_in(const ArenaBox& box, const ArenaPart& part) {
  return box.offset >= part.begin && box.offset < part.begin + part.bytes;
}

// "12 results of layers (the largest node 3 CONV_2D 4096, node 4 ADD 2048), 3 pieces of scratch".
std::string contents_text(const CompileReport& report, const ArenaPart& part) {
  constexpr size_t kNamed = 3;
  const Program& program = *report.compilation.program;
  const Graph& graph = program.model.main();
  int scratch = 0;
  std::vector<ArenaBox> tensors;
  for (const ArenaBox& box : arena_boxes(program)) {
    if (!lies_in(box, part)) continue;
    if (box.tensor < static_cast<int64_t>(graph.tensors.size()))
      tensors.push_back(box);
    else
      ++scratch;
  }
  std::ranges::stable_sort(tensors, std::greater(), &ArenaBox::bytes);
  std::string text = fmt::format("{} tensors", tensors.size());
  for (size_t i = 0; i < std::min(kNamed, tensors.size()); ++i)
    text += fmt::format("{}{} {}", i == 0 ? " (the largest " : ", ",
                        shorten(maker_of(graph, tensors[i].tensor), 40), tensors[i].bytes);
  return text + fmt::format("{}, {} pieces of scratch", tensors.empty() ? "" : ")", scratch);
}

// Each tensor of the arena: which region it lies in, and where there.
void regions_json(const CompileReport& report, Json& json) {
  const Program& program = *report.compilation.program;
  const Graph& graph = program.model.main();
  json.key("regions").array();
  for (const ArenaPart& part : program.arena_parts) {
    json.object().member("name", part.region).member("bytes", part.bytes).member("begin", part.begin);
    json.member("accesses", part.accesses).member("waits", part.waits).key("tensors").array();
    for (const ArenaBox& box : arena_boxes(program)) {
      if (!lies_in(box, part)) continue;
      const bool named = box.tensor < static_cast<int64_t>(graph.tensors.size());
      json.object().member("of", named ? maker_of(graph, box.tensor) : "scratch").member("bytes", box.bytes);
      json.member("offset", box.offset - part.begin).end();
    }
    json.end().end();
  }
  json.end();
}

}  // namespace

std::string largest_tensor(const CompileReport& report) {
  const Program& program = *report.compilation.program;
  const std::vector<ArenaBox> boxes = arena_boxes(program);
  const auto largest = std::max_element(
      boxes.begin(), boxes.end(), [](const ArenaBox& a, const ArenaBox& b) { return a.bytes < b.bytes; });
  if (largest == boxes.end()) return "there are no tensors";
  const Graph& graph = program.model.main();
  const bool named = largest->tensor < static_cast<int64_t>(graph.tensors.size());
  return fmt::format("the largest piece is {}, {} bytes",
                     named ? shorten(describe(graph, static_cast<TensorId>(largest->tensor)), 60) : "scratch",
                     largest->bytes);
}

// The latencies that estimates are calibrated on are those of programs whose data lie on the chip.
static double external_waits(const CompileReport& report) {
  double waits = 0;
  for (const ArenaPart& part : report.compilation.program->arena_parts)
    for (const MemoryRegion& region : report.options.target->sram)
      if (region.external && region.name == part.region) waits += part.waits;
  return waits;
}

std::optional<BoardTime> time_of(const CompileReport& report) {
  if (!report.measured || !report.measured->counted) return {};
  const Counted& total = report.measured->total;
  const Target& target = *report.options.target;
  const auto estimate =
      estimate_time(target.core->name, {.instructions = total.instructions, .loads = total.loads});
  if (!estimate) return {};
  BoardTime time{.estimate = *estimate, .waits = external_waits(report)};
  time.cycles = estimate->cycles + time.waits;
  if (target.mhz > 0) time.milliseconds = time.cycles / 1e3 / target.mhz;
  return time;
}

std::string purpose(const CompileReport& report) {
  if (report.options.optimize == "both") return "between the fewest instructions and the least memory";
  return fmt::format("optimized for {}{}", report.options.optimize,
                     report.options.little_code ? ", with little code for little flash" : "");
}

// Which region of the board's memory holds what.
std::string regions_text(const CompileReport& report) {
  const std::vector<ArenaPart>& parts = report.compilation.program->arena_parts;
  const std::vector<MemoryRegion>& regions = report.options.target->sram;
  std::string text;
  for (const ArenaPart& part : parts) {
    const auto region = std::ranges::find(regions, part.region, &MemoryRegion::name);
    text += fmt::format("{:<13}{} of {} bytes", part.region, part.bytes, region->bytes);
    if (part.waits > 0)
      text += fmt::format(", about {} cycles of waiting", count_text(static_cast<int64_t>(part.waits)));
    if (parts.size() > 1)
      text += fmt::format(", {:.0f} % of what is read and written:\n             {}", 100 * part.accesses,
                          contents_text(report, part));
    text += "\n";
  }
  return text;
}

std::string report_text(const CompileReport& report) {
  const Emitted& emitted = report.compilation.emitted;
  std::string text =
      fmt::format("{} for {}, {}\n\n", report.model, report.options.target->words, purpose(report));
  text += layer_table(report) + "\n" + kernel_table(report) + "\n";
  text += fmt::format("{} layers, {} MACs; arena {} bytes ({}), constants {} bytes\n", emitted.layers.size(),
                      count_text(total_macs(report)), emitted.arena_bytes, largest_tensor(report),
                      emitted.constant_bytes);
  text += regions_text(report);
  if (report.measured) text += measured_text(report);
  const bool counted = report.measured && report.measured->counted;
  const std::string saved =
      ablation_text(report.ablation, emitted.arena_bytes, counted ? report.measured->total.instructions : 0,
                    counted ? report.measured->flash_total : 0);
  if (!saved.empty()) text += fmt::format("\n{}\n", saved);
  if (report.front) text += fmt::format("\n{}\n", front_text(*report.front));
  return text + (report.directory.empty() ? "nothing written: -o DIR says where to\n"
                                          : fmt::format("wrote {}\n", report.directory));
}

std::string report_json(const CompileReport& report) {
  const Emitted& emitted = report.compilation.emitted;
  Json json;
  json.object().member("model", report.model).member("target", report.options.target->name);
  json.member("optimize", report.options.optimize).member("sram_planned", emitted.arena_bytes);
  json.member("state_bytes", emitted.state_bytes).member("macs", total_macs(report));
  json.member("flash_weights", report.compilation.weight_bytes)
      .member("constant_bytes", emitted.constant_bytes);
  if (report.measured) {
    const Measured& m = *report.measured;
    json.member("crc_ok", m.crc_ok).member("sram_measured", m.sram);
    if (m.counted) {
      json.member("instructions", m.total.instructions).member("loads", m.total.loads);
      json.member("stores", m.total.stores).member("stack_measured", m.stack).member("guarded", m.guarded);
      if (const auto time = time_of(report))
        json.member("cycles_estimate", time->cycles)
            .member("cycles_waiting", time->waits)
            .member("cycles_estimate_error", time->estimate.error);
      json.member("flash_total", m.flash_total).key("flash_sections").object();
      for (const auto& [section, bytes] : m.flash) json.member(section, bytes);
      json.end();
    }
    if (!m.crc_ok) json.member("difference", m.difference);
  }
  regions_json(report, json);
  ablation_json(report.ablation, json);
  if (report.front) front_json(*report.front, json);
  json.key("layers").array();
  for (size_t i = 0; i < emitted.layers.size(); ++i) {
    const EmittedLayer& layer = emitted.layers[i];
    json.object().member("name", layer.name).member("shape", layer.shape).member("macs", layer.macs);
    if (const Counted* count = counted(report, i))
      json.member("instructions", count->instructions)
          .member("loads", count->loads)
          .member("stores", count->stores);
    json.member("bytes", layer.bytes).member("kernels", layer.kernels);
    json.member("kernel_words", layer.words).member("why", layer.why).end();
  }
  return json.end().end().text();
}

}  // namespace teff::cli
