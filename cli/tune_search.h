// The search of `teff tune`: candidates, which differ in kernels, in which layers have code of their own and
// in how much memory they take, are predicted by the cost model; the best are measured, the model is fitted
// to what was found, and what layers gain one by one is put together.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "tune_measure.h"

namespace teff::cli {

struct Tried {
  std::string what;
  double predicted = 0;  // instructions, before it was measured
  Measurement measured;
  bool fits = true;  // the limits
};

struct TuneResult {
  CompilationOptions options;  // of the best
  Compilation best;
  Measurement measured, usual;  // the best; what teff compile does
  std::vector<Tried> tried;     // in order
  FitError shipped, refined;    // the cost model's, at the beginning and at the end
  int64_t sram = 0, flash = 0;  // limits that all but the usual program were held to
};

// What is called after every measurement: it, and the best so far.
using TuneProgress = std::function<void(const Tried& last, const Measurement& best)>;

// Never worse than the usual program: that is tried first. No more than `budget` programs are measured, those
// not counted that were before. Throws what measuring that first program throws; candidates that cannot be
// made or measured are left out.
TuneResult tune(const std::string& model, const CompilationOptions& options, Measurer& measurer, int budget,
                const TuneProgress& progress);

}  // namespace teff::cli
