#include "serial.h"

#include <gtest/gtest.h>

#include "core/testing.h"
#include "serial_testing.h"

namespace teff::cli {
namespace {

using namespace std::chrono_literals;

std::string complaint(const std::string& answer) {
  FakeBoard board(once(answer));
  const std::string text = error_of([&] { time_board(board.device(), 115200, 200ms); });
  EXPECT_EQ(text.rfind(board.device() + ": ", 0), 0u) << text;
  return text.substr(board.device().size() + 2);
}

TEST(Serial, TimesOfEveryLayerComeFromTheBoard) {
  FakeBoard board(once(
      "booting...\r\nteff layers 2\r\nteff layer 0 18230\r\nhello\r\nteff layer 1 99\r\nteff end 18400\r\n"));
  const BoardTimes times = time_board(board.device(), 115200, 5000ms);
  EXPECT_EQ(times.layers, (std::vector<int64_t>{18230, 99}));
  EXPECT_EQ(times.total, 18400);
  EXPECT_EQ(board.asked(), "teff run\n");
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
