// teff run: a network on inputs, once or call after call.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>

#include "command.h"
#include "core/crc32.h"
#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "formats/npy.h"
#include "inputs.h"
#include "labels.h"
#include "models.h"
#include "network_options.h"

namespace teff::cli {
namespace {

// Inputs of all calls: calls[call][input].
using Calls = std::vector<std::vector<Bytes>>;

// The input that "NAME=FILE" is for.
std::optional<size_t> input_named_in(const Network& network, const std::string& word) {
  const auto& inputs = network.inputs();
  for (size_t i = 0; i < inputs.size(); ++i)
    if (word.starts_with(inputs[i].name + "=")) return i;
  return std::nullopt;
}

std::string names_of_inputs(const Network& network) {
  std::string names;
  for (const TensorInfo& input : network.inputs()) names += fmt::format(" '{}'", input.name);
  return names;
}

// "NAME=FILE" where NAME is an input, otherwise a file for the next input without one.
struct InputFile {
  size_t input;
  std::string path;
};

std::vector<InputFile> assign_files(const Network& network, const std::vector<std::string>& words) {
  std::vector<InputFile> files;
  size_t next = 0;
  for (const std::string& word : words) {
    if (const auto input = input_named_in(network, word)) {
      files.push_back({*input, word.substr(network.inputs()[*input].name.size() + 1)});
      continue;
    }
    const size_t equals = word.find('=');
    check(equals == std::string::npos || std::filesystem::exists(word),  // a path may have a '=', too
          "there is no input '{}'; the inputs are{}", word.substr(0, equals), names_of_inputs(network));
    check(next < network.inputs().size(), "{} is one file more than the {} inputs", word,
          network.inputs().size());
    files.push_back({next++, word});
  }
  return files;
}

Calls gather_inputs(const Network& network, const Arguments& arguments) {
  const auto range = pixel_range(arguments);
  std::vector<std::vector<Bytes>> by_input(network.inputs().size());
  for (const InputFile& file : assign_files(network, arguments.values("--input")))
    by_input[file.input] = read_input(file.path, network.inputs()[file.input], range);

  const bool random = arguments.has("--random") || by_input.empty();
  const auto seed = static_cast<uint32_t>(arguments.number("--random", 1, 0, UINT32_MAX));
  size_t calls = 1;
  for (const auto& values : by_input) calls = std::max(calls, values.size());
  for (size_t i = 0; i < by_input.size(); ++i) {
    check(!by_input[i].empty() || random, "input '{}' has no value: give --input FILE or --random SEED",
          network.inputs()[i].name);
    if (by_input[i].empty())
      by_input[i] = {random_input(network.inputs()[i], seed + static_cast<uint32_t>(i))};
    check(by_input[i].size() == calls || by_input[i].size() == 1,
          "input '{}' is given for {} calls, another for {}", network.inputs()[i].name, by_input[i].size(),
          calls);
  }
  Calls result(calls);
  for (size_t call = 0; call < calls; ++call)
    for (const auto& values : by_input) result[call].push_back(values[values.size() == 1 ? 0 : call]);
  return result;
}

void fill(Session& session, const std::vector<Bytes>& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    const auto memory = session.input_bytes(static_cast<int>(i));
    check(memory.size() == inputs[i].size(), "input {} takes {} bytes, not {}", i, memory.size(),
          inputs[i].size());
    if (!memory.empty()) std::memcpy(memory.data(), inputs[i].data(), memory.size());
  }
}

// One line per operator of the file whose result still exists, in the file's order.
bool run_with_checksums(Session& session) {
  std::map<int, std::string> lines;
  const bool finished = session.run([&](const LayerResult& layer) {
    lines[layer.index] =
        fmt::format("op {} {} tensor {} {} {} crc32 {:08x}\n", layer.index, layer.name, layer.output->number,
                    name_of(layer.output->type), layer.bytes.size(), crc32(layer.bytes));
  });
  for (const auto& [index, line] : lines) fmt::print("{}", line);
  return finished;
}

// Each call's outputs under each other, along a new first axis where there are several calls.
class OutputFiles {
 public:
  OutputFiles(const Network& network, bool several)
      : network_(network), several_(several), data_(network.outputs().size()) {}

  void add(const Session& session) {
    ++results_;
    for (size_t i = 0; i < data_.size(); ++i) {
      const auto bytes = session.output_bytes(static_cast<int>(i));
      data_[i].insert(data_[i].end(), bytes.begin(), bytes.end());
    }
  }

  void write(const std::string& directory) const {
    make_directories(directory);
    for (size_t i = 0; i < data_.size(); ++i) {
      const TensorInfo& info = network_.outputs()[i];
      Shape shape;
      if (several_) shape.push_back(results_);
      for (int64_t extent : info.shape) shape.push_back(extent);
      write_file(fmt::format("{}/{}.npy", directory, i), npy_bytes(View{info.type, shape, data_[i]}));
    }
  }

