#include <gtest/gtest.h>

#include "agent/tap_set.h"
#include "network_builder.h"

namespace weir::agent {
namespace {

constexpr std::uint64_t kGiga = 1'000'000'000;

TapSettings bySpeed(const char* range) {
  TapSettings out;
  out.speed = parseSpeedRange(range);
  return out;
}
TapSettings byName(const char* device) {
  TapSettings out;
  out.device = device;
  return out;
}

TEST(TapPlan, TheFirstBlockThatFitsWins) {
  NetworkBuilder b;
  const Link eth0 = b.link(2, "eth0", "", 10 * kGiga);
  TapSettings first = byName("eth1"), second = bySpeed("1G-1T"), third = byName("eth0");
  second.sampling = 22;
  third.sampling = 33;
  const std::vector<TapSettings> taps{first, second, third};
  EXPECT_EQ(planTap(eth0, taps, {}).rate.n, 22);
  EXPECT_EQ(planTap(eth0, std::span(taps).first(1), {}).rate.n, 0);
}

TEST(TapPlan, SpeedsDecideAndUnknownOnesDoNotFit) {
  NetworkBuilder b;
  const std::vector<TapSettings> taps{bySpeed("1G-1T")};
  EXPECT_EQ(planTap(b.link(2, "a", "", 1 * kGiga), taps, {}).rate.n, 1000);
  EXPECT_EQ(planTap(b.link(3, "b", "", 1000 * kGiga), taps, {}).rate.n, 1'000'000);
  EXPECT_EQ(planTap(b.link(4, "c", "", kGiga / 10), taps, {}).rate.n, 0);
  EXPECT_EQ(planTap(b.link(5, "d"), taps, {}).rate.n, 0);
}

TEST(TapPlan, DevicesThatShowOthersPacketsMustBeNamed) {
  NetworkBuilder b;
  TapSettings pattern;
  pattern.pattern = ".*";
  for (const char* kind : {"bond", "team", "vlan", "veth", "vif", "openvswitch"}) {
    const Link link = b.link(7, "x0", kind, 10 * kGiga);
    EXPECT_EQ(planTap(link, std::vector{bySpeed("1G-")}, {}).rate.n, 0) << kind;
    EXPECT_EQ(planTap(link, std::vector{pattern}, {}).rate.n, 0) << kind;
    EXPECT_NE(planTap(link, std::vector{byName("x0")}, {}).rate.n, 0) << kind << " named by dev is always sampled";
  }
  // Kinds that nobody has heard of are sampled like hardware.
  EXPECT_NE(planTap(b.link(8, "y0", "newkind", 10 * kGiga), std::vector{bySpeed("1G-")}, {}).rate.n, 0);
  EXPECT_EQ(planTap(b.link(1, "lo"), std::vector{TapSettings()}, {}).rate.n, 0);
  EXPECT_EQ(planTap(b.link(1, "lo"), std::vector{byName("lo")}, {}).rate.n, 400);
}

TEST(TapPlan, DynamicBlocksTakeTheVethsOfContainers) {
  NetworkBuilder b;
  TapSettings dynamic = bySpeed("10G");
  dynamic.dynamic = true;
  Link veth = b.link(7, "veth7", "veth", 10 * kGiga);
  EXPECT_EQ(planTap(veth, std::vector{dynamic}, {}).rate.n, 0) << "both its ends are here";
  veth.endsElsewhere = true;
  EXPECT_EQ(planTap(veth, std::vector{dynamic}, {}).rate.n, 10'000);
  EXPECT_EQ(planTap(veth, std::vector{bySpeed("10G")}, {}).rate.n, 0);
  EXPECT_EQ(planTap(b.link(8, "bond0", "bond", 10 * kGiga), std::vector{dynamic}, {}).rate.n, 0);
}

TEST(TapPlan, SaysWhyNot) {
  NetworkBuilder b;
  Link down = b.link(2, "eth0", "", kGiga);
  down.flags = 0;
  EXPECT_EQ(planTap(down, std::vector{bySpeed("1G")}, {}).reason, "it is down");
  EXPECT_EQ(planTap(b.link(3, "virtio"), std::vector{bySpeed("1G-1T")}, {}).reason,
            "its speed is unknown, so that pcap { speed= } does not match it; pcap { dev=virtio } would");
  TapSettings off = byName("eth0");
  off.sampling = 0;
  EXPECT_EQ(planTap(b.link(2, "eth0"), std::vector{off}, {}).reason, "rate 0 (sampling of its block)");
}

}  // namespace
}  // namespace weir::agent
