// What thresholds remember and for how long, and what they do where much is above their limits.
#include <gtest/gtest.h>

#include <set>

#include "engine/settings.h"
#include "support/shard_bench.h"

namespace weir::engine {
namespace {

using test::TestAgent;

constexpr wire::DataSource kFloodedPort{0, 3}, kOtherPort{0, 4};

class ThresholdBounds : public testing::Test {
 protected:
  /// A sample of a flow of its own; t = 2: half of `bytes` a second.
  std::size_t flood(unsigned first, unsigned last, std::uint32_t bytes, const wire::DataSource& source = kFloodedPort) {
    std::size_t fired = 0;
    for (unsigned i = first; i < last; ++i) {
      const std::string from = "10." + std::to_string(1 + i / 65'000) + ".0.1";
      bench.send(agent.flow({.source = source,
                             .from = from.c_str(),
                             .bytes = bytes,
                             .rate = 1'000,
                             .fromPort = static_cast<std::uint16_t>(i % 65'000)}));
      fired += bench.events().size();
    }
    return fired;
  }
  AgentState& state() { return *bench.shard.findAgent(test::address("10.0.0.30")); }
  const Armings& armings(const wire::DataSource& source) { return state().sources.at(source.key())->armings; }
  ThresholdWatch::Figures figures(std::string_view name) {
    for (const ThresholdEntry& entry : bench.shard.definitions().thresholds) {
      if (entry.name == name) return bench.shard.figures(entry);
    }
    ADD_FAILURE() << "no threshold " << name;
    return {};
  }
  /// The clock goes on and all agents have their turn to age.
  void pass(double from, double to) {
    for (double at = from; at <= to; at += 1) {
      bench.at(at);
      bench.tick();
    }
  }

  test::ShardBench bench;
  TestAgent agent{"10.0.0.30"};
};

const char* const kHostAndPort = "{keys:'ipsource,tcpsourceport', value:bytes, n:1000}";

TEST_F(ThresholdBounds, StatesOfFlowsGoWithTheFlows) {
  bench.flow("pairs", kHostAndPort);
  bench.threshold("each", "{metric:pairs, value:1000, byFlow:true, timeout:1}");
  bench.threshold("any", "{metric:pairs, value:1000, timeout:1}");
  for (const wire::DataSource& port : {kFloodedPort, kOtherPort}) {
    EXPECT_EQ(flood(0, 2'000, 100, port), 2'001U);
  }
  EXPECT_GE(state().armingBytes, 4'000U * 32);
  EXPECT_EQ(armings(kFloodedPort).size(), 2U);
  // 50,000 a second are at 1,000 after 7.8 s, armed after 8.8 s, and an agent ages every ten seconds.
  pass(1, 20);
  EXPECT_EQ(state().armingBytes, 0U);
  EXPECT_TRUE(armings(kFloodedPort).empty());
  EXPECT_TRUE(armings(kOtherPort).empty());
  EXPECT_EQ(flood(0, 10, 100), 11U) << "what was forgotten was armed";
}

TEST_F(ThresholdBounds, FlowsThatStayAboveAreRemembered) {
  bench.flow("pairs", kHostAndPort);
  bench.threshold("each", "{metric:pairs, value:1000, byFlow:true, timeout:1}");
  std::size_t fired = 0;
  for (int second = 0; second < 60; ++second) {
    bench.at(second);
    fired += flood(0, 10, 100);
  }
  EXPECT_EQ(fired, 10U);
}

TEST_F(ThresholdBounds, DeletedThresholdsAndFlowsGiveTheirMemoryBack) {
  bench.flow("pairs", kHostAndPort);
  bench.threshold("each", "{metric:pairs, value:1000, byFlow:true, timeout:1000}");
  flood(0, 2'000, 100);
  EXPECT_GE(state().armingBytes, 2'000U * 32);
  bench.store.remove(Engine::Kind::threshold, "each");
  EXPECT_EQ(state().armingBytes, 0U);
  EXPECT_EQ(armings(kFloodedPort).capacity(), 0U);
  bench.threshold("each", "{metric:pairs, value:1000, byFlow:true, timeout:1000}");
  EXPECT_EQ(flood(0, 2'000, 100), 2'000U);
  bench.flow("pairs", "{keys:'ipsource,tcpsourceport', value:frames, n:1000}");
  EXPECT_EQ(state().armingBytes, 0U) << "the flow is another one now";
}

TEST_F(ThresholdBounds, ADataSourceThatGoesGivesItsMemoryBack) {
  bench.flow("pairs", kHostAndPort);
  bench.threshold("each", "{metric:pairs, value:1000, byFlow:true, timeout:10000}");
  flood(0, 2'000, 100);
  for (double at = 0; at < 620; at += 5) {
    bench.at(at);
    bench.send(agent.flow({.source = kOtherPort}));
    bench.tick();
  }
  EXPECT_FALSE(state().sources.contains(kFloodedPort.key()));
  EXPECT_EQ(state().armingBytes, 0U);
}

TEST_F(ThresholdBounds, AMuchLargerFlowHasItsEventHoweverManyAreAbove) {
  bench.flow("pairs", kHostAndPort);
  bench.threshold("each", "{metric:pairs, value:1000, byFlow:true, timeout:1}");
  bench.threshold("quiet", "{metric:pairs, value:1e12, byFlow:true}");
  constexpr unsigned kSpoofed = 20'000;
  const std::size_t fired = flood(0, kSpoofed, 64);
  EXPECT_NEAR(static_cast<double>(fired), Limits::kArmingsOfSource, Limits::kArmingsOfSource / 100.0);
  EXPECT_EQ(figures("each").refusedFlows, kSpoofed - fired);
  EXPECT_EQ(bench.shard.figures().refusedArmings, kSpoofed - fired);
  EXPECT_EQ(figures("quiet").refusedFlows, 0U);
  EXPECT_EQ(flood(100'000, 100'100, 9'600), 100U) << "150 times larger: each has its event with its first sample";
  EXPECT_EQ(figures("each").displacedFlows, 100U);
  EXPECT_EQ(flood(100'000, 100'100, 9'600), 0U);
}

TEST_F(ThresholdBounds, AnAgentsFlowsHaveABudget) {
  bench.flow("pairs", "{keys:'ipsource,tcpsourceport', value:bytes, n:1000, t:100}");
  bench.threshold("each", "{metric:pairs, value:0.1, byFlow:true, timeout:1}");
  for (std::uint32_t port = 1; port <= 20; ++port) flood(0, 2'100, 64, {0, port});
  EXPECT_LE(state().armingBytes, Limits::kArmingBytesOfAgent + 20U * 16 * 32);
  EXPECT_GT(figures("each").refusedFlows, 0U);
  EXPECT_EQ(flood(100'000, 100'010, 9'600, {0, 20}), 10U);
}

TEST_F(ThresholdBounds, ThousandsOfThresholdsOnAMetricRememberOnlyLimitsThatWereCrossed) {
  for (int i = 0; i < 1'000; ++i) {
    bench.threshold("t" + std::to_string(i), "{metric:ifinoctets, value:" + std::to_string(1'000'000 + i) + "}");
  }
  auto rate = [&, octets = std::uint64_t{0}, at = 0.0](double value) mutable {
    octets += static_cast<std::uint64_t>(value * 10);
    bench.at(at += 10);
    bench.send(agent.counters(kFloodedPort, {.inOctets = octets}));
    return bench.events().size();
  };
  EXPECT_EQ(rate(0) + rate(1'000) + rate(1'000'000), 0U);
  EXPECT_TRUE(armings(kFloodedPort).empty());
  EXPECT_EQ(rate(1'000'010), 10U);
  EXPECT_EQ(armings(kFloodedPort).size(), 10U);
  EXPECT_EQ(rate(1'000'020), 10U) << "those that it was not above before";
  EXPECT_EQ(rate(5) + rate(5) + rate(5), 0U) << "armed again after 2 s, looked at each 10 s";
  EXPECT_TRUE(armings(kFloodedPort).empty()) << "nothing to remember";
  EXPECT_EQ(rate(1'000'010), 10U);
}

TEST_F(ThresholdBounds, ThresholdsOfOneMetricFireInOrderOfTheirNamesWhateverTheirLimits) {
  bench.flow("pairs", kHostAndPort);
  bench.threshold("c", "{metric:pairs, value:1000}");
  bench.threshold("a", "{metric:pairs, value:3000, byFlow:true}");
  bench.threshold("b", "{metric:pairs, value:2000}");
  for (const char* name : {"z", "x", "y"}) {
    bench.threshold(name, std::string("{metric:ifinoctets, value:") + (*name == 'z' ? "1" : "2") + "}");
  }
  bench.send(agent.flow({.source = kFloodedPort, .rate = 100}).counters(kFloodedPort, {}));
  EXPECT_EQ(bench.fired(), "a@3[10.0.0.1,40000] b@3[10.0.0.1,40000] c@3[10.0.0.1,40000]");
  bench.at(10);
  bench.send(agent.counters(kFloodedPort, {.inOctets = 1'000}));
  EXPECT_EQ(bench.fired(), "x@3 y@3 z@3");
}

TEST_F(ThresholdBounds, ManyThresholdsOnAFlowCostWhatIsCrossed) {
  bench.flow("pairs", kHostAndPort);
  for (int i = 0; i < 800; ++i) {
    bench.threshold("t" + std::to_string(i), "{metric:pairs, value:" + std::to_string(1'000 + i) + ", byFlow:true}");
  }
  EXPECT_EQ(flood(0, 1, 2), 0U) << "1,000 a second";
  EXPECT_TRUE(armings(kFloodedPort).empty());
  bench.at(100);
  EXPECT_EQ(flood(0, 1, 3), 500U) << "1,500 a second";
  EXPECT_EQ(armings(kFloodedPort).size(), 500U);
}

}  // namespace
}  // namespace weir::engine
