// What thresholds promise (docs/rest.md, "Threshold"), through one shard and its clock.
#include <gtest/gtest.h>

#include "engine/settings.h"
#include "support/shard_bench.h"

namespace weir::engine {
namespace {

using test::FlowSpec;
using test::kPort3;
using test::kPort4;
using test::TestAgent;

const char* const kPairs = "{keys:'ipsource,ipdestination', value:bytes}";  // t = 2

class Thresholds : public testing::Test {
 protected:
  /// A sample that alone makes a rate of `rate` per second with t = 2.
  void flow(double rate, const char* from = "10.0.0.1", const wire::DataSource& source = kPort3) {
    bench.send(agent.flow({.source = source, .from = from, .bytes = 1000, .rate = static_cast<unsigned>(rate / 500)}));
  }
  /// Counters that make `rate` octets per second over the ten seconds since the last ones.
  void counters(double rate, const wire::DataSource& source = kPort3, std::uint64_t speed = 10'000'000'000) {
    octets[source] += static_cast<std::uint64_t>(rate * 10);
    bench.send(agent.counters(source, {.speed = speed, .inOctets = octets[source]}));
  }
  test::ShardBench bench;
  TestAgent agent{"10.0.0.30"};
  std::map<wire::DataSource, std::uint64_t> octets;
};

TEST_F(Thresholds, EventSaysWhatCrossedWhereAndWhen) {
  bench.flow("elephant", kPairs);
  bench.threshold("big", "{metric:elephant, value:4999}");
  bench.at(1.5);
  flow(5000);
  const auto events = bench.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].thresholdId, "big");
  EXPECT_EQ(events[0].metric, "elephant");
  EXPECT_EQ(events[0].threshold, 4999);
  EXPECT_NEAR(events[0].value, 5000, 1e-6);
  EXPECT_EQ(events[0].agent, "10.0.0.30");
  EXPECT_EQ(events[0].dataSource, "3");
  EXPECT_EQ(events[0].flowKey, "10.0.0.1,10.0.0.2");
  EXPECT_EQ(events[0].time, bench.now());
}

TEST_F(Thresholds, FlowFiresAtTheSampleThatCrosses) {
  bench.flow("elephant", kPairs);
  bench.threshold("big", "{metric:elephant, value:9999}");
  flow(5000);
  EXPECT_EQ(bench.fired(), "");
  flow(5000);
  EXPECT_EQ(bench.fired(), "big@3[10.0.0.1,10.0.0.2]");
  flow(5000);
  EXPECT_EQ(bench.fired(), "") << "above already";
}

TEST_F(Thresholds, EqualIsNotAbove) {
  bench.threshold("busy", "{metric:ifinoctets, value:1000}");
  counters(0);
  bench.at(10);
  counters(1000);
  EXPECT_EQ(bench.fired(), "") << "strictly greater";
  bench.at(20);
  counters(1000.1);
  EXPECT_EQ(bench.fired(), "busy@3");
}

TEST_F(Thresholds, DecayingFlowArmsAgainAfterItsTimeout) {
  bench.flow("elephant", kPairs);
  bench.threshold("big", "{metric:elephant, value:1000, timeout:1}");
  bench.at(0);
  flow(2000);  // at 1000 after 2·ln 2 = 1.386 s, armed at 2.386 s
  EXPECT_EQ(bench.fired(), "big@3[10.0.0.1,10.0.0.2]");
  bench.at(2.38);
  flow(2000);  // 2608: at 1000 after 2·ln 2.608 = 1.917 s, at 4.297 s
  EXPECT_EQ(bench.fired(), "");
  bench.at(5.29);
  flow(2000);
  EXPECT_EQ(bench.fired(), "");
  bench.at(10);
  flow(2000);
  EXPECT_EQ(bench.fired(), "big@3[10.0.0.1,10.0.0.2]");
}

TEST_F(Thresholds, CounterMetricArmsAgainAfterItsTimeout) {
  bench.threshold("busy", "{metric:ifinoctets, value:1000, timeout:15}");
  double t = 0;
  const auto next = [&](double rate) {
    bench.at(t += 10);
    counters(rate);
    return bench.fired();
  };
  EXPECT_EQ(next(0), "");
  EXPECT_EQ(next(2000), "busy@3");
  EXPECT_EQ(next(3000), "");
  EXPECT_EQ(next(500), "");
  EXPECT_EQ(next(2000), "") << "10 s below are not 15";
  EXPECT_EQ(next(500), "");
  EXPECT_EQ(next(600), "");
  EXPECT_EQ(next(2000), "busy@3") << "20 s are";
}

