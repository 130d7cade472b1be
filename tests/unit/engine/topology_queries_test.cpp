// Where hosts are, what links carry, and how far telemetry covers the topology.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <future>

#include "engine/link_metrics.h"
#include "support/engine_runner.h"

namespace weir::engine {
namespace {

using test::kStart;
using test::TestAgent;

// The second node has no agent: it is known by the host name that it sends.
const char* const kTopology =
    "{topology:{nodes:{leaf1:{agent:'10.0.0.1',ports:{up:{ifindex:9}}},leaf3:{agent:'10.0.0.3'}},"
    "links:{l:{node1:leaf1,port1:up,node2:leaf2,port2:swp7},far:{node1:leaf3,port1:a,node2:leaf4,port2:b}}},"
    "flows:{pairs:{keys:ipsource,value:bytes}},thresholds:{any:{metric:pairs,value:1,byFlow:true},"
    "busy:{metric:ifinoctets,value:300},load:{metric:load_one,value:0.5},"
    "leaf1:{metric:ifinoctets,value:50,filter:{host_name:'leaf1'}}}}";

class TopologyQueries : public testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override {
    auto capture = std::make_shared<test::Capture>();
    TestAgent a("10.0.0.1"), b("10.0.0.2"), c("10.0.0.8");
    const auto send = [&](TestAgent& agent, double seconds) {
      const Nanos now = kStart + nanosFromSeconds(seconds);
      const Bytes payload = agent.finish(now);
      capture->push_back({now, test::address("192.0.2.1"), {payload.begin(), payload.end()}});
    };
    test::RecordBytes name;
    name.str("swp7");
    for (unsigned i = 0; i < 3; ++i) {
      send(a.counters({0, 9}, {.inOctets = 1'000 * i}).counters({0, 1}, {}), i * 10);
      send(b.host("leaf2", 1)
               .records({0, 7}, {{wire::tag(0, 1), test::Interface{.index = 7, .inOctets = 5'000 * i}.record()},
                                 {wire::tag(0, 1005), name}}),
           i * 10);
      send(c.counters({0, 1}, {}), i * 10);
    }
    // The frames of TestAgent come from 000000000001: one host, seen where it enters and where it passes.
    send(a.flow({.source = {0, 1}, .from = "10.9.0.1", .input = 1, .output = 9}), 25);
    send(b.flow({.source = {0, 7}, .from = "10.9.0.1", .input = 7, .output = 2}), 26);
    engine = test::replayEngine(capture, kTopology, GetParam());
    ASSERT_TRUE(engine->start());
    engine->waitForReplay();
  }
  void TearDown() override { engine->stop(); }

  std::string hosts(std::string host, std::string agents = "ALL") {
    return boost::json::serialize(test::ask(*engine, query::HostLocationsQuestion{host, agents}));
  }
  query::Outcome<query::LinkMetrics> link(const char* name, const char* metrics) {
    std::promise<query::Outcome<query::LinkMetrics>> promise;
    auto told = promise.get_future();
    askLinkMetrics(*engine, name, metrics, [&](auto outcome) { promise.set_value(std::move(outcome)); });
    return told.get();
  }
  std::string linkJson(const char* name, const char* metrics) {
    std::string text;
    JsonWriter json(text);
    link(name, metrics).value().writeJson(json);
    return text;
  }

  std::unique_ptr<OwnedEngine> engine;
};

TEST_P(TopologyQueries, AHostIsWhereItEnters) {
  const std::string where =
      R"([{"mac":"000000000001","node":"leaf1","agent":"10.0.0.1","ifindex":"1","ipaddress":"10.9.0.1","lastUpdate":1000}])";
  EXPECT_EQ(hosts(""), where) << "not at the link that it passes";
  EXPECT_EQ(hosts("00:00:00:00:00:01"), where);
  EXPECT_EQ(hosts("10.9.0.1", "leaf1"), where);
  EXPECT_EQ(hosts("10.9.0.1", "leaf2"), "[]");
  EXPECT_EQ(hosts("10.9.0.2"), "[]");
  EXPECT_EQ(test::outcome(*engine, query::HostLocationsQuestion{"web"}).error().error.attribute, "host");
  EXPECT_EQ(test::outcome(*engine, query::HostLocationsQuestion{"", ","}).error().error.attribute, "agent");
}

TEST_P(TopologyQueries, ALinkHasTheMetricsOfItsEnds) {
  const auto ends = json::parseLenient(linkJson("l", "ifinoctets,max:ifspeed")).value();
  ASSERT_EQ(ends.as_array().size(), 2U);
  EXPECT_EQ(ends.at(0).at("node").as_string(), "leaf1");
  EXPECT_EQ(ends.at(0).at("ifindex").as_string(), "9");
  EXPECT_NEAR(ends.at(0).at("metrics").at(0).at("metricValue").to_number<double>(), 100, 1);
  EXPECT_EQ(ends.at(1).at("agent").as_string(), "10.0.0.2") << "found by the names that it sends";
  EXPECT_NEAR(ends.at(1).at("metrics").at(0).at("metricValue").to_number<double>(), 500, 1);
  EXPECT_EQ(ends.at(1).at("metrics").as_array().size(), 2U);
  for (const auto& end : ends.as_array()) {
    EXPECT_EQ(end.at("metrics").at(0).at("metricName").as_string(), "ifinoctets") << "as it was asked for";
    EXPECT_EQ(end.at("metrics").at(1).at("metricName").as_string(), "max:ifspeed");
  }
  EXPECT_EQ(linkJson("far", "ifinoctets"),
            R"([{"node":"leaf3","port":"a","metrics":[]},{"node":"leaf4","port":"b","metrics":[]}])");
  EXPECT_EQ(link("nosuch", "ifinoctets").error().reason, query::Refusal::Reason::notFound);
  const query::Refusal wrong = link("l", "ifspeed,bogus:ifinoctets").error();
  EXPECT_EQ(wrong.reason, query::Refusal::Reason::invalid);
  EXPECT_EQ(wrong.error.position, 8) << "in what was asked";
}

TEST_P(TopologyQueries, FlowsAndEventsTellTheNamesOfTheirPlace) {
  const auto flows = [&](const char* agents) {
    return boost::json::serialize(test::ask(*engine, query::ActiveFlowsQuestion{agents, "pairs"}));
  };
  EXPECT_NE(flows("10.0.0.1").find(R"("key":"10.9.0.1","node":"leaf1","value":)"), std::string::npos)
      << "no port of that index has a name: " << flows("10.0.0.1");
  EXPECT_EQ(flows("ALL"), R"([{"agent":"10.0.0.2","dataSource":"7","flowN":2,"key":"10.9.0.1",)"
                          R"("node":"leaf2","port":"swp7","link":"l","value":500}])")
      << "of the place where it is largest";
  std::string told;
  for (const auto& [id, text] : engine->recordsAfter(Engine::Log::events, {}, SIZE_MAX).records) {
    const auto event = json::parseLenient(text).value();
    const auto member = [&](const char* name) {
      const auto* value = event.as_object().if_contains(name);
      return value == nullptr ? std::string("-") : std::string(value->as_string());
    };
    for (const char* name : {"thresholdID", "agent", "dataSource", "node", "port", "link"}) told += member(name) + " ";
    told += "\n";
  }
  EXPECT_EQ(told,
            "load 10.0.0.2 2.1 leaf2 - - \n"
            "leaf1 10.0.0.1 9 leaf1 up l \n"
            "busy 10.0.0.2 7 leaf2 swp7 l \n"
            "any 10.0.0.1 1 leaf1 - - \n"
            "any 10.0.0.2 7 leaf2 swp7 l \n");
}

TEST_P(TopologyQueries, ANodesNameIsTheHostNameOfAnAgentThatSendsNone) {
  const auto table = [&](const char* agents, const char* columns, query::Parameters filter) {
    return boost::json::serialize(test::ask(*engine, query::TableQuestion{agents, columns, std::move(filter)}));
  };
  EXPECT_EQ(table("ALL", "host_name,ifindex", {{"host_name", "leaf1"}, {"ifindex", "9"}}),
            R"([[{"agent":"10.0.0.1","dataSource":"9","lastUpdate":0,"metricName":"host_name","metricValue":"leaf1"},)"
            R"({"agent":"10.0.0.1","dataSource":"9","lastUpdate":6000,"metricName":"ifindex","metricValue":"9"}]])");
  EXPECT_EQ(test::ask(*engine, query::TableQuestion{"ALL", "host_name,ifindex", {}}).as_array().size(), 3U)
      << "and one of the host that tells its own; 10.0.0.8 has no name";
  EXPECT_EQ(table("ALL", "host_name", {}).find("leaf1"), std::string::npos) << "no data source has it";
  const auto sum = test::ask(*engine, query::MetricQuestion{"ALL", "sum:ifinoctets", {{"host_name", "leaf1"}}});
  EXPECT_NEAR(sum.at(0).at("metricValue").to_number<double>(), 100, 1);
}

TEST_P(TopologyQueries, WhatNoAgentTellsOf) {
  EXPECT_EQ(boost::json::serialize(test::ask(*engine, query::TopologyStatusQuestion{})),
            R"({"nodes":4,"links":2,"unmonitoredNodes":["leaf3","leaf4"],"unmonitoredLinks":["far"],)"
            R"("linksWithOneEnd":[],"linksDown":[],"hostAgents":0,"unknownAgents":["10.0.0.8"]})");
}

INSTANTIATE_TEST_SUITE_P(Shards, TopologyQueries, testing::Values(1U, 3U));

}  // namespace
}  // namespace weir::engine
