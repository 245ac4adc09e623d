// teff bench: how long a network takes, layer by layer.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>

#include "command.h"
#include "core/cpu.h"
#include "core/json.h"
#include "core/threads.h"
#include "inputs.h"
#include "layers.h"
#include "models.h"
#include "network_options.h"
#include "run/instance.h"
#include "run/machine.h"
#include "text.h"

namespace teff::cli {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Spread {
  double median = 0, low = 0, high = 0;  // seconds; low and high: the 10th and 90th of a hundred
};

Spread spread_of(std::vector<double> times) {
  if (times.empty()) return {};
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<size_t>(share * static_cast<double>(times.size() - 1))];
  };
  return {at(0.5), at(0.1), at(0.9)};
}

struct Measurement {
  Spread whole;
  size_t runs = 0;
  std::vector<double> layers;  // median seconds of each, by node
};

void fill(Instance& instance, const Network& network) {
  for (size_t i = 0; i < network.inputs().size(); ++i) {
    const Bytes noise = random_input(network.inputs()[i], static_cast<uint32_t>(i + 1));
    const auto memory = instance.input(static_cast<int>(i)).bytes;
    if (!memory.empty()) std::memcpy(memory.data(), noise.data(), memory.size());
  }
}

// Runs until both are reached: the least number of runs, and the time.
template <class Run>
size_t repeat(size_t least_runs, double seconds, Run run) {
  const auto start = Clock::now();
  size_t runs = 0;
  while (runs < least_runs || since(start) < seconds) run(), ++runs;
  return runs;
}

Measurement measure(const Network& network, int threads, size_t runs, double seconds) {
  Instance instance(network.program(), threads);
  std::vector<double> whole;
  const size_t nodes = network.program()->model.main().nodes.size();
  std::vector<std::vector<double>> layers(nodes);
  const auto timed_run = [&] {
    fill(instance, network);
    const auto start = Clock::now();
    instance.run();
    whole.push_back(since(start));
  };
  const auto timed_layers = [&] {
    fill(instance, network);
    size_t node = 0;
    auto last = Clock::now();
    instance.run([&](const Node&) {
      const auto now = Clock::now();
      layers[node++].push_back(std::chrono::duration<double>(now - last).count());
      last = Clock::now();
    });
  };
  repeat(1, seconds / 10, timed_run);  // warm-up
  whole.clear();
  Measurement result;
  result.runs = repeat(runs, seconds / 2, timed_run);
  repeat(std::min<size_t>(runs, 3), seconds / 2, timed_layers);
  result.whole = spread_of(whole);
  for (auto& times : layers) result.layers.push_back(spread_of(times).median);
  return result;
}

// The limit that counts for a layer: of the arithmetic that its output type needs.
double limit_for(const Layer& layer, const MachineLimit& float_limit, const MachineLimit& int8_limit) {
  return layer.type == "float32" ? float_limit.macs_per_second : int8_limit.macs_per_second;
}

std::string rate_text(const Layer& layer, double seconds) {
  if (layer.macs == 0 || seconds <= 0) return "";
  return count_text(static_cast<int64_t>(static_cast<double>(layer.macs) / seconds));
}

std::string share_text(double part, double whole) {
  return whole > 0 ? fmt::format("{:.1f} %", 100 * part / whole) : "";
}

void print(const std::string& path, const Network& network, const Measurement& m, int threads) {
  const auto layers = layers_of(*network.program());
  const MachineLimit float_limit = measure_float_limit(), int8_limit = measure_int8_limit();
  double sum = 0;
  for (double seconds : m.layers) sum += seconds;
  Table table({{"", Align::right},
               {"operator"},
               {"output"},
               {"type"},
               {"time", Align::right},
               {"share", Align::right},
               {"MACs", Align::right},
               {"MACs/s", Align::right},
               {"of limit", Align::right}});
  for (size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    const double limit = limit_for(layer, float_limit, int8_limit) * threads;
    const double rate = m.layers[i] > 0 ? static_cast<double>(layer.macs) / m.layers[i] : 0;
    table.row({std::to_string(layer.number), layer.op, layer.output, layer.type, seconds_text(m.layers[i]),
               share_text(m.layers[i], sum), layer.macs == 0 ? "" : count_text(layer.macs),
               rate_text(layer, m.layers[i]), layer.macs == 0 ? "" : share_text(rate, limit)});
  }
  fmt::print("{}\n{}, {} thread{}\n\n{}\n", path, cpu().name, threads, threads == 1 ? "" : "s", table.text());
  const auto macs = static_cast<double>(total(layers, &Layer::macs));
  fmt::print("one run: {} (median of {}; 10 % below {}, 10 % above {}), {} MACs/s\n",
             seconds_text(m.whole.median), m.runs, seconds_text(m.whole.low), seconds_text(m.whole.high),
             count_text(static_cast<int64_t>(macs / m.whole.median)));
  for (const auto& [name, limit] : {std::pair("float32", float_limit), std::pair("int8", int8_limit)})
    if (limit.macs_per_second > 0)
      fmt::print("the limit of one thread here, {}: {} MACs/s by {}\n", name,
                 count_text(static_cast<int64_t>(limit.macs_per_second)), limit.how);
}

std::string json_text(const std::string& path, const Network& network, const Measurement& m, int threads) {
  const MachineLimit float_limit = measure_float_limit(), int8_limit = measure_int8_limit();
  Json json;
  json.object()
      .member("file", path)
      .member("cpu", cpu().name)
      .member("threads", threads)
      .member("runs", m.runs);
  json.member("seconds", m.whole.median)
      .member("seconds_low", m.whole.low)
      .member("seconds_high", m.whole.high);
  json.member("float_limit", float_limit.macs_per_second).member("int8_limit", int8_limit.macs_per_second);
  json.key("layers").array();
  const auto layers = layers_of(*network.program());
  for (size_t i = 0; i < layers.size(); ++i)
    json.object()
        .member("index", layers[i].number)
        .member("name", layers[i].op)
        .member("macs", layers[i].macs)
        .member("seconds", m.layers[i])
        .end();
  return json.end().end().text();
}

int run(const Arguments& arguments) {
  const int asked = threads(arguments), count = asked > 0 ? asked : hardware_threads();
  const auto runs = static_cast<size_t>(arguments.number("--runs", 5, 1, 1'000'000));
  const double seconds = arguments.real("--seconds", 2, 0, 3600);
  const Network network = open_network(arguments.operand(0), load_options(arguments));
  const Measurement m = measure(network, count, runs, seconds);
  if (arguments.has("--json"))
    fmt::print("{}\n", json_text(arguments.operand(0), network, m, count));
  else
    print(arguments.operand(0), network, m, count);
  return 0;
}

}  // namespace

const Command kBench = {
    {.name = "bench",
     .operands = "MODEL",
     .summary = "how long a network takes, layer by layer, beside the machine's limits",
     .options = {{"--threads", "N", "use at most N threads (as many as there are processors)"},
                 {"--runs", "N", "at least N runs (5)"},
                 {"--seconds", "S", "measure for about S seconds (2)"},
                 {"--shape", "NAME=1x16000", "the shape of an input, where the model leaves it open"},
                 {"--no-fuse", "", "run every operator of the file as it stands"},
                 {"--json", "", "print one JSON value instead"}}},
    run};

}  // namespace teff::cli
