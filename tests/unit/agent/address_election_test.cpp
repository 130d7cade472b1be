#include "agent/address_election.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_builder.h"

namespace weir::agent {
namespace {

std::vector<std::string> ranking(const NetworkBuilder& b, const AgentSettings& settings = {}) {
  std::vector<std::string> out;
  for (const auto& c : rankAgentAddresses(b.network, settings)) out.push_back(c.address.text());
  return out;
}

NetworkBuilder host() {
  NetworkBuilder b;
  b.link(1, "lo");
  b.link(2, "eth0");
  b.link(3, "eth1");
  b.link(4, "eth0.5", "vlan");
  b.address(1, "127.0.0.1").address(1, "::1");
  b.address(2, "10.0.0.1").address(2, "fe80::1").address(2, "2001:db8::1");
  b.address(3, "203.0.113.1").address(3, "169.254.1.1").address(3, "fd00::1");
  b.address(4, "203.0.113.9").address(4, "2001:db8::9");
  return b;
}

TEST(AgentAddress, ClassesInOrder) {
  EXPECT_THAT(ranking(host()), testing::ElementsAre("203.0.113.1", "10.0.0.1", "2001:db8::1", "fd00::1", "203.0.113.9",
                                                    "2001:db8::9", "fe80::1", "169.254.1.1", "127.0.0.1", "::1"));
}

TEST(AgentAddress, PreferencesRaiseAndBan) {
  AgentSettings settings;
  settings.agentDevice = "eth0";
  EXPECT_EQ(ranking(host(), settings).front(), "10.0.0.1");
  settings.agentDevice = "eth9";
  EXPECT_EQ(ranking(host(), settings).front(), "203.0.113.1") << "a device that is not there is no obstacle";

  settings = {};
  settings.agentCidrs = {parseCidr("127.0.0.0/8").value(), parseCidr("10.0.0.0/8").value()};
  EXPECT_EQ(ranking(host(), settings).front(), "127.0.0.1") << "the first listed raises most";
  EXPECT_EQ(ranking(host(), settings)[1], "10.0.0.1");

  settings.agentCidrs = {parseCidr("!203.0.113.0/24").value()};
  EXPECT_THAT(ranking(host(), settings), testing::Not(testing::Contains("203.0.113.1")));
}

TEST(AgentAddress, TiesAndUnusableOnes) {
  NetworkBuilder b;
  b.link(5, "b");
  b.link(3, "a");
  b.address(5, "10.0.0.5").address(3, "10.0.0.3");
  b.address(3, "2001:db8::a", true).address(5, "2001:db8::b");
  EXPECT_THAT(ranking(b), testing::ElementsAre("10.0.0.3", "10.0.0.5", "2001:db8::b", "2001:db8::a"));
  b.network.links[0].flags = 0;
  EXPECT_THAT(ranking(b), testing::ElementsAre("10.0.0.3", "2001:db8::a")) << "an interface that is down";
  b.network.addresses[1].usable = false;
  EXPECT_THAT(ranking(b), testing::ElementsAre("2001:db8::a")) << "a tentative address";
  EXPECT_TRUE(ranking(NetworkBuilder()).empty());
}

}  // namespace
}  // namespace weir::agent
