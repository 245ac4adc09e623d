#include "core/threads.h"

#ifdef __linux__
#include <sched.h>
#endif

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <mutex>
#include <system_error>
#include <thread>

namespace teff {
namespace {

using Clock = std::chrono::steady_clock;

// Longer than the gap between two layers, shorter than what waking a parked thread costs several times over.
constexpr std::chrono::microseconds kSpin(40);

thread_local bool inside_a_body = false;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// True as soon as `ready` is, false after `limit`. The clock is looked at rarely: reading it takes as long as
// a hand-off.
template <class Ready>
bool spin_until(Clock::duration limit, Ready ready) {
  if (limit == Clock::duration::zero()) return ready();
  const Clock::time_point end = Clock::now() + limit;
  do {
    for (int i = 0; i < 64; ++i) {
      if (ready()) return true;
      pause();
    }
  } while (Clock::now() < end);
  return false;
}

struct Job {
  int64_t units;
  int ranges;
  FunctionRef<void(Range, int)> body;

  // A body that throws ends the process on whichever thread it runs.
  void run(int index) const noexcept {
    const int64_t size = units / ranges, longer = units % ranges;  // the first `longer` ranges have one more
    const int64_t begin = index * size + std::min<int64_t>(index, longer);
    body({begin, begin + size + (index < longer ? 1 : 0)}, index);
  }
  void run_all() const {
    for (int index = 0; index < ranges; ++index) run(index);
  }
  // More threads than processors: who spins keeps another from working.
  Clock::duration spin() const {
    return ranges <= hardware_threads() ? Clock::duration(kSpin) : Clock::duration::zero();
  }
};

// What a worker and the calling thread say to each other. Only the caller sets `ready` and only the worker
// `parked`; whoever turns `ready` into `idle` has taken the range and must run it.
enum State : int { idle, ready, parked, stop };

struct alignas(64) Worker {
  std::atomic<int> state{idle};
  std::thread thread;

  bool take() {
    int expected = ready;
    return state.compare_exchange_strong(expected, idle, std::memory_order_acq_rel);
  }
  void tell(State message) {
    if (state.exchange(message, std::memory_order_acq_rel) == parked) state.notify_one();
  }
  // False when the worker is to stop.
  bool wait_for_work(Clock::duration spin) {
    for (;;) {
      spin_until(spin, [&] { return state.load(std::memory_order_relaxed) != idle; });
      int expected = idle;
      if (state.compare_exchange_strong(expected, parked)) state.wait(parked);
      if (take()) return true;
      if (state.load(std::memory_order_relaxed) == stop) return false;
    }
  }
};

class Pool {
 public:
  ~Pool() {
    for (int i = 0; i < started_; ++i) workers_[i].tell(stop);
    for (int i = 0; i < started_; ++i) workers_[i].thread.join();
  }

  // False, with nothing done, where another thread has the workers.
  bool try_run(const Job& job) {
    const std::unique_lock turn(turn_, std::try_to_lock);
    if (!turn) return false;
    inside_a_body = true;
    start_workers(job.ranges - 1);
    const int helpers = std::min(job.ranges - 1, started_);
    job_ = &job;
    unfinished_.store(helpers, std::memory_order_relaxed);
    for (int i = 0; i < helpers; ++i) workers_[i].tell(ready);

    job.run(0);
    for (int index = helpers + 1; index < job.ranges; ++index) job.run(index);
    for (int i = helpers - 1; i >= 0; --i)
      if (workers_[i].take()) run_for(i);
    wait_for_helpers(job.spin());
    inside_a_body = false;
    return true;
  }

 private:
  static constexpr int kAsleep = 1 << 30;  // in unfinished_: the caller must be woken by the last helper

  // Where the system gives no more threads, fewer help.
  void start_workers(int wanted) {
    try {
      for (; started_ < wanted; ++started_)
        workers_[started_].thread = std::thread([this, i = started_] { work(i); });
    } catch (const std::system_error&) {
    }
  }

  void work(int i) {
    inside_a_body = true;
    Clock::duration spin = kSpin;
    while (workers_[i].wait_for_work(spin)) {
      spin = job_->spin();
      run_for(i);
    }
  }

  // job_ stays until the range that was taken is counted as finished.
  void run_for(int i) {
    job_->run(i + 1);
    if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == kAsleep + 1) unfinished_.notify_one();
  }

  void wait_for_helpers(Clock::duration spin) {
    if (spin_until(spin, [&] { return unfinished_.load(std::memory_order_acquire) == 0; })) return;
    int left = unfinished_.fetch_or(kAsleep, std::memory_order_acq_rel) | kAsleep;
    for (; left != kAsleep; left = unfinished_.load(std::memory_order_acquire)) unfinished_.wait(left);
  }

  std::mutex turn_;  // held by the thread that has the workers; guards all but what the workers read
  int started_ = 0;
  const Job* job_ = nullptr;
  alignas(64) std::atomic<int> unfinished_{0};
  std::array<Worker, kMaxThreads - 1> workers_;
};

Pool& pool() {
  static Pool instance;
  return instance;
}

// The quota that a container sets, in processors: "200000 100000" are two, "max 100000" is no limit.
double quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double time = 0, period = 0;
  return file >> time >> period && time > 0 && period > 0 ? time / period : kMaxThreads;
}

int processors() {
#ifdef __linux__
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

void parallel_for(int64_t units, int threads, FunctionRef<void(Range, int)> body) {
  if (units <= 0) return;
  const int ranges = static_cast<int>(std::min<int64_t>(units, std::clamp(threads, 1, kMaxThreads)));
  const Job job{units, ranges, body};
  if (ranges == 1 || inside_a_body || !pool().try_run(job)) job.run_all();
}

int hardware_threads() {
  static const int count =
      std::clamp(std::min(processors(), static_cast<int>(std::ceil(quota()))), 1, kMaxThreads);
  return count;
}

}  // namespace teff
