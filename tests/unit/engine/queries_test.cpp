// Every query of the engine: members, errors, order, and that each is answered exactly once, whatever happens.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/serialize.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <new>
#include <set>
#include <thread>

#include "engine/flow_explanation.h"
#include "engine/shard.h"
#include "support/engine_runner.h"

namespace weir::engine {
namespace {

using boost::json::object;
using boost::json::value;
using query::Parameters;
using test::kStart;
using test::TestAgent;
using Reason = query::Refusal::Reason;

const char* const kQueryDefinitions =
    "{flows:{pairs:{keys:'ipsource,ipdestination',value:bytes,log:true,flowStart:true},total:{value:bytes},"
    "wide:{keys:ipsource,value:frames,aggMode:AGENT},"
    "sizes:{keys:ipsource,value:'avg:bytes',values:'bytes,count:inputifindex,max:bytes'}},thresholds:{big:{metric:"
    "pairs,value:1000,byFlow:true}}}";

std::set<std::string> membersOf(const value& v) {
  std::set<std::string> out;
  for (const auto& member : v.as_object()) out.insert(std::string(member.key()));
  return out;
}
std::string text(const value& v, const char* name) {
  const value* member = v.as_object().if_contains(name);
  if (member == nullptr) return "-";
  if (member->is_string()) return std::string(member->as_string());
  if (!member->is_double()) return boost::json::serialize(*member);
  std::string out;
  appendJsonNumber(out, member->as_double());
  return out;
}

/// Two agents, three ports with flows, counters, a host and a custom metric; the last datagram is at 20 s.
std::shared_ptr<const test::Capture> smallCapture() {
  auto capture = std::make_shared<test::Capture>();
  TestAgent a("10.0.0.1"), b("10.0.0.2");
  const auto send = [&](TestAgent& agent, double seconds) {
    const Nanos now = kStart + nanosFromSeconds(seconds);
    const Bytes payload = agent.finish(now);
    capture->push_back({now, test::address("192.0.2.1"), {payload.begin(), payload.end()}});
  };
  send(a.counters({0, 1}, {}).host("leaf1", 1.5F).metric("rack", "temperature", 21), 0);
  send(b.counters({0, 1}, {}).host("leaf2", 0.5F), 0);
  send(a.counters({0, 1}, {.inOctets = 10'000}), 10);
  send(b.counters({0, 1}, {.inOctets = 40'000}).counters({0, 7}, {}), 10);
  send(a.flow({.source = {0, 1}, .from = "10.9.0.1", .rate = 10})
           .flow({.source = {0, 2}, .from = "10.9.0.1", .rate = 20}),
       20);
  send(b.flow({.source = {0, 1}, .from = "10.9.0.1", .rate = 40})
           .flow({.source = {0, 1}, .from = "10.9.0.5", .rate = 2}),
       20);
  return capture;
}

class Queries : public testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override {
    engine = test::replayEngine(smallCapture(), kQueryDefinitions, GetParam());
    ASSERT_TRUE(engine->start());
    engine->waitForReplay();
  }
  void TearDown() override { engine->stop(); }

  value metric(std::string agents, std::string metrics, Parameters filter = {}) {
    return test::ask(*engine, query::MetricQuestion{agents, metrics, filter});
  }
  value table(std::string agents, std::string metrics, Parameters filter = {}) {
    return test::ask(*engine, query::TableQuestion{agents, metrics, filter});
  }
  value dump(std::string agents, std::string metrics, Parameters filter = {}) {
    return test::ask(*engine, query::DumpQuestion{agents, metrics, filter});
  }
  value active(query::ActiveFlowsQuestion question) { return test::ask(*engine, std::move(question)); }
  query::Refusal whyNotActive(query::ActiveFlowsQuestion question) {
    return test::outcome(*engine, std::move(question)).error();
  }
  std::string flowValue(std::string agent, std::string name, std::string key) {
    return test::json(*engine, query::FlowValueQuestion{agent, name, key});
  }
  query::Outcome<FlowExplanation> finish(std::uint64_t probe) {
    std::promise<query::Outcome<FlowExplanation>> promise;
    auto explanation = promise.get_future();
    engine->finishProbe(probe, [&](auto told) { promise.set_value(std::move(told)); });
    return explanation.get();
  }
  value explained(std::uint64_t probe) {
    const auto explanation = finish(probe);
    EXPECT_TRUE(explanation);
    std::string text;
    JsonWriter writer(text);
    if (explanation) explanation->writeJson(writer);
    return json::parseLenient(text).value();
  }
  value agents(std::vector<std::string> only = {}) { return test::ask(*engine, query::AgentsQuestion{only}); }
  std::unique_ptr<OwnedEngine> engine;
};
INSTANTIATE_TEST_SUITE_P(Shards, Queries, testing::Values(1U, 3U));

TEST_P(Queries, Agents) {
  const value all = agents();
  EXPECT_EQ(membersOf(all), (std::set<std::string>{"10.0.0.1", "10.0.0.2"}));
  const value& one = all.as_object().at("10.0.0.1");
  EXPECT_EQ(boost::json::serialize(one.as_object().at("sFlowDatagramSource")), R"(["192.0.2.1"])");
  static const char* const kMembers[] = {"sFlowDatagramSource",
                                         "firstSeen",
                                         "lastSeen",
                                         "uptime",
                                         "sFlowDatagramsReceived",
                                         "sFlowDatagramsLost",
                                         "sFlowDatagramsOutOfOrder",
                                         "sFlowDatagramsDuplicates",
                                         "sFlowFlowSamples",
                                         "sFlowFlowLostSamples",
                                         "sFlowFlowOutOfOrderSamples",
                                         "sFlowFlowDuplicateSamples",
                                         "sFlowFlowDatasources",
                                         "sFlowFlowDrops",
                                         "sFlowCounterSamples",
                                         "sFlowCounterLostSamples",
                                         "sFlowCounterOutOfOrderSamples",
                                         "sFlowCounterDuplicateSamples",
                                         "sFlowCounterDatasources"};
  for (const char* member : kMembers) EXPECT_TRUE(one.as_object().contains(member)) << member;
  EXPECT_EQ(text(one, "firstSeen"), "20000") << "ms ago, by the engine's clock";
  EXPECT_EQ(text(one, "lastSeen"), "0");
  EXPECT_EQ(text(one, "sFlowDatagramsReceived"), "3");
  EXPECT_EQ(text(one, "sFlowFlowSamples"), "2");
  EXPECT_EQ(text(one, "sFlowFlowDatasources"), "2");
  EXPECT_EQ(text(one, "sFlowCounterSamples"), "3");
  EXPECT_EQ(text(one, "sFlowCounterDatasources"), "2");
  EXPECT_EQ(membersOf(agents({"10.0.0.2"})), std::set<std::string>{"10.0.0.2"});
  EXPECT_EQ(membersOf(agents({"leaf1", "nosuch", "10.0.0.9"})), std::set<std::string>{"10.0.0.1"}) << "host names too";
  EXPECT_EQ(membersOf(agents({"LEAF1"})), std::set<std::string>{"10.0.0.1"}) << "as in a path";
  EXPECT_EQ(agents({"nosuch"}), object());
}

TEST_P(Queries, AgentsOfTheTopology) {
  ASSERT_TRUE(engine->putTopology(json::parseLenient("{nodes:{a:{agent:'10.0.0.1',ports:{up:{ifindex:1}}},"
                                                     "b:{agent:'10.0.0.2',ports:{up:{ifindex:7}}}},"
                                                     "links:{ab:{node1:a,port1:up,node2:b,port2:up}}}")
                                      .value()));
  EXPECT_EQ(membersOf(agents({"b", "nosuch"})), std::set<std::string>{"10.0.0.2"}) << "a node's name";
  EXPECT_EQ(agents({"TOPOLOGY"}).as_object().size(), 2U);
  EXPECT_EQ(agents({"CORE"}), agents({"ALL"}));
}

TEST_P(Queries, MetricNames) {
  const value names = test::ask(*engine, query::MetricNamesQuestion{});
  for (const char* name : {"ifinoctets", "ifspeed", "load_one", "host_name", "pairs", "total", "wide", "temperature"}) {
    EXPECT_TRUE(names.as_object().contains(name)) << name;
  }
  EXPECT_EQ(text(names, "pairs"), "0");
  EXPECT_EQ(text(names, "ifinoctets"), "10000");
  EXPECT_EQ(text(names, "load_one"), "20000");
}

TEST_P(Queries, AgentMetrics) {
  const auto of = [&](std::string agent) { return test::json(*engine, query::AgentMetricsQuestion{agent}); };
  const value one = json::parseLenient(of("10.0.0.1")).value();
  EXPECT_EQ(text(one, "2.1.host_name"), "leaf1");
  EXPECT_EQ(text(one, "2.1.load_one"), "1.5");
  EXPECT_EQ(text(one, "1.ifinoctets"), "1000");
  EXPECT_EQ(text(one, "1.pairs"), "5000");
  EXPECT_EQ(text(one, "2.total"), "10000");
  EXPECT_EQ(text(one, "rack.temperature"), "21");
  EXPECT_EQ(of("leaf1"), of("10.0.0.1"));
  for (const char* agent : {"10.0.0.9", "ALL", ""}) {
    EXPECT_EQ(test::refusal(*engine, query::AgentMetricsQuestion{agent}), Reason::notFound) << agent;
  }
}

TEST_P(Queries, Metric) {
  const value all = metric("ALL", "max:ifinoctets,sum:ifinoctets,nosuch,2.1.load_one,pairs");
  ASSERT_EQ(all.as_array().size(), 5U);
  EXPECT_EQ(text(all.at(0), "metricValue"), "4000");
  EXPECT_EQ(text(all.at(0), "agent"), "10.0.0.2");
  EXPECT_EQ(text(all.at(0), "dataSource"), "1");
  EXPECT_EQ(text(all.at(0), "metricName"), "max:ifinoctets");
  EXPECT_EQ(text(all.at(0), "metricN"), "2");
  EXPECT_EQ(text(all.at(0), "lastUpdate"), "10000");
  EXPECT_EQ(text(all.at(1), "metricValue"), "5000");
  EXPECT_EQ(text(all.at(1), "agent"), "-");
  EXPECT_EQ(text(all.at(2), "metricN"), "0");
  EXPECT_EQ(text(all.at(2), "metricValue"), "-");
  EXPECT_EQ(text(all.at(3), "metricValue"), "1.5");
  EXPECT_EQ(text(all.at(4), "metricValue"), "20000");
  const value& keys = all.at(4).as_object().at("topKeys");
  ASSERT_EQ(keys.as_array().size(), 2U);
  EXPECT_EQ(membersOf(keys.at(0)), (std::set<std::string>{"key", "lastUpdate", "value"}));
  EXPECT_EQ(text(keys.at(0), "key"), "10.9.0.1,10.0.0.2") << "largest first";
  EXPECT_EQ(text(keys.at(0), "value"), "20000");
  EXPECT_EQ(text(metric("10.0.0.9", "pairs").at(0), "metricN"), "0") << "unknown agent: status 200";
  EXPECT_EQ(text(metric("leaf1;10.0.0.2", "sum:load_one").at(0), "metricValue"), "2");
  EXPECT_EQ(text(metric("ALL", "pairs", {{"host_name", "leaf1"}}).at(0), "metricValue"), "10000");
}

TEST_P(Queries, TableAndDump) {
  const value rows = table("ALL", "host_name,sort:ifinoctets:-5");
  ASSERT_EQ(rows.as_array().size(), 2U);
  EXPECT_EQ(text(rows.at(0).at(0), "metricValue"), "leaf2");
  EXPECT_EQ(text(rows.at(1).at(1), "metricValue"), "1000");
  const value all = dump("ALL", "ALL");
  std::string order;
  for (const value& record : all.as_array()) {
    const std::string place = text(record, "agent") + "/" + text(record, "dataSource");
    if (!order.ends_with(place + " ")) order += place + " ";
  }
  EXPECT_EQ(order, "10.0.0.1/1 10.0.0.1/2 10.0.0.1/2.1 10.0.0.1/rack 10.0.0.2/1 10.0.0.2/7 10.0.0.2/2.1 ");
  const value flows = dump("ALL", "pairs;ifinoctets");
  ASSERT_EQ(flows.as_array().size(), 5U);
  EXPECT_EQ(membersOf(flows.at(0)),
            (std::set<std::string>{"agent", "dataSource", "lastUpdate", "metricName", "metricValue", "topKeys"}));
  EXPECT_EQ(dump("10.0.0.9", "ALL").as_array().size(), 0U);
}

TEST_P(Queries, ActiveFlows) {
  const value max = active({"ALL", "pairs", 100, 0, "max"});
  EXPECT_EQ(
      boost::json::serialize(max),
      R"([{"agent":"10.0.0.2","dataSource":"1","flowN":3,"key":"10.9.0.1,10.0.0.2","node":"leaf2","value":20000},)"
      R"({"agent":"10.0.0.2","dataSource":"1","flowN":1,"key":"10.9.0.5,10.0.0.2","node":"leaf2","value":1000}])");
  const value sum = active({"ALL", "pairs", 1, 0, "SUM"});
  EXPECT_EQ(
      boost::json::serialize(sum),
      R"([{"agent":"10.0.0.2","dataSource":"1","flowN":3,"key":"10.9.0.1,10.0.0.2","node":"leaf2","value":35000}])");
  EXPECT_EQ(active({"10.0.0.1", "pairs", 100, 0, "max"}).as_array().size(), 1U);
  EXPECT_EQ(text(active({"leaf1", "pairs", 100, 0, "max"}).at(0), "value"), "10000");
  EXPECT_EQ(active({"ALL", "pairs", 100, 1000, "max"}).as_array().size(), 2U) << "at least minValue";
  EXPECT_EQ(active({"ALL", "pairs", 100, 1000.001, "max"}).as_array().size(), 1U);
  EXPECT_EQ(active({"ALL", "pairs", 0, 0, "max"}).as_array().size(), 0U);
  EXPECT_EQ(active({"10.0.0.9", "pairs", 100, 0, "max"}).as_array().size(), 0U);
  const value total = active({"ALL", "total", 100, 0, "sum"});
  ASSERT_EQ(total.as_array().size(), 1U) << "a flow without keys has one record";
  EXPECT_EQ(text(total.at(0), "key"), "");
  EXPECT_EQ(text(total.at(0), "value"), "36000");
  EXPECT_EQ(text(active({"ALL", "wide", 1, 0, "max"}).at(0), "value"), "20");
  EXPECT_EQ(whyNotActive({"ALL", "nosuch", 100, 0, "max"}).reason, Reason::invalid);
  EXPECT_EQ(whyNotActive({"ALL", "pairs", 100, 0, "most"}).error.attribute, "aggMode");
  EXPECT_EQ(active({"ALL", "pairs", 100, 0, "edge"}).as_array().size(), 0U) << "no topology";
  EXPECT_EQ(whyNotActive({"", "pairs", 100, 0, "max"}).error.attribute, "agent");
}

/// Two ports with 40 flows each, 20 of them the same; a datagram holds 20.
std::shared_ptr<const test::Capture> manyFlows() {
  auto capture = std::make_shared<test::Capture>();
  TestAgent agents[] = {TestAgent("10.0.0.1"), TestAgent("10.0.0.2")};
  for (unsigned i = 0; i < 80; ++i) {
    TestAgent& agent = agents[i / 40];
    const unsigned host = 1 + i % 40 + 20 * (i / 40);
    const std::string from = "10.9.0." + std::to_string(host);
    agent.flow({.source = {0, 1}, .from = from.c_str(), .bytes = 1000 + host, .rate = 10});  // 5000 + 5 · host a second
    if (i % 20 != 19) continue;
    const Bytes payload = agent.finish(kStart);
    capture->push_back({kStart, test::address("192.0.2.1"), {payload.begin(), payload.end()}});
  }
  return capture;
}

TEST_P(Queries, ActiveFlowsTellHowManyTheyLeaveOut) {
  const auto many = test::replayEngine(
      manyFlows(), "{flows:{few:{keys:ipsource,value:bytes,n:10},all:{keys:ipsource,value:bytes,n:100}}}", GetParam());
  ASSERT_TRUE(many->start());
  many->waitForReplay();
  const auto told = [&](query::ActiveFlowsQuestion question) {
    const auto flows = test::outcome(*many, std::move(question)).value();
    return std::to_string(flows.flows.size()) + " shown, " + std::to_string(flows.leftOut()) + " left out";
  };
  EXPECT_EQ(told({"ALL", "all"}), "60 shown, 0 left out");
  EXPECT_EQ(told({"ALL", "all", 7}), "7 shown, 53 left out") << "maxFlows";
  EXPECT_EQ(told({"ALL", "few"}), "20 shown, 40 left out") << "n of each port; a flow at both counts once";
  EXPECT_EQ(told({"10.0.0.1", "few"}), "10 shown, 30 left out");
  EXPECT_EQ(told({"10.0.0.1", "few", 100, 5'157}), "9 shown, 0 left out") << "of those of at least minValue";
  EXPECT_EQ(told({"10.0.0.1", "few", 100, 5'107}), "10 shown, 9 left out");
  EXPECT_EQ(told({"10.0.0.9", "few"}), "0 shown, 0 left out");
  many->stop();
}

TEST_P(Queries, ActiveFlowsOfATopology) {
  const auto places = [&](std::string agents, std::string mode) {
    std::string out;
    const value answer = active({agents, "pairs", 100, 0, mode});
    for (const value& flow : answer.as_array()) {
      out += text(flow, "agent") + "/" + text(flow, "dataSource") + "x" + text(flow, "flowN") + "=" +
             text(flow, "value") + " ";
    }
    return out;
  };
  // Port 2 of the first agent and port 1 of the second are the ends of a link.
  ASSERT_TRUE(engine->putTopology(json::parseLenient("{nodes:{leaf1:{agent:'10.0.0.1',ports:{up:{ifindex:2}}},"
                                                     "leaf2:{agent:'10.0.0.2',ports:{down:{ifindex:1}}}},"
                                                     "links:{l:{node1:leaf1,port1:up,node2:leaf2,port2:down}}}")
                                      .value()));
  EXPECT_EQ(places("ALL", "edge"), "10.0.0.1/1x1=5000 ");
  EXPECT_EQ(places("ALL", "core"), "10.0.0.2/1x2=15000 10.0.0.2/1x1=1000 ") << "the mean of the two hops";
  EXPECT_EQ(places("EDGE", "sum"), "10.0.0.1/1x1=5000 ");
  EXPECT_EQ(places("CORE", "max"), "10.0.0.2/1x2=20000 10.0.0.2/1x1=1000 ");
  EXPECT_EQ(places("leaf2", "sum"), "10.0.0.2/1x1=20000 10.0.0.2/1x1=1000 ");
  EXPECT_EQ(text(metric("EDGE", "max:pairs").at(0), "metricValue"), "5000");
  EXPECT_EQ(text(metric("TOPOLOGY", "max:pairs").at(0), "metricValue"), "20000");
}

TEST_P(Queries, ValuesOfFlows) {
  // Frames of 1000 octets: 10 of them at one port and 20 at another of the first agent, 40 and 2 at the second.
  EXPECT_EQ(
      boost::json::serialize(active({"ALL", "sizes", 100, 0, "sum"})),
      R"([{"agent":"10.0.0.1","dataSource":"1","flowN":3,"key":"10.9.0.1","node":"leaf1","value":1000,"values":[35000,1,1000]},)"
      R"({"agent":"10.0.0.2","dataSource":"1","flowN":1,"key":"10.9.0.5","node":"leaf2","value":1000,"values":[1000,1,1000]}])");
  EXPECT_EQ(boost::json::serialize(active({"10.0.0.1", "sizes", 1, 0, "max"}).at(0).as_object().at("values")),
            "[5000,1,1000]")
      << "of the first place of the largest";
  const value dumped = dump("10.0.0.2", "sizes");
  EXPECT_EQ(text(dumped.at(0), "metricValue"), "1000");
  EXPECT_EQ(boost::json::serialize(dumped.at(0).as_object().at("topKeys").at(0).as_object().at("values")),
            "[20000,1,1000]");
  EXPECT_NE(flowValue("10.0.0.2", "1.sizes", "10.9.0.5").find(R"("value":1000)"), std::string::npos);
}

TEST_P(Queries, FlowValue) {
  EXPECT_EQ(flowValue("10.0.0.1", "2.pairs", "10.9.0.1,10.0.0.2"),
            R"({"agent":"10.0.0.1","dataSource":"2","key":"10.9.0.1,10.0.0.2","lastUpdate":0,"value":10000})");
  EXPECT_NE(flowValue("leaf2", "1.total", "").find(R"("value":21000)"), std::string::npos);
  for (const auto& [agent, name, key] : {std::tuple{"10.0.0.1", "3.pairs", "10.9.0.1,10.0.0.2"},
                                         {"10.0.0.1", "2.nosuch", "10.9.0.1,10.0.0.2"},
                                         {"10.0.0.1", "2.pairs", "10.9.0.9,10.0.0.2"},
                                         {"10.0.0.9", "2.pairs", "10.9.0.1,10.0.0.2"},
                                         {"ALL", "2.pairs", "10.9.0.1,10.0.0.2"}}) {
    EXPECT_EQ(test::refusal(*engine, query::FlowValueQuestion{agent, name, key}), Reason::notFound)
        << agent << name << key;
  }
  EXPECT_EQ(test::refusal(*engine, query::FlowValueQuestion{"10.0.0.1", "pairs", "x"}), Reason::invalid);
}

TEST_P(Queries, FlowLocations) {
  const auto locations = [&](std::string agents, std::string name, std::optional<std::string> key) {
    return test::json(*engine, query::FlowLocationsQuestion{agents, name, key});
  };
  EXPECT_EQ(locations("ALL", "pairs", "10.9.0.1,10.0.0.2"),
            R"([{"agent":"10.0.0.2","dataSource":"1","key":"10.9.0.1,10.0.0.2","value":20000},)"
            R"({"agent":"10.0.0.1","dataSource":"2","key":"10.9.0.1,10.0.0.2","value":10000},)"
            R"({"agent":"10.0.0.1","dataSource":"1","key":"10.9.0.1,10.0.0.2","value":5000}])");
  EXPECT_EQ(locations("leaf2", "pairs", {}),
            R"([{"agent":"10.0.0.2","dataSource":"1","key":"10.9.0.1,10.0.0.2","value":20000},)"
            R"({"agent":"10.0.0.2","dataSource":"1","key":"10.9.0.5,10.0.0.2","value":1000}])");
  EXPECT_EQ(locations("ALL", "pairs", "10.9.0.9,10.0.0.2"), "[]");
  EXPECT_EQ(test::refusal(*engine, query::FlowLocationsQuestion{"ALL", "nosuch"}), Reason::notFound);
  EXPECT_EQ(test::outcome(*engine, query::FlowLocationsQuestion{"", "pairs"}).error().error.attribute, "agent");
}

TEST_P(Queries, PrometheusText) {
  const auto text = [&](std::string metrics, Parameters filter = {}) {
    const auto dump = test::outcome(*engine, query::DumpQuestion{"ALL", metrics, filter, false, true});
    return dump ? dump->prometheusText({"sflow_", false}) : dump.error().error.message;
  };
  const std::string port =
      ",ifindex=\"1\",ifspeed=\"10G\",iftype=\"ethernetCsmacd\",ifadminstatus=\"up\",ifoperstatus=\"up\"";
  EXPECT_EQ(text("load_one,ifinoctets,temperature,pairs,load_one"),
            "sflow_ifinoctets{agent=\"10.0.0.1\",datasource=\"1\",host=\"leaf1\"" + port +
                "} 1000\n"
                "sflow_ifinoctets{agent=\"10.0.0.2\",datasource=\"1\",host=\"leaf2\"" +
                port +
                "} 4000\n"
                "sflow_load_one{agent=\"10.0.0.1\",datasource=\"2.1\",host=\"leaf1\"} 1.5\n"
                "sflow_load_one{agent=\"10.0.0.2\",datasource=\"2.1\",host=\"leaf2\"} 0.5\n"
                "sflow_temperature{agent=\"10.0.0.1\",datasource=\"rack\",host=\"leaf1\"} 21\n");
  const std::string all = text("ALL");
  EXPECT_EQ(all.find("pairs"), std::string::npos) << "flows are exported elsewhere";
  EXPECT_EQ(all.find("sflow_host_name"), std::string::npos) << "texts are no numbers";
  EXPECT_EQ(text("load_one", {{"host_name", "leaf2"}}),
            "sflow_load_one{agent=\"10.0.0.2\",datasource=\"2.1\",host=\"leaf2\"} 0.5\n");
  EXPECT_EQ(text("max:load_one"), "expected a metric without an operation");
}

TEST_P(Queries, AProbeIsExplainedAndForgotten) {
  const auto body =
      json::parseLenient(
          "{keys:'ipsource,null:vlan:0',value:frames,filter:'ipprotocol=6&(direction=ingress|vlan!=1,2)',log:true}")
          .value();
  const auto started = engine->startProbe(body);
  ASSERT_TRUE(started);
  const std::uint64_t probe = *started;
  EXPECT_FALSE(engine->probeIsRipe(probe)) << "the clock stands still";
  EXPECT_EQ(engine->list(Engine::Kind::flow).find(kHiddenMark), std::string::npos);
  const std::string hidden = std::string(1, kHiddenMark) + std::to_string(probe);
  EXPECT_EQ(whyNotActive({"ALL", hidden, 100, 0, "max"}).reason, Reason::invalid);
  EXPECT_EQ(test::refusal(*engine, query::FlowValueQuestion{"10.0.0.1", "1." + hidden}), Reason::notFound);
  const value answer = explained(probe);
  EXPECT_EQ(boost::json::serialize(answer.at("keys")),
            R"([{"key":"ipsource","types":["IPv4"]},{"key":"null:vlan:0","types":["number"]}])");
  EXPECT_EQ(boost::json::serialize(answer.at("filter")),
            R"({"all":[{"left":"ipprotocol","operator":"=","right":["6"]},)"
            R"({"any":[{"left":"direction","operator":"=","right":["ingress"]},)"
            R"({"left":"vlan","operator":"!=","right":["1","2"]}]}]})");
  EXPECT_EQ(text(answer.at("definition"), "log"), "true") << "as it was written";
  EXPECT_GE(answer.at("program").as_array().size(), 5U);
  EXPECT_EQ(text(answer.at("example"), "seconds"), "0");
  EXPECT_EQ(answer.at("example").at("flows").as_array().size(), 0U);
  EXPECT_NE(text(answer.at("example"), "note").find("stood still"), std::string::npos);
  EXPECT_TRUE(engine->probeIsRipe(probe)) << "it is gone";
  EXPECT_EQ(finish(probe).error().reason, Reason::notFound);
}

TEST_P(Queries, ProbesAreBoundedAndMistakesNamed) {
  const auto start = [&](std::string_view body) { return engine->startProbe(json::parseLenient(body).value()); };
  EXPECT_EQ(start("{keys:'ipsource'}").error().error.attribute, "value");
  const query::Refusal wrong = start("{keys:'ipsource,suffix:x',value:bytes}").error();
  EXPECT_EQ(wrong.reason, Reason::invalid);
  EXPECT_EQ(wrong.error.attribute, "keys");
  EXPECT_TRUE(wrong.error.position);
  std::vector<std::uint64_t> probes;
  for (std::size_t i = 0; i < Engine::kMaxProbes; ++i) {
    const auto probe = start("{value:bytes}");
    ASSERT_TRUE(probe);
    probes.push_back(*probe);
  }
  EXPECT_EQ(start("{value:bytes}").error().reason, Reason::unavailable);
  for (const auto each : probes) EXPECT_TRUE(finish(each));
  const auto another = start("{value:bytes}");
  ASSERT_TRUE(another);
  EXPECT_TRUE(finish(*another));
}

TEST_P(Queries, FlowKeysAnalyzerHealth) {
  const value keys = test::ask(*engine, query::FlowKeysQuestion{});
  for (const char* key : {"ipsource", "ipdestination", "tcpsourceport", "macsource", "stack"}) {
    EXPECT_EQ(text(keys, key), "0") << key;
  }
  EXPECT_FALSE(keys.as_object().contains("ip6source"));

  const auto analyzer = test::outcome(*engine, query::AnalyzerQuestion{}).value();
  EXPECT_EQ(analyzer.shards.agents, 2U);
  EXPECT_EQ(analyzer.shards.datagrams, 6U);
  EXPECT_EQ(analyzer.engine.eventsGenerated, 3U);
  EXPECT_EQ(analyzer.engine.flowsGenerated, 4U);
  EXPECT_GT(analyzer.engine.residentBytes, 1'000'000U);
  EXPECT_GT(analyzer.engine.memoryTotal, analyzer.engine.residentBytes);
  EXPECT_GT(analyzer.engine.threads, 3U);
  EXPECT_NE(analyzer.engine.host, "");

  const value health = test::ask(*engine, query::HealthQuestion{});
  EXPECT_EQ(text(health, "agents"), "2");
  EXPECT_EQ(text(health, "dataSources"), "6");
  EXPECT_EQ(text(health, "flowSamples"), "4");
  EXPECT_EQ(text(health, "replayFinished"), "true");
  EXPECT_EQ(text(health, "now"), std::to_string((kStart + 20 * kSecond) / kMillisecond));
  EXPECT_EQ(text(health.at("drops"), "malformedDatagrams"), "0");
  EXPECT_EQ(text(health.at("drops"), "receiveErrors"), "0");
  EXPECT_EQ(text(health, "agentsWithFaults"), "[]");
}

TEST_P(Queries, ADumpInPiecesIsTheSame) {
  const auto whole = test::outcome(*engine, query::DumpQuestion{"ALL", "ALL"}).value();
  std::string wanted;
  whole.appendRecords(wanted);
  const auto known = test::outcome(*engine, query::AgentsQuestion{}).value();
  std::vector<AgentId> agents;
  for (const auto& agent : known.agents) agents.push_back(agent.agent);
  ASSERT_EQ(agents.size(), 2U);
  for (const std::size_t most : {1U, 2U, 3U, 100U}) {
    std::string pieces;
    query::DumpPart part{.agents = agents, .most = most};
    for (std::size_t left = 100; left != 0; --left) {
      const auto piece =
          test::outcome(*engine, query::DumpQuestion{.agents = "ALL", .metrics = "ALL", .part = part}).value();
      std::string text;
      piece.appendRecords(text);
      if (!pieces.empty() && !text.empty()) pieces += ',';
      pieces += text;
      EXPECT_LE(piece.records.sources.size(), most);
      if (piece.records.sources.size() < most) break;
      part.after = piece.records.sources.back().key;
    }
    EXPECT_EQ(pieces, wanted) << most;
  }
  query::DumpQuestion ofOne{.agents = "10.0.0.2", .metrics = "ifinoctets", .part = query::DumpPart{.agents = agents}};
  EXPECT_EQ(test::json(*engine, ofOne), test::json(*engine, query::DumpQuestion{"10.0.0.2", "ifinoctets"}));
}

TEST_P(Queries, AnAnswerThatIsTooLargeIsRefused) {
  EXPECT_EQ(test::refusal(*engine, query::DumpQuestion{.agents = "ALL", .metrics = "ALL", .mostOctets = 2'000}),
            Reason::tooLarge);
  EXPECT_EQ(test::refusal(*engine, query::DumpQuestion{.agents = "ALL", .metrics = "ALL", .mostOctets = 100'000}),
            std::nullopt);
}

TEST(AnswerBytes, AreBoundedForAllQuestionsTogether) {
  Settings settings;
  settings.shards = 2;
  settings.live = false;
  settings.speed = {};
  settings.answerBytes = 6'000;
  const auto engine = makeEngine(settings, std::make_unique<test::VectorSource>(smallCapture()));
  ASSERT_TRUE(engine->start());
  engine->waitForReplay();
  for (int i = 0; i < 3; ++i) {
    const auto refused = test::outcome(*engine, query::DumpQuestion{"ALL", "ALL"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, Reason::unavailable);
    EXPECT_NE(refused.error().error.message.find("ask for fewer"), std::string::npos);
    EXPECT_TRUE(test::outcome(*engine, query::DumpQuestion{"10.0.0.2", "ifinoctets"})) << "what was held is free again";
  }
  engine->stop();
}

TEST_P(Queries, AnAnswerForWhichThereIsNoMemoryIsRefused) {
  std::promise<std::pair<int, Reason>> told;
  int calls = 0;
  engine->ask(query::DumpQuestion{"ALL", "ALL"}, [&](const query::Outcome<query::DumpResult>& dump) {
    ++calls;
    if (dump) throw std::bad_alloc();  // as writing the text does
    told.set_value({calls, dump.error().reason});
  });
  EXPECT_EQ(told.get_future().get(), std::pair(2, Reason::unavailable));
  EXPECT_TRUE(test::outcome(*engine, query::AgentsQuestion{})) << "and the worker goes on";
}

TEST_P(Queries, Logs) {
  const auto events = [&](Engine::LogRequest request) { return engine->logRecords(Engine::Log::events, request); };
  const value all = json::parseLenient(events({}).value()).value();
  ASSERT_EQ(all.as_array().size(), 3U);
  EXPECT_EQ(membersOf(all.at(0)), (std::set<std::string>{"agent", "dataSource", "eventID", "flowKey", "metric", "node",
                                                         "threshold", "thresholdID", "timestamp", "value"}));
  EXPECT_EQ(text(all.at(0), "eventID"), "3");
  EXPECT_EQ(text(all.at(0), "agent"), "10.0.0.2");
  EXPECT_EQ(text(all.at(2), "dataSource"), "1");
  EXPECT_EQ(events({{"big"}, 3, {}}), std::nullopt);
  EXPECT_EQ(events({{"nosuch"}, -1, {}}), std::nullopt);
  EXPECT_EQ(json::parseLenient(events({{"big", "nosuch"}, 1, 1}).value()).value().as_array().size(), 1U);
  const value flows = json::parseLenient(engine->logRecords(Engine::Log::flows, {}).value()).value();
  ASSERT_EQ(flows.as_array().size(), 4U);
  EXPECT_EQ(membersOf(flows.at(0)),
            (std::set<std::string>{"agent", "dataSource", "end", "flowID", "flowKeys", "name", "start", "value"}));
}

TEST_P(Queries, Errors) {
  const auto isInvalid = [&](auto question) { return test::refusal(*engine, question) == Reason::invalid; };
  EXPECT_TRUE(isInvalid(query::MetricQuestion{"ALL", ""}));
  EXPECT_TRUE(isInvalid(query::MetricQuestion{"ALL", "topn:ifinoctets"}));
  EXPECT_TRUE(isInvalid(query::MetricQuestion{"", "ifinoctets"}));
  EXPECT_TRUE(isInvalid(query::TableQuestion{"ALL", "max:ifinoctets"}));
  EXPECT_TRUE(isInvalid(query::DumpQuestion{"ALL", "max:ifinoctets"}));
  EXPECT_TRUE(isInvalid(query::DumpQuestion{"ALL", "ALL", {{"", "x"}}}));
}

TEST_P(Queries, DefinitionsChangeWhileItRuns) {
  ASSERT_TRUE(engine->put(Engine::Kind::flow, "later", json::parseLenient("{value:bytes}").value()));
  EXPECT_EQ(active({"ALL", "later", 100, 0, "max"}).as_array().size(), 0U);
  engine->remove(Engine::Kind::flow, "total");
  EXPECT_EQ(whyNotActive({"ALL", "total", 100, 0, "max"}).reason, Reason::invalid);
  EXPECT_EQ(text(metric("ALL", "total").at(0), "metricN"), "0") << "its metric went with it";
  EXPECT_EQ(active({"ALL", "pairs", 100, 0, "max"}).as_array().size(), 2U) << "others stay";
  ASSERT_TRUE(engine->put(Engine::Kind::flow, "pairs", json::parseLenient("{keys:ipsource,value:bytes}").value()));
  EXPECT_EQ(active({"ALL", "pairs", 100, 0, "max"}).as_array().size(), 0U) << "a changed one starts empty";
}

TEST_P(Queries, UpdatesOfGroupsHaveTheTimeOfTheReplay) {
  ASSERT_TRUE(engine->put(Engine::Kind::group, "g", json::parseLenient("{a:['10.0.0.0/8']}").value()));
  EXPECT_EQ(engine->list(Engine::Kind::group),
            "{\"g\":" + std::to_string((kStart + 20 * kSecond) / kMillisecond) + "}");
}

TEST_P(Queries, AfterStopEveryQueryIsAnswered) {
  engine->stop();
  engine->stop();
  const auto isRefused = [&](auto question) { return test::refusal(*engine, question) == Reason::unavailable; };
  EXPECT_TRUE(isRefused(query::AgentsQuestion{}));
  EXPECT_TRUE(isRefused(query::MetricNamesQuestion{}));
  EXPECT_TRUE(isRefused(query::AgentMetricsQuestion{"10.0.0.1"}));
  EXPECT_TRUE(isRefused(query::MetricQuestion{"ALL", "pairs"}));
  EXPECT_TRUE(isRefused(query::TableQuestion{"ALL", "pairs"}));
  EXPECT_TRUE(isRefused(query::DumpQuestion{"ALL", "ALL"}));
  EXPECT_TRUE(isRefused(query::FlowKeysQuestion{}));
  EXPECT_TRUE(isRefused(query::ActiveFlowsQuestion{"ALL", "pairs"}));
  EXPECT_TRUE(isRefused(query::FlowValueQuestion{"10.0.0.1", "1.pairs"}));
  EXPECT_TRUE(isRefused(query::FlowLocationsQuestion{"ALL", "pairs"}));
  EXPECT_TRUE(isRefused(query::HostLocationsQuestion{}));
  EXPECT_TRUE(isRefused(query::TopologyStatusQuestion{}));
  EXPECT_TRUE(isRefused(query::AnalyzerQuestion{}));
  EXPECT_TRUE(isRefused(query::HealthQuestion{}));
  const auto probe = engine->startProbe(json::parseLenient("{value:bytes}").value());
  ASSERT_TRUE(probe);
  EXPECT_EQ(finish(*probe).error().reason, Reason::unavailable);
  EXPECT_TRUE(engine->logRecords(Engine::Log::events, {})) << "the logs are still there";
  EXPECT_TRUE(engine->put(Engine::Kind::flow, "f", json::parseLenient("{value:bytes}").value()));
}

TEST(EngineLife, QueryBeforeStartIsAnswered) {
  const auto engine = test::replayEngine(smallCapture(), kQueryDefinitions, 2);
  EXPECT_EQ(test::refusal(*engine, query::DumpQuestion{"ALL", "ALL"}), Reason::unavailable);
  EXPECT_EQ(test::refusal(*engine, query::AnalyzerQuestion{}), Reason::unavailable);
}

TEST(EngineLife, NeverStarted) {
  const auto engine = test::replayEngine(smallCapture(), kQueryDefinitions, 2);
  engine->waitForReplay();
  engine->stop();
}

TEST(EngineLife, EmptySourceEndsAtOnce) {
  const auto engine = test::replayEngine(std::make_shared<test::Capture>(), kQueryDefinitions, 3);
  ASSERT_TRUE(engine->start());
  engine->waitForReplay();
  EXPECT_EQ(test::json(*engine, query::DumpQuestion{"ALL", "ALL"}), "[]");
  EXPECT_EQ(test::json(*engine, query::AgentsQuestion{}), "{}");
  EXPECT_EQ(engine->sflowPort(), 0);
}

/// A source without end, which the test lets run.
class EndlessSource final : public DatagramSource {
 public:
  explicit EndlessSource(std::shared_ptr<const test::Capture> capture) : capture_(std::move(capture)) {}
  bool next(TimedDatagram& out) override {
    const auto& d = (*capture_)[at_ % capture_->size()];
    out.time = d.time + static_cast<Nanos>(at_ / capture_->size()) * 60 * kSecond;
    out.sender = d.sender;
    out.payload = d.payload;
    ++at_;
    return true;
  }
  bool rewind() override { return false; }

 private:
  std::shared_ptr<const test::Capture> capture_;
  std::size_t at_ = 0;
};

class Running : public testing::Test {
 protected:
  void start(unsigned shards) {
    Settings settings;
    settings.shards = shards;
    settings.live = false;
    settings.speed.reset();
    static const auto capture = std::make_shared<const test::Capture>(test::simulate(10));
    engine = makeEngine(settings, std::make_unique<EndlessSource>(capture));
    ASSERT_TRUE(engine->loadDefinitions(json::parseLenient(kQueryDefinitions).value()));
    ASSERT_TRUE(engine->start());
  }
  std::unique_ptr<OwnedEngine> engine;
};

TEST_F(Running, QueriesAreAnsweredWhileReplayRuns) {
  start(4);
  std::vector<std::thread> askers;
  std::atomic<int> answered{0};
  for (int t = 0; t < 3; ++t) {
    askers.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) {
        std::string answer;
        switch ((i + t) % 8) {
          case 0:
            answer = test::json(*engine, query::DumpQuestion{"ALL", "ALL"});
            break;
          case 1:
            answer = test::json(*engine, query::ActiveFlowsQuestion{"ALL", "pairs", 10, 0, "sum"});
            break;
          case 2:
            answer = test::json(*engine, query::MetricQuestion{"ALL", "max:pairs,avg:ifinoctets"});
            break;
          case 3:
            answer = test::json(*engine, query::HealthQuestion{});
            break;
          case 4:
            answer = test::json(*engine, query::AgentsQuestion{});
            break;
          case 5:
            answer = test::json(*engine, query::FlowKeysQuestion{});
            break;
          case 6:
            answer = test::json(*engine, query::TableQuestion{"ALL", "ifname,sort:pairs:-5"});
            break;
          default:
            EXPECT_FALSE(test::refusal(*engine, query::AnalyzerQuestion{}));
            answer = "{}";
        }
        EXPECT_TRUE(json::parseLenient(answer)) << answer.substr(0, 300);
        (void)engine->logRecords(Engine::Log::events, {{}, i, 10});
        ++answered;
      }
    });
  }
  // Definitions come and go meanwhile.
  for (int i = 0; i < 60; ++i) {
    const std::string name = "f" + std::to_string(i % 3);
    EXPECT_TRUE(engine->put(
        Engine::Kind::flow, name,
        json::parseLenient("{keys:ipsource,value:bytes,log:true,t:" + std::to_string(1 + i) + "}").value()));
    EXPECT_TRUE(
        engine->put(Engine::Kind::threshold, name,
                    json::parseLenient("{metric:" + name + ",value:" + std::to_string(i) + ",byFlow:true}").value()));
    if (i % 4 == 0) engine->remove(Engine::Kind::flow, name);
    if (i % 5 == 0) engine->remove(Engine::Kind::threshold, name);
    (void)test::json(*engine, query::MetricNamesQuestion{});
  }
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(answered, 120);
  engine->stop();
}

TEST_F(Running, ActiveFlowsAreThereWhileReplayRuns) {
  start(2);
  bool begun = false;
  int empty = 0;
  for (int asked = 0; asked < 150; asked += begun ? 1 : 0) {
    const value flows = test::ask(*engine, query::ActiveFlowsQuestion{"ALL", "total", 10});
    const value keys = test::ask(*engine, query::MetricQuestion{"ALL", "total"});
    const bool both = !flows.as_array().empty() && keys.at(0).as_object().contains("topKeys");
    begun = begun || both;  // the first datagrams may still be on their way
    if (begun && !both) ++empty;
  }
  EXPECT_EQ(empty, 0) << "a flow that was updated after the question was asked is no old flow";
  engine->stop();
}

TEST_F(Running, MoreQuestionsThanTheMailboxHolds) {
  Settings settings;
  settings.shards = 2;
  settings.live = false;
  settings.speed.reset();
  engine = makeEngine(settings, std::make_unique<test::VectorSource>(smallCapture()));
  ASSERT_TRUE(engine->start());
  engine->waitForReplay();
  constexpr int kAsked = 20'000;
  std::atomic<int> ok{0}, refused{0}, other{0};
  std::mutex mutex;
  std::condition_variable all;
  std::vector<std::thread> askers;
  for (int t = 0; t < 4; ++t) {
    askers.emplace_back([&] {
      for (int i = 0; i < kAsked / 4; ++i) {
        engine->ask(query::DumpQuestion{"ALL", "ALL"}, [&](const query::Outcome<query::DumpResult>& outcome) {
          (outcome ? ok : outcome.error().reason == Reason::unavailable ? refused : other)++;
          const std::lock_guard lock(mutex);
          all.notify_one();
        });
      }
    });
  }
  for (auto& asker : askers) asker.join();
  std::unique_lock lock(mutex);
  EXPECT_TRUE(all.wait_for(lock, std::chrono::seconds(120), [&] { return ok + refused + other >= kAsked; }));
  lock.unlock();
  EXPECT_EQ(ok + refused, kAsked) << "each exactly once";
  EXPECT_EQ(other, 0);
  EXPECT_GT(ok, 0);
  EXPECT_FALSE(test::refusal(*engine, query::AgentsQuestion{})) << "and it goes on";
  engine->stop();
}

TEST_F(Running, StopWithQuestionsWaiting) {
  for (int round = 0; round < 20; ++round) {
    start(3);
    std::atomic<int> answered{0};
    for (int i = 0; i < 200; ++i) engine->ask(query::DumpQuestion{"ALL", "ALL"}, [&](const auto&) { ++answered; });
    engine->stop();
    engine.reset();
    EXPECT_EQ(answered, 200);
  }
}

}  // namespace
}  // namespace weir::engine
