// teff inspect: what is in a network.
#include <fmt/format.h>

#include <algorithm>

#include "command.h"
#include "core/file.h"
#include "core/json.h"
#include "graph/load.h"
#include "inspect_html.h"
#include "layers.h"
#include "models.h"
#include "network_options.h"
#include "text.h"

namespace teff::cli {
namespace {

std::string quantization_text(const TensorInfo& tensor) {
  if (tensor.scales.empty()) return "";
  if (tensor.scales.size() > 1)
    return fmt::format("  one scale for each of {} channels", tensor.scales.size());
  return fmt::format("  real = {:g} * (stored - {})", tensor.scales[0],
                     tensor.zero_points.empty() ? 0 : tensor.zero_points[0]);
}

void print_tensors(const char* heading, const std::vector<TensorInfo>& tensors) {
  for (const TensorInfo& t : tensors)
    fmt::print("{:<8} {} {} '{}'{}\n", heading, to_string(Shape::checked(std::span(t.shape))),
               name_of(t.type), t.name, quantization_text(t));
}

void print_layers(const std::vector<Layer>& layers) {
  Table table({{"", Align::right},
               {"operator"},
               {"inputs"},
               {"output"},
               {"type"},
               {"MACs", Align::right},
               {"parameters", Align::right},
               {"live", Align::right},
               {""},
               {"options"}});
  int64_t most = 1;
  for (const Layer& layer : layers) most = std::max(most, layer.live_bytes);
  for (const Layer& layer : layers)
    table.row({layer.number < 0 ? "+" : std::to_string(layer.number), layer.op, shorten(layer.inputs, 32),
               layer.output, layer.type, layer.macs == 0 ? "" : count_text(layer.macs),
               layer.parameters == 0 ? "" : count_text(layer.parameters), bytes_text(layer.live_bytes),
               bar(layer.live_bytes, most, 16), layer.options});
  fmt::print("{}", table.text());
}

void print(const std::string& path, const Network& network, const std::vector<Layer>& layers) {
  const Program& program = *network.program();
  fmt::print("{}{}{}\n", path, program.model.description.empty() ? "" : ": ", program.model.description);
  print_tensors("input", network.inputs());
  print_tensors("output", network.outputs());
  fmt::print("\n");
  print_layers(layers);
  const int peak = busiest(layers);
  fmt::print("\n{} operators, {} MACs, {} parameters in {}\n", layers.size(),
             count_text(total(layers, &Layer::macs)), count_text(total(layers, &Layer::parameters)),
             bytes_text(total(layers, &Layer::parameter_bytes)));
  fmt::print("working memory {}: {} for tensors", bytes_text(network.working_memory()),
             bytes_text(program.arena_bytes));
  if (peak >= 0)
    fmt::print(" (most by node {} {})", layers[static_cast<size_t>(peak)].number,
               layers[static_cast<size_t>(peak)].op);
  fmt::print(", {} of scratch a thread; state {}\n", bytes_text(program.scratch_bytes),
             bytes_text(program.state.bytes));
}

void json_tensors(Json& json, const char* name, const std::vector<TensorInfo>& tensors) {
  json.key(name).array();
  for (const TensorInfo& t : tensors) {
    json.object().member("name", t.name).member("type", name_of(t.type)).key("shape").array();
    for (int64_t extent : t.shape) json.value(extent);
    json.end();
    if (t.scales.size() == 1) {
      json.member("scale", static_cast<double>(t.scales[0]));
      json.member("zero_point", t.zero_points.empty() ? int64_t{0} : t.zero_points[0]);
    }
    json.end();
  }
  json.end();
}

std::string json_text(const std::string& path, const Network& network, const std::vector<Layer>& layers) {
  Json json;
  json.object().member("file", path).member("description", network.program()->model.description);
  json_tensors(json, "inputs", network.inputs());
  json_tensors(json, "outputs", network.outputs());
  json.member("macs", total(layers, &Layer::macs)).member("parameters", total(layers, &Layer::parameters));
  json.member("parameter_bytes", total(layers, &Layer::parameter_bytes));
  json.member("arena_bytes", network.program()->arena_bytes);
  json.member("scratch_bytes", network.program()->scratch_bytes);
  json.member("state_bytes", network.program()->state.bytes);
  json.key("layers").array();
  for (const Layer& layer : layers) {
    json.object().member("index", layer.number).member("name", layer.op).member("options", layer.options);
    json.member("inputs", layer.inputs).member("output", layer.output).member("type", layer.type);
    json.member("macs", layer.macs).member("parameters", layer.parameters);
    json.member("parameter_bytes", layer.parameter_bytes).member("live_bytes", layer.live_bytes).end();
  }
  return json.end().end().text();
}

int run(const Arguments& arguments) {
  const std::string& path = arguments.operand(0);
  const Network network = open_network(path, load_options(arguments));
  const auto layers = layers_of(*network.program());
  if (const auto page = arguments.value("--html"))
    write_file(*page, inspect_html(path, *network.program(), layers));
  if (arguments.has("--json"))
    fmt::print("{}\n", json_text(path, network, layers));
  else if (const auto page = arguments.value("--html"))
    fmt::print("wrote {}\n", *page);
  else
    print(path, network, layers);
  return 0;
}

}  // namespace

const Command kInspect = {
    {.name = "inspect",
     .operands = "MODEL",
     .summary = "what is in a network: operators, shapes, costs, memory over time",
     .options = {{"--html", "FILE", "write a page with the graph drawn, a table and the memory over time"},
                 {"--shape", "NAME=1x16000", "the shape of an input, where the model leaves it open"},
                 {"--no-fuse", "", "the operators of the file, before passes have merged any"},
                 {"--json", "", "print one JSON value instead"}}},
    run};

}  // namespace teff::cli
