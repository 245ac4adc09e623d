#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace teff::cli {

Progress::Progress(std::string what, size_t total)
    : what_(std::move(what)),
      total_(total),
      watched_(isatty(STDERR_FILENO)),
      shown_(std::chrono::steady_clock::now()) {}

void Progress::step(size_t count) {
  at_ += count;
  const auto now = std::chrono::steady_clock::now();
  if (!watched_ || now - shown_ < std::chrono::milliseconds(100)) return;
  shown_ = now;
  fmt::print(stderr, "\r\033[K{}: {} of {}", what_, at_, total_);
  std::fflush(stderr);
}

void Progress::now(const std::string& doing) {
  if (!watched_) return;
  fmt::print(stderr, "\r\033[K{}: {} ({} of {})", what_, doing, at_ + 1, total_);
  std::fflush(stderr);
}

void Progress::done() {
  if (watched_) fmt::print(stderr, "\r\033[K");
}

}  // namespace teff::cli
