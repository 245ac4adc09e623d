#include "core/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "core/error.h"

namespace teff {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

  // A full disk or a network file system may report a failed write only here.
  int close() { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

// O_NONBLOCK: without it, opening a pipe waits for a writer that may never come.
Descriptor open_for_reading(const std::string& path, struct stat& status) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    fail("{}: cannot be opened: {}", path, reason(errno));
  check(S_ISREG(status.st_mode), "{}: cannot be opened: it is {}, not a file", path, kind_of(status.st_mode));
  return file;
}

[[noreturn]] void cannot_be_written(const std::string& path) {
  fail("{}: cannot be written: {}", path, reason(errno));
}

// A file that is being written beside `target`; it vanishes unless it is renamed to its place.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& target) : target_(target), file_(create()) {
    struct stat old;
    if (::stat(target.c_str(), &old) == 0) ::fchmod(file_.get(), old.st_mode & 0777);
  }
  ~TemporaryFile() {
    if (!renamed_) ::unlink(path_.c_str());
  }

  void write(std::span<const std::byte> data) {
    while (!data.empty()) {
      const ssize_t written = ::write(file_.get(), data.data(), data.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) cannot_be_written(target_);
      data = data.subspan(static_cast<size_t>(written));
    }
    if (file_.close() != 0) cannot_be_written(target_);
  }
  void rename() {
    if (::rename(path_.c_str(), target_.c_str()) != 0) cannot_be_written(target_);
    renamed_ = true;
  }

 private:
  // Not mkstemp: its 0600 would hide the file from others, and the umask cannot be read without changing it.
  int create() {
    static std::atomic<unsigned> serial = 0;
    for (;;) {
      path_ = fmt::format("{}.{}-{}.part", target_, ::getpid(), serial++);
      const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd >= 0) return fd;
      if (errno != EEXIST) cannot_be_written(target_);
    }
  }

  std::string target_, path_;
  Descriptor file_;
  bool renamed_ = false;
};

// What is to be replaced: rename() would put a file in the place of a link or a device.
std::string target_of(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  check(!fs::exists(status) || fs::is_regular_file(status), "{}: cannot be written: it is not a file", path);
  const bool link = fs::is_symlink(fs::symlink_status(path, ignored));
  return link ? fs::weakly_canonical(path).string() : path;
}

}  // namespace

Bytes map_file(const std::string& path) {
  struct stat status;
  const Descriptor file = open_for_reading(path, status);
  const size_t size = static_cast<size_t>(status.st_size);
  if (size == 0) return Bytes::own({});

  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED) fail("{}: cannot be mapped: {}", path, reason(errno));
  std::shared_ptr<const void> owner(address, [size](void* mapped) { ::munmap(mapped, size); });
  return Bytes(std::move(owner), {static_cast<const std::byte*>(address), size});
}

void write_file(const std::string& path, std::span<const std::byte> data) {
  TemporaryFile file(target_of(path));
  file.write(data);
  file.rename();
}

void write_file(const std::string& path, const std::string& text) {
  write_file(path, std::as_bytes(std::span(text)));
}

void make_directories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  check(!error, "{}: cannot be created: {}", path, error.message());
}

}  // namespace teff
