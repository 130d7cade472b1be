#include "model/host_locations.h"

#include <gtest/gtest.h>

namespace weir::model {
namespace {

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}

HostLocations::Heard heard(std::uint64_t mac, std::uint32_t port, const char* from = nullptr, bool told = false) {
  return {mac, address("10.0.0.1"), port, 0, from == nullptr ? IpAddress{} : address(from), told};
}

TEST(HostLocations, TheLastPortCounts) {
  HostLocations hosts;
  EXPECT_TRUE(hosts.note(heard(1, 4, "10.1.1.1"), kSecond));
  EXPECT_TRUE(hosts.note(heard(1, 7), 2 * kSecond));
  ASSERT_EQ(hosts.size(), 1U);
  EXPECT_EQ(hosts.at(0).ifIndex, 7U);
  EXPECT_EQ(hosts.at(0).seen, 2 * kSecond);
  EXPECT_EQ(hosts.at(0).ip4.text(), "10.1.1.1");
}

TEST(HostLocations, ARouterHasNoAddressButItsOwn) {
  HostLocations hosts;
  hosts.note(heard(1, 4, "10.1.1.1"), 0);
  hosts.note(heard(1, 4, "10.2.2.2"), 0);
  EXPECT_EQ(hosts.at(0).ip4.text(), "");
  hosts.note(heard(1, 4, "10.1.1.1"), 0);
  EXPECT_EQ(hosts.at(0).ip4.text(), "") << "it goes on being a router";
  hosts.note(heard(1, 4, "10.3.3.3", true), 0);
  hosts.note(heard(1, 4, "10.1.1.1"), 0);
  EXPECT_EQ(hosts.at(0).ip4.text(), "10.3.3.3") << "as it said";
}

TEST(HostLocations, AGlobalAddressIsWorthMoreThanALinkLocalOne) {
  HostLocations hosts;
  hosts.note(heard(1, 4, "fe80::1"), 0);
  EXPECT_EQ(hosts.at(0).ip6.text(), "fe80::1");
  hosts.note(heard(1, 4, "2001:db8::1"), 0);
  hosts.note(heard(1, 4, "fe80::1"), 0);
  EXPECT_EQ(hosts.at(0).ip6.text(), "2001:db8::1");
  hosts.note(heard(1, 4, "2001:db8::2"), 0);
  EXPECT_EQ(hosts.at(0).ip6.text(), "");
}

TEST(HostLocations, SilentOnesGoAndMakeRoom) {
  HostLocations hosts;
  for (std::uint64_t mac = 0; mac < HostLocations::kMaxHosts; ++mac) {
    ASSERT_TRUE(hosts.note(heard(mac, 1), static_cast<Nanos>(mac % 2) * HostLocations::kLifetime));
  }
  EXPECT_FALSE(hosts.note(heard(1 << 20, 1), 0));
  hosts.expire(HostLocations::kLifetime);
  EXPECT_EQ(hosts.size(), HostLocations::kMaxHosts / 2);
  for (std::size_t i = 0; i < hosts.size(); ++i) EXPECT_EQ(hosts.at(i).mac % 2, 1U);
  EXPECT_TRUE(hosts.note(heard(1, 9), HostLocations::kLifetime)) << "still found after others moved";
  EXPECT_EQ(hosts.size(), HostLocations::kMaxHosts / 2);
  EXPECT_TRUE(hosts.note(heard(1 << 20, 1), HostLocations::kLifetime));
}

}  // namespace
}  // namespace weir::model
