#include "agent_host/bonds.h"

#include <gtest/gtest.h>

#include "fixture_tree.h"

namespace weir::agent {
namespace {

TEST(Bonds, MembersAsLacpSeesThem) {
  FixtureTree tree;
  tree.file(
          "proc/net/bonding/bond0",
          "Bonding Mode: IEEE 802.3ad Dynamic link aggregation\n802.3ad info\nSystem MAC address: 02:00:00:00:00:01\n\n"
          "Slave Interface: eth0\nMII Status: up\ndetails actor lacp pdu:\n    system priority: 65535\n"
          "    system mac address: 02:00:00:00:00:01\n    port state: 61\ndetails partner lacp pdu:\n"
          "    system mac address: 02:00:00:00:00:ff\n    port state: 63\n\n"
          "Slave Interface: eth1\nMII Status: down\ndetails actor lacp pdu:\n    system mac address: "
          "02:00:00:00:00:01\n"
          "    port state: 69\n")
      .file("proc/net/bonding/bond1", "Bonding Mode: fault-tolerance (active-backup)\n\nSlave Interface: eth2\n");
  const auto members = readBonds(tree.root());
  ASSERT_EQ(members.size(), 2) << "a bond without LACP has none";
  const auto record = lagPortStats(members.at("eth0"), 9);
  EXPECT_EQ(record.dot3adAggPortActorSystemID[5], 0x01);
  EXPECT_EQ(record.dot3adAggPortPartnerOperSystemID[5], 0xFF);
  EXPECT_EQ(record.dot3adAggPortAttachedAggID, 9);
  EXPECT_EQ(record.dot3adAggPortState, (std::array<std::uint8_t, 4>{61, 61, 63, 63}));
  EXPECT_EQ(record.dot3adAggPortStatsLACPDUsRx, 0xFFFFFFFF);
  EXPECT_EQ(members.at("eth1").actorState, 69);
  EXPECT_TRUE(readBonds(tree.root() + "/nowhere").empty());
}

}  // namespace
}  // namespace weir::agent
