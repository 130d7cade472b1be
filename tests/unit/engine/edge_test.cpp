// Definitions with one cache for the whole fabric: what enters at the edge counts once, whoever saw it.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "support/engine_runner.h"

namespace weir::engine {
namespace {

using test::kStart;
using test::TestAgent;

// Two leaves with a link between them: port 9 of each. Ports 1 and 2 are edge.
const char* const kEdgeDefinitions =
    "{topology:{nodes:{leaf1:{agent:'10.0.0.1',ports:{up:{ifindex:9}}},leaf2:{agent:'10.0.0.2',ports:{up:{ifindex:9}}}}"
    ","
    "links:{l:{node1:leaf1,port1:up,node2:leaf2,port2:up}}},"
    "flows:{pairs:{keys:ipdestination,value:bytes,aggMode:edge,t:10,values:'count:ipsource,avg:bytes',log:true,"
    "activeTimeout:2},total:{value:frames,aggMode:EDGE,t:10}},"
    "thresholds:{victim:{metric:pairs,value:5500,byFlow:true,timeout:1},load:{metric:total,value:12,timeout:1,filter:{"
    "ifspeed:'1'}}}}";

void send(test::Capture& capture, TestAgent& agent, double seconds) {
  const Nanos now = kStart + nanosFromSeconds(seconds);
  const Bytes payload = agent.finish(now);
  capture.push_back({now, test::address("192.0.2.1"), {payload.begin(), payload.end()}});
}

/// A packet goes from host to host through both leaves, and each samples it wherever it passes.
std::shared_ptr<const test::Capture> crossTraffic(unsigned rounds) {
  auto capture = std::make_shared<test::Capture>();
  TestAgent a("10.0.0.1"), b("10.0.0.2");
  test::RecordBytes name;
  name.str("access1");
  send(*capture,
       b.records({0, 1}, {{wire::tag(0, 1), test::Interface{.index = 1}.record()}, {wire::tag(0, 1005), name}}), 0);
  for (unsigned i = 0; i < rounds; ++i) {
    const char* const from = i % 3 == 0 ? "10.9.0.1" : i % 3 == 1 ? "10.9.0.2" : "10.9.0.3";
    const test::FlowSpec in{.source = {0, 1}, .from = from, .to = "10.9.1.1", .rate = 10, .input = 1, .output = 9};
    send(*capture, a.flow(in), i * 0.1);
    send(*capture, a.flow({.source = {0, 9}, .from = from, .to = "10.9.1.1", .rate = 10, .input = 1, .output = 9}),
         i * 0.1);
    send(*capture, b.flow({.source = {0, 9}, .from = from, .to = "10.9.1.1", .rate = 10, .input = 9, .output = 2}),
         i * 0.1 + 0.001);
    send(*capture, b.flow({.source = {0, 2}, .from = from, .to = "10.9.1.1", .rate = 10, .input = 9, .output = 2}),
         i * 0.1 + 0.001);
    // Somebody else, from a port of the other leaf to the same host.
    send(*capture,
         b.flow({.source = {0, 1}, .from = "10.9.2.2", .to = "10.9.1.1", .rate = 10, .input = 1, .output = 2}),
         i * 0.1 + 0.002);
  }
  return capture;
}

TEST(EdgeScope, AddsWhatEntersAnywhereOnce) {
  const auto engine = test::replayEngine(crossTraffic(8), kEdgeDefinitions, 2);
  ASSERT_TRUE(engine->start());
  engine->waitForReplay();
  const auto active = [&](const char* agents, const char* name, const char* mode) {
    return test::json(*engine, query::ActiveFlowsQuestion{agents, name, 10, 0, mode});
  };
  // Sixteen packets of ten times 1000 octets entered in 0.7 s, smoothed over 10 s.
  const auto flow = test::ask(*engine, query::ActiveFlowsQuestion{"ALL", "pairs", 10});
  ASSERT_EQ(flow.as_array().size(), 1U);
  EXPECT_NEAR(flow.at(0).at("value").to_number<double>(), 16 * 10'000 / 10.0, 16'000 * 0.04);
  EXPECT_EQ(flow.at(0).at("values").at(0).to_number<int>(), 4) << "sources";
  EXPECT_NEAR(flow.at(0).at("values").at(1).to_number<double>(), 1000, 1e-6);
  EXPECT_EQ(flow.at(0).at("agent").as_string(), "10.0.0.2") << "where it entered last";
  EXPECT_EQ(flow.at(0).at("node").as_string(), "leaf2");
  EXPECT_EQ(flow.at(0).at("port").as_string(), "access1") << "as the shard of that agent knows it";
  EXPECT_EQ(active("10.0.0.2", "pairs", "max"), active("ALL", "pairs", "max"));
  EXPECT_EQ(active("10.0.0.1", "pairs", "max"), "[]");
  EXPECT_EQ(active("EDGE", "pairs", "edge"), active("ALL", "pairs", "max"));
  EXPECT_EQ(active("TOPOLOGY", "pairs", "sum"), active("ALL", "pairs", "max"));
  EXPECT_EQ(active("ALL", "pairs", "core"), "[]");
  EXPECT_EQ(active("CORE", "pairs", "max"), "[]");
  const auto metric = test::ask(*engine, query::MetricQuestion{"ALL", "sum:total"});
  EXPECT_NEAR(metric.at(0).at("metricValue").to_number<double>(), 16, 0.7);
  const auto agents = test::ask(*engine, query::AgentsQuestion{});
  EXPECT_EQ(agents.as_object().size(), 2U);
  engine->stop();
}

TEST(EdgeScope, AThresholdFiresOnceForTheNetwork) {
  const auto told = test::replay(crossTraffic(40), kEdgeDefinitions, 1, "pairs");
  const auto events = json::parseLenient(told.events).value();
  ASSERT_EQ(events.as_array().size(), 2U) << told.events;
  EXPECT_EQ(events.at(1).at("thresholdID").as_string(), "victim");
  EXPECT_EQ(events.at(1).at("flowKey").as_string(), "10.9.1.1");
  EXPECT_TRUE(events.at(1).at("node").as_string().starts_with("leaf")) << "of the place where it entered";
  EXPECT_EQ(events.at(0).at("thresholdID").as_string(), "load");
  EXPECT_NE(told.flows, "") << "records end while the capture goes on";
}

TEST(EdgeScope, IsTheSameWithAnyNumberOfShards) {
  const auto capture = crossTraffic(60);
  const test::Told one = test::replay(capture, kEdgeDefinitions, 1, "pairs");
  for (const unsigned shards : {2U, 3U, 4U}) {
    expectSame(one, test::replay(capture, kEdgeDefinitions, shards, "pairs"), std::to_string(shards) + " shards");
  }
}

TEST(EdgeScope, NothingEntersWithoutATopology) {
  const auto engine = test::replayEngine(crossTraffic(8), "{flows:{f:{value:bytes,aggMode:edge}}}", 1);
  ASSERT_TRUE(engine->start());
  engine->waitForReplay();
  EXPECT_EQ(test::json(*engine, query::ActiveFlowsQuestion{"ALL", "f", 10}), "[]");
  engine->stop();
}

TEST(EdgeScope, WhatIsRefusedThereIsInTheHealthOfTheEngine) {
  const auto capture = std::make_shared<test::Capture>();
  TestAgent leaf("10.0.0.1");
  for (unsigned i = 0; i < 20'000; ++i) {
    send(*capture, leaf.flow({.source = {0, 1}, .rate = 1'000, .fromPort = static_cast<std::uint16_t>(i), .input = 1}),
         0);
  }
  const auto engine = test::replayEngine(capture,
                                         "{topology:{nodes:{leaf1:{agent:'10.0.0.1'}},links:{}},"
                                         "flows:{ports:{keys:tcpsourceport,value:bytes,aggMode:edge,n:1000}},"
                                         "thresholds:{each:{metric:ports,value:1000,byFlow:true}}}",
                                         2);
  ASSERT_TRUE(engine->start());
  engine->waitForReplay();
  const auto health = test::ask(*engine, query::HealthQuestion{});
  const auto& atBound = health.at("thresholdsAtBound").as_array();
  ASSERT_EQ(atBound.size(), 1U);
  EXPECT_EQ(atBound.front().at("thresholdID"), "each");
  EXPECT_EQ(health.at("drops").at("refusedThresholdStates").to_number<int>(),
            atBound.front().at("refusedFlows").to_number<int>());
  EXPECT_GT(atBound.front().at("refusedFlows").to_number<int>(), 2'000);
  engine->stop();
}

}  // namespace
}  // namespace weir::engine
