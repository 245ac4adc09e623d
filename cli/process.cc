#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/error.h"

namespace teff::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

class Pipe {
 public:
  Pipe() { check(::pipe2(ends_, O_CLOEXEC) == 0, "a pipe cannot be made: {}", std::strerror(errno)); }
  ~Pipe() {
    for (int end : ends_)
      if (end >= 0) ::close(end);
  }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_write() { ::close(ends_[1]), ends_[1] = -1; }
  // False: nothing more will come.
  bool read_into(std::string& text) const {
    char buffer[65536];
    const ssize_t count = ::read(ends_[0], buffer, sizeof buffer);
    if (count > 0) text.append(buffer, static_cast<size_t>(count));
    return count > 0 || (count < 0 && errno == EINTR);
  }

 private:
  int ends_[2] = {-1, -1};
};

// In the child: only what is allowed between fork and exec.
[[noreturn]] void become(char* const* arguments, const char* directory, int out, int err) {
  ::setpgid(0, 0);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  if (::chdir(directory) == 0) ::execvp(arguments[0], arguments);
  ::_exit(127);
}

// Reads both until they end or time is up; false: time is up.
bool drain(const Pipe& out, const Pipe& err, Finished& result, Clock::time_point end) {
  bool open[2] = {true, true};
  while (open[0] || open[1]) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting[2] = {{open[0] ? out.read_end() : -1, POLLIN, 0},
                         {open[1] ? err.read_end() : -1, POLLIN, 0}};
    if (::poll(waiting, 2, static_cast<int>(left)) <= 0) continue;
    if (waiting[0].revents) open[0] = out.read_into(result.out);
    if (waiting[1].revents) open[1] = err.read_into(result.err);
  }
  return true;
}

}  // namespace

Finished run_process(const std::vector<std::string>& command, const std::string& directory, int seconds) {
  check(has_program(command.at(0)), "there is no program '{}'", command[0]);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  Pipe out, err;
  const pid_t child = ::fork();
  check(child >= 0, "{}: cannot be started: {}", command[0], std::strerror(errno));
  if (child == 0) become(arguments.data(), directory.c_str(), out.write_end(), err.write_end());
  ::setpgid(child, child);
  out.close_write(), err.close_write();
  Finished result;
  result.in_time = drain(out, err, result, Clock::now() + std::chrono::seconds(seconds));
  if (!result.in_time) ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

bool has_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  std::string folders = path ? path : "/usr/bin:/bin";
  for (size_t begin = 0; begin <= folders.size();) {
    const size_t end = std::min(folders.find(':', begin), folders.size());
    if (::access((folders.substr(begin, end - begin) + "/" + name).c_str(), X_OK) == 0) return true;
    begin = end + 1;
  }
  return false;
}

std::string program_directory() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? std::string() : program.parent_path().string();
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (fs::temp_directory_path() / "teff-XXXXXX").string();
  check(::mkdtemp(pattern.data()) != nullptr, "{}: cannot be created: {}", pattern, std::strerror(errno));
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace teff::cli
