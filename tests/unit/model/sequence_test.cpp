#include "model/sequence.h"

#include <gtest/gtest.h>

namespace weir::model {
namespace {

using enum SequenceStep;

struct Stream {
  SequenceTracker tracker;
  SequenceCounts counts;
  SequenceStep note(std::uint32_t sequence, bool restarted = false) {
    return tracker.note(sequence, counts, restarted);
  }
};

TEST(SequenceTracker, InOrderAcrossTheWrap) {
  Stream s;
  EXPECT_EQ(s.note(0xFFFFFFFE), first);
  EXPECT_EQ(s.note(0xFFFFFFFF), next);
  EXPECT_EQ(s.note(0), next);
  EXPECT_EQ(s.note(1), next);
  EXPECT_EQ(s.counts.lost, 0U);
}

TEST(SequenceTracker, GapIsLostUntilItComesLate) {
  Stream s;
  s.note(10);
  EXPECT_EQ(s.note(14), gap);
  EXPECT_EQ(s.counts.lost, 3U);
  EXPECT_EQ(s.note(12), outOfOrder);
  EXPECT_EQ(s.counts.lost, 2U);
  EXPECT_EQ(s.counts.outOfOrder, 1U);
  EXPECT_EQ(s.note(12), duplicate);
  EXPECT_EQ(s.note(15), next);
  EXPECT_EQ(s.counts.duplicates, 1U);
}

TEST(SequenceTracker, NumberBeforeTheFirstWasNeverCountedAsLost) {
  Stream s;
  s.counts.lost = 5;  // of other streams of the agent
  s.note(10);
  EXPECT_EQ(s.note(9), outOfOrder);
  EXPECT_EQ(s.note(9), duplicate);
  EXPECT_EQ(s.counts.lost, 5U);
}

TEST(SequenceTracker, Duplicates) {
  Stream s;
  s.note(10);
  s.note(11);
  EXPECT_EQ(s.note(11), duplicate);
  EXPECT_EQ(s.note(10), duplicate);
  EXPECT_EQ(s.note(12), next);
  EXPECT_EQ(s.counts.duplicates, 2U);
  EXPECT_TRUE(isStale(duplicate));
  EXPECT_TRUE(isStale(outOfOrder));
  EXPECT_FALSE(isStale(gap));
}

TEST(SequenceTracker, LongStepsAreRestartsAndNotLosses) {
  Stream s;
  s.note(100'000);
  EXPECT_EQ(s.note(100'000 - 17), restart);
  EXPECT_EQ(s.note(100'000 - 16), next);
  EXPECT_EQ(s.note(100'000 - 16 + 4096), gap);
  EXPECT_EQ(s.note(1), restart);
  EXPECT_EQ(s.note(1 + 4097), restart);
  EXPECT_EQ(s.counts.restarts, 3U);
  EXPECT_EQ(s.counts.lost, 4095U);
}

TEST(SequenceTracker, KnownRestart) {
  Stream s;
  s.note(5);
  EXPECT_EQ(s.note(3, true), restart);
  EXPECT_EQ(s.note(4), next);
  EXPECT_EQ(s.counts.outOfOrder + s.counts.duplicates + s.counts.lost, 0U);
}

TEST(SequenceTracker, SenderThatDoesNotCount) {
  for (const std::uint32_t constant : {0U, 1U}) {
    Stream s;
    EXPECT_EQ(s.note(constant), first);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(s.note(constant), untracked);
    EXPECT_EQ(s.counts.duplicates, 0U);
  }
}

TEST(UptimeTracker, SmallerUptimeIsARestart) {
  UptimeTracker uptime;
  EXPECT_FALSE(uptime.restarted(60'000));
  EXPECT_FALSE(uptime.restarted(61'000));
  EXPECT_FALSE(uptime.restarted(60'500)) << "overtaken on the way";
  EXPECT_FALSE(uptime.restarted(61'500));
  EXPECT_TRUE(uptime.restarted(3'000));
  EXPECT_FALSE(uptime.restarted(4'000));
}

TEST(UptimeTracker, WrapIsNotARestart) {
  UptimeTracker uptime;
  EXPECT_FALSE(uptime.restarted(0xFFFFFF00));
  EXPECT_FALSE(uptime.restarted(500));
  UptimeTracker old;
  EXPECT_FALSE(old.restarted(0xC0000000));  // 37 days
  EXPECT_TRUE(old.restarted(500));
}

}  // namespace
}  // namespace weir::model
