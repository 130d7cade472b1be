// The system's clock is set while telemetry comes in: rates and windows run on, time stamps follow it.
#include <gtest/gtest.h>

#include "base/steady_clock.h"
#include "support/shard_bench.h"

namespace weir::engine {
namespace {

using test::kPort3;
using test::TestAgent;

/// A shard as its thread feeds it, with both clocks of the system in the test's hand.
class TimeOfDay : public testing::Test {
 protected:
  TimeOfDay() {
    bench.flow("pairs", "{keys:'ipsource,ipdestination', value:bytes, t:2, log:true, activeTimeout:10}");
    bench.threshold("big", "{metric:pairs, value:3000, byFlow:true, timeout:5}");
  }
  void setSystemClock(Nanos step) { wall += step; }
  /// One sample of 1,000 octets a tenth of a second, and 10 kB/s of octets in the counters of each second.
  void run(int seconds) {
    for (int tenth = 1; tenth <= 10 * seconds; ++tenth) {
      wall += 100 * kMillisecond;
      monotonic += 100 * kMillisecond;
      const Nanos now = clock.now(monotonic);
      bench.shard.setTimeOfDay(clock.offset(wall, monotonic));
      bench.at(secondsFromNanos(now - test::kStart));
      bench.send(agent.flow({.source = kPort3, .from = "10.0.0.1", .bytes = 1000, .rate = 1}));
      if (tenth % 10 == 0) bench.send(agent.counters(kPort3, {.speed = 10'000'000'000, .inOctets = octets += 10'000}));
    }
  }
  double flowRate() { return bench.rate("10.0.0.30", kPort3, "pairs", "10.0.0.1,10.0.0.2"); }
  double counterRate() {
    model::MetricValue value;
    const AgentState* state = bench.shard.findAgent(test::address("10.0.0.30"));
    return state->sources.at(kPort3.key())->counters.value(bench.names.find("ifinoctets"), value) ? value.number : -1;
  }

  Nanos wall = test::kStart, monotonic = 1000 * kSecond;
  SteadyClock clock{wall, monotonic};
  test::ShardBench bench;
  TestAgent agent{"10.0.0.30"};
  std::uint64_t octets = 0;
};

TEST_F(TimeOfDay, RatesAndWindowsRunOn) {
  run(60);
  const double rate = flowRate();
  EXPECT_EQ(bench.fired(), "big@3[10.0.0.1,10.0.0.2]");
  for (const Nanos step : {-3600 * kSecond, 20 * kSecond, 3600 * kSecond, -20 * kSecond}) {
    setSystemClock(step);
    for (int second = 0; second < 30; ++second) {
      run(1);
      ASSERT_NEAR(flowRate(), rate, rate * 1e-6) << secondsFromNanos(step) << " s, " << second;
      ASSERT_NEAR(counterRate(), 10'000, 1e-6);
    }
    EXPECT_EQ(bench.fired(), "") << "a steady flow crosses nothing again";
  }
}

TEST_F(TimeOfDay, TimeStampsFollowTheSystemsClock) {
  setSystemClock(3600 * kSecond);
  run(1);
  const auto events = bench.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_GT(events[0].time, wall - kSecond);
  EXPECT_LE(events[0].time, wall);
  setSystemClock(-3600 * kSecond);
  run(10);
  const auto records = bench.records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_LE(records[0].end, wall) << "not an hour ahead";
  EXPECT_GT(records[0].end, wall - 3 * kSecond);
  EXPECT_NEAR(secondsFromNanos(records[0].end - records[0].start), 10, 0.2);
  setSystemClock(-3600 * kSecond);
  run(10);
  const auto later = bench.records();
  ASSERT_EQ(later.size(), 1U);
  EXPECT_NEAR(secondsFromNanos(wall - later[0].end), 1.5, 1.5);
}

}  // namespace
}  // namespace weir::engine
