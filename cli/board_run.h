// An emitted network built for a machine and run on an emulated one: what it computes, what it costs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emit/emit.h"
#include "plan/targets.h"

namespace teff::cli {

struct Counted {
  int64_t instructions = 0, loads = 0, stores = 0;
  Counted& operator+=(const Counted& other) {
    instructions += other.instructions, loads += other.loads, stores += other.stores;
    return *this;
  }
};

struct Measured {
  bool counted = false;  // false: this machine has no counter (the host)
  Counted total;         // between entry and exit of invoke, the first recorded call
  std::vector<Counted> layers;
  bool crc_ok = false;
  std::string difference;   // the first, where there is one
  int64_t sram = 0;         // bytes of the arena from the lowest to the highest that is touched
  int64_t stack = 0;        // that invoke needs at most
  bool guarded = false;     // memory protection watched both ends of the arena
  int64_t flash_total = 0;  // of the network and what of the compiler's library it needs
  std::vector<std::pair<std::string, int64_t>> flash;  // by section
};

// What is missing to measure on that target, as one line that names the package; empty: nothing.
std::string missing_tools(const Target& target);

// Throws Error with what the compiler or the emulator said where they fail. `optimize` is what the code is
// compiled for.
Measured measure(const Emitted& emitted, const Target& target, EmitFor optimize);

// Bytes of flash that the linked network takes: nothing where there is no cross compiler to build it with.
std::optional<int64_t> linked_flash(const Emitted& emitted, const Target& target, EmitFor optimize);

// Only what a call takes and the flash: results are not compared, layers not counted.
Measured count(const Emitted& emitted, const Target& target, EmitFor optimize);

// Writes an emitted network's files into a folder.
void write_files(const std::vector<EmittedFile>& files, const std::string& directory);

}  // namespace teff::cli
