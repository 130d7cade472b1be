#include "model/topology.h"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include "json/lenient.h"

namespace weir::model {
namespace {

std::shared_ptr<const Topology> parse(std::string_view text) {
  auto topology = Topology::fromJson(json::parseLenient(text).value());
  EXPECT_TRUE(topology) << (topology ? "" : topology.error().text());
  return topology ? *topology : std::make_shared<Topology>();
}

PortNames port(std::string_view agent, std::uint32_t ifIndex, std::string_view hostName = {},
               std::string_view ifName = {}, std::string_view dpid = {}, std::string_view ofPort = {}) {
  return {IpAddress::parse(agent).value(), ifIndex, hostName, ifName, dpid, ofPort};
}

std::string linkAt(const Topology& topology, const PortNames& port) {
  const auto* link = topology.linkAt(port);
  return link == nullptr ? "" : link->name;
}

TEST(Topology, NoneHasNothing) {
  const Topology none;
  EXPECT_EQ(none.json(), "{}");
  EXPECT_FALSE(none.hasAgent(port("10.0.0.1", 1).agent, "s1"));
  EXPECT_EQ(none.linkAt(port("10.0.0.1", 1, "s1", "eth1")), nullptr);
  EXPECT_EQ(none.nodeAt(port("10.0.0.1", 1, "s1", "eth1")), "");
}

TEST(Topology, PortsByIfIndexOfAnAgent) {
  // As mininet sends it: several nodes share one agent, and indexes are text.
  const auto topology = parse(
      "{nodes:{s1:{agent:'10.0.0.70',ports:{'s1-eth1':{ifindex:'3077'},'s1-eth2':{ifindex:3078}}},"
      "s2:{agent:'10.0.0.70',ports:{'s2-eth1':{ifindex:'3081'}}}},"
      "links:{'s1-s2':{node1:s1,port1:'s1-eth1',node2:s2,port2:'s2-eth1'}}, comment:kept}");
  EXPECT_NE(topology->json().find("kept"), std::string::npos);
  EXPECT_TRUE(topology->hasAgent(port("10.0.0.70", 1).agent, ""));
  EXPECT_FALSE(topology->hasAgent(port("10.0.0.71", 1).agent, "s1")) << "s1 names its agent";
  EXPECT_EQ(linkAt(*topology, port("10.0.0.70", 3077)), "s1-s2");
  EXPECT_EQ(linkAt(*topology, port("10.0.0.70", 3081)), "s1-s2");
  EXPECT_EQ(linkAt(*topology, port("10.0.0.70", 3078)), "");
  EXPECT_EQ(linkAt(*topology, port("10.0.0.71", 3077)), "");
  EXPECT_EQ(topology->nodeAt(port("10.0.0.70", 3078)), "s1");
  EXPECT_EQ(topology->nodeAt(port("10.0.0.70", 3081)), "s2");
  EXPECT_EQ(topology->nodeAt(port("10.0.0.70", 1)), "") << "two nodes: nothing says which";
  EXPECT_EQ(topology->portNameAt(port("10.0.0.70", 3078)), "s1-eth2");
  EXPECT_EQ(topology->agentOfNode("s2"), port("10.0.0.70", 1).agent);
  EXPECT_EQ(topology->agentOfNode("s3"), AgentId());
}

TEST(Topology, LinksAloneUseLearnedNames) {
  const auto topology = parse("{links:{l1:{node1:leaf1,port1:swp1,node2:spine1,port2:swp9}}}");
  EXPECT_TRUE(topology->hasAgent(port("10.0.0.1", 1).agent, "leaf1"));
  EXPECT_FALSE(topology->hasAgent(port("10.0.0.1", 1).agent, "leaf2"));
  EXPECT_FALSE(topology->hasAgent(port("10.0.0.1", 1).agent, ""));
  EXPECT_EQ(linkAt(*topology, port("10.0.0.1", 5, "leaf1", "swp1")), "l1");
  EXPECT_EQ(linkAt(*topology, port("10.0.0.2", 5, "spine1", "swp9")), "l1");
  EXPECT_EQ(linkAt(*topology, port("10.0.0.2", 5, "spine1", "swp1")), "");
  EXPECT_EQ(linkAt(*topology, port("10.0.0.2", 5)), "") << "nothing learned yet";
  EXPECT_EQ(topology->nodeAt(port("10.0.0.1", 7, "leaf1", "swp7")), "leaf1");
}

TEST(Topology, NodesWithAnAgentAndPortsByName) {
  const auto topology = parse(
      "{nodes:{a:{agent:'10.0.0.1'},b:{agent:'fe80::1',dpid:'00aa',ports:{p:{ofport:'2'}}}},"
      "links:{l:{node1:a,port1:eth1,node2:b,port2:p}}}");
  EXPECT_EQ(linkAt(*topology, port("10.0.0.1", 3, "whatever", "eth1")), "l");
  EXPECT_EQ(linkAt(*topology, port("10.0.0.2", 3, "a", "eth1")), "");
  EXPECT_EQ(linkAt(*topology, port("10.9.9.9", 3, "", "", "00aa", "2")), "l") << "by OpenFlow port";
  EXPECT_EQ(linkAt(*topology, port("fe80::1", 3, "", "p")), "l");
  EXPECT_EQ(topology->nodeAt(port("10.0.0.1", 4)), "a") << "its only node";
}

TEST(Topology, WhatIsWrongIsNamed) {
  struct Case {
    const char* text;
    const char* attribute;
  };
  static constexpr Case kCases[] = {
      {"[]", ""},
      {"{a:1}", ""},
      {"{link:{}, node:{}}", ""},
      {"{links:[]}", "links"},
      {"{links:{l:5}}", "links.l"},
      {"{links:{l:{node1:a,port1:b,node2:c}}}", "links.l.port2"},
      {"{links:{l:{node1:a,port1:'',node2:c,port2:d}}}", "links.l.port1"},
      {"{links:{l:{node1:{},port1:b,node2:c,port2:d}}}", "links.l.node1"},
      {"{nodes:{s:[]}}", "nodes.s"},
      {"{nodes:{s:{agent:nosuch}}}", "nodes.s.agent"},
      {"{nodes:{s:{ports:5}}}", "nodes.s.ports"},
      {"{nodes:{s:{ports:{p:1}}}}", "nodes.s.ports.p"},
      {"{nodes:{s:{ports:{p:{ifindex:x}}}}}", "nodes.s.ports.p.ifindex"},
      {"{nodes:{s:{ports:{p:{ifindex:-1}}}}}", "nodes.s.ports.p.ifindex"},
  };
  for (const Case& c : kCases) {
    const auto topology = Topology::fromJson(json::parseLenient(c.text).value());
    ASSERT_FALSE(topology) << c.text;
    EXPECT_EQ(topology.error().attribute, c.attribute) << c.text << ": " << topology.error().text();
  }
}

TEST(Topology, AMemberThatIsNullIsNone) {
  const auto topology =
      Topology::fromJson(json::parseLenient("{nodes:null,links:{l1:{node1:a,port1:p,node2:b,port2:q}}}").value());
  ASSERT_TRUE(topology);
  EXPECT_EQ((*topology)->json(), R"({"links":{"l1":{"node1":"a","port1":"p","node2":"b","port2":"q"}}})");
  EXPECT_FALSE(Topology::fromJson(json::parseLenient("{nodes:null}").value())) << "does not clear it";
  EXPECT_TRUE(Topology::fromJson(json::parseLenient("{}").value()));
}

}  // namespace
}  // namespace weir::model
