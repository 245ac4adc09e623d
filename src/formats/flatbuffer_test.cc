#include "formats/flatbuffer.h"
#include "core/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace teff::fb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Fields = Builder::Fields;

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

// The root table of a file, kept together with what it refers to.
struct Opened {
  explicit Opened(std::vector<std::byte> file)
      : source(Bytes::own(std::move(file))), root(Table::root(source)) {}
  Source source;
  Table root;
};

std::string opening_error(std::vector<std::byte> file) {
  return error_of([&] { Opened opened(std::move(file)); });
}

// A file whose root table has field 0 at byte 4 of it: vtable at 8, table at 16, field at 20.
std::vector<std::byte> by_hand() {
  return bytes_of({16,  0,   0,   0,    // to the root table
                   'T', 'E', 'S', 'T',  //
                   6,   0,   8,   0,    // the vtable's own size, the table's
                   4,   0,   0,   0,    // where field 0 is, padding
                   8,   0,   0,   0,    // back to the vtable
                   7,   0,   0,   0});  // field 0
}

TEST(FlatbufferReader, ReadsAFileWrittenByHand) {
  const Opened file(by_hand());
  EXPECT_EQ(file.root.where(), 16u);
  EXPECT_EQ(file.root.scalar<int32_t>(0), 7);
  EXPECT_EQ(file.root.scalar<int8_t>(0), 7);
}

TEST(FlatbufferReader, GivesTheDefaultForFieldsThatAreLeftOut) {
  const Opened file(by_hand());
  EXPECT_EQ(file.root.scalar<int32_t>(1, 42), 42);
  EXPECT_EQ(file.root.text(1), "");
  EXPECT_FALSE(file.root.table(1).has_value());
  EXPECT_FALSE(file.root.bytes(1).has_value());
  EXPECT_TRUE(file.root.tables(1).empty());
  EXPECT_TRUE(file.root.vector<int32_t>(1).empty());
}

TEST(FlatbufferReader, ReadsFilesAtOddAddresses) {
  std::vector<std::byte> shifted = bytes_of({0});
  for (std::byte b : by_hand()) shifted.push_back(b);
  const Source source(Bytes(nullptr, std::span(shifted).subspan(1)));
  EXPECT_EQ(Table::root(source).scalar<int32_t>(0), 7);
}

TEST(FlatbufferReader, SaysWhichByteIsWrong) {
  const auto with = [](size_t at, int value) {
    auto file = by_hand();
    file[at] = static_cast<std::byte>(value);
    return opening_error(std::move(file));
  };
  EXPECT_EQ(with(0, 0), "at byte 0: a reference 0 bytes forward in a file that ends at byte 24");
  EXPECT_EQ(with(0, 24), "at byte 0: a reference 24 bytes forward in a file that ends at byte 24");
  EXPECT_EQ(with(0, 18), "at byte 18: a table should stand at a multiple of 4");
  EXPECT_EQ(with(16, 17), "at byte 16: the table's vtable would be at byte -1");
  EXPECT_EQ(with(19, 0x80), "at byte 16: the table's vtable would be at byte 2147483656");
  EXPECT_EQ(with(16, 7), "at byte 9: a vtable should stand at a multiple of 2");
  EXPECT_EQ(with(8, 2), "at byte 8: a vtable of 2 bytes");
  EXPECT_EQ(with(8, 7), "at byte 8: a vtable of 7 bytes");
  EXPECT_EQ(with(8, 18), "at byte 8: 18 bytes are wanted, but the file ends at byte 24");
  EXPECT_EQ(with(10, 3), "at byte 16: a table of 3 bytes");
  EXPECT_EQ(with(10, 9), "at byte 16: 9 bytes are wanted, but the file ends at byte 24");
}

TEST(FlatbufferReader, RefusesFieldsOutsideOfTheirTable) {
  auto file = by_hand();
  file[12] = std::byte{8};
  const Opened opened(std::move(file));
  EXPECT_EQ(error_of([&] { opened.root.scalar<int32_t>(0); }),
            "at byte 16: field 0 is said to be at 8 in a table of 8 bytes");
}

