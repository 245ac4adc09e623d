// teff compare: where two networks, or a network and recorded tensors, differ.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>

#include "command.h"
#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "formats/npy.h"
#include "formats/npz.h"
#include "inputs.h"
#include "models.h"
#include "network_options.h"
#include "text.h"

namespace teff::cli {
namespace {

// A tensor's numbers with the name under which the other side knows it.
struct Recorded {
  std::string op, type;
  std::vector<float> values;
  std::vector<std::byte> bytes;
};
using Tensors = std::map<std::string, Recorded>;

// In the order in which they were computed.
struct Recording {
  std::vector<std::string> order;
  Tensors tensors;
};

// Tensors are matched by name; those without one by their number.
std::string name_of_tensor(const TensorInfo& tensor) {
  return tensor.name.empty() ? fmt::format("#{}", tensor.number) : tensor.name;
}

Recording record(const Network& network, const std::vector<std::string>& files, uint32_t seed, int threads) {
  Session session(network, threads);
  const auto& inputs = network.inputs();
  check(files.size() <= inputs.size(), "{} input files for {} inputs", files.size(), inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Bytes value = i < files.size() ? read_input(files[i], inputs[i]).front()
                                         : random_input(inputs[i], seed + static_cast<uint32_t>(i));
    const auto memory = session.input_bytes(static_cast<int>(i));
    check(value.size() == memory.size(), "input {} takes {} bytes, not {}", i, memory.size(), value.size());
    if (!memory.empty()) std::memcpy(memory.data(), value.data(), memory.size());
  }
  Recording recording;
  session.run([&](const LayerResult& layer) {
    const std::string name = name_of_tensor(*layer.output);
    if (!recording.tensors.contains(name)) recording.order.push_back(name);
    recording.tensors[name] = {layer.name,
                               std::string(name_of(layer.output->type)),
                               as_floats(layer.bytes, *layer.output),
                               {layer.bytes.begin(), layer.bytes.end()}};
  });
  return recording;
}

Recorded recorded_from(const Array& array) {
  const auto bytes = array.data.span();
  return {"",
          std::string(name_of(array.type)),
          as_floats(bytes, {.type = array.type}),
          {bytes.begin(), bytes.end()}};
}

// A .npz file, or a folder of .npy files; "/" in a tensor's name is "_" in a file's.
Tensors read_dump(const std::string& path) {
  Tensors tensors;
  if (std::filesystem::is_directory(path)) {
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.path().extension() != ".npy") continue;
      const std::string file = entry.path().string();
      tensors[entry.path().stem().string()] =
          with_place(file, [&] { return recorded_from(read_npy(map_file(file))); });
    }
    return tensors;
  }
  for (const auto& [name, array] : with_place(path, [&] { return read_npz(map_file(path)); }))
    tensors[name] = recorded_from(array);
  return tensors;
}

bool is_dump(const std::string& path) {
  return std::filesystem::is_directory(path) || std::filesystem::path(path).extension() == ".npz";
}

struct Difference {
  double worst = 0;  // largest absolute difference, in real numbers
  double sqnr = 0;   // power of the first over power of the difference, in dB; infinite where equal
  bool same_bytes = false;
};

Difference difference(const Recorded& a, const Recorded& b) {
  // A dump may hold stored integers or real numbers; bytes of one type are compared as they are.
  Difference d{.same_bytes = a.type == b.type && a.bytes == b.bytes};
  double signal = 0, noise = 0;
  for (size_t i = 0; i < a.values.size(); ++i) {
    const double delta = static_cast<double>(a.values[i]) - static_cast<double>(b.values[i]);
    d.worst = std::max(d.worst, std::abs(delta));
    signal += static_cast<double>(a.values[i]) * static_cast<double>(a.values[i]);
    noise += delta * delta;
  }
  d.sqnr = noise == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(signal / noise);
  return d;
}

const Recorded* find(const Tensors& tensors, const std::string& name) {
  if (const auto it = tensors.find(name); it != tensors.end()) return &it->second;
  std::string file_name = name;
  for (char& c : file_name)
    if (c == '/') c = '_';
  const auto it = tensors.find(file_name);
  return it == tensors.end() ? nullptr : &it->second;
}

struct Row {
  std::string name, op;
  std::string problem;  // where the two cannot be compared
  Difference difference;
};

