#include "core/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "core/testing.h"

namespace teff {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "teff_file_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  size_t files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  static std::string text(const std::string& path) {
    const Bytes bytes = map_file(path);
    return {bytes.as<char>().data(), bytes.size()};
  }
  std::string open_error(const std::string& path) const {
    return error_of([&] { map_file(path); });
  }
  std::string write_error(const std::string& path) const {
    return error_of([&] { write_file(path, std::string("new")); });
  }

  std::string folder_;
};

TEST_F(FileTest, WhatIsWrittenIsMapped) {
  write_file(path("a"), std::string("some\0text", 9));
  EXPECT_EQ(text(path("a")), std::string("some\0text", 9));
}

TEST_F(FileTest, AnEmptyFileIsEmptyOwnedBytes) {
  write_file(path("empty"), std::string());
  const Bytes bytes = map_file(path("empty"));
  EXPECT_EQ(bytes.size(), 0u);
  EXPECT_TRUE(bytes.owned());
}

TEST_F(FileTest, AMappingOutlivesTheFileAndTheCopiesOfIt) {
  write_file(path("a"), std::string("kept"));
  Bytes kept;
  {
    const Bytes bytes = map_file(path("a"));
    kept = bytes;
  }
  fs::remove(path("a"));
  EXPECT_EQ(kept.as<char>()[3], 't');
}

TEST_F(FileTest, ErrorsNameThePathAndTheReason) {
  EXPECT_EQ(open_error(path("none")), path("none") + ": cannot be opened: No such file or directory");
  EXPECT_EQ(open_error(folder_), folder_ + ": cannot be opened: it is a directory, not a file");
  EXPECT_EQ(open_error("/dev/null"), "/dev/null: cannot be opened: it is a device, not a file");
}

TEST_F(FileTest, APipeIsRefusedWithoutWaitingForItsWriter) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(open_error(path("pipe")), path("pipe") + ": cannot be opened: it is a pipe, not a file");
}

TEST_F(FileTest, WritingReplacesAndLeavesNothingElse) {
  write_file(path("a"), std::string("old and longer"));
  const Bytes old = map_file(path("a"));
  write_file(path("a"), std::string("new"));
  EXPECT_EQ(text(path("a")), "new");
  EXPECT_EQ(old.size(), 14u) << "who had mapped the old file keeps it whole";
  EXPECT_EQ(files(), 1u);
}

TEST_F(FileTest, ANewFileHasThePermissionsThatTheUmaskLeaves) {
  const mode_t mask = ::umask(027);
  write_file(path("a"), std::string("text"));
  ::umask(mask);
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms(0640));
}

TEST_F(FileTest, AnExistingFileKeepsItsPermissions) {
  write_file(path("tool"), std::string("old"));
  fs::permissions(path("tool"), fs::perms(0751));
  write_file(path("tool"), std::string("new"));
  EXPECT_EQ(fs::status(path("tool")).permissions(), fs::perms(0751));
}

TEST_F(FileTest, ALinkIsFollowed) {
  write_file(path("file"), std::string("old"));
  fs::create_symlink("file", path("link"));
  write_file(path("link"), std::string("new"));
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(text(path("file")), "new");
}

TEST_F(FileTest, WhatCannotBeWrittenNamesThePathAndLeavesNothing) {
  EXPECT_EQ(write_error(path("none/a")), path("none/a") + ": cannot be written: No such file or directory");
  fs::create_directory(path("folder"));
  EXPECT_EQ(write_error(path("folder")), path("folder") + ": cannot be written: it is not a file");
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(write_error(path("pipe")), path("pipe") + ": cannot be written: it is not a file");
  EXPECT_EQ(files(), 2u);
}

TEST_F(FileTest, AFailedWriteKeepsTheOldFileAndRemovesTheNewOne) {
  write_file(path("a"), std::string("old"));
  rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{1000, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message = error_of([&] { write_file(path("a"), std::string(5000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, path("a") + ": cannot be written: File too large");
  EXPECT_EQ(text(path("a")), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(FileTest, DirectoriesAreMadeWithTheirParents) {
  make_directories(path("x/y/z"));
  make_directories(path("x/y/z"));
  EXPECT_TRUE(fs::is_directory(path("x/y/z")));
}

TEST_F(FileTest, ADirectoryCannotTakeTheNameOfAFile) {
  write_file(path("a"), std::string("text"));
  for (const std::string& name : {path("a"), path("a/b")})
    EXPECT_THAT(error_of([&] { make_directories(name); }),
                AllOf(StartsWith(name + ": cannot be created: "), HasSubstr("Not a directory")));
}

}  // namespace
}  // namespace teff
