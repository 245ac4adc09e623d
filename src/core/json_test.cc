#include "core/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace teff {
namespace {

template <class T>
std::string json(const T& value) {
  Json json;
  json.value(value);
  return json.text();
}

TEST(Json, ScalarsStandAlone) {
  EXPECT_EQ(json(true), "true");
  EXPECT_EQ(json(-5), "-5");
  EXPECT_EQ(json(std::numeric_limits<uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(json("text"), "\"text\"");
  EXPECT_EQ(Json().null().text(), "null");
}

TEST(Json, MembersAndElementsAreSeparatedByCommas) {
  Json json;
  json.object().member("a", 1).key("b").array().value(2).value("x").object().end().array().end().end();
  json.key("c").object().member("d", false).end().end();
  EXPECT_EQ(json.text(), R"({"a":1,"b":[2,"x",{},[]],"c":{"d":false}})");
}

TEST(Json, NumbersReadBackAsTheyWere) {
  EXPECT_EQ(json(0.1), "0.1");
  for (double number : {1.0 / 3, 5e-324, -1.7976931348623157e308, 1e22, -0.0, 123456789.125})
    EXPECT_EQ(std::strtod(json(number).c_str(), nullptr), number) << number;
}

TEST(Json, WhatIsNotANumberIsNull) {
  EXPECT_EQ(json(std::nan("")), "null");
  EXPECT_EQ(json(HUGE_VAL), "null");
  EXPECT_EQ(json(-HUGE_VAL), "null");
}

TEST(Json, QuotesBackslashesAndControlCharactersAreEscaped) {
  EXPECT_EQ(json("a\"b\\c\n\r\t\x01\x1f/"), R"("a\"b\\c\n\r\t\u0001\u001f/")");
  EXPECT_EQ(json(std::string(1, '\0')), R"("\u0000")");
  EXPECT_EQ(Json().object().member("k\"", 1).end().text(), R"({"k\"":1})");
}

TEST(Json, Utf8PassesThrough) {
  for (const char* text : {"\x7f", "ü", "߿", "ࠀ", "퟿", "", "￿", "𐀀", "\xf4\x8f\xbf\xbf"})
    EXPECT_EQ(json(text), '"' + std::string(text) + '"');
}

TEST(Json, WhatIsNotUtf8IsReplacedByteByByte) {
  EXPECT_EQ(json("a\x80z"), R"("a\ufffdz")");                  // a continuation without a lead
  EXPECT_EQ(json("\xc3"), R"("\ufffd")");                      // cut off
  EXPECT_EQ(json("\xc3\"x"), R"("\ufffd\"x")");                // the quote after it is still escaped
  EXPECT_EQ(json("\xc0\xaf"), R"("\ufffd\ufffd")");            // overlong '/'
  EXPECT_EQ(json("\xe0\x9f\xbf"), R"("\ufffd\ufffd\ufffd")");  // overlong U+07FF
  EXPECT_EQ(json("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");  // a surrogate
  EXPECT_EQ(json("\xf4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")");  // above U+10FFFF
  EXPECT_EQ(json("\xff"), R"("\ufffd")");
}

}  // namespace
}  // namespace teff
