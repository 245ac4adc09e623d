#include "lab_time.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "core/threads.h"

namespace teff::cli {
namespace {

double now(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

double lab_seconds(int threads, FunctionRef<void()> body) {
  const clockid_t clock = threads > 1 ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
  const double start = now(clock);
  body();
  return std::max(now(clock) - start, 1e-9);
}

double lab_median(int threads, int repeat, FunctionRef<void()> body) {
  constexpr double kSlow = 2;
  std::vector<double> times{lab_seconds(threads, body)};
  if (times[0] >= kSlow) return times[0];
  for (int i = 0; i < repeat; ++i) times.push_back(lab_seconds(threads, body));
  std::ranges::sort(times);
  return times[times.size() / 2];
}

int lab_threads(const Arguments& arguments) {
  return static_cast<int>(arguments.number("--threads", hardware_threads(), 1, kMaxThreads));
}

int lab_repeat(const Arguments& arguments) {
  return static_cast<int>(arguments.number("--repeat", 5, 1, 1000));
}

std::vector<int64_t> lab_sizes(const Arguments& arguments, const std::vector<int64_t>& otherwise,
                               int64_t most) {
  const auto text = arguments.value("--shape");
  if (!text) return otherwise;
  const auto sizes = parse_shape(*text);
  if (sizes.size() != otherwise.size() ||
      std::ranges::any_of(sizes, [&](int64_t size) { return size < 1 || size > most; }))
    throw UsageError(fmt::format("--shape {}: {} sizes from 1 to {}, as {}", *text, otherwise.size(), most,
                                 fmt::join(otherwise, "x")));
  return sizes;
}

LabShape lab_shape(const Arguments& arguments, const LabShape& otherwise) {
  const auto sizes = lab_sizes(arguments, {otherwise.m, otherwise.k, otherwise.n}, 100'000);
  return {sizes[0], sizes[1], sizes[2]};
}

}  // namespace teff::cli
