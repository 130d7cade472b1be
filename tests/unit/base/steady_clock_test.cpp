#include "base/steady_clock.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr Nanos kWall = 1'700'000'000 * kSecond, kMonotonic = 5 * kSecond;

TEST(SteadyClock, BeginsWithTheTimeOfDayAndRunsWithTheMonotonicClock) {
  const SteadyClock clock(kWall, kMonotonic);
  EXPECT_EQ(clock.now(kMonotonic), kWall);
  EXPECT_EQ(clock.now(kMonotonic + 10 * kSecond), kWall + 10 * kSecond);
  EXPECT_EQ(clock.offset(kWall + 10 * kSecond, kMonotonic + 10 * kSecond), 0);
}

TEST(SteadyClock, SettingTheSystemsClockChangesTheOffsetOnly) {
  const SteadyClock clock(kWall, kMonotonic);
  for (const Nanos step : {-3600 * kSecond, 20 * kSecond, 3600 * kSecond, -kMillisecond}) {
    for (const Nanos passed : {Nanos{0}, kSecond, 16 * 3600 * kSecond}) {
      EXPECT_EQ(clock.now(kMonotonic + passed), kWall + passed);
      EXPECT_EQ(clock.offset(kWall + passed + step, kMonotonic + passed), step);
    }
  }
}

}  // namespace
}  // namespace weir
