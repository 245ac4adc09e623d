// A board that is not there, for tests: its end of the serial line is the first side of a pseudo-terminal,
// played by a thread; what is tested has the second.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

namespace teff::cli {

class FakeBoard {
 public:
  // What to send for a line that came; called by the board's thread.
  using Answer = std::function<std::string(const std::string& line)>;

  explicit FakeBoard(Answer answer) {
    board_ = posix_openpt(O_RDWR | O_NOCTTY);
    EXPECT_TRUE(board_ >= 0 && grantpt(board_) == 0 && unlockpt(board_) == 0);
    device_ = ptsname(board_);
    // Held open, so that the line is not closed before it is opened; raw, so that nothing is echoed.
    keep_ = open(device_.c_str(), O_RDWR | O_NOCTTY);
    termios settings{};
    tcgetattr(keep_, &settings);
    cfmakeraw(&settings);
    tcsetattr(keep_, TCSANOW, &settings);
    thread_ = std::thread([this, answer = std::move(answer)] { play(answer); });
  }
  ~FakeBoard() {
    ended_ = true;
    thread_.join();
    close(keep_);
    close(board_);
  }
  const std::string& device() const { return device_; }
  std::string asked() {  // ends the board
    ended_ = true;
    thread_.join();
    thread_ = std::thread([] {});
    return asked_;
  }

 private:
  void play(const Answer& answer) {
    std::string line;
    while (!ended_ || has_more()) {
      char c = 0;
      if (!has_more() || read(board_, &c, 1) != 1) continue;
      asked_ += c, line += c;
      if (c != '\n') continue;
      send(answer(line));
      line.clear();
    }
  }
  bool has_more() const {
    pollfd waiting{.fd = board_, .events = POLLIN, .revents = 0};
    return poll(&waiting, 1, 20) > 0 && (waiting.revents & POLLIN) != 0;
  }
  // In pieces, as serial lines do.
  void send(const std::string& text) const {
    for (size_t i = 0; i < text.size(); i += 7) {
      const std::string piece = text.substr(i, 7);
      EXPECT_EQ(write(board_, piece.data(), piece.size()), static_cast<ssize_t>(piece.size()));
    }
  }

  int board_ = -1, keep_ = -1;
  std::string device_, asked_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

// The same for whatever comes.
inline FakeBoard::Answer once(const std::string& text) {
  return [text](const std::string&) { return text; };
}

}  // namespace teff::cli
