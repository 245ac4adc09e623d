// What programs cost, measured once each: on an emulated machine, where instructions are counted, or on a
// board behind a serial line, which counts its cycles. What was measured is kept in a file, so that it need
// not be again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "board_run.h"
#include "compilation.h"
#include "plan/cost_model.h"

namespace teff::cli {

struct Measurement {
  Counted total;  // instructions are cycles where a board was asked
  std::vector<Counted> layers;
  int64_t sram = 0, stack = 0;
  int64_t flash = 0;  // a board does not say: the constants
};

// A board and how a program gets there.
struct SerialBoard {
  std::string device;
  int baud = 115200;
  std::string
      load;  // a program that is handed the folder of a network, builds it for the board and starts it
  int seconds = 60;  // that the board may say nothing
};

class Measurer {
 public:
  // `model`: the bytes that all programs are made of.
  Measurer(const Target& target, std::span<const std::byte> model, std::optional<SerialBoard> board = {});

  // Throws Error where it cannot be measured, or where the machine computes something else than the host.
  Measurement measure(const Compilation& compilation);
  // True: the next call for this program takes no time.
  bool knows(const Compilation& compilation) const;

  int64_t measured() const { return measured_; }  // not counting what was known before
  const std::string& file() const { return file_; }

 private:
  void read();
  void keep(const std::string& name, const Measurement& measurement);
  Measurement on_emulator(const Compilation& compilation) const;
  Measurement on_board(const Compilation& compilation) const;

  const Target& target_;
  std::optional<SerialBoard> board_;
  std::string file_;  // empty: there is no folder for it
  std::map<std::string, Measurement> known_;
  int64_t measured_ = 0;
};

// The layers that were measured and that the cost model has formulas for. Pointers lead into the program.
std::vector<CostSample> samples_of(const Compilation& compilation, const Measurement& measurement);

}  // namespace teff::cli
