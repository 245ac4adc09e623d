// The machines that programs are written for: cores, and boards with their memories.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/specialize.h"

namespace teff {

struct Core {
  std::string_view name;  // "cortex-m7"
  BoardIsa isa = BoardIsa::c;
  std::string_view compiler;  // "arm-none-eabi-gcc"
  std::string_view flags;     // for it: which instructions, how floats are passed
};

struct MemoryRegion {
  std::string_view name;
  int64_t bytes = 0;
  // Cycles that the core waits for a word of 4 bytes, where every line of its cache (or every word, where it
  // has none) is fetched or written once. Computed from the widths and clocks of buses, not measured.
  double wait = 0;
  bool external = false;  // a chip of its own, which the firmware has to set up first
};

struct Target {
  std::string_view name;   // "cortex-m7", "stm32f746"
  std::string_view words;  // "STM32F746: Cortex-M7, 320 kB SRAM, 1 MB flash"
  const Core* core = nullptr;
  std::vector<MemoryRegion> sram;  // the fastest first; none: not known, no limit
  int64_t flash = 0;               // 0: not known, no limit
  int mhz = 0;                     // the fastest clock; 0: not known

  int64_t sram_bytes() const;      // in all regions
  int64_t internal_bytes() const;  // in those on the chip
};

const std::vector<Target>& targets();

// By name: a core with or without "cortex-", a board, whatever the case. Null: there is none.
const Target* find_target(std::string_view name);

}  // namespace teff
