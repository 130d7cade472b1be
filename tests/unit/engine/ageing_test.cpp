// What a shard forgets, when, and that nothing of it is left: data sources and agents that fell silent.
#include <gtest/gtest.h>

#include "engine/shard.h"
#include "ingest/shard.h"
#include "model/metric_value.h"
#include "support/engine_runner.h"
#include "support/shard_bench.h"

namespace weir::engine {
namespace {

using test::kPort3;
using test::kPort4;
using test::TestAgent;

constexpr wire::DataSource kFar{0, 70'000};

class Ageing : public testing::Test {
 protected:
  AgentState* state() { return bench.shard.findAgent(test::address("10.0.0.30")); }
  std::string sources() {
    std::string out;
    for (const DataSourceState* source : state()->ordered) out += dataSourceText(source->id) + " ";
    return out;
  }
  test::ShardBench bench;
  TestAgent agent{"10.0.0.30"};
};

TEST_F(Ageing, SilentDataSourcesGoAndGiveAllTheirMemoryBack) {
  bench.flow("pairs", "{keys:'ipsource,ipdestination', value:bytes, log:true}");
  bench.flow("sources", "{keys:ipdestination, value:'count:ipsource', values:'avg:bytes'}");
  bench.threshold("each", "{metric:pairs, value:1, byFlow:true}");
  bench.send(agent.flow({.source = kPort3}));
  const std::size_t one = bench.shard.arena().used();
  for (unsigned i = 0; i < 2'000; ++i) {
    const std::string from = "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    bench.send(agent.flow({.source = kPort4, .from = from.c_str()}).flow({.source = kFar, .from = from.c_str()}));
  }
  bench.send(agent.host("leaf1", 1.5F).flow({.source = {3, 9}}));
  EXPECT_EQ(sources(), "3 4 70000 2.1 3.9 ");
  bench.at(590);
  bench.send(agent.flow({.source = kPort3}));
  bench.tick();
  EXPECT_EQ(sources(), "3 4 70000 2.1 3.9 ");
  bench.at(611);
  bench.tick();
  EXPECT_EQ(sources(), "3 ");
  EXPECT_EQ(state()->sources.size(), 1U);
  EXPECT_EQ(state()->host, nullptr);
  bench.at(612);
  bench.send(agent.flow({.source = kPort3}));
  EXPECT_LE(bench.shard.arena().used(), one + 4'096);
  // One that comes back is a new one.
  bench.send(agent.flow({.source = kPort4, .rate = 100}).host("leaf1", 2));
  EXPECT_EQ(sources(), "3 4 2.1 ");
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort4, "pairs", "10.0.0.1,10.0.0.2"), 50'000, 1);
  EXPECT_NE(state()->host, nullptr);
}

TEST_F(Ageing, CountersKeepADataSourceAndSlowFlowsToo) {
  bench.flow("slow", "{keys:ipsource, value:bytes, t:100}");
  bench.send(agent.flow({.source = kPort3}).flow({.source = kPort4}));
  for (int t = 0; t <= 990; t += 30) {
    bench.at(t);
    bench.send(agent.counters(kPort4, {}));
  }
  EXPECT_EQ(sources(), "3 4 ") << "flows of t:100 live for 1,000 s";
  bench.at(1'011);
  bench.tick();
  EXPECT_EQ(sources(), "4 ");
}

TEST_F(Ageing, HolderOfAnAgentsCacheStaysWhileOthersFeedIt) {
  bench.flow("all", "{keys:ipsource, value:bytes, aggMode:AGENT, log:true, activeTimeout:10}");
  bench.send(agent.flow({.source = kPort3}));
  for (int t = 0; t <= 1'200; t += 60) {
    bench.at(t);
    bench.send(agent.flow({.source = kPort4}));
  }
  EXPECT_EQ(sources(), "3 4 ");
  EXPECT_GT(bench.rate("10.0.0.30", kPort3, "all", "10.0.0.1"), 0);
  bench.at(1'811);
  bench.tick();
  EXPECT_EQ(sources(), "");
  EXPECT_EQ(bench.records().size(), 21U);
  bench.send(agent.flow({.source = kPort4}));
  EXPECT_GT(bench.rate("10.0.0.30", kPort4, "all", "10.0.0.1"), 0) << "another one holds it";
}

TEST_F(Ageing, SilentAgentsGo) {
  TestAgent other("10.0.0.31"), third("fd00::3");
  bench.flow("total", "{value:bytes, log:true}");
  bench.send(agent.flow({.source = kPort3}).metric("rack", "temperature", 7));
  bench.send(other.flow({.source = kPort3}));
  bench.at(100);
  bench.send(third.flow({.source = kPort3}));
  bench.at(3'000);
  bench.send(other.flow({.source = kPort3}));
  bench.at(3'590);
  bench.tick();
  EXPECT_EQ(bench.shard.agents().size(), 3U);
  bench.at(3'615);
  bench.tick();
  EXPECT_EQ(bench.shard.agents().size(), 2U);
  EXPECT_EQ(state(), nullptr);
  bench.at(1e6);
  bench.send(agent.flow({.source = kPort3, .rate = 10}));
  ASSERT_NE(state(), nullptr);
  EXPECT_EQ(state()->firstSeen, bench.now());
  EXPECT_EQ(state()->flowSamples, 1U);
  EXPECT_EQ(bench.shard.agents().size(), 1U) << "the clock jumped over all their turns";
  EXPECT_EQ(bench.records().size(), 4U) << "of every flow";
}

TEST_F(Ageing, IsSpreadOverTheTicks) {
  std::vector<std::unique_ptr<TestAgent>> agents;
  for (int i = 0; i < 500; ++i) {
    agents.push_back(std::make_unique<TestAgent>("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250)));
    bench.send(agents.back()->counters(kPort3, {}));
  }
  const auto withMetrics = [&] {
    model::MetricValue value;
    std::size_t count = 0;
    for (const auto& a : bench.shard.agents()) {
      count += a->ordered[0]->counters.value(bench.names.find("ifspeed"), value) ? 1 : 0;
    }
    return count;
  };
  bench.at(299);
  bench.tick();
  std::size_t before = withMetrics();
  EXPECT_EQ(before, 500U);
  for (int tick = 0; tick <= 120; ++tick) {
    bench.at(300 + 0.1 * tick);
    bench.tick();
    const std::size_t now = withMetrics();
    EXPECT_LE(before - now, 40U) << "in one tick";
    before = now;
  }
  EXPECT_EQ(before, 0U);
}

TEST_F(Ageing, OneAgentsTurnsDoNotDependOnHowTimeIsCut) {
  // The same datagrams with time in steps of a tick and in one jump; what is left is the same.
  const auto left = [](bool inOneJump) {
    test::ShardBench b;
    b.flow("total", "{value:bytes, log:true}");
    TestAgent one("10.0.0.1"), two("10.0.0.2");
    std::string out;
    double time = 0;
    const auto goTo = [&](double seconds) {
      for (; !inOneJump && time < seconds; time += 0.1) {
        b.at(time);
        b.tick();
      }
      b.at(time = seconds);
    };
    for (const double t : {0.0, 250.05, 599.9, 605.0, 1'204.95, 1'207.5, 4'000.0, 7'700.0}) {
      goTo(t);
      b.send(one.flow({.source = {0, 1U + static_cast<unsigned>(t) % 3}}).counters({0, 7}, {}));
      if (t < 1'000) b.send(two.flow({.source = kPort3}));
      for (const auto& a : b.shard.agents()) {
        out += a->text + " ";
        for (const auto* s : a->ordered) {
          out += dataSourceText(s->id) + (s->counters.empty() ? " " : "+ ");
        }
      }
      for (const auto& record : b.records()) out += record.agent + "/" + std::to_string(record.end) + " ";
      out += "\n";
    }
    return out;
  };
  EXPECT_EQ(left(true), left(false));
  EXPECT_NE(left(true), "");
}

TEST_F(Ageing, ForgettingIsTheSameForAnyNumberOfShards) {
  auto capture = std::make_shared<test::Capture>();
  std::vector<std::unique_ptr<TestAgent>> agents;
  for (int i = 0; i < 12; ++i) agents.push_back(std::make_unique<TestAgent>("10.2.0." + std::to_string(i + 1)));
  std::uint64_t random = 3;
  Nanos now = test::kStart;
  std::uint64_t octets = 0;
  for (int i = 0; i < 3'000; ++i) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    const auto bits = static_cast<std::uint32_t>(random >> 33);
    // Pauses of agents and ports, between nothing and beyond every lifetime.
    now += bits % 400 == 0 ? 5'000 * kSecond : static_cast<Nanos>(bits % 10'000) * kMillisecond;
    TestAgent& a = *agents[bits % (i / 300 % 2 == 0 ? 12 : 3)];
    if (bits % 97 == 0) a.restart(now);
    const std::string from = "10.3.0." + std::to_string(bits / 64 % 7);
    a.flow({.source = {0, 1 + bits / 7 % 60}, .from = from.c_str(), .rate = 3'000});
    if (bits % 5 == 0) a.counters({0, 1 + bits / 7 % 60}, {.inOctets = octets += 1'000'000});
    if (bits % 11 == 0) a.metric("rack" + std::to_string(bits % 3), "temperature", bits);
    const Bytes payload = a.finish(now);
    capture->push_back({now, test::address("192.0.2.1"), {payload.begin(), payload.end()}});
    if (bits % 13 == 0) capture->push_back(capture->back());
  }
  const char* const definitions =
      "{flows:{pairs:{keys:'ipsource,ipdestination',value:bytes,log:true},"
      "agent:{keys:ipsource,value:bytes,aggMode:AGENT,log:true,activeTimeout:7}},"
      "thresholds:{each:{metric:pairs,value:1000,byFlow:true,timeout:1},octets:{metric:ifinoctets,value:10,timeout:1}}"
      "}";
  const test::Told one = test::replay(capture, definitions, 1, "pairs");
  EXPECT_GT(std::count(one.observed.begin(), one.observed.end(), '\n'), 1'000);
  for (const unsigned shards : {2U, 3U, 4U}) {
    test::expectSame(one, test::replay(capture, definitions, shards, "pairs"), std::to_string(shards) + " shards");
  }
}

}  // namespace
}  // namespace weir::engine
