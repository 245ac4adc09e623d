// A file from a stranger, all the way: read, imported, compiled and run. It may be refused; nothing else.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/error.h"
#include "formats/tflite.h"
#include "graph/from_tflite.h"
#include "run/compile.h"
#include "run/instance.h"

namespace {

using namespace teff;

constexpr int64_t kMostBytes = 16 << 20;
constexpr double kMostWork = 2e6;

// Whether it is worth running: small, and over soon (a loop may have no end).
bool runs_soon(const Program& program) {
  double work = 0;
  for (const Plan& plan : program.plans) {
    for (const Step& step : plan.steps) {
      if (step.kind == Step::Kind::call_while) return false;
      work += static_cast<double>(step.units) * std::max(step.unit_cost, 1.0);
    }
  }
  const auto bytes = program.arena_bytes + program.scratch_bytes + program.state.bytes;
  return bytes <= kMostBytes && work <= kMostWork;
}

void run(std::shared_ptr<const Program> program, const uint8_t* data, size_t size) {
  if (!runs_soon(*program)) return;
  Instance instance(program, 1);
  for (size_t i = 0; i < program->model.main().inputs.size(); ++i) {
    const auto input = instance.input(static_cast<int>(i)).bytes;
    for (size_t at = 0; at < input.size(); ++at) input[at] = static_cast<std::byte>(data[at % size]);
  }
  for (int call = 0; call < 2; ++call) instance.run();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  try {
    const Bytes file = Bytes::of(std::as_bytes(std::span(data, size)));
    const Model model = from_tflite(tflite::read_tflite(file));
    for (bool fuse : {false, true}) run(compile(model, {.fuse = fuse}), data, size);
  } catch (const Error&) {
  }
  return 0;
}
