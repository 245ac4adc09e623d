// The board's side of the serial protocol (src/emit/serve.c), on this computer and on an emulated board,
// asked by the host's side.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <string>
#include <vector>

#include "board_run.h"
#include "compile_testing.h"
#include "core/error.h"
#include "core/file.h"
#include "core/testing.h"
#include "process.h"
#include "serial.h"

namespace teff::cli {
namespace {

using namespace std::chrono_literals;

// A board that is a program of this computer, its serial line its standard input and output.
constexpr const char* kThisComputer = R"(
#include <stdint.h>
#include <time.h>
#include <unistd.h>
int serve_get(void);
void serve_put(uint8_t byte);
uint32_t serve_cycles(void);
void serve(void);
int serve_get(void) {
  uint8_t byte;
  return read(0, &byte, 1) == 1 ? byte : -1;
}
void serve_put(uint8_t byte) { while (write(1, &byte, 1) != 1) {} }
uint32_t serve_cycles(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)now.tv_sec * 1000000000u + (uint32_t)now.tv_nsec;
}
int main(void) {
  const char* hello = "booting...\n";
  while (*hello) serve_put((uint8_t)*hello++);
  serve();
  return 0;
}
)";

// A program whose standard input and output is the first side of a pseudo-terminal.
class ProgramBoard {
 public:
  explicit ProgramBoard(const std::string& program) {
    line_ = posix_openpt(O_RDWR | O_NOCTTY);
    EXPECT_TRUE(line_ >= 0 && grantpt(line_) == 0 && unlockpt(line_) == 0);
    device_ = ptsname(line_);
    keep_ = open(device_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);  // so that the line is not closed
    child_ = fork();
    if (child_ == 0) {
      dup2(line_, 0), dup2(line_, 1);
      execl(program.c_str(), program.c_str(), nullptr);
      _exit(127);
    }
  }
  ~ProgramBoard() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    close(keep_), close(line_);
  }
  ProgramBoard(const ProgramBoard&) = delete;
  ProgramBoard& operator=(const ProgramBoard&) = delete;
  const std::string& device() const { return device_; }

 private:
  int line_ = -1, keep_ = -1;
  pid_t child_ = -1;
  std::string device_;
};

std::string compiled_files(const std::vector<std::string>& files, const std::string& folder) {
  std::vector<std::string> command{"cc",
                                   "-std=gnu99",
                                   "-O1",
                                   "-Wall",
                                   "-Wextra",
                                   "-Werror",
                                   "-DTEFF_HOOKED",
                                   "-I.",
                                   "-DSERVE_PIECE_1=__attribute__((section(\".data.slow\")))"};
  command.insert(command.end(), files.begin(), files.end());
  const Finished finished = run_process(command, folder, kSeconds);
  return finished.err + (finished.status == 0 ? "" : "FAILED");
}

void expect_times(const BoardTimes& times, const Emitted& emitted) {
  EXPECT_EQ(times.layers.size(), emitted.layers.size());
  for (int64_t layer : times.layers) EXPECT_GT(layer, 0);
  EXPECT_GE(times.total, std::accumulate(times.layers.begin(), times.layers.end(), int64_t{0}));
}

// Whose arena comes in two pieces.
Compilation in_two_pieces() {
  Target board = *find_target("m7");
  board.sram = {{"DTCM", 4096}, {"SRAM", 65536, 2}};
  return compile_for("fashion", {.target = &board, .sram = board.sram_bytes()});
}

TEST(Serve, AnswersOnALineOfThisComputer) {
  const TemporaryDirectory folder;
  const Compilation c = in_two_pieces();
  ASSERT_EQ(c.program->arena_parts.size(), 2u);
  write_files(c.emitted.files, folder.path());
  write_file(folder.path() + "/this_computer.c", std::string(kThisComputer));
  ASSERT_EQ(compiled_files({"-c", "this_computer.c", "fashion.c", "fashion_weights.c"}, folder.path()), "");
  const std::vector<std::string> all{"test/serve.c", "this_computer.o", "fashion.o", "fashion_weights.o",
                                     "-o",           "board",           "-lm"};
  ASSERT_EQ(compiled_files(all, folder.path()), "");
  {
    const ProgramBoard board(folder.path() + "/board");
    expect_times(time_board(board.device(), 115200, 5000ms), c.emitted);
    expect_times(time_board(board.device(), 115200, 5000ms), c.emitted);
  }
  // Another result of a layer than the host's.
  const auto recorded = std::ranges::find(c.emitted.files, "test/recorded.h", &EmittedFile::path);
  std::string text = recorded->text;
  size_t third = text.find("test_crcs");
  for (int i = 0; i < 3; ++i) third = text.find("0x", third + 1);
  text[third + 2] = text[third + 2] == '0' ? '1' : '0';
  write_file(folder.path() + "/test/recorded.h", text);
  ASSERT_EQ(compiled_files(all, folder.path()), "");
  const ProgramBoard board(folder.path() + "/board");
  EXPECT_THAT(error_of([&] { time_board(board.device(), 115200, 5000ms); }),
              testing::HasSubstr("the board says 'teff differs 2'"));
}

TEST(Serve, OfTheExampleAnswersOnAnEmulatedBoard) {
  const Target& target = *find_target("m7");
  const std::string missing = missing_tools(target);
  if (!missing.empty()) GTEST_SKIP() << missing;
  const TemporaryDirectory folder;
  const Compilation c = compiled("fashion", "m7", "sram", false, true);
  write_files(c.emitted.files, folder.path() + "/fashion_c");
  const Finished loaded =
      run_process({TEFF_ROOT "/examples/tuning/load", folder.path() + "/fashion_c"}, folder.path(), kSeconds);
  ASSERT_EQ(loaded.status, 0) << loaded.err;
  const BoardTimes times = time_board(folder.path() + "/board", 115200, 20000ms);
  run_process({"sh", "-c", "kill $(cat board.pid)"}, folder.path(), kSeconds);
  expect_times(times, c.emitted);
  // An instruction takes 32 ns there, a tick of the counter 40.
  EXPECT_NEAR(static_cast<double>(times.total), 0.8 * 3.0e6, 0.2 * 3.0e6);
}

}  // namespace
}  // namespace teff::cli
