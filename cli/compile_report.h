// What `teff compile` has to say.
#pragma once

#include <optional>
#include <string>

#include "ablation.h"
#include "board_run.h"
#include "compilation.h"
#include "front.h"
#include "plan/board_time.h"

namespace teff::cli {

struct CompileReport {
  std::string model, directory;
  CompilationOptions options;
  Compilation compilation;
  std::optional<Measured> measured;
  std::optional<Front> front;  // what there was to choose from
  Ablation ablation;
};

// How long the board takes, about; nothing where nothing was counted, or no latency of this core is
// published.
struct BoardTime {
  TimeEstimate estimate;
  double waits = 0;         // cycles, for memory beside the chip: none of the latencies has that
  double cycles = 0;        // with them
  double milliseconds = 0;  // 0: the clock is not known
};
std::optional<BoardTime> time_of(const CompileReport& report);

// A line for each of the board's memory regions that is used: what lies there.
std::string regions_text(const CompileReport& report);

// "optimized for speed".
std::string purpose(const CompileReport& report);

std::string report_text(const CompileReport& report);
std::string report_json(const CompileReport& report);

// "the largest piece is tensor 17, 4096 bytes".
std::string largest_tensor(const CompileReport& report);

}  // namespace teff::cli
