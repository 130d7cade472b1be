// Filters whose regular expressions take too long.
#include "engine/pattern_guard.h"

#include <gtest/gtest.h>

#include "support/shard_bench.h"

namespace weir::engine {
namespace {

using test::kPort3;
using test::TestAgent;

class PatternGuardTest : public testing::Test {
 protected:
  PatternGuardTest() {
    bench.flow("bad", R"({keys:ipsource, value:frames, filter:'ipsource~"(.*.*)*(.*.*)*[2-9][2-9]"'})");
    bench.flow("good", "{keys:ipsource, value:frames}");
    bench.flow("usual", R"({keys:ipsource, value:frames, filter:'ipsource~"(10|172)[.][0-9.]+"'})");
  }
  void send(TestAgent& from, int samples) {
    for (int i = 0; i < samples; ++i) bench.send(from.flow({.source = kPort3}));
  }
  PatternGuard::Figures figures(std::string_view name) {
    for (const FlowEntry& flow : bench.shard.definitions().flows) {
      if (flow.compiled->name() == name) return bench.shard.figures(flow);
    }
    return {};
  }
  double rate(const char* agent, const char* flow) { return bench.rate(agent, kPort3, flow, "10.0.0.1"); }

  test::ShardBench bench;
  TestAgent one{"10.0.0.30"}, other{"10.0.0.31"};
};

TEST_F(PatternGuardTest, OneDefinitionIsSuspendedAndOthersGoOn) {
  send(one, 600);
  const auto bad = figures("bad");
  EXPECT_TRUE(bad.suspended);
  EXPECT_EQ(bad.suspensions, 1U);
  EXPECT_GT(bad.skippedSamples, 50U);
  EXPECT_LT(bad.skippedSamples, 300U);
  EXPECT_NEAR(rate("10.0.0.30", "good"), 300, 1e-3);
  EXPECT_NEAR(rate("10.0.0.30", "usual"), 300, 1e-3);
  EXPECT_EQ(figures("usual").suspensions, 0U);
  send(other, 1);
  EXPECT_EQ(figures("bad").skippedSamples, bad.skippedSamples) << "samples of another agent";
}

TEST_F(PatternGuardTest, LiveTheBoundIsThatOfAllAgents) {
  bench.shard.beLive();
  for (int i = 0; i < 300; ++i) {
    send(one, 1);
    send(other, 1);
  }
  EXPECT_EQ(figures("bad").suspensions, 1U) << "each alone is within its own";
  EXPECT_GT(figures("bad").skippedSamples, 50U);
  EXPECT_NEAR(rate("10.0.0.31", "good"), 150, 1e-3);
}

TEST_F(PatternGuardTest, ItIsTriedAgainAndABudgetIsOfOneSecond) {
  send(one, 600);
  bench.at(9.9);
  send(one, 1);
  const auto before = figures("bad");
  EXPECT_TRUE(before.suspended);
  bench.at(10.1);
  send(one, 1);
  EXPECT_FALSE(figures("bad").suspended);
  EXPECT_EQ(figures("bad").skippedSamples, before.skippedSamples);
  for (int second = 11; second < 20; ++second) {
    bench.at(second);
    send(one, 200);
  }
  EXPECT_EQ(figures("bad").suspensions, 1U) << "200 a second are within the budget";
}

TEST_F(PatternGuardTest, ADefinitionThatIsPutAnewBeginsAnew) {
  send(one, 600);
  bench.flow("bad", R"({keys:ipsource, value:frames, filter:'ipsource~10.*'})");
  EXPECT_FALSE(figures("bad").suspended);
  EXPECT_EQ(figures("bad").suspensions, 0U);
  send(one, 10);
  EXPECT_NEAR(rate("10.0.0.30", "bad"), 5, 1e-6);
}

}  // namespace
}  // namespace weir::engine