TEST(FlatbufferReader, RefusesFieldsThatWouldBeMisaligned) {
  auto file = by_hand();
  file[12] = std::byte{5};
  const Opened opened(std::move(file));
  EXPECT_EQ(error_of([&] { opened.root.scalar<int16_t>(0); }),
            "at byte 21: a field should stand at a multiple of 2");
}

TEST(FlatbufferReader, RefusesAVectorLongerThanTheFileBeforeItAllocates) {
  auto file = by_hand();
  for (int b : {0xff, 0xff, 0xff, 0xff}) file.push_back(static_cast<std::byte>(b));
  file[20] = std::byte{4};  // field 0 refers to the vector at byte 24
  const Opened opened(std::move(file));
  const std::string message = "at byte 24: a vector of 4294967295 elements in a file that ends at byte 28";
  EXPECT_EQ(error_of([&] { opened.root.vector<int64_t>(0); }), message);
  EXPECT_EQ(error_of([&] { opened.root.tables(0); }), message);
  EXPECT_EQ(error_of([&] { opened.root.text(0); }), message);
  EXPECT_EQ(error_of([&] { opened.root.bytes(0); }), message);
}

TEST(FlatbufferReader, RefusesFilesThatEndAnywhere) {
  const auto whole = by_hand();
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(opening_error({whole.begin(), whole.begin() + static_cast<long>(size)}), "no error") << size;
}

