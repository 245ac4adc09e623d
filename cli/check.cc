// teff check: will it run?
#include <fmt/format.h>

#include "command.h"
#include "core/error.h"
#include "core/json.h"
#include "formats/tflite.h"
#include "graph/from_tflite.h"
#include "models.h"
#include "network_options.h"
#include "run/compile.h"
#include "text.h"

namespace teff::cli {
namespace {

// Operators that there are none of; where all are known, whatever else is in the way.
struct Verdict {
  std::vector<Unsupported> unsupported;
  std::vector<std::string> problems;
  bool runs() const { return unsupported.empty() && problems.empty(); }
};

Verdict judge(const std::string& path, const LoadOptions& options) {
  const Bytes bytes = model_bytes(path);
  return with_place(path, [&] {
    const auto file = tflite::read_tflite(bytes);
    Verdict verdict{.unsupported = unsupported_operators(file), .problems = {}};
    if (verdict.unsupported.empty())
      verdict.problems = problems_of(from_tflite(file), compile_options(options));
    return verdict;
  });
}

void print(const std::string& path, const Verdict& verdict) {
  if (verdict.runs()) return fmt::print("{}: runs\n", path);
  if (!verdict.problems.empty()) {
    fmt::print("{}: does not run\n", path);
    for (const std::string& problem : verdict.problems) fmt::print("  {}\n", problem);
    return;
  }
  Table table({{"subgraph", Align::right}, {"node", Align::right}, {"operator"}, {"why"}});
  for (const Unsupported& u : verdict.unsupported)
    table.row({std::to_string(u.subgraph), std::to_string(u.node), u.name, u.reason});
  fmt::print(
      "{}: does not run; operators that are not supported: {}\n{}(teff operators lists those that are)\n",
      path, verdict.unsupported.size(), table.text());
}

std::string json_text(const Verdict& verdict) {
  Json json;
  json.object().member("runs", verdict.runs()).key("unsupported").array();
  for (const Unsupported& u : verdict.unsupported) {
    json.object().member("subgraph", u.subgraph).member("node", u.node);
    json.member("operator", u.name).member("reason", u.reason).end();
  }
  json.end().key("problems").array();
  for (const std::string& problem : verdict.problems) json.value(problem);
  return json.end().end().text();
}

int run(const Arguments& arguments) {
  const Verdict verdict = judge(arguments.operand(0), load_options(arguments));
  if (arguments.has("--json"))
    fmt::print("{}\n", json_text(verdict));
  else
    print(arguments.operand(0), verdict);
  return verdict.runs() ? 0 : 1;
}

}  // namespace

const Command kCheck = {
    {.name = "check",
     .operands = "MODEL",
     .summary = "whether a network runs here, and all that is in the way",
     .options = {{"--shape", "NAME=1x16000", "the shape of an input, where the model leaves it open"},
                 {"--json", "", "print one JSON value instead"}}},
    run};

}  // namespace teff::cli
