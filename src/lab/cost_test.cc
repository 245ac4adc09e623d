#include "lab/cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace teff::lab {
namespace {

using testing::ElementsAre;

std::vector<double> counting(int64_t n) {
  std::vector<double> v(static_cast<size_t>(n));
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(static_cast<int>(i * 7 % 11) - 5);
  return v;
}

std::vector<double> product(const Matvec& s, const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> y;
  for (int64_t row = 0; row < s.rows; ++row)
    y.push_back(std::inner_product(b.begin(), b.end(), a.begin() + row * s.columns, 0.0));
  return y;
}

TEST(Cost, ThePublishedMatrixVectorSchedules) {
  EXPECT_EQ(row_by_row({32, 32, 32}).memory, 1088);
  EXPECT_EQ(row_by_row({32, 32, 32}).macs, 1024);
  EXPECT_EQ(row_by_row({32, 32, 16}).memory, 2080);
  EXPECT_EQ(tile_by_tile({32, 32, 16}).memory, 1120);
  EXPECT_EQ(tile_by_tile({32, 32, 16}).macs, 1024 + 32);
}

TEST(Cost, SmallerMemoriesMovePartialSumsMore) {
  EXPECT_EQ(tile_by_tile({32, 32, 8}).memory, 1232);
  EXPECT_EQ(tile_by_tile({32, 32, 4}).memory, 1480);
  EXPECT_EQ(tile_by_tile({32, 32, 4}).macs, 1024 + 224);
}

TEST(Cost, SchedulesMoveWhatTheFormulasSayAndComputeTheProduct) {
  for (int64_t rows : {1, 5, 32})
    for (int64_t columns : {1, 7, 32, 33})
      for (int64_t words : {1, 4, 16, 32, 100}) {
        const Matvec s{rows, columns, words};
        const auto a = counting(rows * columns), b = counting(columns);
        const Counted by_row = run_row_by_row(s, a, b), by_tile = run_tile_by_tile(s, a, b);
        EXPECT_EQ(by_row.moves, row_by_row(s)) << rows << "x" << columns << " in " << words;
        EXPECT_EQ(by_tile.moves, tile_by_tile(s)) << rows << "x" << columns << " in " << words;
        EXPECT_EQ(by_row.result, product(s, a, b));
        EXPECT_EQ(by_tile.result, product(s, a, b));
      }
}

TEST(Cost, TotalsAreTheMovesAtTheirPrices) { EXPECT_EQ(cost({10, 20, 30}, {100, 2, 1}), 1070); }

constexpr Reuse kReuses[] = {Reuse::none, Reuse::row, Reuse::serpentine, Reuse::everything};

TEST(Cost, ThePublishedWindows) {
  std::vector<int64_t> loads;
  for (Reuse reuse : kReuses) loads.push_back(window_loads({5, 3}, reuse));
  EXPECT_THAT(loads, ElementsAre(81, 45, 33, 25));
}

TEST(Cost, WindowsFetchWhatTheFormulasSay) {
  for (int64_t image : {1, 3, 5, 9})
    for (int64_t kernel = 1; kernel <= image; ++kernel)
      for (Reuse reuse : kReuses) {
        const Window w{image, kernel};
        const auto run = run_window(w, reuse, counting(image * image), counting(kernel * kernel));
        EXPECT_EQ(run.loads, window_loads(w, reuse)) << image << " by " << kernel;
        EXPECT_EQ(run.result,
                  run_window(w, Reuse::none, counting(image * image), counting(kernel * kernel)).result);
      }
}

TEST(Cost, EachReuseAsksForItsMemory) {
  std::vector<int64_t> words;
  for (Reuse reuse : kReuses) words.push_back(run_window({5, 3}, reuse, counting(25), counting(9)).words);
  EXPECT_THAT(words, ElementsAre(9, 9, 9, 2 * 5 + 3));  // two rows and a piece of the third
}

TEST(Cost, TheTutorialsExampleHasAMinusThatTheSlideLost) {
  const std::vector<double> image{1,  0, 2, -1, -1, 0, 1, -1, -2, 0, 1, 1, -2,
                                  -1, 0, 0, -2, 1,  1, 0, -2, 1,  0, 1, 0};
  const std::vector<double> kernel{1, 2, -1, 1, 0, 0, 0, 1, 0};
  EXPECT_THAT(run_window({5, 3}, Reuse::serpentine, image, kernel).result,
              ElementsAre(0, 4, -1, 2, 3, -6, 6, -4, -2));
}

}  // namespace
}  // namespace teff::lab
