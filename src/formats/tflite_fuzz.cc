// What can be read can be written, and is the same when it is read again. Models are compared by the bytes
// that they are written as, because numbers that are not numbers do not equal themselves.
#include <cstdlib>

#include "core/error.h"
#include "formats/tflite.h"

namespace {

using namespace teff;

// The options of most STABLEHLO operators are not kept, so the writer refuses them.
bool can_be_written(const tflite::Model& model) {
  for (const auto& graph : model.subgraphs)
    for (const auto& op : graph.operators)
      if (tflite::operator_name(op.code).starts_with("STABLEHLO") ||
          tflite::operator_name(op.code) == "REDUCE_WINDOW")
        return false;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tflite::Model model;
  try {
    model = tflite::read_tflite(Bytes::of(std::span(data, size)));
  } catch (const Error&) {
    return 0;
  }
  if (!can_be_written(model)) return 0;
  const std::vector<std::byte> once = tflite::tflite_bytes(model);
  const std::vector<std::byte> again = tflite::tflite_bytes(tflite::read_tflite(Bytes::own(once)));
  if (once != again) std::abort();
  return 0;
}
