#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <linux/net_dropmon.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "agent_sampling/drop_monitor.h"
#include "agent_sampling/drop_trace.h"

namespace weir::agent {
namespace {

TEST(DropMonitor, AlertsOfSoftwareAndHardware) {
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), 0);
  const netlink::Descriptor kernel(fds[0]);
  DropMonitor monitor(netlink::Socket(netlink::Descriptor(fds[1])), 31);
  const auto say = [&](const netlink::MessageWriter& m) {
    EXPECT_GT(::send(kernel.get(), m.bytes().data(), m.bytes().size(), 0), 0);
  };
  const std::vector<std::uint8_t> packet(60, 0x22);
  netlink::MessageWriter m;
  m.begin(31, 0, 0, genlmsghdr{NET_DM_CMD_PACKET_ALERT, 2, 0});
  m.text(NET_DM_ATTR_SYMBOL, "tcp_v4_rcv+0x1a2/0xe00");
  m.text(NET_DM_ATTR_REASON, "NO_SOCKET");
  m.attribute(NET_DM_ATTR_PROTO, std::uint16_t{0x0800});
  m.attribute(NET_DM_ATTR_ORIG_LEN, std::uint32_t{1514});
  m.attribute(NET_DM_ATTR_PAYLOAD, packet.data(), packet.size());
  const struct {
    nlattr head;
    std::uint32_t index;
  } port{{8, NET_DM_ATTR_PORT_NETDEV_IFINDEX}, 6};
  m.attribute(NET_DM_ATTR_IN_PORT, port);
  m.attribute(NET_DM_ATTR_TIMESTAMP, std::uint64_t{77});
  m.end();
  say(m);
  m.clear();
  m.begin(31, 0, 0, genlmsghdr{NET_DM_CMD_PACKET_ALERT, 2, 0});
  m.attribute(NET_DM_ATTR_ORIGIN, std::uint16_t{NET_DM_ORIGIN_HW});
  m.text(NET_DM_ATTR_HW_TRAP_GROUP_NAME, "l3_drops");
  m.text(NET_DM_ATTR_HW_TRAP_NAME, "ttl_value_is_too_small");
  m.end();
  say(m);
  m.clear();
  m.begin(31, 0, 0, genlmsghdr{NET_DM_CMD_ALERT, 2, 0});  // a summary: nothing for us
  m.end();
  say(m);

  std::vector<std::string> seen;
  monitor.read([&](const DropEvent& e) {
    if (!e.hardware) {
      EXPECT_EQ(e.length, 1514);
      EXPECT_EQ(e.packet.size(), 60);
      EXPECT_EQ(e.inDevice, 6);
      EXPECT_EQ(e.etherType, 0x0800);
      EXPECT_EQ(e.time, 77);
    }
    seen.push_back(std::string(e.function) + "," + std::string(e.reason) + "," + std::string(e.trapGroup) + "," +
                   std::string(e.trap));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"tcp_v4_rcv,NO_SOCKET,,", ",,l3_drops,ttl_value_is_too_small"}));
}

TEST(DropTrace, ReportsADropOfThisKernelWithinItsBudget) {
  auto trace = DropTrace::open();
  if (!trace) GTEST_SKIP() << "needs CAP_BPF and CAP_PERFMON, and a kernel with BTF: " << trace.error().text();
  netlink::Descriptor socket(::socket(AF_INET, SOCK_DGRAM, 0)), probe(::socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  probe.reset();  // nobody listens on its port any more
  (*trace)->allow(1000);
  const std::vector<std::uint8_t> data(100, 0x5A);
  for (int i = 0; i < 5; ++i)
    (void)::sendto(socket.get(), data.data(), data.size(), 0, reinterpret_cast<sockaddr*>(&address), sizeof address);
  int found = 0;
  pollfd wait{(*trace)->fd(), POLLIN, 0};
  for (int i = 0; i < 50 && found < 5 && ::poll(&wait, 1, 2000) > 0; ++i)
    (*trace)->read([&](const DropEvent& e) {
      if (e.packet.size() < 38 || !e.ethernet || std::memcmp(e.packet.data() + 36, &address.sin_port, 2) != 0) return;
      ++found;
      EXPECT_EQ(e.reason, "NO_SOCKET");
      EXPECT_EQ(e.etherType, 0x0800);
      EXPECT_EQ(e.length, 14 + 20 + 8 + 100);
      EXPECT_EQ(e.inDevice, 1) << "loopback";
    });
  EXPECT_EQ(found, 5);

  (void)(*trace)->takeHeldBack();
  (*trace)->allow(0);
  for (int i = 0; i < 5; ++i)
    (void)::sendto(socket.get(), data.data(), data.size(), 0, reinterpret_cast<sockaddr*>(&address), sizeof address);
  EXPECT_GE((*trace)->takeHeldBack(), 5) << "without budget drops are only counted";
}

}  // namespace
}  // namespace weir::agent
