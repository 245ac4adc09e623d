#include "formats/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>

#include "core/testing.h"

namespace teff {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Bytes bytes_of(const std::string& text) { return Bytes::of(std::span(text.data(), text.size())); }

std::string dict(const std::string& descr, bool fortran, const std::string& shape) {
  return fmt::format("{{'descr': {}, 'fortran_order': {}, 'shape': {}, }}\n", descr,
                     fortran ? "True" : "False", shape);
}

std::string npy(const std::string& header, const std::string& data, int version = 1) {
  std::string file = "\x93NUMPY";
  file += {static_cast<char>(version), '\0'};
  const auto length = static_cast<uint32_t>(header.size());
  file.append(reinterpret_cast<const char*>(&length), version == 1 ? 2 : 4);
  return file + header + data;
}

Array read(const std::string& header, const std::string& data, int version = 1) {
  return read_npy(bytes_of(npy(header, data, version)));
}

std::string error_of(const std::string& file) {
  return teff::error_of([&] { read_npy(bytes_of(file)); });
}

std::string error_of_header(const std::string& header) { return error_of(npy(header, "")); }

std::string sample(const std::string& name) {
  std::ifstream file(std::string(TEFF_ROOT "/tests/corpus/npy/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Array read_sample(const std::string& name) { return read_npy(bytes_of(sample(name))); }

// ---- what NumPy wrote

TEST(Npy, ReadsFilesOfNumpy) {
  const Array a = read_sample("f4.npy");
  EXPECT_EQ(a.type, Type::f32);
  EXPECT_EQ(a.shape, (Shape{2, 3}));
  EXPECT_THAT(a.as<float>(), ElementsAre(-2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f));
}

TEST(Npy, ReadsVersions2And3) {
  for (const char* name : {"v2.npy", "v3.npy"})
    EXPECT_THAT(read_sample(name).as<int32_t>(), ElementsAre(0, 1, 2, 3)) << name;
}

TEST(Npy, ReadsBigEndianFortranOrder) {
  const Array a = read_sample("fortran_be_i2.npy");
  EXPECT_EQ(a.shape, (Shape{1, 2, 3}));
  EXPECT_THAT(a.as<int16_t>(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(Npy, ReadsFortranOrderOfThreeDimensions) {
  const Array a = read_sample("f16_fortran.npy");
  EXPECT_EQ(a.type, Type::f16);
  EXPECT_EQ(a.shape, (Shape{2, 3, 4}));
  const auto halves = a.data.as<uint16_t>();
  EXPECT_THAT(halves.first(5), ElementsAre(0, 0x3c00, 0x4000, 0x4200, 0x4400));
  EXPECT_EQ(halves[23], 0x4dc0);
}

TEST(Npy, ReadsAScalarAnEmptyArrayAndBfloat16) {
  const Array scalar = read_sample("bool_scalar.npy");
  EXPECT_EQ(scalar.shape, Shape());
  EXPECT_THAT(scalar.as<bool>(), ElementsAre(true));
  const Array empty = read_sample("empty.npy");
  EXPECT_EQ(empty.shape, (Shape{0, 5}));
  EXPECT_EQ(empty.data.size(), 0u);
  const Array brain = read_sample("bf16.npy");
  EXPECT_EQ(brain.type, Type::bf16);
  EXPECT_THAT(brain.data.as<uint16_t>(), ElementsAre(0, 0x3f80, 0x4000));
}

TEST(Npy, WritesTheBytesOfNumpy) {
  for (const char* name : {"f4.npy", "bool_scalar.npy", "bf16.npy", "empty.npy"}) {
    const std::string expected = sample(name);
    const std::vector<std::byte> written = npy_bytes(read_sample(name).view());
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(written.data()), written.size()), expected) << name;
  }
}

// ---- forms of the header

TEST(Npy, TakesTheKeysInAnyOrderAndEitherQuote) {
  const Array a = read(R"({ "shape":(2L , 1L), 'fortran_order' :False,"descr":"|u1"})", "\x07\x08");
  EXPECT_EQ(a.shape, (Shape{2, 1}));
  EXPECT_THAT(a.as<uint8_t>(), ElementsAre(7, 8));
}

TEST(Npy, ByteOrderIsHonouredForEveryWidth) {
  EXPECT_THAT(read(dict("'>u2'", false, "(1,)"), {"\1\2", 2}).as<uint16_t>(), ElementsAre(0x0102));
  EXPECT_THAT(read(dict("'>i4'", false, "(1,)"), {"\1\2\3\4", 4}).as<int32_t>(), ElementsAre(0x01020304));
  EXPECT_THAT(read(dict("'>f8'", false, "(1,)"), {"\x3f\xf0\0\0\0\0\0\0", 8}).as<double>(), ElementsAre(1.0));
  EXPECT_THAT(read(dict("'<u8'", false, "(1,)"), {"\1\0\0\0\0\0\0\x80", 8}).as<uint64_t>(),
              ElementsAre(0x8000000000000001u));
}

TEST(Npy, AnyNonzeroByteIsTrue) {
  const Array a = read(dict("'|b1'", false, "(3,)"), {"\0\x01\x80", 3});
  EXPECT_THAT(a.data.as<uint8_t>(), ElementsAre(0, 1, 1));
}

TEST(Npy, FortranOrderBecomesCOrder) {
  const Array a = read(dict("'|i1'", true, "(2, 3)"), {"\0\3\1\4\2\5", 6});
  EXPECT_THAT(a.as<int8_t>(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(Npy, MisalignedDataIsCopied) {
  std::string header = dict("'<f4'", false, "(1,)");
  for (int i = 0; i < 4; ++i, header += ' ') {
    const Array a = read(header, {"\0\0\x80\x3f", 4});
    EXPECT_EQ(reinterpret_cast<uintptr_t>(a.data.data()) % 4, 0u);
    EXPECT_THAT(a.as<float>(), ElementsAre(1.0f));
  }
}

TEST(Npy, DataThatNeedsNoChangeIsASliceOfTheFile) {
  const Bytes file = bytes_of(sample("f4.npy"));
  EXPECT_EQ(read_npy(file).data.data(), file.data() + 128);
}

// ---- round trips

TEST(Npy, EveryTypeAndRankSurvivesARoundTrip) {
  for (Type type : {Type::f32, Type::f16, Type::bf16, Type::f64, Type::s8, Type::u8, Type::s16, Type::u16,
                    Type::s32, Type::u32, Type::s64, Type::u64}) {
    for (const Shape& shape : {Shape(), Shape{0}, Shape{7}, Shape{2, 0, 3}, Shape{3, 5}, Shape{1, 2, 3, 1},
                               Shape{2, 1, 2, 1, 2, 1, 2, 3}}) {
      std::vector<uint8_t> values(bytes_for(type, shape.elements()));
      std::iota(values.begin(), values.end(), uint8_t{1});
      const Bytes data = Bytes::of(values);
      const Array back = read_npy(Bytes::own(npy_bytes({type, shape, data.span()})));
      EXPECT_EQ(back.type, type);
      EXPECT_EQ(back.shape, shape);
      EXPECT_THAT(back.data.as<uint8_t>(), ::testing::ElementsAreArray(values)) << name_of(type);
    }
  }
}

TEST(Npy, FourBitTypesAreWrittenAsBytes) {
  const std::vector<uint8_t> packed = {0x8f, 0x07};
  const Array s = read_npy(Bytes::own(npy_bytes({Type::s4, {3}, std::as_bytes(std::span(packed))})));
  EXPECT_THAT(s.as<int8_t>(), ElementsAre(-1, -8, 7));
  const Array u = read_npy(Bytes::own(npy_bytes({Type::u4, {3}, std::as_bytes(std::span(packed))})));
  EXPECT_THAT(u.as<uint8_t>(), ElementsAre(15, 8, 7));
}

TEST(Npy, TextCannotBeWritten) { EXPECT_THROW(npy_bytes({Type::string, {0}, {}}), Error); }

TEST(Npy, DataBeginsAtAMultipleOf64) {
  Shape shape;
  for (int rank = 0; rank <= kMaxRank; ++rank) {
    EXPECT_EQ(npy_bytes({Type::u8, shape, std::as_bytes(std::span("x", 1))}).size() % 64, 1u);
    if (rank < kMaxRank) shape.push_back(1);
  }
}

// ---- what is refused

TEST(Npy, AnythingCutShortIsAnError) {
  for (const char* name : {"f4.npy", "v2.npy", "f16_fortran.npy"}) {
    const std::string file = sample(name);
    for (size_t size = 0; size < file.size(); ++size)
      EXPECT_NE(error_of(file.substr(0, size)), "no error") << name << " cut to " << size;
  }
}

TEST(Npy, BytesAfterTheArrayAreAnError) {
  EXPECT_THAT(error_of(sample("f4.npy") + "x"), HasSubstr("25 bytes of data follow"));
}

TEST(Npy, AClaimOf2To60ElementsIsRefusedAtOnce) {
  EXPECT_THAT(error_of_header(dict("'<f4'", false, "(1152921504606846976,)")),
              HasSubstr("the header claims 1152921504606846976 of float32 (4 bytes each), and 0 bytes"));
  EXPECT_THAT(error_of_header(dict("'<f8'", true, "(1073741824, 1073741824)")), HasSubstr("header claims"));
  EXPECT_THAT(error_of_header(dict("'<f8'", true, "(4294967296, 4294967296)")), HasSubstr("more elements"));
  EXPECT_THAT(error_of_header(dict("'<f8'", true, "(99999999999999999999,)")), HasSubstr("64-bit integer"));
}

TEST(Npy, AHeaderLongerThanTheFileIsRefused) {
  EXPECT_THAT(error_of({"\x93NUMPY\2\0\xff\xff\xff\xff{", 13}), HasSubstr("claims 4294967295 bytes"));
}

TEST(Npy, OtherElementsAreRefusedByName) {
  EXPECT_THAT(error_of(sample("structured.npy")), HasSubstr("a structured array"));
  for (const char* dtype : {"<c8", "|O", "<U5", "|S3", "<f16", "<M8[ns]", "", "<i3", "<f4x", "V2"})
    EXPECT_THAT(error_of_header(dict(fmt::format("'{}'", dtype), false, "(0,)")),
                HasSubstr(fmt::format("dtype '{}' are not supported", dtype)));
  EXPECT_THAT(error_of_header(dict("'\x1b[2J'", false, "(0,)")), HasSubstr("dtype '?[2J'"));
}

TEST(Npy, MalformedHeadersAreRefused) {
  EXPECT_THAT(error_of("PK\3\4"), HasSubstr("not a .npy file"));
  EXPECT_THAT(error_of(npy(dict("'<f4'", false, "()"), "", 4)), HasSubstr("version 4"));
  const char* const kGood = "'descr': '<f4', 'fortran_order': False, 'shape': (0,)";
  for (const char* header :
       {"", "{", "{}", "[]", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (0,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 0}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0 0)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0,0,0,0,0,0,0,0,0)}",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (0,)}"})
    EXPECT_NE(error_of_header(header), "no error") << header;
  EXPECT_EQ(error_of_header(fmt::format("{{{}}}", kGood)), "no error");
  EXPECT_THAT(error_of_header(fmt::format("{{{}}} x", kGood)), HasSubstr("follows the dictionary"));
  EXPECT_THAT(error_of_header(fmt::format("{{{}, 'descr': '<f8'}}", kGood)), HasSubstr("'descr' twice"));
  EXPECT_THAT(error_of_header(fmt::format("{{{}, 'extra': 1}}", kGood)), HasSubstr("unknown key 'extra'"));
}

}  // namespace
}  // namespace teff
