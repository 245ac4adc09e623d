#include "front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "compile_testing.h"
#include "front_svg.h"

namespace teff::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Knee, IsWhereTheProductIsLeast) {
  // Half of the memory for a tenth more instructions; then a tenth less for half as many again.
  const std::vector<SramAndCost> points{{100, 1.0}, {50, 1.1}, {45, 1.65}};
  EXPECT_EQ(knee_of(points), 1u);
}

TEST(Knee, OfEqualsIsTheFastest) {
  EXPECT_EQ(knee_of(std::vector<SramAndCost>{{100, 1}, {50, 2}}), 0u);
  EXPECT_EQ(knee_of(std::vector<SramAndCost>{{7, 3}}), 0u);
}

CompilationOptions for_m7() { return {.target = find_target("m7"), .sram = {}, .flash = {}}; }

TEST(Front, GoesFromTheFastestToTheSmallestAndTakesTheKnee) {
  const Front front = make_front("fashion", for_m7(), {}, false);
  ASSERT_GE(front.points.size(), 2u);
  for (size_t i = 1; i < front.points.size(); ++i) EXPECT_LT(front.points[i].sram, front.points[i - 1].sram);
  EXPECT_EQ(front.points.front().sram, compiled("fashion", "m7", "speed").emitted.arena_bytes);
  EXPECT_EQ(front.points.back().sram, compiled("fashion", "m7", "sram").emitted.arena_bytes);
  std::vector<SramAndCost> costs;
  for (const FrontPoint& p : front.points) costs.push_back({static_cast<double>(p.sram), p.predicted});
  EXPECT_EQ(front.chosen, knee_of(costs));
  EXPECT_THAT(front.reason, HasSubstr("the knee"));
  EXPECT_THAT(front_text(front), HasSubstr(std::to_string(front.points[front.chosen].sram)));
}

TEST(Front, HasAPointOfWhatIsTakenAnyway) {
  CompilationOptions options = for_m7();
  options.sram = 12000;
  const Compilation taken = compile_for("fashion", options);
  const Front front = make_front("fashion", options, taken, false);
  EXPECT_EQ(front.points[front.chosen].sram, taken.emitted.arena_bytes);
  EXPECT_TRUE(std::ranges::is_sorted(front.points, std::greater(), &FrontPoint::sram));
  EXPECT_EQ(front.reason, "");
}

TEST(Front, AsAPictureMarksOnePoint) {
  const std::string svg = front_svg(make_front("fashion", for_m7(), {}, false));
  const size_t mark = svg.find("point taken");
  ASSERT_NE(mark, std::string::npos);
  EXPECT_EQ(svg.find("point taken", mark + 1), std::string::npos);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace teff::cli