std::vector<Row> compare(const Recording& a, const Tensors& b) {
  std::vector<Row> rows;
  for (const std::string& name : a.order) {
    const Recorded& mine = a.tensors.at(name);
    const Recorded* other = find(b, name);
    if (!other) continue;
    Row row{.name = name, .op = mine.op, .problem = {}, .difference = {}};
    if (mine.values.size() != other->values.size())
      row.problem = fmt::format("{} elements against {}", mine.values.size(), other->values.size());
    else
      row.difference = difference(mine, *other);
    rows.push_back(row);
  }
  return rows;
}

bool differs(const Row& row, double tolerance) {
  return !row.problem.empty() || (!row.difference.same_bytes && !(row.difference.worst <= tolerance));
}

const Row* first_difference(const std::vector<Row>& rows, double tolerance) {
  for (const Row& row : rows)
    if (differs(row, tolerance)) return &row;
  return nullptr;
}

std::string decibels(double value) { return std::isinf(value) ? "equal" : fmt::format("{:.1f} dB", value); }

void print(const std::vector<Row>& rows, double tolerance) {
  Table table({{"tensor"}, {"operator"}, {"largest difference", Align::right}, {"SQNR", Align::right}, {""}});
  for (const Row& row : rows)
    table.row({shorten(row.name, 60), row.op,
               row.problem.empty() ? fmt::format("{:.3g}", row.difference.worst) : "",
               row.problem.empty() ? decibels(row.difference.sqnr) : "", row.problem});
  fmt::print("{}\n", table.text());
  const Row* first = first_difference(rows, tolerance);
  if (first)
    fmt::print("the first tensor that differs: '{}' of {}\n", first->name, first->op);
  else
    fmt::print("all {} tensors that both sides have agree\n", rows.size());
}

std::string json_text(const std::vector<Row>& rows, double tolerance) {
  Json json;
  const Row* first = first_difference(rows, tolerance);
  json.object().member("equal", first == nullptr).key("first_difference");
  first ? json.value(first->name) : json.null();
  json.key("tensors").array();
  for (const Row& row : rows) {
    json.object()
        .member("name", row.name)
        .member("operator", row.op)
        .member("same_bytes", row.difference.same_bytes);
    json.member("max_error", row.difference.worst).member("sqnr_db", row.difference.sqnr);
    if (!row.problem.empty()) json.member("problem", row.problem);
    json.end();
  }
  return json.end().end().text();
}

int run(const Arguments& arguments) {
  const auto files = arguments.values("--input");
  const auto seed = static_cast<uint32_t>(arguments.number("--random", 1, 0, UINT32_MAX));
  const LoadOptions options = load_options(arguments);
  const auto record_file = [&](const std::string& path) {
    return record(open_network(path, options), files, seed, threads(arguments));
  };
  const std::string& other = arguments.operand(1);
  const Recording recording = record_file(arguments.operand(0));
  const auto rows = compare(recording, is_dump(other) ? read_dump(other) : record_file(other).tensors);
  check(!rows.empty(), "no tensor of {} has the name of one of {}", arguments.operand(0), other);
  const auto text = arguments.value("--tolerance");
  const double tolerance = text ? std::strtod(text->c_str(), nullptr) : 0;
  if (arguments.has("--json"))
    fmt::print("{}\n", json_text(rows, tolerance));
  else
    print(rows, tolerance);
  return first_difference(rows, tolerance) ? 1 : 0;
}

}  // namespace

const Command kCompare = {
    {.name = "compare",
     .operands = "MODEL OTHER",
     .summary = "where two networks, or a network and recorded tensors, differ",
     .options = {{"--input", "FILE", "an input, in the model's order (noise where none is given)"},
                 {"--random", "SEED", "seed of the noise (1)"},
                 {"--tolerance", "X", "differences up to X are none (0: bytes have to be equal)"},
                 {"--shape", "NAME=1x16000", "the shape of an input, where the model leaves it open"},
                 {"--no-fuse", "", "run every operator of the file as it stands"},
                 {"--threads", "N", "use at most N threads (as many as there are processors)"},
                 {"--json", "", "print one JSON value instead"}},
     .details =
         "OTHER is a model, a .npz file, or a folder of .npy files named after tensors (/ written as _).\n"
         "Tensors are matched by name. Exit code 1 where one differs.",
     .least_operands = 2,
     .most_operands = 2},
    run};

}  // namespace teff::cli