TEST_F(Thresholds, OneEventForTheFirstFlowUnlessByFlow) {
  bench.flow("elephant", kPairs);
  bench.threshold("any", "{metric:elephant, value:1000}");
  bench.threshold("each", "{metric:elephant, value:1000, byFlow:true, timeout:1}");
  flow(2000, "10.0.0.1");
  EXPECT_EQ(bench.fired(), "any@3[10.0.0.1,10.0.0.2] each@3[10.0.0.1,10.0.0.2]");
  flow(2000, "10.0.0.5");
  EXPECT_EQ(bench.fired(), "each@3[10.0.0.5,10.0.0.2]");
  flow(2000, "10.0.0.1");
  EXPECT_EQ(bench.fired(), "");
  // 10.0.0.5 goes on; 10.0.0.1 falls and comes again: armed alone.
  for (const double t : {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}) {
    bench.at(t);
    flow(2000, "10.0.0.5");
  }
  EXPECT_EQ(bench.fired(), "");
  flow(2000, "10.0.0.1");
  EXPECT_EQ(bench.fired(), "each@3[10.0.0.1,10.0.0.2]") << "the other keeps `any` above";
}

TEST_F(Thresholds, EachDataSourceByItself) {
  bench.flow("elephant", kPairs);
  bench.threshold("any", "{metric:elephant, value:1000}");
  flow(2000, "10.0.0.1", kPort3);
  flow(2000, "10.0.0.1", kPort4);
  EXPECT_EQ(bench.fired(), "any@3[10.0.0.1,10.0.0.2] any@4[10.0.0.1,10.0.0.2]");
  TestAgent other("10.0.0.31");
  bench.send(other.flow({.source = kPort3, .bytes = 1000, .rate = 4}));
  EXPECT_EQ(bench.fired(), "any@3[10.0.0.1,10.0.0.2]");
}

TEST_F(Thresholds, IdenticalPutDoesNothingAndAChangedOneArms) {
  bench.flow("elephant", kPairs);
  bench.threshold("big", "{metric:elephant, value:1000}");
  flow(2000);
  EXPECT_EQ(bench.fired(), "big@3[10.0.0.1,10.0.0.2]");
  bench.threshold("big", "{\"metric\":\"elephant\", value:'1000.0', byFlow:false, timeout:2}");
  flow(2000);
  EXPECT_EQ(bench.fired(), "") << "the same threshold in other words";
  bench.threshold("big", "{metric:elephant, value:1001}");
  flow(2000);
  EXPECT_EQ(bench.fired(), "big@3[10.0.0.1,10.0.0.2]");
}

TEST_F(Thresholds, DeleteForgets) {
  bench.flow("elephant", kPairs);
  bench.threshold("big", "{metric:elephant, value:1000, byFlow:true}");
  bench.threshold("busy", "{metric:ifinoctets, value:1000}");
  flow(2000);
  counters(0);
  bench.at(10);
  flow(2000);
  counters(2000);
  EXPECT_EQ(bench.fired(), "big@3[10.0.0.1,10.0.0.2] big@3[10.0.0.1,10.0.0.2] busy@3");
  bench.store.remove(Engine::Kind::threshold, "big");
  bench.store.remove(Engine::Kind::threshold, "busy");
  flow(4000);
  bench.at(20);
  counters(2000);
  EXPECT_EQ(bench.fired(), "");
  EXPECT_TRUE(bench.shard.findAgent(test::address("10.0.0.30"))->sources.at(kPort3.key())->armings.empty());
  bench.threshold("big", "{metric:elephant, value:1000, byFlow:true}");
  bench.threshold("busy", "{metric:ifinoctets, value:1000}");
  flow(2000);
  bench.at(30);
  counters(2000);
  EXPECT_EQ(bench.fired(), "big@3[10.0.0.1,10.0.0.2] busy@3");
}

TEST_F(Thresholds, MayComeBeforeItsMetric) {
  bench.threshold("big", "{metric:elephant, value:1000}");
  bench.threshold("later", "{metric:no_such_metric, value:1}");
  flow(2000);
  EXPECT_EQ(bench.fired(), "");
  bench.flow("elephant", kPairs);
  flow(2000);
  EXPECT_EQ(bench.fired(), "big@3[10.0.0.1,10.0.0.2]");
}

