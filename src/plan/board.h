// A program for a small machine: its kernels, all of its memory in one arena.
#pragma once

#include <optional>
#include <vector>

#include "plan/plan.h"
#include "plan/specialize.h"
#include "plan/targets.h"

namespace teff {

enum class BoardMemory : uint8_t {
  layer_wise,  // a layer after the other: the fewest instructions
  least,       // rows stream through the layers wherever that takes less memory
};

struct BoardOptions {
  BoardIsa isa = BoardIsa::c;
  BoardMemory memory = BoardMemory::layer_wise;
  // Bytes of arena and state: the cheapest program that takes no more, whatever `memory` says. Where there is
  // none, an Error says how many bytes it takes at least and which layer is to blame.
  std::optional<int64_t> budget;
  // The machine's, the fastest first; empty: one that is large enough. Several graphs share one region.
  std::vector<MemoryRegion> regions;
  // The input comes row by row from whoever calls, and only rows that are still needed are there (see
  // plan/input_rows.h). The program then cannot run on the host.
  bool input_rows = false;
  bool small = false;              // the least code and constants, at the cost of more instructions
  std::vector<KernelSet> kernels;  // by node of the main graph, as specialize() has them
};

// Like make_program, for one board: steps use the kernels of its instruction set, and what they need as
// scratch lies in the arena, live while they run. Such a program runs on the host as well, on one thread.
Program make_board_program(Model model, const BoardOptions& options);

// The same before its memory is laid out.
Program prepare_board_program(Model model, const BoardOptions& options);

// The same network between the fewest instructions and the least memory: programs from the fastest to the
// smallest, each smaller than the one before, no more than `most` of them. Memory and budget of the options
// do not matter.
std::vector<Program> board_front(Model model, const BoardOptions& options, size_t most);

// About how many instructions a call takes, by the cost model (plan/cost_model.h).
double predicted_instructions(const Program& program, BoardIsa isa);

}  // namespace teff
