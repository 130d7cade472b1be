// Flow records, sequence numbers, ageing and the figures of one shard.
#include "engine/shard.h"

#include <gtest/gtest.h>

#include "model/metric_value.h"
#include "support/shard_bench.h"

namespace weir::engine {
namespace {

using test::kPort3;
using test::TestAgent;

class ShardTest : public testing::Test {
 protected:
  const AgentState& state(std::string_view address = "10.0.0.30") {
    const AgentState* found = bench.shard.findAgent(test::address(address));
    EXPECT_NE(found, nullptr) << address;
    static const AgentState kNone{};
    return found == nullptr ? kNone : *found;
  }
  bool hasMetric(const wire::DataSource& source, std::string_view name) {
    model::MetricValue value;
    const AgentState& agentState = state();
    const auto at = agentState.sources.find(source.key());
    return at != agentState.sources.end() && at->second->counters.value(bench.names.find(name), value);
  }
  test::ShardBench bench;
  TestAgent agent{"10.0.0.30"};
};

TEST_F(ShardTest, FlowRecordWhenTheFlowWasIdle) {
  bench.flow("log", "{keys:'ipsource,ipdestination', value:bytes, log:true, fs:'_'}");
  bench.send(agent.flow({.source = kPort3, .bytes = 1000, .rate = 10}));
  bench.at(1);
  bench.send(agent.flow({.source = kPort3, .bytes = 500, .rate = 10}));
  bench.at(5.99);
  bench.tick();
  EXPECT_TRUE(bench.records().empty());
  bench.at(6.05);
  bench.tick();
  const auto records = bench.records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].flowName, "log");
  EXPECT_EQ(records[0].agent, "10.0.0.30");
  EXPECT_EQ(records[0].dataSource, "3");
  EXPECT_EQ(records[0].flowKeys, "10.0.0.1_10.0.0.2");
  EXPECT_EQ(records[0].value, 15000) << "a total, not a rate";
  EXPECT_EQ(records[0].start, test::kStart);
  EXPECT_EQ(records[0].end, test::kStart + kSecond);
}

TEST_F(ShardTest, CustomFieldsMakeFlowsOfTheHost) {
  bench.flow("orders", "{keys:'shop.customer', value:requests, t:2}");
  bench.flow("items", "{keys:'rtsource', value:'shop.customer', t:2}");
  bench.send(agent.customFlow("shop", 10, "customer", 7));
  EXPECT_NEAR(bench.rate("10.0.0.30", {2, 1}, "orders", "7"), 5, 1e-6);
  EXPECT_NEAR(bench.rate("10.0.0.30", {2, 1}, "items", "shop"), 35, 1e-6);
  EXPECT_EQ(state().unknownSamples, 0U);
  bool seen = false;
  for (const auto& [name, time] : bench.shard.keysSeen().list()) seen = seen || name == "shop.customer";
  EXPECT_TRUE(seen);
}

