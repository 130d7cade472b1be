#include "ingest/udp.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ingest/shard.h"
#include "ingest/socket.h"
#include "unit/ingest/capture_files.h"

namespace weir::ingest {
namespace {

using namespace weir::test;

/// A sender on loopback, not connected and not of the code under test.
class Sender {
 public:
  /// `from`: an IPv4 address of loopback to send from.
  Sender(const char* to, std::uint16_t port, const char* from = nullptr) : v6_(std::strchr(to, ':') != nullptr) {
    socket_ = Socket(socket(v6_ ? AF_INET6 : AF_INET, SOCK_DGRAM, 0));
    if (from != nullptr) {
      sockaddr_in own{};
      own.sin_family = AF_INET;
      inet_pton(AF_INET, from, &own.sin_addr);
      EXPECT_EQ(bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
    }
    if (v6_) {
      to6_.sin6_family = AF_INET6;
      to6_.sin6_port = htons(port);
      inet_pton(AF_INET6, to, &to6_.sin6_addr);
    } else {
      to4_.sin_family = AF_INET;
      to4_.sin_port = htons(port);
      inet_pton(AF_INET, to, &to4_.sin_addr);
    }
  }
  void send(const Octets& payload) {
    const auto* to = v6_ ? reinterpret_cast<const sockaddr*>(&to6_) : reinterpret_cast<const sockaddr*>(&to4_);
    const socklen_t size = v6_ ? sizeof to6_ : sizeof to4_;
    ASSERT_EQ(sendto(socket_.fd(), payload.data(), payload.size(), 0, to, size), static_cast<ssize_t>(payload.size()))
        << std::strerror(errno);
  }

 private:
  bool v6_;
  sockaddr_in to4_{};
  sockaddr_in6 to6_{};
  Socket socket_;
};

UdpReceiver::Options onLoopback(unsigned group = 1, std::uint16_t port = 0) {
  UdpReceiver::Options options;
  options.address = *IpAddress::parse("127.0.0.1");
  options.port = port;
  options.group = group;
  options.bufferBytes = 1U << 20;
  return options;
}

bool waitFor(const UdpReceiver& receiver) {
  pollfd p{receiver.fd(), POLLIN, 0};
  return poll(&p, 1, 5000) == 1;
}

Octets datagramOf(const IpAddress& agent, std::uint32_t version = 5) {
  const bool v6 = agent.family == IpAddress::Family::v6;
  return be(version, 4) + be(v6 ? 2 : 1, 4) + slice(Octets(agent.octets.begin(), agent.octets.end()), 0, v6 ? 16 : 4) +
         be(0, 16);
}

std::vector<IpAddress> someAgents() {
  std::vector<IpAddress> out;
  for (unsigned i = 0; i < 100; ++i) {
    const std::uint8_t four[] = {10, 1, static_cast<std::uint8_t>(i), 1};
    std::uint8_t sixteen[16] = {0x20, 1, 0x0d, 0xb8};
    sixteen[7] = static_cast<std::uint8_t>(i * 3);
    sixteen[15] = 1;
    out.push_back(IpAddress::v4(four));
    out.push_back(IpAddress::v6(sixteen));
  }
  return out;
}

TEST(Shards, AreFairToAgentsThatDifferInOneOctet) {
  for (const unsigned shards : {2U, 3U, 4U}) {
    std::map<unsigned, unsigned> count;
    for (const auto& agent : someAgents()) ++count[shardOfAgent(agent, shards)];
    EXPECT_EQ(count.size(), shards);
    for (const auto& [shard, n] : count) {
      EXPECT_LT(shard, shards);
      EXPECT_GT(n, 200 / shards / 2);
    }
  }
}

const IpAddress kSomebody = *IpAddress::parse("198.51.100.7");

TEST(Shards, OfADatagramIsThatOfItsAgent) {
  for (const auto& agent : someAgents())
    for (const std::uint32_t version : {2U, 4U, 5U})
      EXPECT_EQ(shardOfDatagram(datagramOf(agent, version), kSomebody, 4), shardOfAgent(agent, 4));
  EXPECT_EQ(shardOfAgent(IpAddress{}, 4), 0u);
  EXPECT_EQ(shardOfDatagram({}, kSomebody, 4), 0u);
  for (std::size_t size = 0; size < 12; ++size)
    EXPECT_EQ(shardOfDatagram(slice(datagramOf(someAgents()[2]), 0, size), kSomebody, 4), 0u);
  for (std::size_t size = 0; size < 24; ++size)
    EXPECT_EQ(shardOfDatagram(slice(datagramOf(someAgents()[3]), 0, size), kSomebody, 4), 0u);
  EXPECT_EQ(shardOfDatagram(be(5, 4) + be(3, 4) + be(~0ULL, 8) + be(~0ULL, 8), kSomebody, 4), 0u);
  for (const auto& sender : someAgents())
    EXPECT_EQ(shardOfDatagram(be(5, 4) + be(0, 4), sender, 4), shardOfAgent(sender, 4)) << "an agent without a name";
}

TEST(UdpReceiver, GivesPayloadsAndSendersInOrder) {
  auto group = UdpReceiver::openGroup(onLoopback());
  ASSERT_TRUE(group) << group.error().text();
  UdpReceiver& receiver = group->front();
  EXPECT_TRUE(receiver.receive().empty()) << "never waits";
  Sender sender("127.0.0.1", receiver.port());
  for (int i = 0; i < 3; ++i) sender.send(text("datagram " + std::to_string(i)));
  std::string seen;
  while (seen.size() < 30) {
    ASSERT_TRUE(waitFor(receiver));
    for (const auto& d : receiver.receive()) {
      seen += std::string(d.payload.begin(), d.payload.end());
      EXPECT_EQ(d.source().text(), "127.0.0.1");
      EXPECT_NE(d.sourcePort(), 0);
    }
  }
  EXPECT_EQ(seen, "datagram 0datagram 1datagram 2");
  EXPECT_EQ(receiver.kernelDrops(), 0u);
  EXPECT_EQ(receiver.receiveErrors(), 0u);
}

TEST(UdpReceiver, ReceivesTheLargestDatagramWhole) {
  auto group = UdpReceiver::openGroup(onLoopback());
  ASSERT_TRUE(group);
  UdpReceiver& receiver = group->front();
  Sender sender("127.0.0.1", receiver.port());
  for (const std::size_t size : {65'507UL, 1UL, 0UL, 9'000UL}) {
    sender.send(pattern(size));
    ASSERT_TRUE(waitFor(receiver));
    const auto batch = receiver.receive();
    ASSERT_EQ(batch.size(), 1u);
    EXPECT_EQ(Octets(batch[0].payload.begin(), batch[0].payload.end()), pattern(size));
  }
}

TEST(UdpReceiver, ListensToBothFamiliesAtOnce) {
  UdpReceiver::Options options;
  options.port = 0;
  auto group = UdpReceiver::openGroup(options);
  ASSERT_TRUE(group) << group.error().text();
  UdpReceiver& receiver = group->front();
  std::set<std::string> expected{"127.0.0.1"};
  Sender("127.0.0.1", receiver.port()).send(text("four"));
  if (Socket probe(socket(AF_INET6, SOCK_DGRAM, 0)); probe.valid()) {
    sockaddr_in6 loopback{};
    loopback.sin6_family = AF_INET6;
    loopback.sin6_addr = in6addr_loopback;
    if (bind(probe.fd(), reinterpret_cast<sockaddr*>(&loopback), sizeof loopback) == 0) {
      Sender("::1", receiver.port()).send(text("six"));
      expected.insert("::1");
    }
  }
  std::set<std::string> seen;
  while (seen.size() < expected.size() && waitFor(receiver))
    for (const auto& d : receiver.receive()) seen.insert(d.source().text());
  EXPECT_EQ(seen, expected);
}

TEST(UdpReceiver, TheKernelPicksTheSocketOfTheAgentsShard) {
  for (const unsigned shards : {2U, 3U, 4U}) {
    auto group = UdpReceiver::openGroup(onLoopback(shards));
    ASSERT_TRUE(group) << group.error().text();
    ASSERT_EQ(group->size(), shards);
    std::multiset<std::pair<unsigned, Octets>> expected;
    std::vector<Octets> sent;
    for (const auto& agent : someAgents()) sent.push_back(datagramOf(agent, agent.octets[2] % 2 ? 5 : 4));
    sent.push_back({});
    sent.push_back(be(5, 4));
    sent.push_back(slice(datagramOf(someAgents()[2]), 0, 11));
    sent.push_back(slice(datagramOf(someAgents()[3]), 0, 23));
    sent.push_back(be(5, 4) + be(0, 4) + be(1, 16));
    sent.push_back(be(5, 4) + be(3, 4) + be(~0ULL, 8) + be(~0ULL, 8));
    for (std::size_t i = 0; i < sent.size(); ++i) {
      Sender("127.0.0.1", group->front().port()).send(sent[i]);  // a new source port each
      expected.emplace(shardOfDatagram(sent[i], *IpAddress::parse("127.0.0.1"), shards), sent[i]);
    }
    std::multiset<std::pair<unsigned, Octets>> seen;
    for (int idle = 0; seen.size() < sent.size() && idle < 1000; ++idle)
      for (unsigned i = 0; i < shards; ++i) {
        pollfd p{(*group)[i].fd(), POLLIN, 0};
        poll(&p, 1, 5);
        for (const auto& d : (*group)[i].receive()) seen.emplace(i, Octets(d.payload.begin(), d.payload.end()));
      }
    EXPECT_EQ(seen, expected) << shards << " shards";
    for (auto& receiver : *group) EXPECT_EQ(receiver.kernelDrops(), 0u);
  }
}

TEST(UdpReceiver, AnAgentWithoutAnAddressGoesToTheShardOfItsSender) {
  UdpReceiver::Options options = onLoopback(4);
  options.address = {};  // IPv4 through a socket of IPv6, where there is IPv6
  for (const auto& listener : {onLoopback(4), options}) {
    auto group = UdpReceiver::openGroup(listener);
    ASSERT_TRUE(group) << group.error().text();
    const Octets nameless = be(5, 4) + be(0, 4) + be(1, 16);
    const std::uint16_t port = group->front().port();
    std::set<std::string> senders;
    for (int i = 1; i <= 20; ++i) senders.insert("127.0.0." + std::to_string(i));
    for (const auto& from : senders) Sender("127.0.0.1", port, from.c_str()).send(nameless);
    if (Socket probe(socket(AF_INET6, SOCK_DGRAM, 0)); probe.valid() && listener.address == IpAddress{}) {
      sockaddr_in6 loopback{};
      loopback.sin6_family = AF_INET6;
      loopback.sin6_addr = in6addr_loopback;
      if (bind(probe.fd(), reinterpret_cast<sockaddr*>(&loopback), sizeof loopback) == 0) {
        Sender("::1", port).send(nameless);
        senders.insert("::1");
      }
    }
    std::set<std::string> seen;
    std::set<unsigned> used;
    for (int idle = 0; seen.size() < senders.size() && idle < 1000; ++idle)
      for (unsigned i = 0; i < 4; ++i) {
        pollfd p{(*group)[i].fd(), POLLIN, 0};
        poll(&p, 1, 5);
        for (const auto& d : (*group)[i].receive()) {
          seen.insert(d.source().text());
          used.insert(i);
          EXPECT_EQ(i, shardOfDatagram(d.payload, d.source(), 4)) << d.source().text();
        }
      }
    EXPECT_EQ(seen, senders);
    EXPECT_GT(used.size(), 1u);
  }
}

TEST(UdpReceiver, APortInUseIsOneClearLine) {
  for (const unsigned first : {1U, 2U})
    for (const unsigned second : {1U, 2U}) {
      auto group = UdpReceiver::openGroup(onLoopback(first));
      ASSERT_TRUE(group);
      const std::uint16_t port = group->front().port();
      const auto again = UdpReceiver::openGroup(onLoopback(second, port));
      ASSERT_FALSE(again) << first << " then " << second;
      EXPECT_EQ(again.error().text(), "sFlow port " + std::to_string(port) + " is in use (UDP)");
      UdpReceiver::Options all = onLoopback(second, port);
      all.address = {};
      EXPECT_FALSE(UdpReceiver::openGroup(all)) << "all addresses include this one";
    }
}

TEST(UdpReceiver, APortThatAnotherWouldShareIsInUse) {
  const Socket other(socket(AF_INET, SOCK_DGRAM, 0));
  const int one = 1;
  setsockopt(other.fd(), SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof name;
  ASSERT_EQ(bind(other.fd(), reinterpret_cast<sockaddr*>(&name), size), 0);
  getsockname(other.fd(), reinterpret_cast<sockaddr*>(&name), &size);
  for (const unsigned count : {1U, 4U}) EXPECT_FALSE(UdpReceiver::openGroup(onLoopback(count, ntohs(name.sin_port))));
}

TEST(UdpReceiver, OtherErrorsSayWhatIsWrong) {
  UdpReceiver::Options options;
  options.port = 0;
  options.address = *IpAddress::parse("192.0.2.1");
  EXPECT_EQ(UdpReceiver::openGroup(options).error().text(), "sFlow address 192.0.2.1 is not one of this machine");
  EXPECT_FALSE(UdpReceiver::openGroup(onLoopback(0)));
  EXPECT_FALSE(UdpReceiver::openGroup(onLoopback(65)));
}

TEST(UdpReceiver, CountsWhatTheKernelDropped) {
  auto options = onLoopback();
  options.bufferBytes = 4096;
  auto group = UdpReceiver::openGroup(options);
  ASSERT_TRUE(group);
  UdpReceiver& receiver = group->front();
  Sender sender("127.0.0.1", receiver.port());
  constexpr std::uint64_t kSent = 200;
  for (std::uint64_t i = 0; i < kSent; ++i) sender.send(pattern(1000));
  std::uint64_t received = 0;
  while (received + receiver.kernelDrops() < kSent && waitFor(receiver)) received += receiver.receive().size();
  EXPECT_GT(receiver.kernelDrops(), 0u);
  EXPECT_EQ(received + receiver.kernelDrops(), kSent);
}

TEST(UdpReceiver, AsksForTheBuffer) {
  auto options = onLoopback();
  options.bufferBytes = 100'000;
  auto group = UdpReceiver::openGroup(options);
  ASSERT_TRUE(group);
  EXPECT_GE(group->front().bufferBytes(), 100'000u);
}

}  // namespace
}  // namespace weir::ingest
