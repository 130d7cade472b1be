#include "base/steady_clock.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr Nanos kWall = 1'700'000'000 * kSecond;

/// Both clocks, and the system's clock set by `step`; asked every millisecond.
class Clocks {
 public:
  void set(Nanos step) { wall_ += step; }
  /// Runs for `duration` and answers how far the clock went; fails when it goes back or stands still for long.
  Nanos run(Nanos duration) {
    const Nanos begin = now();
    Nanos moved = begin;
    for (Nanos t = 0; t < duration; t += kMillisecond) {
      wall_ += kMillisecond;
      monotonic_ += kMillisecond;
      const Nanos before = last_;
      const Nanos after = now();
      EXPECT_GE(after, before);
      if (after > moved) {
        EXPECT_LE(monotonic_ - movedAt_, 2 * kMillisecond);
        moved = after;
        movedAt_ = monotonic_;
      }
    }
    return last_ - begin;
  }
  Nanos now() { return last_ = clock_.now(wall_, monotonic_); }
  [[nodiscard]] Nanos behind() { return wall_ - now(); }

 private:
  Nanos wall_ = kWall, monotonic_ = 5 * kSecond, movedAt_ = monotonic_, last_ = 0;
  SteadyClock clock_{wall_, monotonic_};
};

TEST(SteadyClock, IsTheTimeOfDay) {
  Clocks clocks;
  EXPECT_EQ(clocks.now(), kWall);
  EXPECT_EQ(clocks.run(10 * kSecond), 10 * kSecond);
  EXPECT_EQ(clocks.behind(), 0);
}

TEST(SteadyClock, SetBackItRunsSlowerUntilItIsRight) {
  Clocks clocks;
  clocks.set(-300 * kSecond);
  EXPECT_NEAR(static_cast<double>(clocks.run(16 * kSecond)), 15e9, 0.1e9) << "by a sixteenth, and never still";
  EXPECT_NEAR(static_cast<double>(clocks.behind()), -299e9, 0.1e9);
  Clocks little;
  little.set(-500 * kMillisecond);
  (void)little.run(10 * kSecond);
  EXPECT_EQ(little.behind(), 0);
}

TEST(SteadyClock, SetForwardItFollowsByALittleOrAtOnce) {
  Clocks little;
  little.set(kSecond);
  EXPECT_LE(little.run(kSecond), kSecond + kSecond / SteadyClock::kSlew + kMillisecond);
  (void)little.run(20 * kSecond);
  EXPECT_EQ(little.behind(), 0);
  Clocks far;
  far.set(3600 * kSecond);
  (void)far.run(20 * kMillisecond);
  EXPECT_EQ(far.behind(), 0);
}

}  // namespace
}  // namespace weir