TEST_F(ShardTest, RecordsOfTicksCarryTheTimeOfTheTickHoweverFarTheClockJumps) {
  bench.flow("log", "{keys:ipsource, value:bytes, log:true}");
  bench.at(0.05);
  bench.send(agent.flow({.source = kPort3}));
  bench.at(0.25);
  bench.send(agent.flow({.source = kPort3, .from = "10.0.0.9"}));
  bench.at(1'000);
  bench.send(agent.flow({.source = kPort3}));
  ASSERT_EQ(bench.shard.outputs().size(), 2U);
  EXPECT_EQ(bench.shard.outputs()[0].time, test::kStart + 5'100 * kMillisecond);
  EXPECT_EQ(bench.shard.outputs()[1].time, test::kStart + 5'300 * kMillisecond);
  EXPECT_EQ(bench.shard.outputs()[0].phase, Output::Phase::tick);
}

TEST_F(ShardTest, ActiveFlowIsFlushedEachActiveTimeout) {
  bench.flow("log", "{keys:ipsource, value:frames, log:true, activeTimeout:1}");
  for (int i = 0; i < 50; ++i) {
    bench.at(0.1 * i);
    bench.send(agent.flow({.source = kPort3, .rate = 2}));
  }
  const auto records = bench.records();
  ASSERT_EQ(records.size(), 4U) << "about one a second";
  for (const auto& record : records) EXPECT_EQ(record.value, 20);
}

TEST_F(ShardTest, FlowStartGivesOneRecordAtTheFirstSample) {
  bench.flow("log", "{keys:ipsource, value:bytes, log:true, flowStart:true}");
  bench.send(agent.flow({.source = kPort3, .bytes = 1000, .rate = 10}));
  bench.send(agent.flow({.source = kPort3, .bytes = 1000, .rate = 10}));
  bench.at(30);
  bench.tick();
  const auto records = bench.records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].value, 10000);
  EXPECT_EQ(records[0].start, test::kStart);
  EXPECT_EQ(records[0].end, records[0].start);
}

TEST_F(ShardTest, ManyOpenRecordsEndInManyTicksAndLeaveNothing) {
  bench.flow("log", "{keys:'ipsource', value:frames, log:true}");
  const std::size_t before = bench.shard.arena().used();
  constexpr unsigned kFlows = 30'000;
  for (unsigned i = 0; i < kFlows; ++i) {
    const std::string from = "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    bench.send(agent.flow({.source = kPort3, .from = from.c_str()}));
  }
  const std::size_t open = bench.shard.arena().used();
  std::size_t ended = 0;
  for (int tick = 0; tick < 10; ++tick) {
    bench.at(5 + 0.1 * tick);
    bench.tick();
    const auto records = bench.records();
    EXPECT_LE(records.size(), flow::FlowLogTable::kLook) << "in tick " << tick;
    ended += records.size();
  }
  EXPECT_EQ(ended, kFlows);
  EXPECT_LT(bench.shard.arena().used(), before + (open - before) / 4) << "only the flow cache is left";
}

TEST_F(ShardTest, ChangedDefinitionDropsItsOpenRecordsAndLogsOnce) {
  for (int round = 0; round < 20; ++round) {
    bench.at(round);
    bench.flow("log", "{keys:ipsource, value:bytes, log:true, activeTimeout:" + std::to_string(100 + round) + "}");
    bench.send(agent.flow({.source = kPort3}));
  }
  bench.at(100);
  bench.tick();
  EXPECT_EQ(bench.records().size(), 1U);
}

TEST_F(ShardTest, SamplesOfOneInstantCountTogether) {
  // More than waits at once for a flush.
  for (const char* name : {"pairs", "others", "more"}) bench.flow(name, "{keys:'ipsource', value:bytes}");
  for (int i = 0; i < 400; ++i) agent.flow({.source = kPort3, .bytes = 100, .rate = 1});
  bench.send(agent);
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "pairs", "10.0.0.1"), 20'000, 1e-3);
}

TEST_F(ShardTest, SamplingRateOfZeroStandsForOnePacket) {
  bench.flow("frames", "{value:frames}");
  bench.send(agent.flow({.source = kPort3, .rate = 0}));
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "frames", ""), 0.5, 1e-9);
}

TEST_F(ShardTest, MetricsThatAreNotRefreshedDisappear) {
  bench.send(agent.host("leaf1", 1.5F));
  bench.send(agent.counters(kPort3, {}));
  bench.send(agent.metric("rack", "temperature", 7));
  EXPECT_TRUE(hasMetric({2, 1}, "load_one"));
  EXPECT_EQ(state().custom.size(), 1U);
  bench.at(200);
  bench.send(agent.counters(kPort3, {}));
  bench.at(299);
  bench.tick();
  EXPECT_TRUE(hasMetric({2, 1}, "load_one"));
  bench.at(320);
  bench.tick();
  EXPECT_FALSE(hasMetric({2, 1}, "load_one"));
  EXPECT_FALSE(hasMetric({2, 1}, "host_name"));
  EXPECT_TRUE(hasMetric(kPort3, "ifspeed")) << "refreshed 120 s ago";
  EXPECT_TRUE(state().custom.empty()) << "a custom data source goes with its metrics";
  bench.send(agent.host("leaf1", 2));
  bench.send(agent.metric("rack", "temperature", 8));
  EXPECT_TRUE(hasMetric({2, 1}, "load_one"));
  EXPECT_EQ(state().custom.size(), 1U);
}

