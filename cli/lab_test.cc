// What scripts rely on in `teff lab --json`, and that every chapter can be told in words and as a page.
#include "lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "command.h"

namespace teff::cli {
namespace {

using testing::HasSubstr;

LabReport measure(const Chapter& chapter, const std::vector<const char*>& options) {
  std::vector<const char*> words{chapter.name.data()};
  words.insert(words.end(), options.begin(), options.end());
  return chapter.measure(Arguments(kLab.spec, words));
}

size_t count(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return static_cast<size_t>(std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {}));
}

std::vector<std::string> cells(const LabReport& report) {
  std::vector<std::string> found;
  for (const LabSection& section : report.sections)
    for (const auto& row : section.sheet.rows) found.insert(found.end(), row.begin(), row.end());
  return found;
}

void expect_a_page(const LabReport& report) {
  const std::string page = lab_html(report);
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, HasSubstr("</html>"));
  EXPECT_EQ(count(page, "(src|href)="), 0u) << "the page fetches something";
  EXPECT_EQ(count(page, "<tr>"), count(page, "</tr>"));
}

TEST(Lab, MatmulHasTheFieldsThatScriptsRead) {
  const LabReport report = measure(kLabMatmul, {"--shape", "33x40x50", "--repeat", "1", "--threads", "2"});
  EXPECT_GE(count(report.json,
                  R"(\{"name":"[^"]+","threads":[12],"seconds":[0-9.e-]+,"speedup":[0-9.e+-]+,"of_peak")"),
            9u);
  EXPECT_THAT(report.json, HasSubstr("\"m\":33,\"k\":40,\"n\":50"));
  expect_a_page(report);
}

TEST(Lab, CostGivesThePublishedNumbers) {
  const LabReport report = measure(kLabCost, {});
  for (const char* number : {"1088", "2080", "1120", "81", "45", "33", "25"})
    EXPECT_THAT(cells(report), testing::Contains(number));
  EXPECT_THAT(report.json, HasSubstr("\"memory\":1088"));
  expect_a_page(report);
}

TEST(Lab, CostTakesOtherSizesAndPrices) {
  const LabReport report = measure(
      kLabCost, {"--rows", "2", "--columns", "6", "--words", "4", "--image", "6", "--prices", "1,0,0"});
  EXPECT_THAT(report.json, HasSubstr("\"memory\":26,\"macs\":12,\"internal\":26,\"cost\":26"));
  EXPECT_THAT(report.json, HasSubstr("\"loads\":36"));
}

TEST(Lab, ConvHasAlgorithmsLayoutsAndMemory) {
  const LabReport report = measure(kLabConv, {"--shape", "6x5x8x9", "--repeat", "1"});
  EXPECT_EQ(count(report.json, R"("of_peak":[0-9.e-]+,"products":)"), 7u);
  EXPECT_THAT(report.json, HasSubstr("\"general_bytes\":1920,\"bytes\":1080"));
  expect_a_page(report);
}

TEST(Lab, RooflineHasCeilingsAndKernels) {
  const LabReport report = measure(kLabRoofline, {"--size", "8", "--repeat", "1", "--threads", "2"});
  EXPECT_GE(count(report.json, R"("bytes_per_second":[0-9.e+]+,)"), 2u);
  EXPECT_GE(count(report.json, R"("limit":[0-9.e+]+,"of_limit":)"), 12u);
  expect_a_page(report);
}

TEST(Lab, CacheHasAllOrdersWithMissesAndTimes) {
  const LabReport report = measure(kLabCache, {"--shape", "33x20x34", "--repeat", "1"});
  EXPECT_EQ(
      count(report.json, R"("seconds":[0-9.e-]+,"speedup":[0-9.e+-]+,"accesses":67320,"misses":\[[0-9,]+\])"),
      9u);
  expect_a_page(report);
}

TEST(Lab, WrongUsageSaysWhatIsWrong) {
  EXPECT_THROW(measure(kLabMatmul, {"--shape", "3x4"}), UsageError);
  EXPECT_THROW(measure(kLabMatmul, {"--shape", "0x4x4"}), UsageError);
  EXPECT_THROW(measure(kLabCost, {"--image", "3", "--kernel", "4"}), UsageError);
  EXPECT_THROW(measure(kLabCost, {"--prices", "1,2"}), UsageError);
  const char* words[] = {"cost", "--repeat", "2"};
  EXPECT_THROW(kLab.run(Arguments(kLab.spec, words)), UsageError);
  const char* unknown[] = {"poetry"};
  EXPECT_THROW(kLab.run(Arguments(kLab.spec, unknown)), UsageError);
}

}  // namespace
}  // namespace teff::cli
