#include "serial.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <thread>

#include "core/testing.h"

namespace teff::cli {
namespace {

using namespace std::chrono_literals;

// The board's end of a line is the first side of a pseudo-terminal, played by a thread; ours is the second.
class FakeBoard {
 public:
  // Waits for a line, then sends `answer`.
  explicit FakeBoard(std::string answer) {
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
    thread_.join();
    close(keep_);
    close(board_);
  }
  const std::string& device() const { return device_; }
  const std::string& asked() const { return asked_; }

 private:
  void play(const std::string& answer) {
    for (char c = 0; c != '\n' && read(board_, &c, 1) == 1;) asked_ += c;
    // In pieces, as serial lines do.
    for (size_t i = 0; i < answer.size(); i += 7) {
      const std::string piece = answer.substr(i, 7);
      EXPECT_EQ(write(board_, piece.data(), piece.size()), static_cast<ssize_t>(piece.size()));
    }
  }

  int board_ = -1, keep_ = -1;
  std::string device_, asked_;
  std::thread thread_;
};

std::string complaint(const std::string& answer) {
  FakeBoard board(answer);
  const std::string text = error_of([&] { time_board(board.device(), 115200, 200ms); });
  EXPECT_EQ(text.rfind(board.device() + ": ", 0), 0u) << text;
  return text.substr(board.device().size() + 2);
}

TEST(Serial, TimesOfEveryLayerComeFromTheBoard) {
  FakeBoard board(
      "booting...\r\nteff layers 2\r\nteff layer 0 18230\r\nhello\r\nteff layer 1 99\r\nteff end 18400\r\n");
  const BoardTimes times = time_board(board.device(), 115200, 5000ms);
  EXPECT_EQ(times.layers, (std::vector<int64_t>{18230, 99}));
  EXPECT_EQ(times.total, 18400);
}

TEST(Serial, WhatTheProtocolDoesNotHaveIsAnError) {
  EXPECT_EQ(complaint("teff layers two\n"), "the board says 'teff layers two' where 'teff layers' belongs");
  EXPECT_EQ(complaint("teff layers 1\nteff layer 1 7\n"), "the board times layer 1 where 0 comes next");
  EXPECT_EQ(complaint("teff layers 999999999\n"), "the board speaks of 999999999 layers");
  EXPECT_EQ(complaint("teff layers 1\nteff layer 0 5 6\n"),
            "the board says 'teff layer 0 5 6' where 'teff layer' belongs");
  EXPECT_EQ(complaint(std::string(3000, 'x')), "the board sends a line without end");
}

TEST(Serial, ABoardThatSaysNothingIsNotWaitedForLonger) {
  EXPECT_EQ(complaint("teff layers 3\n"), "nothing comes from the board (200 ms)");
}

TEST(Serial, ADeviceHasToBeASerialLine) {
  EXPECT_EQ(error_of([] { time_board("/dev/null", 115200, 100ms); }), "/dev/null: is not a serial line");
  EXPECT_EQ(error_of([] { time_board("/dev/no-such", 115200, 100ms); }),
            "/dev/no-such: cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace teff::cli
