#include "formats/npz.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <numeric>

#include "core/testing.h"

namespace teff {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Bytes bytes_of(const std::string& text) { return Bytes::of(std::span(text.data(), text.size())); }

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string sample(const std::string& name) {
  std::ifstream file(std::string(TEFF_ROOT "/tests/corpus/npz/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string error_of(const std::string& file) {
  return teff::error_of([&] { read_npz(bytes_of(file)); });
}

std::string archive(const std::map<std::string, std::vector<uint8_t>>& arrays) {
  std::map<std::string, View> views;
  for (const auto& [name, values] : arrays)
    views[name] = {Type::u8, {static_cast<int64_t>(values.size())}, std::as_bytes(std::span(values))};
  return text_of(npz_bytes(views));
}

// Where the directory's entry for the first array begins.
size_t directory_of(const std::string& file) { return file.find("PK\1\2"); }

void put32(std::string& file, size_t at, uint32_t value) { std::memcpy(&file[at], &value, 4); }

TEST(Npz, ReadsStoredAndCompressedFilesOfNumpy) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const auto arrays = read_npz(bytes_of(sample(name)));
    ASSERT_THAT(arrays, SizeIs(3)) << name;
    EXPECT_EQ(arrays.at("x").shape, (Shape{2, 3}));
    EXPECT_THAT(arrays.at("x").as<float>(), ElementsAre(0, 1, 2, 3, 4, 5));
    std::vector<uint16_t> y(300);
    std::iota(y.begin(), y.end(), uint16_t{0});
    EXPECT_THAT(arrays.at("y").as<uint16_t>(), ::testing::ElementsAreArray(y));
    EXPECT_THAT(arrays.at("flag").as<bool>(), ElementsAre(true));
  }
}

TEST(Npz, AnArchiveMayBeEmpty) {
  EXPECT_THAT(read_npz(bytes_of(sample("empty.npz"))), SizeIs(0));
  EXPECT_THAT(read_npz(Bytes::own(npz_bytes({}))), SizeIs(0));
}

TEST(Npz, WrittenArraysAreReadBack) {
  const auto arrays = read_npz(bytes_of(archive({{"a", {1, 2, 3}}, {"layer/weights é", {}}, {"b", {9}}})));
  ASSERT_THAT(arrays, SizeIs(3));
  EXPECT_THAT(arrays.at("a").as<uint8_t>(), ElementsAre(1, 2, 3));
  EXPECT_THAT(arrays.at("b").as<uint8_t>(), ElementsAre(9));
  EXPECT_EQ(arrays.at("layer/weights é").shape, (Shape{0}));
}

TEST(Npz, TheArchiveMayHaveAComment) {
  std::string file = archive({{"a", {1, 2, 3}}});
  file[file.size() - 2] = 5;
  EXPECT_THAT(read_npz(bytes_of(file + "hello")), SizeIs(1));
}

TEST(Npz, AnythingCutShortIsAnError) {
  for (const std::string& file : {sample("deflated.npz"), archive({{"a", {1}}, {"b", {2}}})})
    for (size_t size = 0; size < file.size(); ++size)
      EXPECT_NE(error_of(file.substr(0, size)), "no error") << "cut to " << size;
}

TEST(Npz, AChangedByteOfAnArrayIsFoundByItsCrc) {
  std::string stored = archive({{"a", {1, 2, 3}}});
  stored[directory_of(stored) - 1] ^= 1;
  EXPECT_THAT(error_of(stored), HasSubstr("a.npy: its CRC is not the one in the archive"));
  std::string deflated = sample("deflated.npz");
  deflated[200] ^= 0x55;
  EXPECT_THAT(error_of(deflated), HasSubstr("damaged"));
}

TEST(Npz, ABombIsRefusedBeforeItIsUnpacked) {
  std::string file = sample("deflated.npz");
  put32(file, directory_of(file) + 24, 0xfffffffe);  // the first entry's size
  EXPECT_THAT(error_of(file), HasSubstr("claims 4294967294 bytes unpacked from"));
}

TEST(Npz, ASizeThatIsNotTheEntrysIsRefused) {
  for (const int difference : {-1, 1}) {
    std::string file = sample("deflated.npz");
    const size_t at = directory_of(file) + 24;
    uint32_t size = 0;
    std::memcpy(&size, &file[at], 4);
    put32(file, at, size + difference);
    EXPECT_THAT(error_of(file), HasSubstr("damaged"));
  }
}

TEST(Npz, EntriesOverTheSameBytesAreRefused) {
  std::string file = archive({{"a", std::vector<uint8_t>(1000)}, {"b", {1}}});
  const size_t first = directory_of(file), second = file.find("PK\1\2", first + 1);
  file.replace(second + 16, 12, file, first + 16, 12);  // CRC and both sizes
  file.replace(second + 42, 4, file, first + 42, 4);    // the local header
  EXPECT_THAT(error_of(file), HasSubstr("overlap"));
}

TEST(Npz, OneNameTwiceIsRefused) {
  std::string file = archive({{"a", {1}}, {"b", {2}}});
  file[file.find("b.npy", directory_of(file))] = 'a';
  EXPECT_THAT(error_of(file), HasSubstr("a.npy: stands in the archive twice"));
}

TEST(Npz, WhatIsNotSupportedIsNamed) {
  const std::string good = archive({{"a", {1}}});
  const size_t entry = directory_of(good);
  const auto changed = [&](size_t at, uint32_t value) {
    std::string file = good;
    put32(file, at, value);
    return error_of(file);
  };
  EXPECT_THAT(changed(entry + 8, 1), HasSubstr("encrypted"));
  EXPECT_THAT(changed(entry + 10, 14), HasSubstr("method 14"));
  EXPECT_THAT(changed(entry + 24, 0xffffffff), HasSubstr("zip64"));
  EXPECT_THAT(changed(good.size() - 14, 0xffffffff), HasSubstr("zip64"));
  EXPECT_THAT(changed(good.size() - 18, 1), HasSubstr("several parts"));
  std::string other = good;
  other.replace(other.find("a.npy", entry), 5, "a.txt");
  EXPECT_THAT(error_of(other), HasSubstr("a.txt: not a .npy file"));
  EXPECT_THAT(error_of("\x93NUMPY"), HasSubstr("not a .npz file"));
}

TEST(Npz, AnEntryOutsideTheFileIsRefused) {
  std::string file = archive({{"a", {1}}});
  put32(file, directory_of(file) + 42, 0x7fffffff);
  EXPECT_THAT(error_of(file), HasSubstr("the archive ends at byte"));
}

}  // namespace
}  // namespace teff
