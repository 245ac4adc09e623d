// What each optimisation saves: the same network without it, planned again, or built and counted again.
#pragma once

#include <string>
#include <vector>

#include "compilation.h"
#include "plan/memory_ablation.h"

namespace teff::cli {

struct CountedAblation {
  std::string technique;
  int64_t instructions = 0, flash = 0;  // without it
};

struct Ablation {
  std::vector<MemoryAblation> memory;
  std::vector<CountedAblation> counted;  // where that was asked for
};

// Exact: each technique turned off in the plan that was taken.
std::vector<MemoryAblation> ablate_sram(const Compilation& taken, const CompilationOptions& options);

// Builds and runs a program for each technique on the emulated machine.
std::vector<CountedAblation> ablate_instructions(const Compilation& taken, const CompilationOptions& options);

// "without rows that take turns: 27744 bytes more", as a table; empty where nothing is known.
std::string ablation_text(const Ablation& ablation, int64_t arena, int64_t instructions, int64_t flash);

}  // namespace teff::cli
