// What the parts of the emitter have in common: the program, and the names and places of things in C.
#pragma once

#include <string>
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

  bool has_state() const { return !state.empty() || !once.empty(); }
  const Graph& main() const { return program.model.main(); }
  std::string parameters() const {
    return has_state() ? "void* arena, " + name + "_state* state" : "void* arena";
  }
  std::string arguments() const { return has_state() ? "arena, state" : "arena"; }
  // Where a tensor's bytes are, as an expression over `a` (the arena) and `state`.
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
std::string cmake_lists(const EmittedModel& model);
// Puts the files where that layout wants them, and adds its own.
std::vector<EmittedFile> laid_out(const EmittedModel& model, std::vector<EmittedFile> files);

}  // namespace teff
