#include "sim/frame.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weir::sim {
namespace {

Flow tcpFlow(const FabricTopology& fabric) {
  Flow flow;
  flow.source = 0;
  flow.destination = 15;
  flow.sourcePort = 40000;
  flow.destinationPort = 443;
  flow.frameLength = 1518;
  flow.path = fabric.path(flow.source, flow.destination, 1);
  return flow;
}

TEST(FrameTest, RoutedAtEachHop) {
  const FabricTopology fabric = FabricTopology::leafAndSpine();
  const Flow flow = tcpFlow(fabric);
  FrameBuffer frame;
  Mac before = fabric.hosts[0].mac;
  for (std::size_t hop = 0; hop < 3; ++hop) {
    ASSERT_EQ(buildFrame(fabric, flow, hop, 5, frame), kHeaderSize);
    const Hop& here = flow.path.hops[hop];
    EXPECT_TRUE(std::equal(before.begin(), before.end(), frame.begin() + 6)) << "source";
    const Mac& in = fabric.switches[here.node].ports[here.inPort].mac;
    EXPECT_TRUE(std::equal(in.begin(), in.end(), frame.begin())) << "destination";
    before = fabric.switches[here.node].ports[here.outPort].mac;
    EXPECT_EQ(frame[14 + 8], 64 - hop);
    EXPECT_EQ(loadBe16(frame.data() + 16), 1500);
    std::uint32_t sum = 0;
    for (std::size_t i = 14; i < 34; i += 2) sum += loadBe16(frame.data() + i);
    EXPECT_EQ((sum & 0xFFFF) + (sum >> 16), 0xFFFFU) << "header checksum";
  }
  EXPECT_EQ(loadBe32(frame.data() + 26), 0x0A010101U);
  EXPECT_EQ(loadBe32(frame.data() + 30), 0x0A010404U);
  EXPECT_EQ(loadBe16(frame.data() + 36), 443);
  EXPECT_EQ(loadBe32(frame.data() + 38), 5U * 1460U) << "sequence number";
  EXPECT_EQ(frame[47], 0x10);
}

TEST(FrameTest, Ipv6UdpInsideOneLeaf) {
  const FabricTopology fabric = FabricTopology::leafAndSpine();
  Flow flow = tcpFlow(fabric);
  flow.destination = 1;
  flow.ip6 = true;
  flow.protocol = 17;
  flow.frameLength = 90;
  flow.path = fabric.path(0, 1, 1);
  FrameBuffer frame;
  EXPECT_EQ(buildFrame(fabric, flow, 0, 0, frame), 86U) << "without FCS";
  EXPECT_TRUE(std::equal(fabric.hosts[1].mac.begin(), fabric.hosts[1].mac.end(), frame.begin()));
  EXPECT_EQ(loadBe16(frame.data() + 12), 0x86DD);
  EXPECT_EQ(loadBe16(frame.data() + 18), 32) << "payload length";
  EXPECT_EQ(frame[20], 17);
  EXPECT_EQ(loadBe16(frame.data() + 58), 32) << "UDP length";
}

}  // namespace
}  // namespace weir::sim
