// teff operators: what there is.
#include <fmt/format.h>

#include "command.h"
#include "core/json.h"
#include "graph/op_table.h"

namespace teff::cli {
namespace {

int run(const Arguments& arguments) {
  if (!arguments.has("--json")) {
    for (const OpRow& row : op_table()) fmt::print("{}\n", row.name);
    return 0;
  }
  Json json;
  json.array();
  for (const OpRow& row : op_table()) json.value(row.name);
  fmt::print("{}\n", json.end().text());
  return 0;
}

}  // namespace

const Command kOperators = {{.name = "operators",
                             .operands = "",
                             .summary = "the operators that are supported, by their names in TFLite",
                             .options = {{"--json", "", "print one JSON value instead"}},
                             .least_operands = 0,
                             .most_operands = 0},
                            run};

}  // namespace teff::cli
