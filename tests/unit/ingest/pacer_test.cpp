#include "ingest/pacer.h"

#include <gtest/gtest.h>

namespace weir::ingest {
namespace {

/// The pause after a second of `rate` datagrams/s, told of every millisecond.
Nanos pauseAt(BatchPacer& pacer, std::size_t rate, Nanos& now) {
  Nanos pause = 0;
  for (int i = 0; i < 1000; ++i) pause = pacer.pause(rate / 1000, now += kMillisecond);
  return pause;
}

TEST(BatchPacer, PausesOnlyWhileBusy) {
  BatchPacer pacer;
  Nanos now = 77 * kSecond;
  EXPECT_EQ(pauseAt(pacer, 7'000, now), 0) << "50,000 samples/s are answered at once";
  EXPECT_EQ(pauseAt(pacer, 29'000, now), 0);
  EXPECT_EQ(pauseAt(pacer, 31'000, now), BatchPacer::kLongestPause);
  EXPECT_EQ(pauseAt(pacer, 1'000'000, now), BatchPacer::kLongestPause);
  EXPECT_EQ(pauseAt(pacer, 1'000, now), 0);
}

TEST(BatchPacer, ForgetsABurstAfterSilence) {
  BatchPacer pacer;
  Nanos now = 5 * kSecond;
  EXPECT_GT(pauseAt(pacer, 100'000, now), 0);
  EXPECT_EQ(pacer.pause(1'000'000, now += kSecond), 0) << "nothing is known of the second before";
}

}  // namespace
}  // namespace weir::ingest
