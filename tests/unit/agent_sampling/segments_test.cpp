#include "agent_sampling/segments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "agent_sampling/sampled_frame.h"
#include "decode/packet.h"

namespace weir::agent {
namespace {

// What the kernel's filter does with a packet: one uniform number.
bool filterPasses(Random& random, std::uint32_t n, std::uint32_t chances) {
  return random.below(n) < chances;
}

struct Statistics {
  double packets = 0;
  std::vector<double> chosen;  // how often each segment was
  double both = 0;             // the first and the last together
};

Statistics sampleMany(std::uint32_t n, std::uint32_t segments, std::uint32_t chances, int trials) {
  Random kernel(1), ours(2);
  Statistics out;
  out.chosen.resize(segments);
  for (int i = 0; i < trials; ++i) {
    out.packets += segments;
    if (!filterPasses(kernel, n, chances)) continue;
    bool first = false, last = false;
    std::uint32_t before = 0;
    chooseSegments(ours, n, segments, chances, [&](std::uint32_t index) {
      ASSERT_LT(index, segments);
      if (first || last) {
        EXPECT_GT(index, before) << "in order, none twice";
      }
      before = index;
      out.chosen[index] += 1;
      first |= index == 0;
      last |= index == segments - 1;
    });
    out.both += first && last;
  }
  return out;
}

// Every segment has its own chance of 1 in N, whatever the filter's bound, and they are independent of each other.
TEST(ChooseSegments, EachSegmentIsAPacketWithItsOwnChance) {
  struct Case {
    std::uint32_t n, segments, chances;
  };
  for (const Case c : {Case{10, 1, 1}, Case{10, 1, 3}, Case{10, 45, 46}, Case{1000, 45, 46}, Case{7, 3, 3},
                       Case{2, 20, 40}, Case{400, 45, 122}, Case{10, 9, 9}}) {
    const int trials = 400'000;
    const auto s = sampleMany(c.n, c.segments, c.chances, trials);
    const double p = 1.0 / c.n, expected = trials * p, sigma = std::sqrt(trials * p * (1 - p));
    double sum = 0;
    for (std::uint32_t i = 0; i < c.segments; ++i) {
      EXPECT_NEAR(s.chosen[i], expected, 5 * sigma) << "segment " << i << " of " << c.segments << " at 1:" << c.n;
      sum += s.chosen[i];
    }
    EXPECT_NEAR(sum, s.packets * p, 5 * std::sqrt(s.packets * p));
    if (c.segments > 1) {
      EXPECT_NEAR(s.both, trials * p * p, 5 * std::sqrt(trials * p * p) + 1);
    }
  }
}

// Skips longer than a poor generator can give (the reference's never exceed 32,749).
TEST(ChooseSegments, LargeRatesAreExactToo) {
  Random random(9);
  constexpr std::uint32_t kRate = 50'000, kSegments = 1'000'000, kTrials = 2'000;
  std::uint64_t chosen = 0;
  std::uint32_t longest = 0;
  for (std::uint32_t i = 0; i < kTrials; ++i) {
    std::uint32_t before = 0;
    chooseSegments(random, kRate, kSegments, kSegments, [&](std::uint32_t index) {
      ++chosen;
      longest = std::max(longest, index - before);
      before = index;
    });
  }
  const double expected = static_cast<double>(kSegments) / kRate * kTrials;
  EXPECT_NEAR(static_cast<double>(chosen), expected, 5 * std::sqrt(expected));
  EXPECT_GT(longest, 400'000);
}

TEST(ChooseSegments, OneInOneTakesAll) {
  Random random(1);
  std::vector<std::uint32_t> chosen;
  chooseSegments(random, 1, 3, 3, [&](std::uint32_t i) { chosen.push_back(i); });
  EXPECT_EQ(chosen, (std::vector<std::uint32_t>{0, 1, 2}));
}

/// Ethernet, IPv4, TCP with 12 octets of options, and the first payload.
std::vector<std::uint8_t> superPacket(std::uint32_t payload) {
  std::vector<std::uint8_t> p(14 + 20 + 32 + 62);
  p[12] = 0x08;
  std::uint8_t* ip = p.data() + 14;
  ip[0] = 0x45;
  storeBe16(ip + 2, static_cast<std::uint16_t>(20 + 32 + payload));
  storeBe16(ip + 4, 0xFFFF);  // identification
  ip[8] = 64;
  ip[9] = 6;
  std::uint8_t* tcp = ip + 20;
  storeBe16(tcp, 1000);
  storeBe16(tcp + 2, 2000);
  storeBe32(tcp + 4, 0xFFFFFF00);
  tcp[12] = 0x80;
  tcp[13] = 0x80 | 0x10 | 0x08 | 0x01;  // CWR, ACK, PSH, FIN
  return p;
}

std::uint16_t checksum(const std::uint8_t* ip) {
  std::uint32_t sum = 0;
  for (int i = 0; i < 20; i += 2) sum += loadBe16(ip + i);
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

TEST(Segments, TcpIsCutAsTheKernelCutsIt) {
  const std::uint32_t payload = 1448 * 3 + 100, length = 14 + 20 + 32 + payload;
  auto packet = superPacket(payload);
  for (const std::uint32_t transport : {34U, 0U}) {  // told by the kernel, or to be found
    const auto s = segmentationOf(packet, length, 1448, transport, false, true);
    EXPECT_EQ(s.count, 4);
    EXPECT_EQ(s.headerLength, 66);
    EXPECT_EQ(s.size, 1448);
    EXPECT_EQ(s.lastSize, 100);
  }
  const auto s = segmentationOf(packet, length, 1448, 34, false, true);
  for (std::uint32_t index = 0; index < 4; ++index) {
    auto header = superPacket(payload);
    const std::size_t kept = makeSegmentHeader(header, s, index, true);
    EXPECT_EQ(kept, index == 0 ? header.size() : 66) << "the payload of later segments was not captured";
    const std::uint8_t* ip = header.data() + 14;
    EXPECT_EQ(loadBe16(ip + 2), index == 3 ? 152 : 1500);
    EXPECT_EQ(loadBe16(ip + 4), static_cast<std::uint16_t>(0xFFFF + index));
    EXPECT_EQ(checksum(ip), 0xFFFF) << "the IP checksum is right";
    EXPECT_EQ(loadBe32(ip + 24), 0xFFFFFF00 + index * 1448);
    EXPECT_EQ(ip[33] & 0x09, index == 3 ? 0x09 : 0) << "PSH and FIN belong to the last";
    EXPECT_EQ(ip[33] & 0x80, index == 0 ? 0x80 : 0) << "CWR to the first";
  }
}

TEST(Segments, AnOrdinaryPacketIsOne) {
  const auto packet = superPacket(100);
  const auto s = segmentationOf(packet, 166, 0, 0, false, true);
  EXPECT_EQ(s.count, 1);
  EXPECT_EQ(s.size, 0);
}

TEST(Segments, Udp6IsCutToo) {
  std::vector<std::uint8_t> p(14 + 40 + 8 + 60);
  p[12] = 0x86;
  p[13] = 0xDD;
  p[14] = 0x60;
  p[20] = 17;
  const std::uint32_t length = 14 + 40 + 8 + 2500;
  const auto s = segmentationOf(p, length, 1200, 54, true, true);
  EXPECT_EQ(s.count, 3);
  EXPECT_EQ(s.lastSize, 100);
  (void)makeSegmentHeader(p, s, 1, true);
  EXPECT_EQ(loadBe16(p.data() + 18), 1208);
  EXPECT_EQ(loadBe16(p.data() + 58), 1208);
}

// Whatever stands in the packet: no reading outside (the sanitizer sees it), and the pieces add up.
TEST(Segments, DamagedHeadersDoNoHarm) {
  Random random(5);
  for (int i = 0; i < 20'000; ++i) {
    auto packet = superPacket(5000);
    packet.resize(random.below(packet.size() + 1));
    packet.shrink_to_fit();
    for (int j = 0; j < 4 && !packet.empty(); ++j)
      packet[random.below(packet.size())] = static_cast<std::uint8_t>(random.next());
    const auto length = static_cast<std::uint32_t>(packet.size() + random.below(70'000));
    const auto gso = static_cast<std::uint32_t>(random.below(3000));
    const auto s =
        segmentationOf(packet, length, gso, static_cast<std::uint32_t>(random.below(200)), (i & 1) != 0, (i & 2) != 0);
    ASSERT_GE(s.count, 1);
    if (s.size != 0) {
      ASSERT_EQ(s.headerLength + (s.count - 1) * s.size + s.lastSize, length);
      ASSERT_LE(makeSegmentHeader(packet, s, static_cast<std::uint32_t>(random.below(s.count)), (i & 2) != 0),
                packet.size());
    }
  }
}

SampledFrame frameOf(const TapPacket& packet, std::uint32_t headerBytes, bool ethernet) {
  FrameMaker maker(1);
  SampledFrame frame;
  int made = 0;
  maker.make(
      packet, 1, headerBytes, ethernet, [&]() -> SampledFrame& { return frame; }, [&](const SampledFrame&) { ++made; });
  EXPECT_GE(made, 1);
  return frame;
}

TEST(FrameMaker, VlanTagIsPutBack) {
  const auto bytes = superPacket(62);
  TapPacket packet;
  packet.bytes = bytes;
  packet.length = 128;
  packet.etherType = 0x0800;
  packet.vlan = true;
  packet.vlanTpid = 0x8100;
  packet.vlanTci = 0x2005;
  const auto frame = frameOf(packet, 128, true);
  EXPECT_EQ(frame.frameLength, 128 + 4 + 4);
  EXPECT_EQ(frame.stripped, 4);
  EXPECT_EQ(frame.headerLength, 128) << "headerBytes stays the limit";
  EXPECT_EQ(loadBe32(frame.octets.data() + 12), 0x81002005);
  EXPECT_EQ(loadBe16(frame.octets.data() + 16), 0x0800);
  EXPECT_EQ(frame.octets[18], 0x45);
}

TEST(FrameMaker, DevicesWithoutEthernetGiveIp) {
  const auto bytes = superPacket(62);
  TapPacket packet;
  packet.bytes = Bytes(bytes).subspan(10);  // a link header of four octets
  packet.linkHeader = 4;
  packet.length = 118;
  packet.etherType = 0x0800;
  const auto frame = frameOf(packet, 64, false);
  EXPECT_EQ(frame.protocol, 11);
  EXPECT_EQ(frame.frameLength, 122);
  EXPECT_EQ(frame.stripped, 8);
  EXPECT_EQ(frame.headerLength, 64);
  EXPECT_EQ(frame.octets[0], 0x45);
}

// Found by the fuzzer: there is no octet to copy, and no place to copy it from.
TEST(FrameMaker, APacketWithoutOctetsIsAFrameWithoutHeader) {
  TapPacket packet;
  packet.length = 60;
  packet.etherType = 0x0800;
  const auto frame = frameOf(packet, 128, true);
  EXPECT_EQ(frame.headerLength, 0);
  EXPECT_EQ(frame.frameLength, 64);
}

TEST(FrameMaker, NoFrameIsLongerThanTheWireAllows) {
  const auto bytes = superPacket(64'000);
  TapPacket packet;
  packet.bytes = bytes;
  packet.length = 66 + 64'000;
  packet.gsoSize = 1448;
  packet.transport = 34;
  packet.etherType = 0x0800;
  packet.chances = (packet.length + 1447) / 1448;
  FrameMaker maker(1);
  SampledFrame frame;
  std::uint64_t frames = 0, octets = 0;
  maker.make(
      packet, 1, 128, true, [&]() -> SampledFrame& { return frame; },
      [&](const SampledFrame& f) {
        ++frames;
        octets += f.frameLength;
        EXPECT_LE(f.frameLength, 1518);
      });
  EXPECT_EQ(frames, 45);
  EXPECT_EQ(octets, 64'000 + 45 * 70);
}

}  // namespace
}  // namespace weir::agent