TEST_F(ShardTest, AgentsAndTheirSequenceNumbers) {
  for (int i = 0; i < 10; ++i) {
    bench.at(i);
    agent.flow({.source = kPort3}).flow({.source = {0, 4}}).counters(kPort3, {}).discard({.source = {0, 5}});
    const Bytes payload = agent.finish(bench.now());
    if (i != 4 && i != 5) bench.send(payload);
  }
  EXPECT_EQ(state().datagrams, 8U);
  EXPECT_EQ(state().datagramSequence.lost, 2U);
  EXPECT_EQ(state().flowSamples, 16U);
  EXPECT_EQ(state().flowSequence.lost, 4U) << "two data sources";
  EXPECT_EQ(state().counterSequence.lost, 2U);
  EXPECT_EQ(state().discardSamples, 8U);
  EXPECT_EQ(state().firstSeen, test::kStart);
  EXPECT_EQ(state().lastSeen, test::kStart + 9 * kSecond);
  EXPECT_EQ(bench.shard.figures().datagrams, 8U);
}

TEST_F(ShardTest, StaleCounterSamplesAreNotApplied) {
  const auto first = agent.counters(kPort3, {.inOctets = 0}).finish(bench.now());
  const std::vector<std::uint8_t> one(first.begin(), first.end());
  bench.send(one);
  bench.at(1);
  bench.send(agent.counters(kPort3, {.inOctets = 1'000}));
  ASSERT_TRUE(hasMetric(kPort3, "ifinoctets"));
  bench.at(1.5);
  bench.send(one);
  model::MetricValue value;
  ASSERT_TRUE(state().sources.at(kPort3.key())->counters.value(bench.names.find("ifinoctets"), value));
  EXPECT_EQ(value.number, 1000);
}

TEST_F(ShardTest, RepeatedDatagramsCountOnceAndLateOnesAsWell) {
  bench.flow("frames", "{value:frames}");
  bench.flow("lost", "{value:frames, dropped:true}");
  std::vector<std::vector<std::uint8_t>> sent;
  for (int i = 0; i < 5; ++i) {
    agent.flow({.source = kPort3}).flow({.source = kPort3}).discard({.source = kPort3});
    const Bytes payload = agent.finish(bench.now());
    sent.emplace_back(payload.begin(), payload.end());
  }
  for (const std::size_t i : {0, 1, 1, 3, 2, 2, 3, 4}) bench.send(sent[i]);
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "frames", ""), 10 / 2.0, 1e-6);
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "lost", ""), 5 / 2.0, 1e-6);
  EXPECT_EQ(state().datagramSequence.duplicates, 3U);
  EXPECT_EQ(state().flowSequence.duplicates, 6U);
  EXPECT_EQ(state().flowSamples, 16U) << "received";
}

TEST_F(ShardTest, FirstDatagramsAndFirstSamplesThatAreRepeatedCountOnce) {
  bench.flow("frames", "{value:frames}");
  bench.flow("fields", "{keys:rtsource, value:requests}");
  std::vector<std::vector<std::uint8_t>> sent;
  for (const auto& port : {kPort3, test::kPort4}) {
    const Bytes payload = agent.flow({.source = port}).customFlow("app", 1, "f", 1).finish(bench.now());
    sent.emplace_back(payload.begin(), payload.end());
  }
  // Number 1 at once and late; number 2 with the first sample of a data source.
  for (const std::size_t i : {0, 0, 1, 1, 0}) bench.send(sent[i]);
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "frames", ""), 1 / 2.0, 1e-6);
  EXPECT_NEAR(bench.rate("10.0.0.30", test::kPort4, "frames", ""), 1 / 2.0, 1e-6);
  EXPECT_NEAR(bench.rate("10.0.0.30", {2, 1}, "fields", "app"), 2 / 2.0, 1e-6);
  EXPECT_EQ(state().datagramSequence.duplicates, 3U);
}

