// Timings of a network's layers from a board on a serial line.
//
// Lines of text; those that do not begin with "teff " are the board's own business and are skipped.
//   to the board:    teff run
//   from the board:  teff layers 31
//                    teff layer 0 18230        (its index and what it took, in cycles of the board's counter)
//                    ...
//                    teff end 541200           (all of it)
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace teff::cli {

struct BoardTimes {
  std::vector<int64_t> layers;
  int64_t total = 0;
};

// Asks the board behind the device file (8 data bits, no parity) for one run. Throws Error naming the device
// where it cannot be opened or set, says nothing for as long as `patience`, or says something else than the
// protocol has.
BoardTimes time_board(const std::string& device, int baud, std::chrono::milliseconds patience);

}  // namespace teff::cli
