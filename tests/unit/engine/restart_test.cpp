// Agents that start anew: what their uptime says reaches every stream of samples.
#include <gtest/gtest.h>

#include <optional>

#include "engine/shard.h"
#include "model/metric_value.h"
#include "support/shard_bench.h"

namespace weir::engine {
namespace {

using test::kPort3;
using test::kPort4;
using test::TestAgent;

class Restart : public testing::Test {
 protected:
  const AgentState& state() { return *bench.shard.findAgent(test::address("10.0.0.30")); }
  std::optional<double> metric(const wire::DataSource& source, std::string_view name) {
    model::MetricValue value;
    if (!state().sources.at(source.key())->counters.value(bench.names.find(name), value)) return std::nullopt;
    return value.number;
  }
  /// Counters of one data source a datagram, 20 s after the last: `octets` more than before.
  void round(std::uint64_t octets) {
    bench.at(time_ += 20);
    octets_ += octets;
    for (const auto& source : {kPort3, kPort4}) bench.send(agent.counters(source, {.inOctets = octets_}));
  }
  void restart() {
    agent.restart(bench.now());
    octets_ = 0;
  }

  test::ShardBench bench;
  TestAgent agent{"10.0.0.30"};

 private:
  double time_ = 0;
  std::uint64_t octets_ = 0;
};

TEST_F(Restart, EveryDataSourceSkipsOneIntervalAndGoesOn) {
  for (int i = 0; i < 100; ++i) bench.send(agent.flow({.source = {0, 5}}));
  for (int i = 0; i < 8; ++i) round(2'000);
  ASSERT_EQ(metric(kPort3, "ifinoctets"), 100);
  restart();
  round(1'000'000);
  // Port 4's sample comes in the second datagram of the new life, with a sequence number near that of the old one.
  EXPECT_EQ(metric(kPort3, "ifinoctets"), std::nullopt);
  EXPECT_EQ(metric(kPort4, "ifinoctets"), std::nullopt);
  for (int i = 0; i < 3; ++i) {
    round(3'000);
    EXPECT_EQ(metric(kPort3, "ifinoctets"), 150);
    EXPECT_EQ(metric(kPort4, "ifinoctets"), 150);
  }
  EXPECT_EQ(state().counterSequence.duplicates, 0U);
  EXPECT_EQ(state().counterSequence.outOfOrder, 0U);
  EXPECT_EQ(state().counterSequence.restarts, 2U);
}

TEST_F(Restart, WithinTheFirstDatagrams) {
  // All numbers of the new life are ones that the old life had a moment ago.
  for (int i = 0; i < 4; ++i) round(2'000);
  restart();
  round(1'000'000);
  EXPECT_EQ(metric(kPort3, "ifinoctets"), std::nullopt);
  EXPECT_EQ(metric(kPort4, "ifinoctets"), std::nullopt);
  for (int i = 0; i < 6; ++i) {
    round(3'000);
    EXPECT_EQ(metric(kPort3, "ifinoctets"), 150);
    EXPECT_EQ(metric(kPort4, "ifinoctets"), 150);
  }
  EXPECT_EQ(state().datagramSequence.duplicates, 0U);
  EXPECT_EQ(state().datagramSequence.restarts, 1U);
  EXPECT_EQ(state().counterSequence.duplicates, 0U);
}

TEST_F(Restart, OfFlowAndDiscardSamples) {
  const auto life = [&] {
    for (int i = 0; i < 5; ++i) {
      bench.send(agent.flow({.source = kPort3}).flow({.source = kPort3}));
      bench.send(agent.flow({.source = kPort4}));
      bench.send(agent.discard({.source = kPort4}));
    }
  };
  bench.at(100);
  life();
  bench.at(200);
  restart();
  life();
  EXPECT_EQ(state().flowSequence.restarts, 2U) << "one of each data source";
  EXPECT_EQ(state().flowSequence.duplicates + state().flowSequence.outOfOrder + state().flowSequence.lost, 0U);
  EXPECT_EQ(state().discardSequence.restarts, 1U);
  EXPECT_EQ(state().discardSequence.duplicates, 0U);
}

TEST_F(Restart, OfCustomCounters) {
  const auto value = [&]() -> std::optional<double> {
    model::MetricValue out;
    if (!state().custom.at("rack")->counters.value(bench.names.find("requests"), out)) return std::nullopt;
    return out.number;
  };
  // The new life comes to the uptime of the old one before it tells the counter again.
  agent.restart(bench.now());
  bench.at(10);
  bench.send(agent.metric("rack", "requests", 100, true));
  bench.at(12);
  bench.send(agent.metric("rack", "requests", 300, true));
  ASSERT_EQ(value(), 100);
  agent.restart(bench.now());
  bench.at(13);
  bench.send(agent.flow({.source = kPort3}));
  bench.at(30);
  bench.send(agent.metric("rack", "requests", 900, true));
  EXPECT_EQ(value(), std::nullopt);
  bench.at(32);
  bench.send(agent.metric("rack", "requests", 1'000, true));
  EXPECT_EQ(value(), 50);
}

TEST_F(Restart, SubAgentsOfOneDataSourceDoNotUndoEachOthers) {
  TestAgent card("10.0.0.30", 1);
  bench.at(50);
  bench.send(agent.flow({.source = kPort3}));
  bench.send(card.flow({.source = kPort3}));
  bench.at(100);
  card.restart(bench.now());
  for (int i = 0; i < 20; ++i) {
    bench.send(agent.flow({.source = kPort3}));
    bench.send(card.flow({.source = kPort3}));
  }
  EXPECT_EQ(state().flowSequence.restarts, 1U);
  EXPECT_EQ(state().datagramSequence.restarts, 1U);
  bench.at(200);
  agent.restart(bench.now());
  bench.send(agent.flow({.source = kPort3}));
  EXPECT_EQ(state().flowSequence.restarts, 2U);
}

TEST_F(Restart, LateDatagramIsNone) {
  for (int i = 0; i < 10; ++i) round(2'000);
  const Bytes late = agent.flow({.source = kPort3}).finish(bench.now());
  const std::vector<std::uint8_t> copy(late.begin(), late.end());
  bench.at(201.5);
  bench.send(agent.counters(kPort4, {.inOctets = 20'300}));
  bench.send(copy);
  EXPECT_EQ(state().datagramSequence.restarts, 0U);
  EXPECT_EQ(state().datagramSequence.outOfOrder, 1U);
  bench.at(203);
  bench.send(agent.counters(kPort4, {.inOctets = 20'600}));
  EXPECT_EQ(metric(kPort4, "ifinoctets"), 200);
}

}  // namespace
}  // namespace weir::engine
