#include "agent_sampling/packet_tap.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <vector>

#include "agent_sampling/sampled_frame.h"

namespace weir::agent {
namespace {

/// Two UDP sockets on loopback that send to each other.
struct LoopbackPair {
  netlink::Descriptor from{::socket(AF_INET, SOCK_DGRAM, 0)}, to{::socket(AF_INET, SOCK_DGRAM, 0)};
  std::uint16_t port = 0;
  LoopbackPair() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(to.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(to.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
    EXPECT_EQ(::connect(from.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  }
  void send(std::size_t octets) const {
    const std::vector<std::uint8_t> data(octets, 0x5A);
    EXPECT_EQ(::send(from.get(), data.data(), data.size(), 0), static_cast<ssize_t>(octets));
  }
};

/// Reads frames of our port until `enough` says so or nothing comes for two seconds, or `patienceMs`.
template <class Enough>
std::vector<SampledFrame> collect(PacketTap& tap, std::uint16_t port, std::uint32_t n, Enough&& enough,
                                  int patienceMs = 2000) {
  FrameMaker maker(1);
  std::vector<SampledFrame> out;
  SampledFrame frame;
  pollfd wait{tap.fd(), POLLIN, 0};
  while (!enough(out) && ::poll(&wait, 1, patienceMs) > 0)
    tap.read([&](const TapPacket& packet) {
      maker.make(
          packet, n, 128, true, [&]() -> SampledFrame& { return frame; },
          [&](const SampledFrame& f) {
            if (f.headerLength >= 42 && loadBe16(f.octets.data() + 36) == port) out.push_back(f);
          });
    });
  return out;
}

Expected<PacketTap> openLoopback(std::uint32_t n) {
  return PacketTap::open(::if_nametoindex("lo"), {n, 128, false});
}

#define NEEDS_PRIVILEGE(tap) \
  if (!(tap)) GTEST_SKIP() << "needs CAP_NET_RAW, to open a packet socket: " << (tap).error().text()

TEST(PacketTap, SeesBothDirectionsWithTimeAndLength) {
  auto tap = openLoopback(1);
  NEEDS_PRIVILEGE(tap);
  const LoopbackPair pair;
  pair.send(300);
  const auto frames = collect(*tap, pair.port, 1, [](const auto& f) { return f.size() >= 2; });
  ASSERT_EQ(frames.size(), 2) << "loopback shows a packet going out and coming in";
  EXPECT_TRUE(frames[0].outgoing != frames[1].outgoing);
  for (const auto& frame : frames) {
    EXPECT_EQ(frame.frameLength, 14 + 20 + 8 + 300 + 4);
    EXPECT_EQ(frame.headerLength, 128);
    EXPECT_LT(std::abs(frame.time - systemNow()), 60 * kSecond);
  }
}

TEST(PacketTap, CountsPacketsAndSamplesOneInN) {
  auto tap = openLoopback(10);
  NEEDS_PRIVILEGE(tap);
  if (!tap->packets()) GTEST_SKIP() << "needs CAP_BPF, to count packets in the kernel";
  const LoopbackPair pair;
  constexpr int kSent = 20'000;
  // The ring must not fill while we send: others may use the loopback, too.
  std::size_t frames = 0;
  for (int i = 1; i <= kSent; ++i) {
    pair.send(100);
    if (i % 100 != 0) continue;
    const int patience = i == kSent ? 2000 : 0;
    frames += collect(*tap, pair.port, 10, [](const auto&) { return false; }, patience).size();
  }
  EXPECT_GE(*tap->packets(), 2U * kSent) << "both directions";
  EXPECT_EQ(tap->takeDrops(), 0);
  const double expected = 2.0 * kSent / 10;
  EXPECT_NEAR(static_cast<double>(frames), expected, 5 * std::sqrt(expected));
}

TEST(PacketTap, RateChangesWithoutLosingCount) {
  auto tap = openLoopback(1);
  NEEDS_PRIVILEGE(tap);
  const LoopbackPair pair;
  pair.send(50);
  (void)collect(*tap, pair.port, 1, [](const auto& f) { return f.size() >= 2; });
  const auto before = tap->packets();
  ASSERT_TRUE(tap->pause());
  pair.send(50);
  ASSERT_TRUE(tap->resume({10'000'000, 128, false}));
  for (int i = 0; i < 10; ++i) pair.send(50);
  if (before) {
    EXPECT_GE(*tap->packets(), *before + 20);
  }
}

/// A network namespace for the rest of this program, in which nobody else sends; false where we may not make one.
bool enterOwnNetwork() {
  if (::unshare(CLONE_NEWNET) != 0) return false;
  const netlink::Descriptor fd(::socket(AF_INET, SOCK_DGRAM, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  return ::ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0;
}

TEST(PacketTap, EveryPacketIsASampleOrADrop) {
  if (!enterOwnNetwork()) GTEST_SKIP() << "needs CAP_SYS_ADMIN, to make a network namespace";
  auto tap = openLoopback(1);
  NEEDS_PRIVILEGE(tap);
  if (!tap->packets()) GTEST_SKIP() << "needs CAP_BPF, to count packets in the kernel";
  const LoopbackPair pair;
  for (int i = 0; i < 60'000; ++i) pair.send(100);  // more than the ring holds
  const auto frames = collect(*tap, pair.port, 1, [](const auto&) { return false; });
  const std::uint32_t drops = tap->takeDrops();
  EXPECT_GT(drops, 0) << "the ring was to overflow";
  EXPECT_EQ(frames.size() + drops, *tap->packets());
  EXPECT_EQ(tap->takeDrops(), 0) << "drops are told once";
}

TEST(SamplingFilter, ClassicOneWorksToo) {
  netlink::Descriptor fd(::socket(AF_PACKET, SOCK_RAW, 0));
  if (!fd) GTEST_SKIP() << "needs CAP_NET_RAW";
  auto filter = SamplingFilter::attachClassic(fd.get(), 400, 128);
  ASSERT_TRUE(filter) << filter.error().text();
  EXPECT_FALSE(filter->packets());
  EXPECT_EQ(filter->chances(1514, 1448), 1);
  EXPECT_GE(filter->chances(65'226, 1448), 45);
  EXPECT_GE(filter->chances(65'226, 536), 65'226 / 536);
}

}  // namespace
}  // namespace weir::agent
