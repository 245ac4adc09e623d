// Progress of long work, on standard error, only where somebody watches (a terminal).
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace teff::cli {

class Progress {
 public:
  Progress(std::string what, size_t total);
  void step(size_t count = 1);
  void now(const std::string& doing);  // shows at once what takes long from here on
  void done();                         // wipes the line

 private:
  std::string what_;
  size_t total_, at_ = 0;
  bool watched_;
  std::chrono::steady_clock::time_point shown_;
};

}  // namespace teff::cli