TEST_F(Thresholds, DataSourcePrefixLimitsToThatSource) {
  bench.flow("elephant", kPairs);
  bench.threshold("four", "{metric:'4.elephant', value:1000}");
  bench.threshold("port", "{metric:'4.ifinoctets', value:1000}");
  bench.threshold("host", "{metric:'2.1.load_one', value:1}");
  flow(2000, "10.0.0.1", kPort3);
  flow(2000, "10.0.0.1", kPort4);
  bench.send(agent.host("leaf1", 3));
  for (const auto& port : {kPort3, kPort4}) counters(0, port);
  bench.at(10);
  for (const auto& port : {kPort3, kPort4}) counters(5000, port);
  const auto events = bench.events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].thresholdId + events[0].dataSource, "four4");
  EXPECT_EQ(events[0].metric, "elephant") << "without the prefix";
  EXPECT_EQ(events[1].thresholdId + events[1].dataSource, "host2.1");
  EXPECT_EQ(events[2].thresholdId + events[2].dataSource, "port4");
}

TEST_F(Thresholds, FilterLooksAtTheRowAndAtTheHost) {
  bench.flow("elephant", kPairs);
  bench.threshold("fast", "{metric:elephant, value:1000, byFlow:true, filter:{ifspeed:[1000000000,10000000000]}}");
  bench.threshold("leaf", "{metric:elephant, value:1000, filter:{host_name:'leaf*'}}");
  bench.threshold("busy", "{metric:ifinoctets, value:1000, filter:{ifspeed:10000000000}}");
  flow(2000, "10.0.0.1", kPort3);
  EXPECT_EQ(bench.fired(), "") << "nothing is known of the port or the host";
  counters(0, kPort3, 10'000'000'000);
  counters(0, kPort4, 100'000'000);
  bench.send(agent.host("spine1", 0));
  flow(2000, "10.0.0.1", kPort3);
  flow(2000, "10.0.0.1", kPort4);
  EXPECT_EQ(bench.fired(), "fast@3[10.0.0.1,10.0.0.2]");
  bench.at(10);
  bench.send(agent.host("leaf1", 0));
  counters(2000, kPort3, 10'000'000'000);
  counters(2000, kPort4, 100'000'000);
  flow(2000, "10.0.0.9", kPort4);
  EXPECT_EQ(bench.fired(), "busy@3 leaf@4[10.0.0.9,10.0.0.2]");
}

TEST_F(Thresholds, FilterMayNameAFlow) {
  bench.flow("elephant", kPairs);
  bench.flow("total", "{value:bytes}");
  bench.threshold("with", "{metric:elephant, value:1000, filter:{total:'*'}}");
  bench.threshold("without", "{metric:elephant, value:1000, filter:{nosuch:'*'}}");
  flow(2000);
  flow(2000);
  EXPECT_EQ(bench.fired(), "with@3[10.0.0.1,10.0.0.2]");
}

TEST_F(Thresholds, ValueOfZeroFiresForEachNewFlowAndAgainWhenItWasGone) {
  bench.flow("pairs", kPairs);
  bench.threshold("new", "{metric:pairs, value:0, byFlow:true, timeout:1}");
  flow(500);
  EXPECT_EQ(bench.fired(), "new@3[10.0.0.1,10.0.0.2]");
  bench.at(15);
  flow(500);
  EXPECT_EQ(bench.fired(), "") << "seen within 10 t";
  bench.at(15 + 20 + 0.9);
  flow(500);
  EXPECT_EQ(bench.fired(), "") << "gone for 0.9 s";
  bench.at(15 + 20.9 + 20 + 1.1);
  flow(500);
  EXPECT_EQ(bench.fired(), "new@3[10.0.0.1,10.0.0.2]");
}

TEST_F(Thresholds, DefinitionsThatChangeLeaveOthersAlone) {
  bench.flow("elephant", kPairs);
  bench.threshold("big", "{metric:elephant, value:1000, timeout:100}");
  flow(2000);
  EXPECT_EQ(bench.fired(), "big@3[10.0.0.1,10.0.0.2]");
  bench.flow("another", "{keys:ipsource, value:frames}");
  bench.flow("aaa", "{value:frames}");
  bench.threshold("aaaa", "{metric:another, value:1e9}");
  bench.store.remove(Engine::Kind::flow, "aaa");
  bench.put(Engine::Kind::group, "g", "{a:['10.0.0.0/8']}");
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "elephant", "10.0.0.1,10.0.0.2"), 2000, 1e-6);
  flow(2000);
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "elephant", "10.0.0.1,10.0.0.2"), 4000, 1e-6);
  EXPECT_EQ(bench.fired(), "") << "the threshold remembers too";
}

