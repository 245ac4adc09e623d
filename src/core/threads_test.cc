#include "core/threads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

namespace teff {
namespace {

struct Call {
  Range range;
  int index;
  std::thread::id thread;
};

std::vector<Call> calls_of(int64_t units, int threads) {
  std::mutex mutex;
  std::vector<Call> calls;
  parallel_for(units, threads, [&](Range range, int index) {
    std::lock_guard lock(mutex);
    calls.push_back({range, index, std::this_thread::get_id()});
  });
  std::ranges::sort(calls, {}, &Call::index);
  return calls;
}

TEST(ParallelFor, SplitsIntoContiguousRangesOfNearlyEqualSize) {
  for (int threads : {1, 2, 3, 7, 16})
    for (int64_t units : {int64_t{1}, int64_t{2}, int64_t{5}, int64_t{7}, int64_t{1000},
                          std::numeric_limits<int64_t>::max()}) {
      const std::vector<Call> calls = calls_of(units, threads);
      ASSERT_EQ(calls.size(), static_cast<size_t>(std::min<int64_t>(units, threads)));
      int64_t next = 0;
      for (size_t i = 0; i < calls.size(); ++i) {
        const auto [begin, end] = calls[i].range;
        EXPECT_EQ(calls[i].index, static_cast<int>(i));
        EXPECT_EQ(begin, next);
        const int64_t least = units / static_cast<int64_t>(calls.size());
        EXPECT_TRUE(end - begin == least || end - begin == least + 1) << end - begin;
        next = end;
      }
      EXPECT_EQ(next, units);
    }
}

TEST(ParallelFor, NoUnitsAreNoCalls) {
  EXPECT_TRUE(calls_of(0, 4).empty());
  EXPECT_TRUE(calls_of(-1, 4).empty());
}

TEST(ParallelFor, ThreadsAreAtLeastOneAndBounded) {
  EXPECT_EQ(calls_of(10, 0).size(), 1u);
  EXPECT_EQ(calls_of(10, -3).size(), 1u);
  EXPECT_EQ(calls_of(100000, 100000).size(), static_cast<size_t>(kMaxThreads));
}

TEST(ParallelFor, TheFirstRangeRunsOnTheCallingThread) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(calls_of(4, 4)[0].thread, std::this_thread::get_id());
}

// Every range waits for the others: it ends only if each has a thread of its own.
TEST(ParallelFor, RangesRunAtTheSameTime) {
  std::atomic<int> here = 0;
  parallel_for(6, 6, [&](Range, int) {
    ++here;
    while (here < 6) std::this_thread::yield();
  });
  EXPECT_EQ(here, 6);
}

TEST(ParallelFor, WhatTheBodiesWroteIsVisibleAfterwards) {
  std::vector<int64_t> values(1000);
  int64_t plain = 0;  // written before, read by every body
  for (int round = 0; round < 2000; ++round) {
    plain = round;
    parallel_for(1000, 3, [&](Range range, int) {
      for (int64_t i = range.begin; i < range.end; ++i) values[i] += plain;
    });
  }
  for (int64_t value : values) ASSERT_EQ(value, 1999 * 2000 / 2);
}

TEST(ParallelFor, ParkedWorkersWakeAgain) {
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // far longer than the workers spin
    std::atomic<int> here = 0;
    parallel_for(3, 3, [&](Range, int) {
      ++here;
      while (here < 3) std::this_thread::yield();
    });
    ASSERT_EQ(here, 3);
  }
}

TEST(ParallelFor, TheCallerSleepsThroughLongRangesOfOthers) {
  std::atomic<int> begun = 0, done = 0;
  parallel_for(3, 3, [&](Range, int index) {
    ++begun;
    while (begun < 3) std::this_thread::yield();  // so that the caller cannot take the others' ranges
    if (index > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5 * index));
    ++done;
  });
  EXPECT_EQ(done, 3);
}

TEST(ParallelFor, ANestedCallRunsOnItsThreadWithTheSameSplit) {
  std::atomic<int> wrong = 0, inner = 0;
  parallel_for(4, 4, [&](Range, int) {
    const auto here = std::this_thread::get_id();
    int expected = 0;
    parallel_for(9, 3, [&](Range range, int index) {
      if (std::this_thread::get_id() != here || index != expected || range.begin != 3 * index) ++wrong;
      ++expected;
      ++inner;
    });
  });
  EXPECT_EQ(inner, 12);
  EXPECT_EQ(wrong, 0);
}

TEST(ParallelFor, CallsFromSeveralThreadsAtOnceAreAllComplete) {
  std::vector<std::thread> callers;
  std::vector<int64_t> sums(4);
  for (int64_t& sum : sums)
    callers.emplace_back([&sum] {
      for (int round = 0; round < 500; ++round) {
        int64_t parts[3] = {};
        parallel_for(100, 3, [&](Range range, int index) {
          for (int64_t i = range.begin; i < range.end; ++i) parts[index] += i;
        });
        sum += std::accumulate(std::begin(parts), std::end(parts), int64_t{0});
      }
    });
  for (std::thread& caller : callers) caller.join();
  for (int64_t sum : sums) EXPECT_EQ(sum, 500 * 4950);
}

TEST(ParallelFor, ChangingTheNumberOfThreadsLosesNothing) {
  std::atomic<int64_t> units = 0;
  for (int round = 0; round < 300; ++round)
    parallel_for(64, 1 + round % 9, [&](Range range, int) { units += range.end - range.begin; });
  EXPECT_EQ(units, 300 * 64);
}

TEST(ParallelForDeathTest, ABodyThatThrowsEndsTheProcess) {
  EXPECT_DEATH(parallel_for(2, 1, [](Range, int) { throw 1; }), "");
}

TEST(HardwareThreads, AreAtLeastOneAndNoMoreThanTheMachineHas) {
  EXPECT_GE(hardware_threads(), 1);
  EXPECT_LE(hardware_threads(), static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace
}  // namespace teff
