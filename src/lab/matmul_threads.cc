// The lecture's threads: each is made, computes its rows of C and is waited for. Threads share A and B, which
// they only read, and write rows of their own, so nothing must be locked.
#include <pthread.h>

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "matmul.h"

namespace teff::lab {
namespace {

using Step = void (*)(Matmul);

struct Share {
  Step step;
  Matmul rows;
};

void* compute(void* argument) {
  const Share& share = *static_cast<const Share*>(argument);
  share.step(share.rows);
  return nullptr;
}

// A product is a product of some rows of A with B, and of the others with B.
void share_rows(Step step, const Matmul& p) {
  const int64_t threads = std::clamp<int64_t>(p.threads, 1, std::max<int64_t>(p.m, 1));
  std::vector<Share> shares;
  for (int64_t t = 0; t < threads; ++t) {
    const int64_t begin = p.m * t / threads, end = p.m * (t + 1) / threads;
    shares.push_back({step, {end - begin, p.k, p.n, p.a + begin * p.k, p.b, p.c + begin * p.n}});
  }
  std::vector<pthread_t> running(shares.size());
  size_t started = 0;
  while (started < shares.size() &&
         pthread_create(&running[started], nullptr, compute, &shares[started]) == 0)
    ++started;
  for (size_t t = 0; t < started; ++t) pthread_join(running[t], nullptr);
  check(started == shares.size(), "no more than {} threads can be had here", started);
}

}  // namespace

void naive_pthreads(Matmul p) { share_rows(naive, p); }

void tile_pthreads(Matmul p) { share_rows(tile, p); }

}  // namespace teff::lab
