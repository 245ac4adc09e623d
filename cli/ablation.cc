#include "ablation.h"

#include <fmt/format.h>

#include "board_run.h"
#include "core/error.h"
#include "progress.h"
#include "text.h"

namespace teff::cli {
namespace {

// A program and how it is written as C and compiled.
struct Variant {
  std::string technique;  // that it lacks
  bool other_kernels = false;
  BoardOptions board;
  EmitFor written_for = EmitFor::speed, compiled_for = EmitFor::speed;
  bool own_code = true;
};

// What there is to leave out. A program for little flash has hardly any of it.
std::vector<Variant> variants_of(const CompilationOptions& options, int64_t arena) {
  BoardOptions board = board_options(options);
  if (!board.budget && board.memory == BoardMemory::layer_wise && options.optimize != "speed")
    board.budget = arena;
  std::vector<Variant> variants;
  const BoardIsa isa = options.target->core->isa;
  if (isa != BoardIsa::c) {
    Variant& v = variants.emplace_back();
    v.technique = isa == BoardIsa::dsp ? "kernels for pairs of 16 bits" : "kernels for Helium";
    v.other_kernels = true, v.board = board, v.board.isa = BoardIsa::c;
    if (board.small) v.written_for = v.compiled_for = EmitFor::flash;
  }
  if (board.small) return variants;
  Variant& small = variants.emplace_back();
  small.technique = isa == BoardIsa::dsp
                        ? "scaling in two instructions, and depthwise kernels for each window"
                        : "scaling in two instructions";
  small.other_kernels = true, small.board = board, small.board.small = true;
  variants.push_back({.technique = "code of their own for layers", .board = {}, .own_code = false});
  variants.push_back(
      {.technique = "shapes that the compiler knows", .board = {}, .written_for = EmitFor::flash});
  variants.push_back({.technique = "-O2 (-Os instead)", .board = {}, .compiled_for = EmitFor::flash});
  return variants;
}

// In the memory that is there, if that suffices for these kernels.
Program program_of(const Program& taken, BoardOptions options) {
  try {
    return make_board_program(taken.model, options);
  } catch (const Error&) {
    options.budget.reset(), options.memory = BoardMemory::least;
    return make_board_program(taken.model, options);
  }
}

Emitted written(const Variant& variant, const Compilation& taken, const CompilationOptions& options) {
  const EmitOptions how = emit_options(taken, options);
  EmitOptions other = how;
  other.optimize = variant.written_for;
  if (!variant.own_code) other.code_bytes = 0;
  if (!variant.other_kernels) return emit(*taken.program, other);
  return emit(program_of(*taken.program, variant.board), other);
}

std::string more(int64_t without, int64_t with) {
  if (without == with) return "nothing";
  return fmt::format("{} {}", std::abs(without - with), without > with ? "more" : "less");
}

std::string percent(int64_t without, int64_t with) {
  if (without == with || with == 0) return "";
  return fmt::format("{:+.1f} %", 100.0 * static_cast<double>(without - with) / static_cast<double>(with));
}

}  // namespace

std::vector<MemoryAblation> ablate_sram(const Compilation& taken, const CompilationOptions& options) {
  std::vector<MemoryAblation> memory = ablate_memory(*taken.program, board_options(options));
  // The arena ends with the last byte that is used, not where the planner's alignment would have it end.
  const int64_t beyond = taken.program->arena_bytes - taken.emitted.arena_bytes;
  for (MemoryAblation& a : memory) a.bytes -= beyond;
  return memory;
}

std::vector<CountedAblation> ablate_instructions(const Compilation& taken,
                                                 const CompilationOptions& options) {
  std::vector<CountedAblation> result;
  const std::vector<Variant> variants = variants_of(options, taken.emitted.arena_bytes);
  Progress progress("counting what each optimisation saves", variants.size());
  for (const Variant& variant : variants) {
    const Measured m = count(written(variant, taken, options), *options.target, variant.compiled_for);
    result.push_back({variant.technique, m.total.instructions, m.flash_total});
    progress.step();
  }
  progress.done();
  return result;
}

std::string ablation_text(const Ablation& ablation, int64_t arena, int64_t instructions, int64_t flash) {
  if (ablation.memory.empty()) return "";
  Table sram({{"without"}, {"bytes of SRAM", Align::right}, {"", Align::right}});
  for (const MemoryAblation& a : ablation.memory)
    sram.row({std::string(a.technique), more(a.bytes, arena), percent(a.bytes, arena)});
  std::string text = sram.text();
  if (ablation.counted.empty()) return text;
  Table counted({{"without"}, {"instructions", Align::right}, {"", Align::right}, {"flash", Align::right}});
  for (const CountedAblation& a : ablation.counted)
    counted.row({a.technique, more(a.instructions, instructions), percent(a.instructions, instructions),
                 more(a.flash, flash)});
  return text + "\n" + counted.text();
}

}  // namespace teff::cli
