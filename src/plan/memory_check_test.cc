#include "plan/memory_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "plan/streaming.h"
#include "plan/testing.h"

namespace teff {
namespace {

using testing::WorkBuilder;

struct Pair {
  WorkBuilder b;
  std::vector<Run> runs;
  Places places;

  // Two depthwise convolutions of 6 rows of 8 bytes, row by row.
  Pair() {
    const int x = b.input({6, 8, 1});
    const int y = b.depthwise(x, {6, 8, 1}, {3, 1, 1, 1}, {3, 1, 1, 1});
    b.output(b.depthwise(y, {6, 8, 1}, {3, 1, 1, 1}, {3, 1, 1, 1}));
    runs = runs_of(b.work, {.order = {0, 1}, .cuts = {2}});
    places = {.tensors = {24, 72, 0}, .ring_rows = {0, 3, 0}, .scratch = {96, 96}, .bytes = 96 + 60};
  }
  void check() const { check_memory(b.work, runs, places); }
};

TEST(MemoryCheck, AcceptsRingsAndOverlays) { EXPECT_NO_THROW(Pair().check()); }

TEST(MemoryCheck, RefusesARingThatIsTooShort) {
  Pair pair;
  pair.places.ring_rows[1] = 2;
  EXPECT_THROW(pair.check(), Error);
}

TEST(MemoryCheck, RefusesAnOverlayThatIsTooClose) {
  Pair pair;
  pair.places.tensors[0] = 0;  // the result may take the place of the input,
  EXPECT_NO_THROW(pair.check());
  pair.places.tensors[2] = 8;  // but not the next row
  EXPECT_THROW(pair.check(), Error);
}

TEST(MemoryCheck, RefusesScratchOverARing) {
  Pair pair;
  pair.places.scratch[1] = 88;
  EXPECT_THROW(pair.check(), Error);
}

TEST(MemoryCheck, RefusesWhatLiesOutside) {
  Pair pair;
  pair.places.bytes = 150;
  EXPECT_THROW(pair.check(), Error);
}

TEST(MemoryCheck, RefusesUnitsOutOfOrder) {
  Pair pair;
  std::swap(pair.runs[0], pair.runs[2]);
  EXPECT_THROW(pair.check(), Error);
}

}  // namespace
}  // namespace teff
