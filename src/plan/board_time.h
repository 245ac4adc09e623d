// How long a board takes for what was counted on an emulator. An estimate, never a measurement: emulators
// count instructions, and a board's flash, caches and pipelines decide how many cycles they take.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace teff {

struct Counts {
  int64_t instructions = 0, loads = 0;
};

struct TimeEstimate {
  double cycles = 0;
  double error = 0;           // of the latencies that the estimate is calibrated on, the worst: 0.15 is 15 %
  std::string_view based_on;  // whose they are
};

// Nothing for cores of which no latency has been published beside code that could be counted. `core` is a
// name such as "cortex-m4".
std::optional<TimeEstimate> estimate_time(std::string_view core, const Counts& counts);

}  // namespace teff
