#include "text.h"

#include <gtest/gtest.h>

namespace teff::cli {
namespace {

TEST(Numbers, HaveThreeDigitsAndAUnit) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(7489664), "7.49 M");
  EXPECT_EQ(count_text(12501632), "12.5 M");
  EXPECT_EQ(count_text(999999), "1.00 M");
  EXPECT_EQ(bytes_text(55296), "54.0 kB");
  EXPECT_EQ(seconds_text(12.34e-6), "12.3 us");
  EXPECT_EQ(seconds_text(2), "2.00 s");
}

TEST(Bar, FillsEighthsOfACharacter) {
  EXPECT_EQ(bar(4, 4, 2), "██");
  EXPECT_EQ(bar(1, 16, 1), "");
  EXPECT_EQ(bar(1, 8, 1), "▏");
  EXPECT_EQ(bar(3, 4, 2), "█▌");
  EXPECT_EQ(bar(1, 0, 4), "");
}

TEST(Table, AlignsColumnsAndLeavesOutEmptyOnes) {
  Table table({{"name"}, {"nothing"}, {"n", Align::right}});
  table.row({"a", "", "1"});
  table.row({"long", "", "10"});
  EXPECT_EQ(table.text(), "name   n\na      1\nlong  10\n");
}

}  // namespace
}  // namespace teff::cli
