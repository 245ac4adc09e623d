// About how many instructions a board takes for a run of a step, by a formula fitted to counted ones.
//
// Each kernel has a few quantities that its loops run over (its features); the instructions are a sum of
// them, each times a coefficient. Coefficients come from least squares over layers that were counted on an
// emulator or timed on a board, and are never negative, so that more work never costs less.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "plan/specialize.h"

namespace teff {

// What a run of the step's units [0, units) was measured to take.
struct CostSample {
  const Step* step = nullptr;
  int32_t units = 0;
  double instructions = 0;
};

class CostModel {
 public:
  explicit CostModel(Isa isa);  // as it was fitted to the networks of MLPerf Tiny and MCUNet

  double instructions(const Step& step, int32_t units) const;

  // Fits the kernels that samples speak of; the others stay as they are. Returns the median of the samples'
  // relative errors after that.
  double fit(std::span<const CostSample> samples);

  // One line a kernel: its name and coefficients. Throws Error naming the line that it cannot read.
  std::string text() const;
  void read(const std::string& text);

 private:
  std::map<std::string, std::vector<double>> coefficients_;  // by kernel
};

}  // namespace teff
