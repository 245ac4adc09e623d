// A plan: a graph with everything decided, as a plain value. What runs on the host is what is written out as
// C.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"
#include "graph/graph.h"
#include "kernels/registry.h"

namespace teff {

// Where a tensor's bytes lie.
struct Location {
  enum class Place : uint8_t {
    nowhere,   // never materialized (a handle, a tensor that nothing computes)
    arena,     // working memory: offset within it
    state,     // kept from call to call: offset within it
    constant,  // index into Plan::constants
  };
  Place place = Place::nowhere;
  int64_t offset = 0;
};

// What a kernel's pointer points to.
struct Operand {
  enum class Kind : uint8_t {
    none,      // an optional pointer that is null
    tensor,    // index into Plan::tensors
    constant,  // index into Plan::constants
    state,     // offset into the state
    scratch,   // offset into the calling thread's part of the scratch memory
  };
  Kind kind = Kind::none;
  int64_t index = 0;
  int64_t bytes = 0;  // of scratch
};

// A kernel's parameter struct as bytes, aligned for any of its members.
struct Params {
  std::vector<int64_t> words;
  template <class P>
  static Params of(const P& p) {
    static_assert(std::is_trivially_copyable_v<P>);
    Params params;
    params.words.resize((sizeof(P) + 7) / 8);
    __builtin_memcpy(params.words.data(), &p, sizeof(P));
    return params;
  }
};

// One thing to do. Kernel steps name a row of the registry; most others run another plan.
struct Step {
  enum class Kind : uint8_t {
    kernel,
    alias,       // operands[0] is operands[1] under another shape: nothing to do
    call_once,   // runs plan `first` unless it has run before
    call_if,     // operands[0]: condition; runs `first` or `second`
    call_while,  // while plan `first` says true: plan `second`
    take_rows    // `units` rows of the input, operands[0], come from whoever calls (plan/input_rows.h)
  };
  Kind kind = Kind::kernel;
  int node = -1;  // index into the graph's nodes

  KernelId kernel{};
  std::string why;  // this kernel and no other, for reports; empty: there is no other
  Params params;
  std::vector<Operand> operands;
  int64_t units = 0;     // what the kernel's range counts
  double unit_cost = 1;  // about how many operations one unit takes: decides how many threads are worth it

  int first = -1, second = -1;            // plans called
  std::vector<TensorId> inputs, outputs;  // tensors handed to and taken from a called plan
};

// A tensor of the graph (by TensorId), or after those a temporary between the steps of one node.
struct PlannedTensor {
  Type type = Type::u8;
  int64_t bytes = 0;
  int32_t alias_of = kNoTensor;  // shares the bytes of that tensor
  Location location;
  int first_step = 0, last_step = 0;  // between which an arena tensor's bytes are needed
};

// A part of a step's work, done in one go: its units [begin, end).
struct Run {
  int step = 0;
  int32_t begin = 0, end = 0;
};

// The plan of one graph. Offsets in arena and state are those of the whole program's memory.
struct Plan {
  std::vector<Step> steps;
  std::vector<int> steps_end;  // by node: index after its last step
  std::vector<PlannedTensor> tensors;
  std::vector<Bytes> constants;
  int64_t scratch_bytes = 0;  // that the hungriest node needs, per thread
  // The order of work where steps take turns, row by row; empty: each step as a whole, one after the other.
  std::vector<Run> order;
};

// The state before the first call: zeros, but for some pieces. Not its bytes, which may be as many as a file
// claims: memory is taken by who runs the program.
struct InitialState {
  struct Piece {
    int64_t offset, bytes;
    std::byte value;
  };
  int64_t bytes = 0;
  std::vector<Piece> pieces;
};

// A piece of the arena that lies in a memory region of its own.
struct ArenaPart {
  std::string region;  // "DTCM"
  int64_t begin = 0;   // offset in the arena
  int64_t bytes = 0;
  double accesses = 1;  // the share of all bytes read and written that lie here
  double waits = 0;     // cycles of a call that the core waits for them, about (MemoryRegion::wait)
};

// A model with its plans, index by index as Model::graphs.
struct Program {
  Model model;
  std::vector<Plan> plans;
  int64_t arena_bytes = 0;
  // Where the machine's memory regions are known: those that are used. With several, the arena comes in
  // pieces that lie anywhere.
  std::vector<ArenaPart> arena_parts;
  int64_t scratch_bytes = 0;  // per thread; plans share it
  InitialState state;
};

// Lowers every node; memory is not laid out yet. Throws as make_program does.
Program lower_program(Model model);

// Lowers every node and lays out memory. Throws Error naming the node where an operator or its types have no
// kernel.
Program make_program(Model model);

// All nodes that make_program would refuse, a message that names it for each.
std::vector<std::string> nodes_without_kernel(const Model& model);

}  // namespace teff
