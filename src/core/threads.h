// One pool of threads for the process. Workers spin briefly for the next piece of work, then park.
#pragma once

#include <cstdint>
#include <functional>

namespace teff {

// A half-open range of the units into which a piece of work is divided.
struct Range {
  int64_t begin, end;
};

// Splits [0, units) into at most `threads` contiguous ranges, calls body(range, index of the range) for each,
// the first on the calling thread, and returns when all are done. The split depends on `units` and `threads`
// alone. `body` must not throw. Calls from several threads at once are safe (one at a time gets the workers,
// the others run their ranges alone); a call from inside a body runs on the calling thread.
void parallel_for(int64_t units, int threads, const std::function<void(Range, int)>& body);

int hardware_threads();  // processors that this process may use

}  // namespace teff
