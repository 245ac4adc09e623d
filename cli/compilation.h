// A network on its way to a machine: the program planned for it, what the host computes with it, the C that
// comes of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emit/emit.h"
#include "plan/board.h"
#include "plan/cost_model.h"
#include "plan/plan.h"
#include "plan/targets.h"

namespace teff::cli {

// What `teff tune` decides by measuring, where the planner and the emitter do by their model.
struct Tuning {
  std::vector<KernelSet> kernels;     // by node, see specialize()
  std::optional<int64_t> arena;       // the cheapest plan that takes no more bytes
  std::optional<int64_t> code_bytes;  // see EmitOptions
  std::vector<double> own_code_gain;  // the same
};

struct CompilationOptions {
  const Target* target = nullptr;
  std::string optimize = "speed";  // speed, sram or flash
  std::optional<int64_t> sram;     // bytes of arena and state that there are
  std::optional<int64_t> flash;    // bytes of it that there are
  bool code_within_flash = true;   // copies of kernels are made only as far as `flash` seems to allow
  bool little_code = false;        // the least flash, whatever `optimize` says
  bool int8_io = false;            // QUANTIZE at inputs and DEQUANTIZE at outputs left out
  bool input_rows = false;         // the application delivers the input row by row
  EmitLayout layout = EmitLayout::plain;
  Tuning tuning;
};

// Little code was asked for, one way or the other.
bool is_small(const CompilationOptions& options);

struct Compilation {
  std::shared_ptr<const Program> program;
  Emitted emitted;
  int64_t weight_bytes = 0;  // of the network as it is: see weight_bytes_of

  EmitFor emit_for = EmitFor::speed;
  std::string name;
  std::vector<RecordedCall> recorded;
};

// What code of its own saves each node of the main graph, in instructions of the cost model.
std::vector<double> gains_of_own_code(const Program& program, const CostModel& model);

// Throws Error where the network cannot be written for that machine.
Compilation compile_for(const std::string& path_or_name, const CompilationOptions& options);

// The network between the fewest instructions and the least memory, from the fastest to the smallest: at most
// `most` programs. Budgets do not matter, nor what the options say to optimize.
std::vector<Compilation> compile_front(const std::string& path_or_name, const CompilationOptions& options,
                                       size_t most);

// What the planner and the emitter are asked for; the latter of a network that is written already.
BoardOptions board_options(const CompilationOptions& options);
EmitOptions emit_options(const Compilation& compilation, const CompilationOptions& options);

// Weights, biases (4 bytes each) and requantization constants (8 bytes a channel): what any engine has to
// keep.
int64_t weight_bytes_of(const Graph& graph);

// What the network computes for the seeds 1, 2, 3 one after the other, layer by layer.
std::vector<RecordedCall> record(const Program& program);

// Replaces the folder by one with those files, as a whole or not at all. Throws Error where something is
// there already that this function did not write.
void replace_directory(const std::string& path, const std::vector<EmittedFile>& files);

}  // namespace teff::cli
