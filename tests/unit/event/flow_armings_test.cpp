// Which flows of a data source may fire: the table against a plain map, and what it does where flows find no room.
#include "event/flow_armings.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>
#include <random>

namespace weir::event {
namespace {

using Result = FlowArmings::Result;

constexpr Nanos kStart = 1'700'000'000 * kSecond;
constexpr double kTau = 2;

class FlowArmingsTest : public testing::Test {
 protected:
  static FlowArmings::Flow flow(std::uint64_t i) { return {(i + 1) * 0x9E3779B97F4A7C15ULL, i}; }
  /// Flow `i` has a rate of `value` at `seconds`; the limit is 1,000 and the timeout 1 s.
  Result above(std::uint64_t i, double seconds, double value, bool mayGrow = true) {
    const Nanos now = kStart + nanosFromSeconds(seconds);
    const Nanos below = timeBelow(now, value, 1'000, kTau);
    const double half = kTau * 1e9 * std::numbers::ln2;
    return armings.above(flow(i), {now, below, kSecond, static_cast<double>(below), half}, mayGrow);
  }
  void expire(double seconds) { armings.expire(kStart + nanosFromSeconds(seconds), kSecond); }

  FlowArmings armings;
};

TEST_F(FlowArmingsTest, AFlowFiresOnceAndAgainAfterItWasBelowForTheTimeout) {
  EXPECT_EQ(above(1, 0, 2'000), Result::fires) << "at 1,000 after 1.386 s, armed at 2.386 s";
  EXPECT_EQ(above(1, 0.1, 2'000), Result::quiet);
  EXPECT_EQ(above(1, 2.4, 2'000), Result::quiet) << "below since 1.486 s";
  EXPECT_EQ(above(2, 2.4, 2'000), Result::fires) << "another one";
  EXPECT_EQ(above(1, 4.8, 2'000), Result::fires);
  armings.below(flow(1), kStart + 5 * kSecond);
  EXPECT_EQ(above(1, 5.9, 2'000), Result::quiet);
  armings.below(flow(1), kStart + 6 * kSecond);
  EXPECT_EQ(above(1, 7, 2'000), Result::fires);
}

TEST_F(FlowArmingsTest, KeysOfZeroOctetsAreFlowsAsWell) {
  const FlowArmings::Flow zero{0, 0};
  const FlowArmings::Above now{kStart, kStart + 10 * kSecond, kSecond, 1, 1};
  EXPECT_EQ(armings.above(zero, now, true), Result::fires);
  EXPECT_EQ(armings.above(zero, now, true), Result::quiet);
  EXPECT_EQ(armings.size(), 1U);
  EXPECT_EQ(armings.above({0, 1}, now, true), Result::fires) << "the same place, another flow";
}

TEST_F(FlowArmingsTest, MemoryFollowsTheFlowsThatAreAbove) {
  EXPECT_EQ(armings.memory(), 0U);
  for (unsigned i = 0; i < 10'000; ++i) ASSERT_EQ(above(i, 0, 2'000), Result::fires) << i;
  const std::size_t most = armings.memory();
  EXPECT_GE(most, 10'000U * 32);
  for (unsigned i = 0; i < 100; ++i) ASSERT_EQ(above(i, 2, 2'000), Result::quiet) << i;
  expire(2.4);
  EXPECT_EQ(armings.size(), 100U);
  EXPECT_LT(armings.memory(), most / 16);
  for (unsigned i = 0; i < 100; ++i)
    ASSERT_EQ(above(i, 2.5, 2'000), Result::quiet) << i << ": kept when the table shrank";
  expire(10);
  EXPECT_TRUE(armings.empty());
  EXPECT_EQ(armings.memory(), 0U);
}

TEST_F(FlowArmingsTest, EverNewFlowsTakeNoMoreThanThoseThatAreAboveAtATime) {
  for (unsigned i = 0; i < 100'000; ++i) ASSERT_EQ(above(i, 0.01 * i, 2'000), Result::fires) << "each 10 ms a new one";
  EXPECT_LE(armings.memory(), 1'024U * 32) << "239 are above or within their timeout at a time";
}

TEST_F(FlowArmingsTest, IsAPlainMapWhileThereIsRoom) {
  std::mt19937_64 random(7);
  std::map<std::uint64_t, Nanos> belowSince;
  double at = 0;
  for (unsigned step = 0; step < 200'000; ++step) {
    at += (random() % 1'000 == 0 ? 5.0 : 0.001) * static_cast<double>(random() % 10);
    const std::uint64_t i = random() % 3'000;
    const Nanos now = kStart + nanosFromSeconds(at);
    if (random() % 8 == 0) {
      armings.below(flow(i), now);
      if (const auto it = belowSince.find(i); it != belowSince.end()) it->second = std::min(it->second, now);
      continue;
    }
    if (random() % 500 == 0) expire(at);
    const double value = 1'000 * (1 + static_cast<double>(random() % 100));
    const auto it = belowSince.find(i);
    const bool fires = it == belowSince.end() || (it->second <= now && now - it->second >= kSecond);
    ASSERT_EQ(above(i, at, value), fires ? Result::fires : Result::quiet) << "step " << step << ", flow " << i;
    const Nanos below = timeBelow(now, value, 1'000, kTau);
    belowSince[i] = it == belowSince.end() ? below : std::max(it->second, below);
  }
}

TEST_F(FlowArmingsTest, AMuchLargerFlowFiresAtOnceHoweverManyAreAbove) {
  unsigned fired = 0, refused = 0;
  for (unsigned i = 0; i < 60'000; ++i) {
    const Result result = above(i, 0, 5'000);
    fired += result == Result::fires ? 1 : 0;
    refused += result == Result::refused ? 1 : 0;
  }
  EXPECT_NEAR(fired, FlowArmings::kMaxFlows, FlowArmings::kMaxFlows / 100.0);
  EXPECT_EQ(fired + refused, 60'000U);
  EXPECT_LE(armings.memory(), FlowArmings::kMaxSlots * 32U);
  for (unsigned i = 0; i < 100; ++i) {
    EXPECT_EQ(above(100'000 + i, 0.001, 750'000), Result::displaces) << i;
    EXPECT_EQ(above(100'000 + i, 0.002, 750'000), Result::quiet) << i;
  }
}

TEST_F(FlowArmingsTest, NewFlowsOneByOneAllFire) {
  for (unsigned i = 0; i < 200'000; ++i) {
    const Result result = above(i, i * 0.0002, 750'000);  // each above its limit for 13 s
    ASSERT_TRUE(result == Result::fires || result == Result::displaces) << i;
  }
}

TEST_F(FlowArmingsTest, SteadyFlowsBeyondTheRoomDoNotTakeTurns) {
  std::mt19937_64 random(3);
  constexpr unsigned kFlows = FlowArmings::kMaxFlows + FlowArmings::kMaxFlows / 4;
  std::map<unsigned, unsigned> events;
  for (unsigned round = 0; round < 40; ++round) {
    for (unsigned i = 0; i < kFlows; ++i) {
      const Result result = above(i, round * 0.1, 5'000 * (1 + static_cast<double>(random() % 100) / 200));
      if (result == Result::fires || result == Result::displaces) ++events[i];
    }
  }
  for (const auto& [i, count] : events) ASSERT_EQ(count, 1U) << i;
}

TEST_F(FlowArmingsTest, WithoutABudgetTheTableKeepsItsSize) {
  for (unsigned i = 0; i < 1'000; ++i) (void)above(i, 0, 2'000, false);
  EXPECT_EQ(armings.memory(), 16U * 32);
  EXPECT_EQ(above(5'000, 0, 100'000, false), Result::displaces);
}

}  // namespace
}  // namespace weir::event