// Each of 1000 references to one table of a megabyte is valid; all together they describe a gigabyte.
TEST(FlatbufferReader, LimitsWhatASmallFileCanDescribe) {
  Builder builder;
  const Ref large = builder.table(Fields().ref(0, builder.vector(std::vector<int32_t>(250'000, 1))));
  const std::vector<Ref> many(1000, large);
  const Opened file(builder.finish(builder.table(Fields().ref(0, builder.refs(many))), "TEST"));
  size_t decoded = 0;
  EXPECT_THAT(error_of([&] {
                for (const Table& table : file.root.tables(0)) decoded += table.vector<int32_t>(0).size();
              }),
              HasSubstr("describes far more than it holds"));
  EXPECT_LT(decoded * sizeof(int32_t), 36 * file.source.size());
}

TEST(FlatbufferBuilder, WritesTheBytesOfTheFormat) {
  Builder builder;
  const auto file = builder.finish(builder.table(Fields().scalar(0, int32_t{7})), "TEST");
  EXPECT_EQ(file, bytes_of({24, 0, 0, 0, 'T', 'E', 'S', 'T', 0, 0, 0, 0, 0, 0, 0, 0,  //
                            0,  0, 6, 0, 8,   0,   4,   0,   6, 0, 0, 0, 7, 0, 0, 0}));
}

TEST(FlatbufferBuilder, WritesScalarsOfEveryWidth) {
  Builder builder;
  const auto file = builder.finish(builder.table(Fields()
                                                     .scalar(0, int8_t{-1})
                                                     .scalar(1, uint64_t{1} << 63)
                                                     .scalar(2, true)
                                                     .scalar(3, uint16_t{65535})
                                                     .scalar(4, std::numeric_limits<int32_t>::min())
                                                     .scalar(5, 1.5f)
                                                     .scalar(6, -2.25)),
                                   "TEST");
  const Opened opened(file);
  EXPECT_EQ(opened.root.scalar<int8_t>(0), -1);
  EXPECT_EQ(opened.root.scalar<uint64_t>(1), uint64_t{1} << 63);
  EXPECT_EQ(opened.root.scalar<bool>(2), true);
  EXPECT_EQ(opened.root.scalar<uint16_t>(3), 65535);
  EXPECT_EQ(opened.root.scalar<int32_t>(4), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(opened.root.scalar<float>(5), 1.5f);
  EXPECT_EQ(opened.root.scalar<double>(6), -2.25);
}

TEST(FlatbufferBuilder, LeavesOutWhatEqualsTheDefault) {
  Builder builder;
  const auto file = builder.finish(
      builder.table(Fields().scalar(0, int32_t{0}).scalar(1, int32_t{1}, int32_t{1}).scalar(2, -0.0f)),
      "TEST");
  const Opened opened(file);
  EXPECT_EQ(opened.root.scalar<int32_t>(0, 9), 9);
  EXPECT_EQ(opened.root.scalar<int32_t>(1, 9), 9);
  EXPECT_TRUE(std::signbit(opened.root.scalar<float>(2, 9.0f)));
}

TEST(FlatbufferBuilder, NestsTablesVectorsAndTexts) {
  Builder builder;
  std::vector<Ref> children;
  for (const char* name : {"", "a", "four", "fives"})
    children.push_back(builder.table(Fields().ref(3, builder.text(name))));
  const Ref list = builder.refs(children);
  const auto file = builder.finish(builder.table(Fields()
                                                     .ref(0, list)
                                                     .ref(1, children[2])
                                                     .ref(2, builder.vector(std::vector<int64_t>{-1, 2}))
                                                     .ref(4, builder.vector(std::vector<uint8_t>{1, 2, 3}))
                                                     .ref(5, Ref())),
                                   "TEST");
  const Opened opened(file);
  std::vector<std::string> names;
  for (const Table& child : opened.root.tables(0)) names.push_back(child.text(3));
  EXPECT_THAT(names, ElementsAre("", "a", "four", "fives"));
  EXPECT_EQ(opened.root.table(1)->text(3), "four");
  EXPECT_THAT(opened.root.vector<int64_t>(2), ElementsAre(-1, 2));
  EXPECT_THAT(opened.root.vector<uint8_t>(4), ElementsAre(1, 2, 3));
  EXPECT_FALSE(opened.root.table(5).has_value());
}

TEST(FlatbufferBuilder, AlignsBytesFromTheBeginningOfTheFile) {
  for (size_t before = 0; before < 20; ++before) {
    Builder builder;
    const Ref data = builder.bytes(bytes_of({1, 2, 3, 4, 5}), 16);
    const Ref filler = builder.bytes(std::vector<std::byte>(before), 1);
    const Opened opened(builder.finish(builder.table(Fields().ref(0, data).ref(1, filler)), "TEST"));
    const Bytes slice = *opened.root.bytes(0);
    EXPECT_EQ(std::vector(slice.span().begin(), slice.span().end()), bytes_of({1, 2, 3, 4, 5}));
    EXPECT_EQ((slice.data() - opened.source.slice(0, 1).data()) % 16, 0);
    EXPECT_EQ(opened.source.size() % 16, 0u);
  }
}

TEST(FlatbufferBuilder, SharesEqualVtables) {
  const auto size_with = [](int tables) {
    Builder builder;
    for (int i = 1; i < tables; ++i) builder.table(Fields().scalar(9, int32_t{i}).scalar(3, int32_t{5}));
    const Ref last = builder.table(Fields().scalar(9, int32_t{77}).scalar(3, int32_t{5}));
    const Opened opened(builder.finish(last, "TEST"));
    EXPECT_EQ(opened.root.scalar<int32_t>(9), 77);
    return opened.source.size();
  };
  EXPECT_EQ(size_with(401) - size_with(1), 400u * 12);
}

TEST(FlatbufferBuilder, KeepsBytesOfTheFileAlive) {
  Bytes slice;
  {
    Builder builder;
    const Ref data = builder.bytes(bytes_of({1, 2, 3}), 16);
    const Opened opened(builder.finish(builder.table(Fields().ref(0, data)), "TEST"));
    slice = *opened.root.bytes(0);
  }
  EXPECT_EQ(std::vector(slice.span().begin(), slice.span().end()), bytes_of({1, 2, 3}));
}

}  // namespace
}  // namespace teff::fb
