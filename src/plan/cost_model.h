// About what a run of a step takes on a board, by formulas fitted to counted ones.
//
// A kernel has a few quantities that its loops run over (its features). Instructions, loads and stores are
// sums of these, each times a coefficient. Coefficients come from least squares over layers that were counted
// on an emulator or timed on a board, and are never negative, so that more work never costs less. What a
// kernel does in another way has coefficients of its own: windows of one pixel, of 3x3; code that serves one
// shape alone.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "plan/specialize.h"

namespace teff {

struct Cost {
  double instructions = 0, loads = 0, stores = 0;
};

// What a step was counted to take, all of its runs together.
struct CostSample {
  const Step* step = nullptr;
  std::vector<int32_t> runs;  // how many units each has
  bool own_code = false;      // see EmittedLayer
  Cost counted;
};

// Relative errors of the predicted instructions.
struct FitError {
  size_t samples = 0;
  double median = 0, worst = 0;
  std::string worst_way;  // the kernel, and which way it goes, of the worst
};

class CostModel {
 public:
  // As it was fitted to the networks of MLPerf Tiny and MCUNet (cost_table.inc).
  explicit CostModel(BoardIsa isa);

  Cost cost(const Step& step, int32_t units, bool own_code = true) const;
  double instructions(const Step& step, int32_t units) const { return cost(step, units).instructions; }

  // Fits anew what the samples speak of; the rest stays as it is.
  FitError fit(std::span<const CostSample> samples);
  // The same, for few samples: coefficients change no more than the samples say that they have to.
  FitError refine(std::span<const CostSample> samples);
  FitError error_in(std::span<const CostSample> samples) const;

  // One line for each way that a kernel goes and each of instructions, loads, stores: its coefficients.
  std::string text() const;
  // Throws Error naming the line that it cannot read.
  void read(const std::string& text);

 private:
  using Coefficients = std::vector<double>;
  const Coefficients* find(const Step& step, bool own_code, const char* what, size_t features) const;
  FitError fit(std::span<const CostSample> samples, double trust);

  std::map<std::string, Coefficients> coefficients_;  // by way and what is counted
};

// Of a call of the main graph; nodes of several steps are left out.
Cost predicted_cost(const Program& program, const CostModel& model);

}  // namespace teff
