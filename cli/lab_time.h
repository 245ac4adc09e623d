// How the lab takes times. On a machine that others use as well, what one thread does is measured by that
// thread's own processor time, in which it is not counted that others had their turn; what several threads
// do, by the clock.
#pragma once

#include <cstdint>
#include <vector>

#include "arguments.h"
#include "core/function_ref.h"

namespace teff::cli {

double lab_seconds(int threads, FunctionRef<void()> body);

// The median of 1 + `repeat` runs; of one, where that takes two seconds or more.
double lab_median(int threads, int repeat, FunctionRef<void()> body);

// --threads and --repeat, as all chapters understand them.
int lab_threads(const Arguments& arguments);
int lab_repeat(const Arguments& arguments);

struct LabShape {
  int64_t m, k, n;
  double macs() const { return static_cast<double>(m) * static_cast<double>(k) * static_cast<double>(n); }
};
// As many sizes as `otherwise` has, none above `most`.
std::vector<int64_t> lab_sizes(const Arguments& arguments, const std::vector<int64_t>& otherwise,
                               int64_t most);
LabShape lab_shape(const Arguments& arguments, const LabShape& otherwise);  // --shape

}  // namespace teff::cli
