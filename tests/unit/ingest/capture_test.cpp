#include "ingest/capture.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "ingest/frame.h"
#include "ingest/reassembly.h"
#include "support/captures.h"
#include "unit/ingest/capture_files.h"

namespace weir::ingest {
namespace {

using namespace weir::test;

struct Read {
  std::vector<std::pair<UdpPayload, Octets>> payloads;
  CaptureDrops drops;
  std::string error;
};

Read readAll(const std::string& path) {
  Read out;
  auto reader = CaptureReader::open(path);
  if (!reader) {
    out.error = reader.error().text();
    return out;
  }
  UdpPayload payload;
  while ((*reader)->next(payload))
    out.payloads.emplace_back(payload, Octets(payload.payload.begin(), payload.payload.end()));
  EXPECT_FALSE((*reader)->next(payload)) << "the end stays the end";
  out.drops = (*reader)->drops();
  out.error = (*reader)->error();
  return out;
}
Read readAll(const Octets& file) {
  return readAll(TemporaryFile(file).path());
}

Octets onlyPayload(const Read& read) {
  EXPECT_EQ(read.payloads.size(), 1u) << read.error;
  return read.payloads.size() == 1 ? read.payloads[0].second : Octets{};
}

const Octets kBody = text("forty-two octets of anything but sFlow ...");

// ---- formats ----

TEST(Capture, ReadsEveryFieldOfAPayload) {
  const auto read = readAll(pcap(1, {{1583796684, 123456, ethernet(ip4(udp(kBody)))}}));
  ASSERT_EQ(read.payloads.size(), 1u) << read.error;
  const auto& [p, bytes] = read.payloads[0];
  EXPECT_EQ(p.time, 1583796684 * kSecond + 123456 * kMicrosecond);
  EXPECT_EQ(p.source.text(), "10.0.0.1");
  EXPECT_EQ(p.destination.text(), "10.0.0.2");
  EXPECT_EQ(p.sourcePort, 5000);
  EXPECT_EQ(p.destinationPort, 6343);
  EXPECT_FALSE(p.truncated);
  EXPECT_EQ(p.frame.size(), 14 + 20 + 8 + kBody.size());
  EXPECT_EQ(bytes, kBody);
  EXPECT_EQ(read.drops.total(), 0u);
  EXPECT_EQ(read.error, "");
}

TEST(Capture, ReadsEveryFileFormat) {
  const std::vector<Frame> micro{{100, 7, ethernet(ip4(udp(kBody)))}, {101, 8, ethernet(ip6(udp(kBody)))}};
  for (const auto& file : {pcap(1, micro), pcap(1, micro, true), pcapng(1, micro)}) {
    const auto read = readAll(file);
    ASSERT_EQ(read.payloads.size(), 2u) << read.error;
    EXPECT_EQ(read.payloads[0].first.time, 100 * kSecond + 7000);
    EXPECT_EQ(read.payloads[1].first.time, 101 * kSecond + 8000);
    EXPECT_EQ(read.payloads[1].first.source.text(), "2001:db8::1");
    EXPECT_EQ(read.payloads[1].second, kBody);
  }
}

TEST(Capture, KeepsNanoseconds) {
  const std::vector<Frame> nano{{100, 123456789, ethernet(ip4(udp(kBody)))}};
  for (const auto& file : {pcap(1, nano, false, true), pcap(1, nano, true, true), pcapng(1, nano, 9)}) {
    const auto read = readAll(file);
    ASSERT_EQ(read.payloads.size(), 1u) << read.error;
    EXPECT_EQ(read.payloads[0].first.time, 100 * kSecond + 123456789);
  }
}

TEST(Capture, ReadsStandardInput) {
  const TemporaryFile file(pcap(1, {{1, 0, ethernet(ip4(udp(kBody)))}}));
  const int saved = dup(0);
  const int fd = open(file.path().c_str(), O_RDONLY);
  ASSERT_GE(fd, 0);
  dup2(fd, 0);
  close(fd);
  const auto read = readAll("-");
  dup2(saved, 0);
  close(saved);
  EXPECT_EQ(onlyPayload(read), kBody);
}

TEST(Capture, FileErrorsNameTheFileAndTheFault) {
  EXPECT_THAT(readAll("/nonexistent/x.pcap").error, testing::StartsWith("/nonexistent/x.pcap: No such file"));
  EXPECT_THAT(readAll("/tmp").error, testing::HasSubstr("is a directory"));
  EXPECT_THAT(readAll(text("this is no capture, it is a line of text")).error, testing::HasSubstr("not a pcap"));
  EXPECT_THAT(readAll(Octets{}).error, testing::HasSubstr(": is empty, expected a capture file"));
  EXPECT_THAT(readAll(text("\x1f\x8b\x08 and so on, but no capture")).error,
              testing::HasSubstr("it is compressed: unpack it"));
  EXPECT_THAT(readAll(pcap(105, {})).error,
              testing::HasSubstr("link type 105 (tcpdump.org/linktypes) is not supported"));
}

TEST(Capture, FileCutInAPacketDeliversWhatCameBefore) {
  Octets file = pcap(1, {{1, 0, ethernet(ip4(udp(kBody)))}, {2, 0, ethernet(ip4(udp(kBody)))}});
  for (const std::size_t cut : {1U, 30U, 90U}) {
    const auto read = readAll(slice(file, 0, file.size() - cut));
    EXPECT_EQ(read.payloads.size(), 1u);
    EXPECT_THAT(read.error, testing::HasSubstr("after 1 packets")) << cut;
  }
  EXPECT_EQ(readAll(pcap(1, {})).error, "") << "an empty capture is no error";
}

// ---- link layers ----

TEST(Capture, ReadsEveryLinkLayer) {
  const Octets v4 = ip4(udp(kBody));
  const Octets v6 = ip6(udp(kBody));
  const Octets cooked = Octets(14, 0) + be(0x0800, 2);
  const Octets cooked2 = be(0x86DD, 2) + Octets(18, 0);
  const Octets macs(12, 0x02);
  const Octets label = be(0x00064040, 4), lastLabel = be(0x00065140, 4);
  const auto pppoe = [](const Octets& ppp) { return Octets{0x11, 0, 0, 7} + be(ppp.size(), 2) + ppp; };
  const std::pair<int, Octets> cases[] = {
      {1, ethernet(v4)},
      {1, ethernet(v6, {0x8100})},
      {1, ethernet(v4, {0x88A8, 0x8100})},
      {1, ethernet(v4, {0x9100, 0x8100, 0x8100})},
      {1, Octets(12, 2) + be(v4.size() + 8, 2) + be(0xAAAA03000000, 6) + be(0x0800, 2) + v4},
      {113, cooked + v4},
      {113, Octets(14, 0) + be(0x8100, 2) + be(7, 2) + be(0x86DD, 2) + v6},
      {276, cooked2 + v6},
      {101, v4},
      {101, v6},
      {12, v6},
      {14, v4},
      {228, v4},
      {229, v6},
      {0, le(2, 4) + v4},
      {0, be(2, 4) + v4},
      {0, le(30, 4) + v6},
      {108, be(24, 4) + v6},
      {108, be(28, 4) + v6},
      {1, macs + be(0x8847, 2) + lastLabel + v4},
      {1, macs + be(0x8848, 2) + label + label + lastLabel + v6},
      {1, macs + be(0x88A8, 2) + be(5, 2) + be(0x8100, 2) + be(6, 2) + be(0x8847, 2) + lastLabel + v4},
      {1, macs + be(0x8847, 2) + label + lastLabel + be(0, 4) + ethernet(v4, {0x8100})},
      {1, macs + be(0x8864, 2) + pppoe(be(0x0021, 2) + v4)},
      {1, macs + be(0x8100, 2) + be(6, 2) + be(0x8864, 2) + pppoe(Octets{0x57} + v6)},
      {1, macs + be(0x8864, 2) + pppoe(be(0x0281, 2) + lastLabel + v4)},
      {1, macs + be(0x88A8, 2) + be(5, 2) + be(0x88E7, 2) + be(77, 4) + ethernet(v4)},
      {1, macs + be(0x8926, 2) + be(77, 4) + be(0x0800, 2) + v4},
      {1, macs + be(0x893F, 2) + be(77, 6) + be(0x0800, 2) + v4},
      {113, Octets(14, 0) + be(0x8864, 2) + pppoe(be(0x0021, 2) + v4)},
      {276, be(0x8847, 2) + Octets(18, 0) + lastLabel + v6},
      {51, pppoe(be(0x0057, 2) + v6)},
      {9, be(0xFF03, 2) + be(0x0021, 2) + v4},
      {9, be(0x0057, 2) + v6},
      {50, be(0xFF03, 2) + Octets{0x21} + v4},
      {104, be(0x0F00, 2) + be(0x0800, 2) + v4},
  };
  int n = 0;
  for (const auto& [type, frame] : cases) {
    SCOPED_TRACE("case " + std::to_string(n++) + " link type " + std::to_string(type));
    EXPECT_EQ(onlyPayload(readAll(pcap(type, {{1, 0, frame}}))), kBody);
  }
}

TEST(Capture, IgnoresEthernetPadding) {
  const auto read = readAll(pcap(1, {{1, 0, ethernet(ip4(udp(text("x")))) + Octets(17, 0)}}));
  EXPECT_EQ(onlyPayload(read), text("x"));
  EXPECT_FALSE(read.payloads.at(0).first.truncated);
}

TEST(Capture, ReadsIpOptionsAndExtensionHeaders) {
  EXPECT_EQ(onlyPayload(readAll(pcap(101, {{1, 0, ip4(udp(kBody), 0, 1, 17, Octets(40, 1))}}))), kBody);
  const Octets hop = Octets{60, 0, 0, 0, 0, 0, 0, 0};
  const Octets options = Octets{51, 1} + Octets(14, 0);
  const Octets authentication = Octets{17, 4} + Octets(22, 0);
  EXPECT_EQ(onlyPayload(readAll(pcap(101, {{1, 0, ip6(hop + options + authentication + udp(kBody), 0)}}))), kBody);
}

TEST(Capture, AcceptsLengthsLeftToTheNetworkCard) {
  Octets frame = ip4(udp(kBody));
  frame[2] = frame[3] = 0;
  EXPECT_EQ(onlyPayload(readAll(pcap(101, {{1, 0, frame}}))), kBody);
  frame = ip6(udp(kBody));
  frame[4] = frame[5] = 0;
  EXPECT_EQ(onlyPayload(readAll(pcap(101, {{1, 0, frame}}))), kBody);
}

// ---- what gives no payload ----

TEST(Capture, CountsEveryDropByReason) {
  const auto reasonOf = [](int type, const Octets& frame) {
    const auto read = readAll(pcap(type, {{1, 0, frame}}));
    EXPECT_TRUE(read.payloads.empty());
    EXPECT_EQ(read.drops.total(), 1u);
    for (std::size_t i = 0; i < read.drops.of.size(); ++i)
      if (read.drops.of[i] != 0) return captureDropName(static_cast<CaptureDrop>(i));
    return std::string_view("none");
  };
  EXPECT_EQ(reasonOf(1, Octets(13, 0)), "linkHeader");
  EXPECT_EQ(reasonOf(1, slice(ethernet(ip4({}), {0x8100}), 0, 17)), "linkHeader");
  EXPECT_EQ(reasonOf(0, Octets(3, 0)), "linkHeader");
  EXPECT_EQ(reasonOf(113, Octets(15, 0)), "linkHeader");
  EXPECT_EQ(reasonOf(276, Octets(19, 0)), "linkHeader");
  EXPECT_EQ(reasonOf(1, Octets(12, 2) + be(0x0806, 2) + Octets(28, 0)), "notIp");
  EXPECT_EQ(reasonOf(0, le(99, 4) + ip4(udp(kBody))), "notIp");
  EXPECT_EQ(reasonOf(1, Octets(12, 2) + be(0x8847, 2) + be(0x00064040, 4)), "linkHeader");
  EXPECT_EQ(reasonOf(1, Octets(12, 2) + be(0x8847, 2) + be(0x00065140, 4) + be(0, 4)), "linkHeader");
  EXPECT_EQ(reasonOf(1, Octets(12, 2) + be(0x8847, 2) + be(0x00065140, 4) + be(0x10000000, 4)), "notIp");
  EXPECT_EQ(reasonOf(1, Octets(12, 2) + be(0x8863, 2) + be(0x1109, 2) + be(0, 4)), "notIp");
  EXPECT_EQ(reasonOf(1, Octets(12, 2) + be(0x8864, 2) + be(0x11, 1)), "linkHeader");
  EXPECT_EQ(reasonOf(1, Octets(12, 2) + be(0x8864, 2) + be(0x110000070002C021, 8)), "notIp");
  EXPECT_EQ(reasonOf(9, be(0xFF03, 2) + Octets{0}), "linkHeader");
  EXPECT_EQ(reasonOf(1, slice(ethernet(ip4({})), 0, 14)), "ipHeader");
  EXPECT_EQ(reasonOf(101, slice(ip4(udp(kBody)), 0, 19)), "ipHeader");
  EXPECT_EQ(reasonOf(101, slice(ip6(udp(kBody)), 0, 39)), "ipHeader");
  EXPECT_EQ(reasonOf(101, Octets{0x44} + slice(ip4(udp(kBody)), 1, 60)), "ipHeader");
  EXPECT_EQ(reasonOf(101, Octets{0x75} + slice(ip4(udp(kBody)), 1, 60)), "ipHeader");
  EXPECT_EQ(reasonOf(101, slice(ip4(udp(kBody)), 0, 40)), "ipLength");
  EXPECT_EQ(reasonOf(101, slice(ip6(udp(kBody)), 0, 60)), "ipLength");
  EXPECT_EQ(reasonOf(101, ip6(Octets{17, 9} + Octets(14, 0), 60)), "ipLength");
  EXPECT_EQ(reasonOf(101, ip4(udp(kBody), 0, 1, 6)), "notUdp");
  EXPECT_EQ(reasonOf(101, ip6(udp(kBody), 58)), "notUdp");
  EXPECT_EQ(reasonOf(101, ip4(slice(udp(kBody), 0, 7))), "udpLength");
  EXPECT_EQ(reasonOf(101, ip4(udp(kBody, 1))), "udpLength");
  EXPECT_EQ(reasonOf(101, ip4(be(1, 2) + be(2, 2) + be(7, 2) + be(0, 2))), "udpLength");
}

TEST(Capture, DeliversWhatTheSnapLengthLeft) {
  const Octets frame = ethernet(ip4(udp(kBody)));
  const auto read = readAll(pcap(1, {{1, 0, slice(frame, 0, frame.size() - 30), 30}}));
  EXPECT_EQ(onlyPayload(read), slice(kBody, 0, kBody.size() - 30));
  EXPECT_TRUE(read.payloads.at(0).first.truncated);

  const auto header = readAll(pcap(1, {{1, 0, slice(frame, 0, 40), static_cast<std::uint32_t>(frame.size() - 40)}}));
  EXPECT_TRUE(header.payloads.empty());
  EXPECT_EQ(header.drops[CaptureDrop::udpHeader], 1u);
}

TEST(Capture, NoCutOfAFrameIsRead) {
  // Under the address sanitizer this shows that no length is trusted.
  for (const auto& frame :
       {ethernet(ip4(udp(kBody)), {0x8100}), ethernet(ip6(Octets{17, 0, 0, 0, 0, 0, 0, 0} + udp(kBody), 0)),
        ethernet(ip6Fragment(udp(kBody), 0, true))})
    for (std::size_t size = 0; size < frame.size(); ++size)
      for (const bool onWire : {false, true})
        readAll(pcap(1, {{1, 0, slice(frame, 0, size), onWire ? 0 : static_cast<std::uint32_t>(frame.size() - size)}}));
}

TEST(Capture, MutatedFramesAreSafe) {
  std::mt19937 random(1);
  const std::vector<Octets> seeds{
      ethernet(ip4(udp(kBody)), {0x8100}),
      ethernet(ip6(Octets{44, 0, 0, 0, 0, 0, 0, 0} + udp(kBody), 0)),
      ethernet(ip6Fragment(udp(kBody), 0, true)),
      ip4(udp(kBody), 0x2000),
      le(2, 4) + ip4({}),
      Octets(12, 2) + be(0x8847, 2) + be(0x00065140, 4) + be(0, 4) + ethernet(ip4(udp(kBody))),
      Octets(12, 2) + be(0x8864, 2) + be(0x1100000700020021, 8) + ip4(udp(kBody)),
      be(0xFF030021, 4) + ip4(udp(kBody))};
  for (const auto link : {LinkLayer::ethernet, LinkLayer::cooked, LinkLayer::cooked2, LinkLayer::rawIp,
                          LinkLayer::loopback, LinkLayer::ppp, LinkLayer::pppoe}) {
    FrameReader reader;
    std::size_t sum = 0;
    for (int i = 0; i < 20'000; ++i) {
      Octets frame = seeds[random() % seeds.size()];
      for (unsigned flips = random() % 4; flips != 0; --flips)
        frame[random() % frame.size()] = static_cast<std::uint8_t>(random());
      frame.resize(random() % 8 == 0 ? random() % (frame.size() + 1) : frame.size());
      UdpPayload payload;
      // Exactly as large as its content, so that the address sanitizer sees an octet too many.
      const std::vector<std::uint8_t> exact(frame.begin(), frame.end());
      if (reader.read(link, static_cast<Nanos>(random()) * kSecond, exact, exact.size() + random() % 3, payload))
        for (const std::uint8_t octet : payload.payload) sum += octet;
    }
    EXPECT_GT(reader.drops().total(), 0u) << sum;
  }
}

TEST(Capture, EveryReasonHasANameAndAText) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(CaptureDrop::count); ++i) {
    EXPECT_NE(captureDropName(static_cast<CaptureDrop>(i)), "");
    EXPECT_NE(captureDropText(static_cast<CaptureDrop>(i)), "");
  }
}