 private:
  const Network& network_;
  bool several_;
  int64_t results_ = 0;  // calls that gave one
  std::vector<std::vector<std::byte>> data_;
};

struct Ranked {
  size_t index;
  float value;
};

std::vector<Ranked> top(const std::vector<float>& values, size_t k) {
  std::vector<Ranked> ranked;
  for (size_t i = 0; i < values.size(); ++i) ranked.push_back({i, values[i]});
  k = std::min(k, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(k), ranked.end(),
                    [](const Ranked& a, const Ranked& b) {
                      return a.value != b.value ? a.value > b.value : a.index < b.index;
                    });
  ranked.resize(k);
  return ranked;
}

void print_outputs(const Session& session, size_t k, const std::vector<std::string>& labels) {
  const auto& outputs = session.network().outputs();
  for (size_t i = 0; i < outputs.size(); ++i) {
    const auto& info = outputs[i];
    if (bits_of(info.type) == 0) continue;
    const auto values = as_floats(session.output_bytes(static_cast<int>(i)), info);
    fmt::print("output {} '{}' {} {}\n", i, info.name, to_string(Shape::checked(std::span(info.shape))),
               name_of(info.type));
    for (const Ranked& r : top(values, k))
      if (r.index < labels.size())
        fmt::print("  {:>6}  {:<12.6g} {}\n", r.index, r.value, labels[r.index]);
      else
        fmt::print("  {:>6}  {:.6g}\n", r.index, r.value);
  }
}

void json_outputs(Json& json, const Session& session, size_t k, const std::vector<std::string>& labels) {
  json.array();
  const auto& outputs = session.network().outputs();
  for (size_t i = 0; i < outputs.size(); ++i) {
    const auto& info = outputs[i];
    json.object().member("name", info.name).member("type", name_of(info.type)).key("shape").array();
    for (int64_t extent : info.shape) json.value(extent);
    json.end().key("top").array();
    for (const Ranked& r : top(as_floats(session.output_bytes(static_cast<int>(i)), info), k)) {
      json.object().member("index", r.index).member("value", static_cast<double>(r.value));
      if (r.index < labels.size()) json.member("label", labels[r.index]);
      json.end();
    }
    json.end().end();
  }
  json.end();
}

// What is printed of each call.
struct Printing {
  bool json, checksums;
  size_t top;
  std::vector<std::string> labels;
};

// Everything that can be wrong about the options themselves shows before a file is opened.
Printing printing(const Arguments& arguments) {
  const bool json = arguments.has("--json"), checksums = arguments.has("--crc");
  if (json && checksums) throw UsageError("--crc and --json do not go together");
  const auto top = static_cast<size_t>(arguments.number("--top", 5, 0, 1000000));
  return {json, checksums, top, read_labels(arguments)};
}

// Runs and prints one call; false where the network waits for more data and there is no result.
bool call_once(Session& session, const Printing& how, Json& json) {
  const bool finished = how.checksums ? run_with_checksums(session) : session.run();
  if (how.json && finished) json_outputs(json, session, how.top, how.labels);
  if (how.json && !finished) json.array().end();
  if (!how.json && !finished)
    fmt::print(how.checksums ? stderr : stdout, "no result yet: the network waits for more data\n");
  if (!how.json && !how.checksums && finished) print_outputs(session, how.top, how.labels);
  return finished;
}

int run(const Arguments& arguments) {
  const Printing how = printing(arguments);
  const int most_threads = threads(arguments);
  arguments.number("--random", 1, 0, UINT32_MAX);
  const Network network = open_network(arguments.operand(0), load_options(arguments));
  const Calls calls = gather_inputs(network, arguments);

  Session session(network, most_threads);
  OutputFiles files(network, calls.size() > 1);
  Json json;
  if (how.json) json.object().key("calls").array();
  for (size_t call = 0; call < calls.size(); ++call) {
    if (!how.json && calls.size() > 1) fmt::print("# call {}\n", call);
    fill(session, calls[call]);
    if (call_once(session, how, json)) files.add(session);
  }
  if (const auto directory = arguments.value("--output")) files.write(*directory);
  if (how.json) fmt::print("{}\n", json.end().end().text());
  return 0;
}

}  // namespace

const Command kRun = {
    {.name = "run",
     .operands = "MODEL",
     .summary = "runs a network on inputs and prints what it says",
     .options = {{"--input", "[NAME=]FILE",
                  "an input, in the model's order or by name: .npy, .png, .jpg, .wav, or .bin "
                  "(raw bytes; several inputs in a row are several calls)"},
                 {"--random", "SEED", "noise for the inputs that are not given"},
                 {"--shape", "NAME=1x16000", "the shape of an input, where the model leaves it open"},
                 {"--output", "DIR",
                  "write the outputs as DIR/0.npy, DIR/1.npy, ...; those of several calls one after another"},
                 {"--top", "K", "print the K largest values of each output (5)"},
                 {"--labels", "FILE", "names for them, one a line"},
                 {"--range", "LO,HI", "what black and white are in a picture"},
                 {"--crc", "", "print a checksum of every operator's result"},
                 {"--no-fuse", "", "run every operator of the file as it stands"},
                 {"--threads", "N", "use at most N threads (as many as there are processors)"},
                 {"--json", "", "print one JSON value instead"}}},
    run};

}  // namespace teff::cli
