// What the parts of the emitter have in common: the program, and the names and places of things in C.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "emit/calls.h"
#include "emit/constants.h"
#include "emit/emit.h"

namespace teff {

// A piece of the state struct.
struct StateMember {
  std::string name;
  int64_t offset = 0, bytes = 0;
};

// "arena", "arena_1", ...
std::string piece_name(const std::string& first, size_t i);

struct EmittedModel {
  EmittedModel(const Program& program, const EmitOptions& options);

  const Program& program;
  const EmitOptions& options;
  std::string name;  // "kws"
  std::vector<EmittedLayer> layers;
  Calls calls;
  ConstantPool constants;
  std::vector<StateMember> state;
  std::vector<int> once;  // plans that run once only
  int64_t scratch_offset = 0, arena_bytes = 0;
  bool may_fault = false;
  const Step* input_rows = nullptr;  // the input comes row by row

  bool has_state() const { return !state.empty() || !once.empty(); }
  const Graph& main() const { return program.model.main(); }
  // How many pieces the arena comes in, each a pointer of its own: arena, arena_1, ...
  size_t arenas() const { return std::max<size_t>(program.arena_parts.size(), 1); }
  int64_t bytes_of_arena(size_t i) const {
    return arenas() == 1 ? arena_bytes : program.arena_parts[i].bytes;
  }
  // `first`, then first_1, first_2, ..., and the state, each with what stands before and behind it.
  std::string list(const std::string& first, const std::string& before, const std::string& state) const;
  std::string parameters() const { return list("arena", "void* ", name + "_state* state"); }
  std::string arguments() const { return list("arena", "", "state"); }
  std::string inner_parameters() const { return list("a", "uint8_t* ", name + "_state* state"); }
  std::string inner_arguments() const { return list("a", "", "state"); }
  // "(void)a;" and so on: not every function needs all of them.
  std::string unused(const std::string& first) const;
  // The piece of the arena in which an offset lies, and the offset there.
  std::pair<size_t, int64_t> in_arena(int64_t offset) const;
  // What invoke, and functions that take the input's rows on the way, have besides.
  std::string source_parameters() const {
    return input_rows ? ", " + name + "_rows rows, void* context" : "";
  }
  std::string source_arguments() const { return input_rows ? ", rows, context" : ""; }
  // Where a tensor's bytes are, as an expression over `a` (the arena; a_1 and so on its other pieces) and
  // `state`.
  std::string address(const Plan& plan, const PlannedTensor& tensor, std::string_view type, bool is_const,
                      const std::string& constant_name);
  std::string operand(const Plan& plan, const Operand& operand, const PointerInfo& pointer,
                      const std::string& constant_name, size_t alignment);
};

std::string model_header(EmittedModel& model);
std::string model_source(EmittedModel& model);
std::string weights_header(const EmittedModel& model);
std::string weights_source(const EmittedModel& model);
std::string recorded_header(const EmittedModel& model);
std::string test_source(const EmittedModel& model);
std::string serve_source();  // the board's side of `teff tune --serial`
std::string cmake_lists(const EmittedModel& model);
// Puts the files where that layout wants them, and adds its own.
std::vector<EmittedFile> laid_out(const EmittedModel& model, std::vector<EmittedFile> files);

}  // namespace teff
