#include "agent_sampling/socket_lookup.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include "unit/netlink/fake_kernel.h"

namespace weir::agent {
namespace {

const std::uint8_t kLoopback[] = {127, 0, 0, 1};

/// A socket of loopback, bound to a free port.
struct Bound {
  netlink::Descriptor fd;
  sockaddr_in address{};
  explicit Bound(int type) : fd(::socket(AF_INET, type, 0)) {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  }
  [[nodiscard]] std::uint16_t port() const { return ntohs(address.sin_port); }
};

TEST(SocketLookup, KnowsOurOwnConnection) {
  const Bound listener(SOCK_STREAM), client(SOCK_STREAM);
  ASSERT_EQ(::listen(listener.fd.get(), 1), 0);
  ASSERT_EQ(::connect(client.fd.get(), reinterpret_cast<const sockaddr*>(&listener.address), sizeof listener.address),
            0);
  auto lookup = SocketLookup::open();
  ASSERT_TRUE(lookup) << lookup.error().text();
  Connection c{IpAddress::v4(kLoopback), IpAddress::v4(kLoopback), client.port(), listener.port()};
  lookup->begin();
  const std::size_t ours = lookup->add(c);
  EXPECT_EQ(lookup->add(c), ours) << "asked once";
  std::swap(c.localPort, c.remotePort);
  const std::size_t theirs = lookup->add(c);
  c.remotePort = 1;  // finds the listener
  const std::size_t none = lookup->add(c);
  lookup->resolve();
  EXPECT_TRUE(lookup->at(ours).known);
  EXPECT_GT(lookup->at(ours).sendMss, 0);
  EXPECT_GT(lookup->at(ours).congestionWindow, 0);
  EXPECT_TRUE(lookup->at(theirs).known);
  EXPECT_FALSE(lookup->at(none).known);
  EXPECT_EQ(lookup->counters().asked, 3);
  EXPECT_EQ(lookup->counters().answered, 2);
}

TEST(SocketLookup, ASocketOfUdpIsFoundByEitherOfItsEnds) {
  const Bound server(SOCK_DGRAM), client(SOCK_DGRAM);
  ASSERT_EQ(::connect(client.fd.get(), reinterpret_cast<const sockaddr*>(&server.address), sizeof server.address), 0);
  auto lookup = SocketLookup::open();
  ASSERT_TRUE(lookup) << lookup.error().text();
  Connection c{IpAddress::v4(kLoopback), IpAddress::v4(kLoopback), client.port(), server.port(), true};
  lookup->begin();
  const std::size_t ours = lookup->add(c);
  std::swap(c.localPort, c.remotePort);
  const std::size_t theirs = lookup->add(c);  // not connected: it takes datagrams from anybody
  c.localPort = 1;
  const std::size_t none = lookup->add(c);
  lookup->resolve();
  if (lookup->at(ours).cgroup == 0) GTEST_SKIP() << "this kernel does not tell the cgroup of a socket";
  EXPECT_NE(lookup->at(theirs).cgroup, 0);
  EXPECT_EQ(lookup->at(none).cgroup, 0);
  EXPECT_FALSE(lookup->at(ours).known) << "there is no round-trip time of UDP";
}

/// Two connections asked for in two network namespaces, each with a kernel that the test plays.
struct TwoNetworks {
  netlink::FakeKernel ours, theirs;
  SocketLookup lookup{std::move(ours.ours)};
  Connection first{IpAddress::v4(kLoopback), IpAddress::v4(kLoopback), 1000, 80};
  Connection second = first;
  TwoNetworks() {
    second.network = &theirs.ours;
    lookup.begin();
    EXPECT_EQ(lookup.add(first), 0);
    EXPECT_EQ(lookup.add(second), 1) << "another namespace may have the same addresses";
  }
};

netlink::MessageWriter answer(std::uint32_t sequence, std::uint32_t roundTripUs,
                              std::uint16_t type = SOCK_DIAG_BY_FAMILY) {
  inet_diag_msg head{};
  head.id.idiag_sport = htons(1000);
  head.id.idiag_dport = htons(80);
  tcp_info info{};
  info.tcpi_rtt = roundTripUs;
  netlink::MessageWriter m;
  m.begin(type, 0, sequence, head);
  m.attribute(INET_DIAG_INFO, info);
  m.end();
  return m;
}

TEST(SocketLookup, EachNamespaceIsAskedByItsOwnSocket) {
  TwoNetworks t;
  t.ours.say(answer(1, 111));
  t.theirs.say(answer(2, 222));
  t.lookup.resolve();
  EXPECT_EQ(t.lookup.at(0).roundTripUs, 111);
  EXPECT_EQ(t.lookup.at(1).roundTripUs, 222);
  int asked = 0;
  t.ours.hear([&](const netlink::Message& m) {
    ++asked;
    EXPECT_EQ(netlink::load<inet_diag_req_v2>(m.body).id.idiag_sport, htons(1000));
  });
  EXPECT_EQ(asked, 1);
}

// The reference crashed on answers of another kind (its issue 33).
TEST(SocketLookup, AnswersOfAnotherKindAndDamagedOnesDoNoHarm) {
  const auto message = answer(1, 111);
  const Bytes good = message.bytes();
  for (std::size_t size = 0; size <= good.size() + 1; ++size) {
    netlink::FakeKernel fake;
    SocketLookup lookup(std::move(fake.ours));
    lookup.begin();
    (void)lookup.add({IpAddress::v4(kLoopback), IpAddress::v4(kLoopback), 1000, 80});
    // An exact allocation each: reading behind it is seen by the sanitizer.
    std::vector<std::uint8_t> cut(good.begin(),
                                  good.begin() + static_cast<std::ptrdiff_t>(std::min(size, good.size())));
    if (cut.size() >= sizeof(nlmsghdr)) {  // the header tells the truth of what is left
      const auto length = static_cast<std::uint32_t>(cut.size());
      std::memcpy(cut.data(), &length, sizeof length);
    }
    if (!cut.empty()) {
      EXPECT_GT(::send(fake.kernel.get(), cut.data(), cut.size(), 0), 0);
    }
    lookup.resolve();
    if (size < sizeof(nlmsghdr) + sizeof(inet_diag_msg)) {
      EXPECT_FALSE(lookup.at(0).known);
    }
  }
  for (const std::uint16_t type : {std::uint16_t{NLMSG_ERROR}, std::uint16_t{NLMSG_DONE}, std::uint16_t{RTM_NEWLINK}}) {
    netlink::FakeKernel fake;
    SocketLookup lookup(std::move(fake.ours));
    lookup.begin();
    (void)lookup.add({IpAddress::v4(kLoopback), IpAddress::v4(kLoopback), 1000, 80});
    fake.say(answer(1, 111, type));  // its number and all else fit
    fake.say(answer(77, 5));         // nobody's
    lookup.resolve();
    EXPECT_FALSE(lookup.at(0).known) << type;
  }
}

}  // namespace
}  // namespace weir::agent
