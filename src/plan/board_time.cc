#include "plan/board_time.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace teff {
namespace {

// A published latency, in cycles, of code whose instructions and loads were counted.
struct Known {
  Counts counts;
  double cycles;
};

// MLPerf Tiny 1.0, STM32L4R5 at 120 MHz, CMSIS-NN kernels called by compiled code: kws, vww96, ic, ad.
// Counted are the same kernels (CMSIS-NN of 2026) on an emulated Cortex-M4.
constexpr Known kCortexM4[] = {{{7'845'241, 1'722'568}, 99.8e-3 * 120e6},
                               {{24'720'342, 5'498'276}, 301.2e-3 * 120e6},
                               {{29'874'857, 7'518'912}, 389.6e-3 * 120e6},
                               {{582'333, 127'133}, 8.60e-3 * 120e6}};

// TinyEngine's table, STM32H743 at 480 MHz, one network: CMSIS-NN's kernels and its own.
constexpr Known kCortexM7[] = {{{48'408'129, 10'793'317}, 97e-3 * 480e6},
                               {{33'454'872, 11'140'710}, 51e-3 * 480e6}};

// MLPerf Tiny 1.2, a Cortex-M85 at 480 MHz with TFLite Micro: kws, vww96, ic, ad. Counted on an emulated M55,
// whose instructions they share.
constexpr Known kCortexM85[] = {{{1'785'265, 0}, 3.46e-3 * 480e6},
                                {{6'433'515, 0}, 13.39e-3 * 480e6},
                                {{4'811'640, 0}, 8.48e-3 * 480e6},
                                {{149'962, 0}, 0.53e-3 * 480e6}};

struct Core {
  std::string_view name;
  std::span<const Known> known;
  double cycles_per_load;  // besides the one of every instruction, by the core's manual
  double factor;           // beside the core whose latencies they are
  std::string_view based_on;
};

// A Cortex-M4's load takes two cycles where the next instruction is no load; a Cortex-M7 issues two
// instructions at a time, loads among them. One closed engine ran the same four networks on an L4R5 and, of
// the same maker, a U575: the Cortex-M33 took 0.89, 0.89, 0.88 and 0.81 of the Cortex-M4's cycles.
constexpr Core kCores[] = {
    {"cortex-m4", kCortexM4, 1, 1, "four MLPerf Tiny 1.0 latencies of an STM32L4R5"},
    {"cortex-m33", kCortexM4, 1, 0.87,
     "four MLPerf Tiny 1.0 latencies of an STM32L4R5, and an STM32U575 beside it"},
    {"cortex-m7", kCortexM7, 0, 1, "two published latencies of an STM32H743"},
    {"cortex-m85", kCortexM85, 0, 1, "four MLPerf Tiny 1.2 latencies of an RA8D1"},
};

double by_the_manual(const Core& core, const Counts& counts) {
  return static_cast<double>(counts.instructions) + core.cycles_per_load * static_cast<double>(counts.loads);
}

}  // namespace

std::optional<TimeEstimate> estimate_time(std::string_view name, const Counts& counts) {
  const auto core = std::ranges::find(kCores, name, &Core::name);
  if (core == std::end(kCores)) return {};
  double logs = 0;
  for (const Known& known : core->known) logs += std::log(known.cycles / by_the_manual(*core, known.counts));
  const double calibration = std::exp(logs / static_cast<double>(core->known.size()));
  double error = 0;
  for (const Known& known : core->known)
    error = std::max(error, std::abs(calibration * by_the_manual(*core, known.counts) / known.cycles - 1));
  return TimeEstimate{calibration * core->factor * by_the_manual(*core, counts), error, core->based_on};
}

}  // namespace teff
