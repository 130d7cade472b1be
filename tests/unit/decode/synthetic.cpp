#include "decode/synthetic.h"

#include <gtest/gtest.h>

#include <array>

#include "encap_capture.h"

namespace weir::decode {
namespace {

const std::uint8_t kSource4[] = {10, 4, 1, 2};
const std::uint8_t kDestination4[] = {10, 4, 2, 2};
const std::uint8_t kSource6[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
const std::uint8_t kDestination6[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};

TEST(Synthetic, Ipv4Tcp) {
  std::array<std::uint8_t, kSyntheticSize> scratch;
  scratch.fill(0xEE);
  const Bytes header = synthesizeIpv4(kSource4, kDestination4, 6, 50000, 80, 0x12, 0xB8, 1500, scratch);
  Packet p;
  decodeHeader(11, 1500, 0, header, p);
  EXPECT_EQ(test::names(p), "ip.tcp");
  const auto* ip = p.layer(Layer::ip);
  const auto* tcp = p.layer(Layer::tcp);
  EXPECT_EQ(loadBe16(p.field(ip, 2, 2)), 1500);
  EXPECT_EQ(*p.field(ip, 1, 1), 0xB8);
  EXPECT_EQ(loadBe32(p.field(ip, 12, 4)), 0x0A040102u);
  EXPECT_EQ(loadBe32(p.field(ip, 16, 4)), 0x0A040202u);
  EXPECT_EQ(loadBe16(p.field(tcp, 0, 2)), 50000);
  EXPECT_EQ(loadBe16(p.field(tcp, 2, 2)), 80);
  EXPECT_EQ(loadBe16(p.field(tcp, 12, 2)), 0x5012);
}

TEST(Synthetic, Ipv6Udp) {
  std::array<std::uint8_t, kSyntheticSize> scratch;
  scratch.fill(0xEE);
  const Bytes header = synthesizeIpv6(kSource6, kDestination6, 17, 546, 547, 0, 0x60, 140, scratch);
  Packet p;
  decodeHeader(12, 140, 0, header, p);
  EXPECT_EQ(test::names(p), "ip6.udp");
  const auto* ip = p.layer(Layer::ip6);
  EXPECT_EQ(loadBe32(p.field(ip, 0, 4)), 0x66000000u);
  EXPECT_EQ(loadBe16(p.field(ip, 4, 2)), 100);
  EXPECT_EQ(p.field(ip, 8, 16)[15], 1);
  EXPECT_EQ(p.field(ip, 24, 16)[15], 2);
  EXPECT_EQ(p.layer(Layer::udp)->value, 547u);
}

TEST(Synthetic, IcmpTypeAndCodeComeFromThePorts) {
  std::array<std::uint8_t, kSyntheticSize> scratch;
  Packet p;
  decodeHeader(11, 84, 0, synthesizeIpv4(kSource4, kDestination4, 1, 3, 13, 0, 0, 84, scratch), p);
  EXPECT_EQ(test::names(p), "ip.icmp");
  EXPECT_EQ(p.field(p.layer(Layer::icmp), 0, 2)[0], 3);
  EXPECT_EQ(p.field(p.layer(Layer::icmp), 0, 2)[1], 13);
}

TEST(Synthetic, LengthsThatCannotBeAreUnknown) {
  std::array<std::uint8_t, kSyntheticSize> scratch;
  Packet p;
  for (const std::uint32_t length : {0u, 20u, 65536u, 0xFFFFFFFFu}) {
    decodeHeader(11, 0, 0, synthesizeIpv4(kSource4, kDestination4, 6, 1, 2, 0, 0, length, scratch), p);
    EXPECT_EQ(test::names(p), "ip.tcp") << length;
    EXPECT_EQ(loadBe16(p.field(p.layer(Layer::ip), 2, 2)), 0) << length;
    decodeHeader(12, 0, 0, synthesizeIpv6(kSource6, kDestination6, 6, 1, 2, 0, 0, length, scratch), p);
    EXPECT_EQ(test::names(p), "ip6.tcp") << length;
  }
}

TEST(Synthetic, OtherProtocolsEndAtIp) {
  std::array<std::uint8_t, kSyntheticSize> scratch;
  Packet p;
  for (const std::uint32_t protocol : {4u, 41u, 47u, 50u, 51u, 60u, 255u}) {
    decodeHeader(11, 0, 0, synthesizeIpv4(kSource4, kDestination4, protocol, 1, 2, 0, 0, 100, scratch), p);
    EXPECT_EQ(test::names(p), "ip") << protocol;
  }
}

TEST(Synthetic, EthernetAloneAndWithIp) {
  const std::uint8_t source[] = {2, 0, 0, 0, 0, 1};
  const std::uint8_t destination[] = {2, 0, 0, 0, 0, 2};
  std::array<std::uint8_t, 14 + kSyntheticSize> scratch;
  const Bytes header = synthesizeEthernet(source, destination, 0x0800, scratch);
  Packet p;
  decodeHeader(1, 64, 4, header, p);
  EXPECT_EQ(test::names(p), "eth");
  EXPECT_EQ(p.field(p.layer(Layer::eth), 5, 1)[0], 2) << "destination first on the wire";
  EXPECT_EQ(p.field(p.layer(Layer::eth), 11, 1)[0], 1);
  const Bytes ip =
      synthesizeIpv4(kSource4, kDestination4, 17, 5, 6, 0, 0, 40, std::span<std::uint8_t>(scratch).subspan(14));
  decodeHeader(1, 64, 4, Bytes(scratch.data(), 14 + ip.size()), p);
  EXPECT_EQ(test::names(p), "eth.ip.udp");
}

TEST(Synthetic, NoRoomGivesNothing) {
  std::array<std::uint8_t, kSyntheticSize - 1> scratch;
  EXPECT_TRUE(synthesizeIpv4(kSource4, kDestination4, 6, 1, 2, 0, 0, 40, scratch).empty());
  EXPECT_TRUE(synthesizeIpv6(kSource6, kDestination6, 6, 1, 2, 0, 0, 60, scratch).empty());
  EXPECT_TRUE(synthesizeEthernet(kSource4, kSource4, 0, std::span<std::uint8_t>()).empty());
}

}  // namespace
}  // namespace weir::decode
