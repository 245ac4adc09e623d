#include "serial.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "core/error.h"

namespace teff::cli {
namespace {

constexpr int64_t kMostLayers = 100'000;
constexpr size_t kLongestLine = 1000;

speed_t speed_of(int baud) {
  switch (baud) {
    case 9600: return B9600;
    case 57600: return B57600;
    case 115200: return B115200;
    case 230400: return B230400;
    case 460800: return B460800;
    case 921600: return B921600;
    default:
      fail("{} baud is not a speed of serial lines: 9600, 57600, 115200, 230400, 460800, 921600", baud);
  }
}

class SerialLine {
 public:
  SerialLine(const std::string& device, int baud, std::chrono::milliseconds patience) : patience_(patience) {
    file_ = open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    check(file_ >= 0, "cannot be opened: {}", std::strerror(errno));
    try {
      set_raw(baud);
    } catch (...) {
      close(file_);
      throw;
    }
  }
  ~SerialLine() { close(file_); }
  SerialLine(const SerialLine&) = delete;
  SerialLine& operator=(const SerialLine&) = delete;

  void write_line(const std::string& line) {
    const std::string text = line + "\n";
    for (size_t written = 0; written < text.size();) {
      wait_for(POLLOUT);
      const ssize_t n = write(file_, text.data() + written, text.size() - written);
      check(n >= 0 || errno == EAGAIN, "cannot be written: {}", std::strerror(errno));
      if (n > 0) written += static_cast<size_t>(n);
    }
  }

  // The next line that the protocol has, without its "teff ".
  std::string next() {
    for (;;) {
      const std::string line = read_line();
      if (line.rfind("teff ", 0) == 0) return line.substr(5);
    }
  }

 private:
  void set_raw(int baud) {
    termios settings{};
    check(tcgetattr(file_, &settings) == 0, "is not a serial line");
    cfmakeraw(&settings);
    cfsetspeed(&settings, speed_of(baud));
    check(tcsetattr(file_, TCSANOW, &settings) == 0, "does not take these settings: {}",
          std::strerror(errno));
  }

  void wait_for(short event) {
    pollfd waiting{.fd = file_, .events = event, .revents = 0};
    const int ready = poll(&waiting, 1, static_cast<int>(patience_.count()));
    check(ready != 0, "nothing comes from the board ({} ms)", patience_.count());
    check(ready > 0 && (waiting.revents & event) != 0, "the line has been closed");
  }

  std::string read_line() {
    for (;;) {
      if (const size_t end = pending_.find('\n'); end != std::string::npos) {
        std::string line = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        if (!line.empty() && line.back() == '\r') line.pop_back();
        return line;
      }
      check(pending_.size() <= kLongestLine, "the board sends a line without end");
      wait_for(POLLIN);
      char bytes[256];
      const ssize_t n = read(file_, bytes, sizeof bytes);
      check(n > 0 || errno == EAGAIN, "cannot be read: {}",
            n == 0 ? "the line has been closed" : std::strerror(errno));
      if (n > 0) pending_.append(bytes, static_cast<size_t>(n));
    }
  }

  int file_ = -1;
  std::chrono::milliseconds patience_;
  std::string pending_;
};

// "WORD NUMBER..." with that many numbers.
std::vector<int64_t> numbers_of(const std::string& line, const std::string& word, size_t count) {
  std::istringstream words(line);
  std::string first, rest;
  words >> first;
  std::vector<int64_t> numbers;
  for (int64_t n; numbers.size() < count && words >> n;) numbers.push_back(n);
  check(first == word && numbers.size() == count && !(words >> rest),
        "the board says 'teff {}' where 'teff {}' belongs", line, word);
  return numbers;
}

BoardTimes ask(SerialLine& line) {
  line.write_line("teff run");
  const int64_t layers = numbers_of(line.next(), "layers", 1)[0];
  check(layers >= 0 && layers <= kMostLayers, "the board speaks of {} layers", layers);
  BoardTimes times;
  for (int64_t i = 0; i < layers; ++i) {
    const auto layer = numbers_of(line.next(), "layer", 2);
    check(layer[0] == i, "the board times layer {} where {} comes next", layer[0], i);
    times.layers.push_back(layer[1]);
  }
  times.total = numbers_of(line.next(), "end", 1)[0];
  return times;
}

}  // namespace

BoardTimes time_board(const std::string& device, int baud, std::chrono::milliseconds patience) {
  return with_place(device, [&] {
    SerialLine line(device, baud, patience);
    return ask(line);
  });
}

}  // namespace teff::cli
