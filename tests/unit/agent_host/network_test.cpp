#include "agent_host/network.h"

#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace weir::agent {
namespace {

netlink::Message first(const netlink::MessageWriter& writer) {
  netlink::MessageReader reader(writer.bytes());
  netlink::Message message;
  EXPECT_TRUE(reader.next(message));
  return message;
}

TEST(Network, ReadsALinkMessage) {
  netlink::MessageWriter writer;
  ifinfomsg info{};
  info.ifi_index = 5;
  info.ifi_flags = IFF_UP;
  info.ifi_type = 1;
  writer.begin(RTM_NEWLINK, 0, 1, info);
  writer.text(IFLA_IFNAME, "veth0");
  writer.text(IFLA_IFALIAS, "to the rack");
  const std::array<std::uint8_t, 6> mac{2, 1, 2, 3, 4, 5};
  writer.attribute(IFLA_ADDRESS, mac);
  writer.attribute(IFLA_OPERSTATE, std::uint8_t{6});
  writer.attribute(IFLA_MASTER, std::uint32_t{3});
  writer.attribute(IFLA_LINK_NETNSID, std::int32_t{0});
  const std::uint64_t stats[4] = {1, 2, 3, 4};  // an old kernel with few members
  writer.attribute(IFLA_STATS64, stats);
  netlink::MessageWriter nested;
  nested.begin(0, 0, 0, std::array<std::uint8_t, 0>{});
  const struct {
    nlattr head;
    char kind[8];
  } linkInfo{{8 + 1, IFLA_INFO_KIND}, "veth"};
  writer.attribute(IFLA_LINKINFO, &linkInfo, 12);
  writer.end();
  const auto link = parseLink(first(writer));
  ASSERT_TRUE(link);
  EXPECT_EQ(link->index, 5);
  EXPECT_EQ(link->name, "veth0");
  EXPECT_EQ(link->alias, "to the rack");
  EXPECT_EQ(link->kind, "veth");
  EXPECT_EQ(link->mac, mac);
  EXPECT_EQ(link->master, 3);
  EXPECT_TRUE(link->endsElsewhere);
  EXPECT_EQ(link->stats.tx_bytes, 4);
  EXPECT_TRUE(link->isUp() && link->isOperational());
  EXPECT_FALSE(parseAddress(first(writer)));
}

TEST(Network, ReadsAddressMessages) {
  netlink::MessageWriter writer;
  ifaddrmsg info{};
  info.ifa_family = AF_INET;
  info.ifa_index = 2;
  writer.begin(RTM_NEWADDR, 0, 1, info);
  writer.attribute(IFA_ADDRESS, std::array<std::uint8_t, 4>{10, 0, 0, 2});  // the other end
  writer.attribute(IFA_LOCAL, std::array<std::uint8_t, 4>{10, 0, 0, 1});
  writer.end();
  const auto address = parseAddress(first(writer));
  ASSERT_TRUE(address);
  EXPECT_EQ(address->address.text(), "10.0.0.1");
  EXPECT_FALSE(address->automatic);

  writer.clear();
  info.ifa_family = AF_INET6;
  writer.begin(RTM_NEWADDR, 0, 1, info);
  writer.attribute(IFA_ADDRESS, std::array<std::uint8_t, 16>{0x20, 1});
  writer.attribute(IFA_FLAGS, std::uint32_t{IFA_F_TENTATIVE});
  writer.end();
  EXPECT_TRUE(parseAddress(first(writer))->automatic);
  EXPECT_FALSE(parseAddress(first(writer))->usable);
}

TEST(Network, TheKernelTellsOfLoopback) {
  auto kernel = KernelNetwork::open();
  ASSERT_TRUE(kernel) << kernel.error().text();
  auto network = kernel->read();
  ASSERT_TRUE(network) << network.error().text();
  const Link* lo = network->byName("lo");
  ASSERT_NE(lo, nullptr);
  EXPECT_TRUE(lo->isLoopback());
  EXPECT_EQ(lo->speed, 0);
  EXPECT_EQ(network->byIndex(lo->index), lo);
  kernel->refreshCounters(*network);
}

}  // namespace
}  // namespace weir::agent