TEST_F(Thresholds, ChangedFlowStartsEmptyAndArmed) {
  bench.flow("elephant", "{keys:ipsource, value:bytes}");
  bench.threshold("each", "{metric:elephant, value:1000, byFlow:true, timeout:1000}");
  bench.threshold("any", "{metric:elephant, value:1000, timeout:1000}");
  flow(2000, "10.0.0.2");
  EXPECT_EQ(bench.fired(), "any@3[10.0.0.2] each@3[10.0.0.2]");
  bench.flow("elephant", "{keys:ipdestination, value:bytes}");
  EXPECT_EQ(bench.rate("10.0.0.30", kPort3, "elephant", "10.0.0.2"), 0);
  flow(2000, "10.0.0.2");
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "elephant", "10.0.0.2"), 2000, 1e-6);
  EXPECT_EQ(bench.fired(), "any@3[10.0.0.2] each@3[10.0.0.2]") << "the same octets are another flow";
}

TEST_F(Thresholds, IdenticalFlowPutKeepsItsCaches) {
  bench.flow("elephant", kPairs);
  flow(2000);
  bench.flow("elephant",
             R"({"keys":["ipsource","ipdestination"],"value":"bytes","n":"5","t":2,"fs":",","log":"false"})");
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "elephant", "10.0.0.1,10.0.0.2"), 2000, 1e-6);
}

TEST_F(Thresholds, ReusedSlotShowsNothingOfItsFormerOwner) {
  bench.flow("one", kPairs);
  bench.threshold("t1", "{metric:one, value:1000, timeout:1000}");
  flow(2000);
  EXPECT_EQ(bench.fired(), "t1@3[10.0.0.1,10.0.0.2]");
  bench.store.remove(Engine::Kind::flow, "one");
  bench.store.remove(Engine::Kind::threshold, "t1");
  bench.flow("two", kPairs);
  bench.threshold("t2", "{metric:two, value:1000, timeout:1000}");
  ASSERT_EQ(bench.shard.definitions().flowSlots, 1U) << "the slot is used again";
  EXPECT_EQ(bench.rate("10.0.0.30", kPort3, "two", "10.0.0.1,10.0.0.2"), 0);
  flow(2000);
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "two", "10.0.0.1,10.0.0.2"), 2000, 1e-6);
  EXPECT_EQ(bench.fired(), "t2@3[10.0.0.1,10.0.0.2]");
}

TEST_F(Thresholds, RemovedFlowGivesItsMemoryBack) {
  bench.flow("keep", "{value:bytes}");
  flow(500);
  const std::size_t before = bench.shard.arena().used();
  bench.flow("big", "{keys:'ipsource,ipdestination', value:bytes, log:true}");
  for (int i = 0; i < 2'000; ++i) {
    bench.send(agent.flow(
        {.source = kPort3, .from = ("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250)).c_str()}));
  }
  EXPECT_GT(bench.shard.arena().used(), before + 50'000);
  bench.store.remove(Engine::Kind::flow, "big");
  EXPECT_LT(bench.shard.arena().used(), before + 1'000);
}

TEST_F(Thresholds, AgentScopeIsOneCacheAnAgent) {
  bench.flow("perAgent", "{keys:'ipsource,ipdestination', value:bytes, aggMode:AGENT}");
  bench.flow("perPort", kPairs);
  bench.threshold("agentWide", "{metric:perAgent, value:3000}");
  bench.threshold("portWide", "{metric:perPort, value:3000}");
  flow(2000, "10.0.0.1", kPort4);
  flow(2000, "10.0.0.1", kPort3);
  EXPECT_EQ(bench.fired(), "agentWide@4[10.0.0.1,10.0.0.2]") << "4000 at the agent, shown where it was seen first";
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort4, "perAgent", "10.0.0.1,10.0.0.2"), 4000, 1e-6);
  EXPECT_EQ(bench.rate("10.0.0.30", kPort3, "perAgent", "10.0.0.1,10.0.0.2"), 0);
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "perPort", "10.0.0.1,10.0.0.2"), 2000, 1e-6);
  TestAgent other("10.0.0.31");
  bench.send(other.flow({.source = kPort3, .bytes = 1000, .rate = 4}));
  EXPECT_EQ(bench.fired(), "") << "another agent has its own";
  bench.flow("perAgent", "{keys:'ipsource', value:bytes, aggMode:AGENT}");
  flow(4000, "10.0.0.1", kPort3);
  EXPECT_EQ(bench.fired(), "agentWide@3[10.0.0.1] portWide@3[10.0.0.1,10.0.0.2]") << "redefined: first seen at 3";
}

TEST_F(Thresholds, NotByFlowTheEventNamesTheLargestFlow) {
  bench.flow("pairs", kPairs);
  flow(8000, "10.0.0.7");
  bench.threshold("busy", "{metric:pairs, value:1000}");
  flow(2000, "10.0.0.8");
  const auto events = bench.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].flowKey, "10.0.0.7,10.0.0.2") << "which makes the metric, though another's sample came";
  EXPECT_NEAR(events[0].value, 8000, 1e-2);
}

