#include "plan/targets.h"

#include <algorithm>
#include <cctype>

namespace teff {
namespace {

constexpr std::string_view kArm = "arm-none-eabi-gcc";

constexpr Core kM0Plus{"cortex-m0plus", BoardIsa::c, kArm, "-mcpu=cortex-m0plus -mthumb -mfloat-abi=soft"};
// Registers are all taken in the inner loops for pairs of 16 bits: instructions moved about before registers
// are given out would only make them spill.
constexpr Core kM4{"cortex-m4", BoardIsa::dsp, kArm,
                   "-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 -fno-schedule-insns"};
constexpr Core kM7{"cortex-m7", BoardIsa::dsp, kArm,
                   "-mcpu=cortex-m7 -mthumb -mfloat-abi=hard -mfpu=fpv5-d16 -fno-schedule-insns"};
constexpr Core kM33{"cortex-m33", BoardIsa::dsp, kArm,
                    "-mcpu=cortex-m33 -mthumb -mfloat-abi=hard -mfpu=fpv5-sp-d16 -fno-schedule-insns"};
constexpr Core kM55{"cortex-m55", BoardIsa::mve, kArm, "-mcpu=cortex-m55 -mthumb -mfloat-abi=hard"};
// The compilers of today's distributions do not know it by name; it runs all that its predecessor runs.
constexpr Core kM85{"cortex-m85", BoardIsa::mve, kArm, "-mcpu=cortex-m55 -mthumb -mfloat-abi=hard"};
constexpr Core kRiscv32{"riscv32", BoardIsa::c, "riscv64-unknown-elf-gcc", "-march=rv32imc -mabi=ilp32"};
constexpr Core kHost{"host", BoardIsa::c, "cc", ""};

constexpr int64_t kKiB = 1024, kMiB = 1024 * 1024;

// A line of the cache (32 bytes) comes in so many clocks of a bus, each so many cycles of the core; a word is
// an eighth of that.
constexpr double wait_of_line(double bus_clocks, double cycles_of_clock) {
  return bus_clocks * cycles_of_clock / 8;
}
// A row is closed and another opened (2 clocks each), then comes the first word (2, the latency of columns),
// then the line. Memory of 16 bits takes 16 clocks for it, of 32 bits 8.
constexpr double sdram_wait(int bits, double core_mhz, double sdram_mhz) {
  return wait_of_line(2 + 2 + 2 + 256.0 / bits, core_mhz / sdram_mhz);
}
// On the chip: so many clocks until the first word is there, then one for each 4 or 8 bytes.
constexpr double kAxi64 = 4 + 6, kAhb32 = 8 + 6, kAhb32Bridged = 8 + 10;

constexpr MemoryRegion kF746[] = {{"DTCM", 64 * kKiB}, {"SRAM1-2", 256 * kKiB, wait_of_line(kAhb32, 1)}};
constexpr MemoryRegion kH743[] = {{"DTCM", 128 * kKiB},
                                  {"AXI SRAM", 512 * kKiB, wait_of_line(kAxi64, 2)},
                                  {"SRAM1-3", 288 * kKiB, wait_of_line(kAhb32Bridged, 2)},
                                  {"SRAM4", 64 * kKiB, wait_of_line(kAhb32Bridged, 2)}};

std::vector<MemoryRegion> with(std::span<const MemoryRegion> regions, const MemoryRegion& more = {}) {
  std::vector<MemoryRegion> all(regions.begin(), regions.end());
  if (more.bytes > 0) all.push_back(more);
  return all;
}
MemoryRegion sdram(int64_t bytes, int bits, double core_mhz, double sdram_mhz) {
  return {"SDRAM", bytes, sdram_wait(bits, core_mhz, sdram_mhz), true};
}

// The regions are those of the vendors' reference manuals, the nearest to the core first; neighbours whose
// addresses follow one another count as one. Flash is that of the largest part of the name. SDRAM is what
// boards' manuals say, wired to half of the bus's clock, or to 100 MHz.
std::vector<Target> make_targets() {
  return {
      {"cortex-m0plus", "Cortex-M0+: no multiplication of pairs, no floating point", &kM0Plus, {}, 0},
      {"cortex-m4", "Cortex-M4: pairs of 16 bits", &kM4, {}, 0},
      {"cortex-m7", "Cortex-M7: pairs of 16 bits, two instructions at a time", &kM7, {}, 0},
      {"cortex-m33", "Cortex-M33: pairs of 16 bits", &kM33, {}, 0},
      {"cortex-m55", "Cortex-M55: Helium, vectors of 16 bytes", &kM55, {}, 0},
      {"cortex-m85", "Cortex-M85: Helium, vectors of 16 bytes", &kM85, {}, 0},
      {"riscv32", "RISC-V, 32 bits: RV32IMC", &kRiscv32, {}, 0},
      {"host", "this computer, as plain C", &kHost, {}, 0},
      {"stm32f746", "STM32F746: Cortex-M7", &kM7, with(kF746), kMiB, 216},
      {"stm32f746g-disco", "STM32F746 on its Discovery board, 8 MB of SDRAM: Cortex-M7", &kM7,
       with(kF746, sdram(8 * kMiB, 16, 216, 108)), kMiB, 216},
      {"stm32f412", "STM32F412: Cortex-M4", &kM4, {{"SRAM", 256 * kKiB}}, kMiB, 100},
      {"stm32h743", "STM32H743: Cortex-M7", &kM7, with(kH743), 2 * kMiB, 480},
      {"stm32h743i-eval", "STM32H743 on its Eval board, 32 MB of SDRAM: Cortex-M7", &kM7,
       with(kH743, sdram(32 * kMiB, 32, 400, 100)), 2 * kMiB, 400},
      {"stm32h747i-disco", "STM32H747 on its Discovery board, 32 MB of SDRAM: its Cortex-M7", &kM7,
       with(kH743, sdram(32 * kMiB, 32, 400, 100)), 2 * kMiB, 400},
      {"giga-r1", "Arduino GIGA R1 (STM32H747, 8 MB of SDRAM): its Cortex-M7", &kM7,
       with(kH743, sdram(8 * kMiB, 16, 480, 100)), 2 * kMiB, 480},
      {"stm32h7a3",
       "STM32H7A3: Cortex-M7",
       &kM7,
       {{"DTCM", 128 * kKiB},
        {"AXI SRAM", 1024 * kKiB, wait_of_line(kAxi64, 1)},
        {"AHB SRAM", 128 * kKiB, wait_of_line(kAhb32Bridged, 1)},
        {"SRD SRAM", 32 * kKiB, wait_of_line(kAhb32Bridged, 1)}},
       2 * kMiB,
       280},
      {"stm32u575",
       "STM32U575: Cortex-M33",
       &kM33,
       {{"SRAM1-3", 768 * kKiB}, {"SRAM4", 16 * kKiB, 1}},
       2 * kMiB,
       160},
      {"stm32l4r5", "STM32L4R5: Cortex-M4", &kM4, {{"SRAM1-3", 640 * kKiB}}, 2 * kMiB, 120},
      {"nano33ble", "Arduino Nano 33 BLE (nRF52840): Cortex-M4", &kM4, {{"SRAM", 256 * kKiB}}, kMiB, 64},
      {"corstone-300",
       "Corstone-300 (MPS3 board, AN547): Cortex-M55",
       &kM55,
       {{"DTCM", 512 * kKiB}, {"SRAM", 2 * kMiB, wait_of_line(kAxi64, 1)}},
       512 * kKiB},
  };
}

// Names that boards go by besides those of their chips.
struct Alias {
  std::string_view name, target;
};
constexpr Alias kAliases[] = {{"m0+", "cortex-m0plus"},         {"cortex-m0+", "cortex-m0plus"},
                              {"rv32imc", "riscv32"},           {"nucleo-f746zg", "stm32f746"},
                              {"nucleo-f412zg", "stm32f412"},   {"nucleo-h743zi", "stm32h743"},
                              {"nucleo-h7a3zi-q", "stm32h7a3"}, {"nucleo-u575zi-q", "stm32u575"},
                              {"nucleo-l4r5zi", "stm32l4r5"},   {"nrf52840", "nano33ble"},
                              {"mps3-an547", "corstone-300"},   {"32f746gdiscovery", "stm32f746g-disco"},
                              {"arduino-giga-r1", "giga-r1"}};

const Target* target_named(std::string_view name) {
  const auto found = std::ranges::find(targets(), name, &Target::name);
  return found == targets().end() ? nullptr : &*found;
}

}  // namespace

int64_t Target::sram_bytes() const {
  int64_t sum = 0;
  for (const MemoryRegion& region : sram) sum += region.bytes;
  return sum;
}

int64_t Target::internal_bytes() const {
  int64_t sum = 0;
  for (const MemoryRegion& region : sram)
    if (!region.external) sum += region.bytes;
  return sum;
}

const std::vector<Target>& targets() {
  static const std::vector<Target> all = make_targets();
  return all;
}

const Target* find_target(std::string_view name) {
  std::string lower;
  for (char c : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Alias& alias : kAliases)
    if (alias.name == lower) return target_named(alias.target);
  if (const Target* target = target_named(lower)) return target;
  for (const char* prefix : {"cortex-", "stm32"})
    if (const Target* target = target_named(prefix + lower)) return target;
  return nullptr;
}

}  // namespace teff
