// Prints a program as plain C99: a folder that an embedded project takes as it stands.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace teff {

enum class EmitFor : uint8_t {
  speed,  // layers get code of their own where their kernel's inner loops gain by it
  flash,  // one copy of each kernel
};

enum class EmitLayout : uint8_t { plain, arduino, zephyr };

// One call of the network as the host made it, for the self-test.
struct RecordedCall {
  uint32_t seed = 0;           // of the inputs, see test_input
  std::vector<uint32_t> crcs;  // by layer; fewer than there are layers where the network waited for more data
};

struct EmitOptions {
  std::string name;  // names in C are made from it: "kws"
  EmitFor optimize = EmitFor::speed;
  // For speed: about how much code may be spent on it.
  int64_t code_bytes = 23000;
  // The instructions that each node of the main graph is thought to gain by code of its own, negative where
  // it was measured to gain none; empty: not known. Multiplications decide between those that gain the same.
  std::vector<double> own_code_gain;
  // Who gains so much gets it, whatever code_bytes says.
  double own_code_worth = std::numeric_limits<double>::infinity();
  EmitLayout layout = EmitLayout::plain;
  std::vector<RecordedCall> recorded;
};

struct EmittedFile {
  std::string path;  // within the folder
  std::string text;
};

// A node of the main graph, as the hook in the code counts them.
struct EmittedLayer {
  int node = 0;       // index into the graph's nodes
  std::string name;   // "CONV_2D"
  std::string shape;  // of the result
  int64_t macs = 0;
  int64_t bytes = 0;    // of the result
  int64_t made = 0;     // of them, from the first on: rows that nobody needs may be left out
  std::string kernels;  // "conv2d_s8", several joined by '+'
  std::string words;    // what they are: "3x3 convolution, stride 2: pairs of 16 bits"
  std::string why;      // these kernels, in this code, in this order: what the planner decided by
  // Its code knows all numbers of channels that its loops run over: no other layer has others.
  bool own_code = false;
};

struct Emitted {
  std::string name;  // what all names in C begin with
  std::vector<EmittedFile> files;
  std::vector<EmittedLayer> layers;
  int64_t arena_bytes = 0;  // scratch included
  int64_t constant_bytes = 0;
  int64_t state_bytes = 0;
};

// Throws Error where a program cannot be written as C.
Emitted emit(const Program& program, const EmitOptions& options);

// Layers that leave a result which can be checked, in the order of the graph.
std::vector<EmittedLayer> emitted_layers(const Program& program);

// What the self-test feeds: bytes of a linear congruential generator. Integers of 8 bits are its bytes, of 16
// its bytes times 256, others 0 or 1; floats what the QUANTIZE behind them would take for that byte, or else
// [-1, 1).
std::vector<Bytes> test_input(const Program& program, uint32_t seed);

}  // namespace teff
