// What this processor can do, found out once at run time.
#pragma once

#include <string>
#include <vector>

namespace teff {

// Instruction sets in the order of preference, weakest first. TEFF_ISA=avx2 in the environment hides all that
// is above.
enum class Isa { scalar, sse41, avx2, avxvnni, avx512, avx512vnni, avx512fp16, neon, dotprod, i8mm };

struct Cpu {
  std::string name;              // "AMD EPYC ...", as the processor itself says
  std::vector<Isa> isas;         // usable here, `scalar` first
  long l1d = 0, l2 = 0, l3 = 0;  // bytes; 0 where unknown
};

const Cpu& cpu();
bool cpu_has(Isa isa);
const char* name_of(Isa isa);

}  // namespace teff