TEST_F(ShardTest, RepeatedSamplesOfAnAgentThatDoesNotNumberItsDatagrams) {
  bench.flow("frames", "{value:frames}");
  for (int i = 0; i < 4; ++i) {
    const Bytes payload = agent.flow({.source = kPort3}).finish(bench.now());
    std::vector<std::uint8_t> copy(payload.begin(), payload.end());
    storeBe32(&copy[16], 0);
    bench.send(copy);
    bench.send(copy);
  }
  EXPECT_EQ(state().datagramSequence.duplicates, 4U);
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "frames", ""), 4 / 2.0, 1e-6);
}

TEST_F(ShardTest, SamplersThatShareADataSourceAndItsNumbersAllCount) {
  bench.flow("frames", "{value:frames}");
  TestAgent card("10.0.0.30", 1);
  for (int i = 0; i < 5; ++i) {
    bench.send(agent.flow({.source = kPort3}));
    bench.send(card.flow({.source = kPort3}));
  }
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "frames", ""), 10 / 2.0, 1e-6);
}

TEST_F(ShardTest, AgentWithoutAnAddressIsItsSender) {
  TestAgent nameless("");
  nameless.flow({.source = kPort3});
  bench.send(nameless);
  EXPECT_EQ(state("192.0.2.1").flowSamples, 1U);
  bench.sender = test::address("2001:DB8::7");
  bench.send(nameless.flow({.source = kPort3}));
  EXPECT_EQ(state("2001:DB8::7").text, "2001:db8::7");
  EXPECT_EQ(bench.shard.agents().size(), 2U);
}

TEST_F(ShardTest, PacketsFromRecordsWhereThereIsNoHeader) {
  bench.flow("pairs", "{keys:'ipsource,ipdestination', value:bytes}");
  bench.flow("frames", "{value:frames}");
  wire::Sample sample;
  sample.kind = wire::SampleKind::flow;
  sample.expanded = true;
  sample.source = kPort3;
  sample.samplingRate = 100;
  sample.sequence = 1;
  test::RecordBytes ipv4;
  ipv4.u32(84).u32(17).octets({10, 0, 0, 1}).octets({10, 0, 0, 2}).u32(53).u32(53).u32(0).u32(0);
  agent.writer().beginSample(sample);
  agent.writer().add(wire::tag(0, 3), ipv4.bytes);
  ASSERT_TRUE(agent.writer().endSample());
  bench.send(agent);
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "pairs", "10.0.0.1,10.0.0.2"), 84 * 100 / 2.0, 1e-6);
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "frames", ""), 50, 1e-6);
}

TEST_F(ShardTest, DataSourcesStandInTheirOrder) {
  for (const wire::DataSource& source : {wire::DataSource{0, 9}, {2, 1}, {0, 3}, {3, 1}, {0, 700}}) {
    bench.send(agent.flow({.source = source}));
  }
  std::string order;
  for (const DataSourceState* source : state().ordered) order += dataSourceText(source->id) + " ";
  EXPECT_EQ(order, "3 9 700 2.1 3.1 ");
  EXPECT_EQ(state().host, &*state().sources.at(wire::DataSource{2, 1}.key()));
}

TEST_F(ShardTest, OutputsOfOneInstantKeepTheirDatagram) {
  // Updates wait for a flush; what comes out of them must carry the datagram it came from.
  bench.flow("pairs", "{keys:ipsource, value:bytes}");
  bench.threshold("any", "{metric:pairs, value:1, byFlow:true}");
  const char* const from[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
  for (std::uint64_t i = 0; i < 3; ++i) {
    agent.flow({.source = kPort3, .from = from[i], .rate = 1000})
        .flow({.source = {0, 4}, .from = from[i], .rate = 1000});
    bench.shard.datagram(agent.finish(bench.now()), bench.sender, bench.now(), 100 + i * 10);
  }
  bench.shard.flush();
  std::string places;
  for (const Output& o : bench.shard.outputs())
    places += std::to_string(o.datagram) + ":" + std::to_string(o.position) + " ";
  EXPECT_EQ(places, "100:0 100:1 110:0 110:1 120:0 120:1 ");
}

}  // namespace
}  // namespace weir::engine
