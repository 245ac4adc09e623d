#include "core/cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <iterator>

#include "core/error.h"

namespace teff {
namespace {

constexpr const char* kNames[] = {"scalar",     "sse41",      "avx2", "avxvnni", "avx512",
                                  "avx512vnni", "avx512fp16", "neon", "dotprod", "i8mm"};
static_assert(std::size(kNames) == static_cast<size_t>(Isa::i8mm) + 1);

struct Found {
  std::vector<Isa> isas{Isa::scalar};

  // Returns `has`, for those that build upon this one.
  bool add(bool has, Isa isa) {
    if (has) isas.push_back(isa);
    return has;
  }
};

#if defined(__x86_64__)

struct Registers {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

// All zero where the processor does not know the leaf.
Registers cpuid(uint32_t leaf, uint32_t subleaf = 0) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
}

constexpr bool all_set(uint32_t word, std::initializer_list<int> bits) {
  return std::all_of(bits.begin(), bits.end(), [=](int bit) { return word >> bit & 1; });
}

// The register states that the operating system saves when it switches threads.
uint32_t saved_states(const Registers& features) {
  if (!all_set(features.ecx, {27})) return 0;  // OSXSAVE: xgetbv may be asked
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

// Bit numbers are those of Intel's manual, volume 2, CPUID.
std::vector<Isa> usable_isas() {
  const Registers one = cpuid(1), seven = cpuid(7), seven_one = cpuid(7, 1);
  const uint32_t saved = saved_states(one);
  const bool ymm = all_set(saved, {1, 2}), zmm = ymm && all_set(saved, {5, 6, 7});

  Found found;
  found.add(all_set(one.ecx, {9, 19}), Isa::sse41);
  const bool avx2 = found.add(ymm && all_set(one.ecx, {12, 28, 29}) && all_set(seven.ebx, {5}), Isa::avx2);
  found.add(avx2 && all_set(seven_one.eax, {4}), Isa::avxvnni);
  const bool avx512 = found.add(avx2 && zmm && all_set(seven.ebx, {16, 17, 30, 31}), Isa::avx512);
  const bool vnni = found.add(avx512 && all_set(seven.ecx, {11}), Isa::avx512vnni);
  found.add(vnni && all_set(seven.edx, {23}), Isa::avx512fp16);
  return found.isas;
}

std::string processor_name() {
  char text[3 * sizeof(Registers) + 1] = {};
  for (uint32_t part = 0; part < 3; ++part) {
    const Registers r = cpuid(0x80000002 + part);
    std::memcpy(text + part * sizeof r, &r, sizeof r);
  }
  return text;
}

#elif defined(__aarch64__)

std::vector<Isa> usable_isas() {
  Found found;
  found.add(true, Isa::neon);  // every aarch64 processor has it
#if defined(__linux__)
  const bool dotprod = found.add(::getauxval(AT_HWCAP) & HWCAP_ASIMDDP, Isa::dotprod);
  found.add(dotprod && (::getauxval(AT_HWCAP2) & HWCAP2_I8MM), Isa::i8mm);
#endif
  return found.isas;
}

// The processor names only its designer and part number; the device tree names the board.
std::string processor_name() {
  std::string board;
  std::getline(std::ifstream("/sys/firmware/devicetree/base/model"), board, '\0');
  return board.empty() ? "aarch64" : board;
}

#else

std::vector<Isa> usable_isas() { return Found().isas; }
std::string processor_name() { return "unknown processor"; }

#endif

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// "48K", "32M" -> bytes
long bytes_of(const std::string& size) {
  const long unit = size.ends_with('K') ? 1024 : size.ends_with('M') ? 1024 * 1024 : 1;
  return std::strtol(size.c_str(), nullptr, 10) * unit;
}

void add_caches(Cpu& cpu) {
  for (int index = 0;; ++index) {
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/", index);
    std::string type, size;
    int level = 0;
    if (!(std::ifstream(folder + "type") >> type) || !(std::ifstream(folder + "level") >> level) ||
        !(std::ifstream(folder + "size") >> size))
      break;
    if (type == "Instruction") continue;
    if (level == 1) cpu.l1d = bytes_of(size);
    if (level == 2) cpu.l2 = bytes_of(size);
    if (level == 3) cpu.l3 = bytes_of(size);
  }
#ifdef _SC_LEVEL1_DCACHE_SIZE  // emulators and old kernels show no caches in /sys
  if (cpu.l1d == 0) cpu.l1d = std::max(::sysconf(_SC_LEVEL1_DCACHE_SIZE), 0L);
  if (cpu.l2 == 0) cpu.l2 = std::max(::sysconf(_SC_LEVEL2_CACHE_SIZE), 0L);
  if (cpu.l3 == 0) cpu.l3 = std::max(::sysconf(_SC_LEVEL3_CACHE_SIZE), 0L);
#endif
}

std::string names_of(const std::vector<Isa>& isas) {
  std::string names;
  for (Isa isa : isas) names += (names.empty() ? "" : ", ") + std::string(name_of(isa));
  return names;
}

void hide_above(std::vector<Isa>& isas, const std::string& limit) {
  const auto name = std::find(std::begin(kNames), std::end(kNames), limit);
  check(name != std::end(kNames), "TEFF_ISA={}: no such instruction set; there are {}", limit,
        fmt::join(kNames, ", "));
  const Isa highest = static_cast<Isa>(name - std::begin(kNames));
  check(std::count(isas.begin(), isas.end(), highest) == 1, "TEFF_ISA={}: this processor has only {}", limit,
        names_of(isas));
  std::erase_if(isas, [=](Isa isa) { return isa > highest; });
}

}  // namespace

const char* name_of(Isa isa) { return kNames[static_cast<size_t>(isa)]; }

Cpu detect_cpu(const char* limit) {
  Cpu cpu;
  cpu.name = trimmed(processor_name());
  cpu.isas = usable_isas();
  add_caches(cpu);
  if (limit != nullptr && *limit != '\0') hide_above(cpu.isas, limit);
  return cpu;
}

const Cpu& cpu() {
  static const Cpu instance = detect_cpu(std::getenv("TEFF_ISA"));
  return instance;
}

bool cpu_has(Isa isa) { return std::count(cpu().isas.begin(), cpu().isas.end(), isa) > 0; }

}  // namespace teff
