// Other programs: found, run with a limit to their time, and what they said.
#pragma once

#include <string>
#include <vector>

namespace teff::cli {

struct Finished {
  int status = 0;  // exit code; 128 + number where a signal ended it
  bool in_time = true;
  std::string out, err;
};

// Runs `command` (a program and its arguments, no shell) in a directory; past `seconds` it and all that it
// started is ended. Throws Error where it cannot be started.
Finished run_process(const std::vector<std::string>& command, const std::string& directory, int seconds);

// Whether PATH has a program of that name (or it is a path to one).
bool has_program(const std::string& name);

// The folder of the running program; empty where the system does not say.
std::string program_directory();

// A folder that is removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace teff::cli
