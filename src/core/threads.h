// One pool of threads for the process. Workers spin briefly for the next piece of work, then park.
#pragma once

#include <cstdint>

#include "core/function_ref.h"

namespace teff {

// A half-open range of the units into which a piece of work is divided.
struct Range {
  int64_t begin, end;
};

inline constexpr int kMaxThreads = 256;

// Splits [0, units) into min(units, threads, kMaxThreads) contiguous ranges whose sizes differ by one at
// most, calls body(range, index of the range) for each and returns when all are done. The split depends on
// `units` and `threads` alone.
//
// Range 0 runs on the calling thread and range i on worker i, so that data stay in the caches where they were
// made; but what no worker has begun when the calling thread is done with its own, it takes over. Hence
// ranges must not wait for each other. `body` must not throw. Calls from several threads at once are safe:
// one gets the workers, the others run their ranges alone. So does a call from inside a body. Nothing is
// allocated once the workers have been started.
void parallel_for(int64_t units, int threads, FunctionRef<void(Range, int)> body);

// Processors that this process may use: by its affinity, and by the quota of its container.
int hardware_threads();

}  // namespace teff
