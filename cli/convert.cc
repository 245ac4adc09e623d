// teff convert: a network as a TFLite file.
#include <fmt/format.h>

#include "command.h"
#include "core/error.h"
#include "core/file.h"
#include "formats/tflite.h"
#include "graph/load.h"
#include "graph/to_tflite.h"
#include "models.h"

namespace teff::cli {
namespace {

int run(const Arguments& arguments) {
  const std::string &from = arguments.operand(0), &to = arguments.operand(1);
  const Model model = parse_model(model_bytes(from), from);
  const auto bytes = with_place(from, [&] { return tflite::tflite_bytes(to_tflite(model)); });
  write_file(to, bytes);
  fmt::print("{}: {} bytes\n", to, bytes.size());
  return 0;
}

}  // namespace

const Command kConvert = {{.name = "convert",
                           .operands = "MODEL OUT.tflite",
                           .summary = "writes a network as a TFLite file",
                           .options = {},
                           .details = "What nothing uses is left out, and equal constants are stored once.",
                           .least_operands = 2,
                           .most_operands = 2},
                          run};

}  // namespace teff::cli
