// How fast this processor can multiply and add at best, measured: what kernels are held against.
#pragma once

#include <string>

namespace teff {

struct MachineLimit {
  double macs_per_second = 0;  // of one thread; 0: not known how to measure it on this processor
  std::string how;             // "AVX-512 FMA"
};

// Each takes about 20 ms and needs the processor for itself to be right.
MachineLimit measure_float_limit();
MachineLimit measure_int8_limit();

}  // namespace teff
