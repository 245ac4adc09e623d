// What parallel_for costs: the hand-off to a worker that spins, to one that has parked, and an empty round.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "core/threads.h"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

double nanoseconds(Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::duration<double, std::nano>>(time).count();
}

void stay_busy(microseconds time) {
  const Clock::time_point end = Clock::now() + time;
  while (Clock::now() < end) {
  }
}

// From the call to the begin of range 1 on its worker.
double hand_off() {
  std::atomic<bool> begun = false;
  Clock::time_point there;
  const Clock::time_point here = Clock::now();
  teff::parallel_for(2, 2, [&](teff::Range, int index) {
    if (index == 1) {
      there = Clock::now();
      begun.store(true, std::memory_order_release);
    }
    while (!begun.load(std::memory_order_acquire)) {  // or the caller would take range 1 itself
    }
  });
  return nanoseconds(there - here);
}

double empty_round(int threads) {
  const Clock::time_point begin = Clock::now();
  teff::parallel_for(threads, threads, [](teff::Range, int) {});
  return nanoseconds(Clock::now() - begin);
}

double clock_itself() {
  const Clock::time_point begin = Clock::now();
  return nanoseconds(Clock::now() - begin);
}

template <class Measure>
void print(const char* what, int times, Measure measure) {
  std::vector<double> samples(times);
  for (double& sample : samples) sample = measure();
  std::sort(samples.begin(), samples.end());
  fmt::print("{:<34} best {:>8.0f} ns   median {:>8.0f} ns   1 in 100 above {:>8.0f} ns\n", what, samples[0],
             samples[times / 2], samples[times - 1 - times / 100]);
}

}  // namespace

int main() {
  const int threads = teff::hardware_threads();
  fmt::print("{} processors\n", threads);
  print("the clock itself", 20000, clock_itself);
  print("hand-off, worker spinning", 20000, [] {
    stay_busy(microseconds(2));
    return hand_off();
  });
  print("hand-off, worker parked", 500, [] {
    std::this_thread::sleep_for(microseconds(2000));
    stay_busy(microseconds(100));
    return hand_off();
  });
  print("empty round, 2 threads", 20000, [] { return empty_round(2); });
  print("empty round, all processors", 20000, [=] { return empty_round(threads); });
  print("empty round, twice the processors", 2000, [=] { return empty_round(2 * threads); });
}
