#include "arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace teff::cli {
namespace {

using testing::ElementsAre;

const CommandSpec kSpec = {
    .name = "run",
    .operands = "MODEL",
    .summary = "runs",
    .options = {{"--input", "FILE", "an input"}, {"--crc", "", "checksums"}, {"--threads", "N", "threads"}}};

Arguments parse(std::vector<const char*> words) { return Arguments(kSpec, words); }

std::string complaint(std::vector<const char*> words) {
  try {
    parse(words).number("--threads", 0, 1, 8);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Arguments, TakesOptionsInAnyOrderAndEitherForm) {
  const Arguments a = parse({"--input", "a.npy", "m.tflite", "--input=b.npy", "--crc"});
  EXPECT_EQ(a.operand(0), "m.tflite");
  EXPECT_THAT(a.values("--input"), ElementsAre("a.npy", "b.npy"));
  EXPECT_TRUE(a.has("--crc"));
  EXPECT_EQ(a.number("--threads", 3, 1, 8), 3);
}

TEST(Arguments, SaysWhatIsWrong) {
  EXPECT_EQ(complaint({}), "MODEL is missing");
  EXPECT_EQ(complaint({"a", "b"}), "'b' is one argument too many");
  EXPECT_EQ(complaint({"a", "--sped"}), "unknown option --sped");
  EXPECT_EQ(complaint({"a", "--input"}), "--input needs a value: --input FILE");
  EXPECT_EQ(complaint({"a", "--crc=1"}), "--crc takes no value");
  EXPECT_EQ(complaint({"a", "--threads", "9"}), "--threads 9: a whole number from 1 to 8 is expected");
  EXPECT_EQ(complaint({"a", "--threads", "2x"}), "--threads 2x: a whole number from 1 to 8 is expected");
}

TEST(Arguments, TakesRealNumbersWithinBounds) {
  const auto seconds = [](const char* text) {
    return parse({"a", "--threads", text}).real("--threads", 2, 0, 10);
  };
  EXPECT_EQ(seconds("0.5"), 0.5);
  EXPECT_EQ(seconds("3"), 3);
  for (const char* text : {"-1", "11", "nan", "inf", "1s", ""})
    EXPECT_THROW(seconds(text), UsageError) << text;
  EXPECT_EQ(parse({"a"}).real("--threads", 2, 0, 10), 2);
}

TEST(Arguments, AfterTwoDashesEverythingIsAnOperand) {
  EXPECT_EQ(parse({"--", "--crc"}).operand(0), "--crc");
}

TEST(ParseShape, TakesBothSeparators) {
  EXPECT_THAT(parse_shape("1x16000"), ElementsAre(1, 16000));
  EXPECT_THAT(parse_shape("1,2,3"), ElementsAre(1, 2, 3));
  EXPECT_THAT(parse_shape("scalar"), ElementsAre());
  EXPECT_THROW(parse_shape("1x"), UsageError);
  EXPECT_THROW(parse_shape("-1"), UsageError);
}

}  // namespace
}  // namespace teff::cli