// ---- fragments ----

/// A UDP datagram of `size` payload octets cut into IPv4 or IPv6 fragments of 48 octets.
std::vector<Octets> fragments(bool v6, std::size_t size, unsigned id = 9) {
  const Octets whole = udp(pattern(size));
  std::vector<Octets> out;
  for (std::size_t at = 0; at < whole.size(); at += 48) {
    const std::size_t n = std::min<std::size_t>(48, whole.size() - at);
    const bool more = at + n < whole.size();
    const auto offset = static_cast<unsigned>(at);
    out.push_back(v6 ? ip6Fragment(slice(whole, at, n), offset, more, 17, id)
                     : ip4(slice(whole, at, n), offset / 8 | (more ? 0x2000U : 0U), id));
  }
  return out;
}
std::vector<Frame> atOnce(const std::vector<Octets>& frames) {
  std::vector<Frame> out;
  for (const auto& f : frames) out.push_back({static_cast<std::uint32_t>(10 + out.size()), 0, f});
  return out;
}

TEST(Fragments, ComeTogetherInEveryOrder) {
  for (const bool v6 : {false, true}) {
    auto parts = fragments(v6, 150);
    ASSERT_EQ(parts.size(), 4u);
    std::vector<int> order{0, 1, 2, 3};
    do {
      std::vector<Octets> shuffled;
      for (const int i : order) shuffled.push_back(parts[static_cast<std::size_t>(i)]);
      const auto read = readAll(pcap(101, atOnce(shuffled)));
      ASSERT_EQ(onlyPayload(read), pattern(150));
      ASSERT_EQ(read.payloads[0].first.time, 13 * kSecond) << "the time of the fragment that completed it";
      ASSERT_EQ(read.payloads[0].first.sourcePort, 5000);
      ASSERT_EQ(read.drops.total(), 0u);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(Fragments, DatagramsInterleave) {
  const auto a = fragments(false, 150, 1);
  const auto b = fragments(false, 149, 2);
  const auto read = readAll(pcap(101, atOnce({a[0], b[3], b[0], a[1], b[2], a[3], b[1], a[2]})));
  ASSERT_EQ(read.payloads.size(), 2u);
  EXPECT_EQ(read.payloads[0].second, pattern(149));
  EXPECT_EQ(read.payloads[1].second, pattern(150));
}

TEST(Fragments, DuplicatesAreIgnored) {
  const auto p = fragments(false, 150);
  const auto read = readAll(pcap(101, atOnce({p[0], p[0], p[2], p[1], p[1], p[2], p[3]})));
  EXPECT_EQ(onlyPayload(read), pattern(150));
  EXPECT_EQ(read.drops[CaptureDrop::fragmentDuplicate], 3u);
}

TEST(Fragments, OverlapCostsTheDatagram) {
  const Octets whole = udp(pattern(150));
  const Octets overlapping = ip4(slice(whole, 40, 48), 40 / 8 | 0x2000, 9);
  auto p = fragments(false, 150);
  Octets altered = p[1];
  altered[25] ^= 1;
  for (const auto& bad : {overlapping, altered}) {
    const auto read = readAll(pcap(101, atOnce({p[0], p[1], bad, p[2], p[3]})));
    EXPECT_TRUE(read.payloads.empty());
    EXPECT_EQ(read.drops[CaptureDrop::fragmentOverlap], 1u);
    EXPECT_EQ(read.drops.total(), 1u);
  }
}

TEST(Fragments, ImpossibleShapesAreCounted) {
  const auto reason = [](const std::vector<Octets>& frames, CaptureDrop expected) {
    const auto read = readAll(pcap(101, atOnce(frames)));
    EXPECT_TRUE(read.payloads.empty());
    EXPECT_EQ(read.drops[expected], 1u);
  };
  const auto p = fragments(false, 150);
  const Octets whole = udp(pattern(150));
  reason({ip4(slice(whole, 0, 47), 0x2000)}, CaptureDrop::fragmentShape);
  reason({ip4({}, 0x2000)}, CaptureDrop::fragmentShape);
  reason({ip4(Octets(48, 0), 0x1FFF)}, CaptureDrop::fragmentShape);
  reason({p[3], ip4(Octets(48, 0), 30 | 0x2000, 9)}, CaptureDrop::fragmentShape);
  reason({p[2], ip4(Octets(8, 0), 6, 9)}, CaptureDrop::fragmentShape);
  // A datagram inside which another fragment header stands.
  reason({ip6Fragment(Octets{17, 0, 0, 1, 0, 0, 0, 1} + udp(kBody), 0, false, 44),
          ip6Fragment(slice(whole, 0, 48), 0, true, 17, 5)},
         CaptureDrop::fragmentMissing);
}

TEST(Fragments, AtomicFragmentIsNoFragment) {
  EXPECT_EQ(onlyPayload(readAll(pcap(101, {{1, 0, ip6Fragment(udp(kBody), 0, false)}}))), kBody);
}

TEST(Fragments, FirstFragmentMayBringExtensionHeaders) {
  const Octets content = Octets{17, 0, 0, 0, 0, 0, 0, 0} + udp(pattern(100));
  const auto read = readAll(pcap(101, atOnce({ip6Fragment(slice(content, 64, content.size() - 64), 64, false, 60),
                                              ip6Fragment(slice(content, 0, 64), 0, true, 60)})));
  EXPECT_EQ(onlyPayload(read), pattern(100));
}

TEST(Fragments, CutBySnapLengthIsCounted) {
  const auto p = fragments(false, 150);
  const auto read = readAll(pcap(101, {{1, 0, slice(p[0], 0, 40), 28}, {1, 0, p[1]}, {1, 0, p[2]}, {1, 0, p[3]}}));
  EXPECT_TRUE(read.payloads.empty());
  EXPECT_EQ(read.drops[CaptureDrop::fragmentCut], 1u);
  EXPECT_EQ(read.drops[CaptureDrop::fragmentMissing], 1u) << "what is incomplete at the end";
}

TEST(Fragments, WaitThirtySecondsOfCaptureTime) {
  const auto p = fragments(false, 60);
  ASSERT_EQ(p.size(), 2u);
  const auto inTime = readAll(pcap(101, {{100, 0, p[0]}, {130, 0, p[1]}}));
  EXPECT_EQ(onlyPayload(inTime), pattern(60));
  const auto late = readAll(pcap(101, {{100, 0, p[0]}, {130, 1, p[1]}}));
  EXPECT_TRUE(late.payloads.empty());
  EXPECT_EQ(late.drops[CaptureDrop::fragmentMissing], 2u) << "the first half, and the second at the end";
}

TEST(Fragments, AnyTimeStampsAreSafe) {
  const auto p = fragments(false, 60);
  const auto read = readAll(pcapng(101, {{0xFFFFFFFF, 0, p[0]}, {0, 0, p[1]}}, 0));
  EXPECT_EQ(onlyPayload(read), pattern(60));
}

TEST(Fragments, TooManyInPiecesCostTheOldest) {
  std::vector<Octets> frames;
  for (unsigned id = 0; id <= Reassembler::kMaxDatagrams; ++id) frames.push_back(fragments(false, 60, id)[0]);
  frames.push_back(fragments(false, 60, 0)[1]);
  frames.push_back(fragments(false, 60, Reassembler::kMaxDatagrams)[1]);
  std::vector<Frame> together;
  for (const auto& f : frames) together.push_back({5, 0, f});
  const auto read = readAll(pcap(101, together));
  EXPECT_EQ(onlyPayload(read), pattern(60)) << "the youngest is kept";
  EXPECT_EQ(read.drops[CaptureDrop::fragmentLimit], 2u) << "id 0, and what gave way to the rest of id 0";
}

TEST(Fragments, MemoryIsBounded) {
  CaptureDrops drops;
  Reassembler reassembler(drops);
  const Octets part(32, 1);
  Fragment f;
  f.source = f.destination = *IpAddress::parse("10.0.0.1");
  f.protocol = 17;
  f.more = true;
  f.bytes = part;
  std::size_t most = 0;
  for (unsigned round = 0; round < 40; ++round)
    for (f.id = 0; f.id < 300; ++f.id) {
      f.offset = 64'000 - round * 48;  // far away and never adjacent: the worst for both buffers and ranges
      EXPECT_FALSE(reassembler.add(0, f));
      most = std::max(most, reassembler.bytesHeld());
    }
  EXPECT_LE(most, Reassembler::kMaxBytes);
  EXPECT_LE(reassembler.inProgress(), Reassembler::kMaxDatagrams);
  EXPECT_GT(drops[CaptureDrop::fragmentLimit], 0u);
  reassembler.finish();
  EXPECT_EQ(reassembler.bytesHeld(), 0u);
}

// ---- captures of others ----

TEST(SharedCaptures, GiveAsManyDatagramsAsTheReferenceDecoderRead) {
  const std::pair<const char*, std::size_t> expected[] = {
      {"ecmp.pcap", 9279},
      {"overflowd-single-agent.pcap", 1000},
      {"oxyflow-multi-agent-1.pcap", 900},
      {"tcpdump-sflow-multiple-counter-30-pdus.pcap", 30},
      {"tcpdump-sflow-expanded.pcap", 1},
      {"ndpi-sflow.pcap", 9},
      {"nxthdr-sflow.pcap", 1},
      {"akvorado-1140.pcap", 1},
      {"akvorado-discard-interface.pcap", 1},
      {"akvorado-multiple-interfaces.pcap", 1},
      {"akvorado-icmpv4.pcap", 1},
      {"akvorado-ipv4-data.pcap", 1},
      {"akvorado-raw-ipv4.pcap", 1},
      {"cistern-vectors.pcap", 5},
      {"gopacket-vectors-a.pcap", 8},
      {"goflow2-expanded-switch.pcap", 1},
      {"goflow2-drop-egress-queue.pcap", 1},
      {"goflow2-drop-function.pcap", 1},
      {"logstash-codec-vectors.pcap", 3},
      {"telegraf-v5-example.pcap", 1},
      {"telegraf-issue-15918.pcap", 1},
      {"vflow-flow-sample.pcap", 1},
      {"synthetic-flow-records.pcap", 67},
      {"synthetic-counter-records.pcap", 52},
      {"synthetic-edge-cases.pcap", 60},
      {"synthetic-invalid.pcap", 70},
      {"synthetic-v2-v4.pcap", 62},
      {"encap-headers.pcap", 326},
  };
  for (const auto& [name, count] : expected) {
    const auto path = capturePath(name);
    if (!path) GTEST_SKIP() << "SHARED CAPTURES ARE ABSENT: " << captureFolder() << " (set WEIR_CAPTURES)";
    const auto read = readAll(*path);
    EXPECT_EQ(read.payloads.size(), count) << name;
    EXPECT_EQ(read.error, "") << name;
    for (const auto& [payload, bytes] : read.payloads) EXPECT_FALSE(payload.truncated) << name;
  }
}

}  // namespace
}  // namespace weir::ingest
