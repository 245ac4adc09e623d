// What this processor can do, found out once at run time.
#pragma once

#include <string>
#include <vector>

namespace teff {

// Instruction sets in the order of preference, weakest first; each comes with what kernels for it may take
// for granted. TEFF_ISA=avx2 in the environment hides all that is above.
enum class Isa {
  scalar,
  sse41,       // with SSSE3
  avx2,        // with FMA and F16C
  avxvnni,     // avx2 and VPDPBUSD on 256 bits
  avx512,      // avx2 and AVX-512 F, BW, DQ, VL
  avx512vnni,  // avx512 and VPDPBUSD on 512 bits
  avx512fp16,  // avx512vnni and arithmetic on halves
  neon,
  dotprod,  // neon and SDOT, UDOT
  i8mm,     // dotprod and SMMLA
};

struct Cpu {
  std::string name;              // "AMD EPYC ...", as the processor itself says
  std::vector<Isa> isas;         // usable here, `scalar` first
  long l1d = 0, l2 = 0, l3 = 0;  // bytes of one instance; 0 where unknown
};

// This processor, with TEFF_ISA obeyed; throws Error where it names nothing or what this processor lacks.
const Cpu& cpu();
bool cpu_has(Isa isa);
const char* name_of(Isa isa);

// What cpu() finds the first time that it is called; `limit` is the value of TEFF_ISA, null or empty for
// none.
Cpu detect_cpu(const char* limit);

}  // namespace teff
