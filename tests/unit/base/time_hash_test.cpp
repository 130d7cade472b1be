#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "base/hash.h"
#include "base/time.h"

namespace weir {
namespace {

TEST(Time, SecondsToNanosTruncatesAndClamps) {
  EXPECT_EQ(nanosFromSeconds(1.5), 1'500'000'000);
  EXPECT_EQ(nanosFromSeconds(-0.5), -500'000'000);
  EXPECT_EQ(nanosFromSeconds(1e-10), 0);
  EXPECT_EQ(nanosFromSeconds(std::numeric_limits<double>::quiet_NaN()), 0);
  EXPECT_GT(nanosFromSeconds(1e300), 9 * kSecond * 1'000'000'000 / 1'000);
  EXPECT_EQ(nanosFromSeconds(1e300), -nanosFromSeconds(-std::numeric_limits<double>::infinity()));
  EXPECT_DOUBLE_EQ(secondsFromNanos(2'500'000'000), 2.5);
}

TEST(Time, ClocksNeverGoBackwards) {
  Nanos system = systemNow();
  Nanos monotonic = monotonicNow();
  EXPECT_GT(system, 1'577'836'800 * kSecond) << "after 2020";
  for (int i = 0; i < 1000; ++i) {
    const Nanos s = systemNow();
    const Nanos m = monotonicNow();
    ASSERT_GE(s, system);
    ASSERT_GE(m, monotonic);
    system = s;
    monotonic = m;
  }
}

TEST(Hash, DependsOnEveryOctetLengthAndSeed) {
  std::uint8_t bytes[19] = {};
  std::set<std::uint64_t> seen{hashBytes(bytes, sizeof bytes)};
  for (auto& b : bytes) {
    b = 1;
    EXPECT_TRUE(seen.insert(hashBytes(bytes, sizeof bytes)).second);
    b = 0;
  }
  for (std::size_t size = 0; size < sizeof bytes; ++size) EXPECT_TRUE(seen.insert(hashBytes(bytes, size)).second);
  EXPECT_TRUE(seen.insert(hashBytes(bytes, sizeof bytes, 1)).second);
}

TEST(Hash, IsTheSameOnEveryRun) {
  // What a bounded table evicts depends on this value: replay on another machine must agree.
  EXPECT_EQ(hashBytes("sFlow datagram", 14), 14090392908502764776ULL);
}

TEST(Hash, SpreadsSmallNumbersOverLowBits) {
  std::set<std::uint64_t> buckets;
  for (std::uint64_t i = 0; i < 64; ++i) buckets.insert(mixHash(i, 0) & 63);
  EXPECT_GT(buckets.size(), 30u);
}

}  // namespace
}  // namespace weir