TEST_F(Thresholds, AFilterMayNameAMetricThatComesLater) {
  bench.flow("pairs", kPairs);
  bench.threshold("hot", "{metric:temperature, value:20, filter:{rack_place:['up*']}}");
  bench.send(agent.metric("rack", "rack_place_number", 1));
  bench.send(agent.metric("rack", "temperature", 30));
  EXPECT_EQ(bench.fired(), "");
  bench.threshold("any", "{metric:temperature, value:20, filter:{humidity:[50]}}");
  bench.send(agent.metric("rack", "humidity", 50));
  bench.send(agent.metric("rack", "temperature", 31));
  EXPECT_EQ(bench.fired(), "any@rack");
}

TEST_F(Thresholds, EventsCarryTheValuesOfTheFlow) {
  bench.flow("ddos", "{keys:ipdestination, value:frames, values:'count:ipsource,avg:bytes'}");
  bench.threshold("attack", "{metric:ddos, value:9, byFlow:true}");
  for (const char* from : {"10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.3"}) {
    bench.send(agent.flow({.source = kPort3, .from = from, .bytes = 400, .rate = 5}));
  }
  const auto events = bench.events();
  ASSERT_EQ(events.size(), 1U) << "at the fourth sample: 10 a second";
  EXPECT_EQ(events[0].flowKey, "10.0.0.2");
  EXPECT_NEAR(events[0].value, 10, 1e-5);
  ASSERT_EQ(events[0].values.size(), 2U);
  EXPECT_EQ(events[0].values[0], 3);
  EXPECT_NEAR(events[0].values[1], 400, 1e-9);
}

TEST_F(Thresholds, AFunctionAsValueIsComparedWithTheLimit) {
  bench.flow("sources", "{keys:ipdestination, value:'count:ipsource', t:1}");
  bench.threshold("many", "{metric:sources, value:2, byFlow:true, timeout:0.5}");
  const auto from = [&](int host) {
    const std::string address = "10.0.0." + std::to_string(host);
    bench.send(agent.flow({.source = kPort3, .from = address.c_str()}));
    return bench.fired();
  };
  EXPECT_EQ(from(1) + from(2) + from(2), "");
  EXPECT_EQ(from(3), "many@3[10.0.0.2]");
  EXPECT_EQ(from(4), "") << "above already";
  bench.at(5);
  EXPECT_EQ(from(1), "") << "one source now: below from here on";
  bench.at(6);
  EXPECT_EQ(from(2) + from(3), "many@3[10.0.0.2]") << "armed again after half a second";
}

TEST_F(Thresholds, AFunctionThatFallsArmsTheMetricAgain) {
  bench.flow("size", "{keys:ipsource, value:'last:bytes', t:60}");
  bench.threshold("large", "{metric:size, value:500, timeout:1}");
  const auto frame = [&](double at, unsigned size, const char* from = "10.0.0.1") {
    bench.at(at);
    bench.send(agent.flow({.source = kPort3, .from = from, .bytes = size}));
    return bench.fired();
  };
  EXPECT_EQ(frame(0, 600), "large@3[10.0.0.1]");
  EXPECT_EQ(frame(1, 700, "10.0.0.2"), "") << "another flow above: the metric is so already";
  EXPECT_EQ(frame(2, 100), "") << "the other is still above";
  EXPECT_EQ(frame(4, 800), "");
  EXPECT_EQ(frame(5, 100, "10.0.0.2"), "");
  EXPECT_EQ(frame(6, 100), "") << "below from here on";
  EXPECT_EQ(frame(8, 900), "large@3[10.0.0.1]");
}

TEST_F(Thresholds, ALimitBelowZeroNeedsAFlow) {
  bench.flow("f", "{keys:ipsource, value:'bits:ipttl:0'}");
  bench.threshold("t", "{metric:f, value:-1}");
  bench.send(agent.flow({.source = kPort3}));
  EXPECT_EQ(bench.fired(), "") << "an amount of 0 makes no flow";
}

TEST_F(Thresholds, RecordsOfTheFlowLogHaveTheValues) {
  bench.flow("log", "{keys:ipsource, value:bytes, values:'bytes,avg:bytes,max:bytes,count:ipdestination', log:true}");
  bench.flow("mean", "{keys:ipsource, value:'avg:bytes', log:true}");
  for (const unsigned size : {100U, 300U, 200U}) bench.send(agent.flow({.source = kPort3, .bytes = size, .rate = 10}));
  bench.at(10);
  bench.tick();
  auto records = bench.records();
  ASSERT_EQ(records.size(), 2U);
  if (records[0].flowName == "mean") std::swap(records[0], records[1]);
  EXPECT_EQ(records[0].value, 6000);
  EXPECT_EQ(records[0].values, (std::vector<double>{6000, 200, 300, 1}));
  EXPECT_EQ(records[1].value, 200);
  EXPECT_TRUE(records[1].values.empty());
}

TEST_F(Thresholds, DropNotificationsFeedTheirOwnDefinitions) {
  bench.flow("dropped", "{keys:ipsource, value:frames, dropped:true}");
  bench.flow("sampled", "{keys:ipsource, value:frames}");
  bench.send(agent.discard({.source = kPort3}));
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "dropped", "10.0.0.1"), 0.5, 1e-9);
  EXPECT_EQ(bench.rate("10.0.0.30", kPort3, "sampled", "10.0.0.1"), 0);
  bench.send(agent.flow({.source = kPort3, .rate = 10}));
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "sampled", "10.0.0.1"), 5, 1e-9);
  EXPECT_NEAR(bench.rate("10.0.0.30", kPort3, "dropped", "10.0.0.1"), 0.5, 1e-9);
}

TEST_F(Thresholds, ByFlowStateIsBounded) {
  bench.flow("pairs", "{keys:'ipsource,tcpsourceport', value:bytes, n:1000}");
  bench.threshold("each", "{metric:pairs, value:0, byFlow:true, timeout:1}");
  std::size_t fired = 0;
  const auto flood = [&](std::uint16_t from, std::uint16_t to) {
    for (std::uint16_t port = from; port < to; ++port) {
      bench.send(agent.flow({.source = kPort3, .bytes = 100, .rate = 1000, .fromPort = port}));
      fired += bench.events().size();
    }
  };
  flood(0, 20'000);
  const std::size_t first = fired;
  EXPECT_NEAR(static_cast<double>(first), Limits::kArmingsOfSource, Limits::kArmingsOfSource / 100.0);
  EXPECT_EQ(bench.shard.figures().refusedArmings, 20'000 - first);
  bench.at(60);
  flood(30'000, 30'100);
  EXPECT_EQ(fired, first + 100) << "flows that are gone make room";
}

TEST_F(Thresholds, SeveralThresholdsOfOneFlowFireInOrderOfTheirNames) {
  bench.flow("elephant", kPairs);
  for (const char* name : {"c", "a", "b"}) bench.threshold(name, "{metric:elephant, value:1000}");
  flow(2000);
  EXPECT_EQ(bench.fired(), "a@3[10.0.0.1,10.0.0.2] b@3[10.0.0.1,10.0.0.2] c@3[10.0.0.1,10.0.0.2]");
}

TEST_F(Thresholds, CustomMetrics) {
  bench.threshold("hot", "{metric:temperature, value:70, timeout:5}");
  bench.threshold("named", "{metric:'rack2.temperature', value:70, timeout:5}");
  bench.send(agent.metric("rack1", "temperature", 60));
  EXPECT_EQ(bench.fired(), "");
  bench.send(agent.metric("rack1", "temperature", 71));
  EXPECT_EQ(bench.fired(), "hot@rack1");
  bench.send(agent.metric("rack2", "temperature", 90));
  EXPECT_EQ(bench.fired(), "hot@rack2 named@rack2");
  bench.at(1);
  bench.send(agent.metric("rack1", "temperature", 69));
  bench.at(5);
  bench.send(agent.metric("rack1", "temperature", 80));
  EXPECT_EQ(bench.fired(), "");
}

}  // namespace
}  // namespace weir::engine
