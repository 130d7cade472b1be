#include "ingest/packet_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>
#include <string>
#include <vector>

#include "ingest/capture.h"
#include "unit/ingest/capture_files.h"

namespace weir::ingest {
namespace {

using namespace weir::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct PacketsRead {
  std::vector<Nanos> times;
  std::string error;
  std::vector<std::string> remarks;
  bool refused = false;
  bool truncated = false;
};

PacketsRead readPackets(const Octets& octets) {
  const TemporaryFile file(octets);
  PacketsRead out;
  const auto reader = CaptureReader::open(file.path());
  if (!reader) {
    out.error = reader.error().text();
    out.refused = true;
    return out;
  }
  UdpPayload payload;
  while ((*reader)->next(payload)) {
    out.times.push_back(payload.time);
    out.truncated |= payload.truncated;
  }
  out.error = (*reader)->error();
  out.refused = (*reader)->refused();
  out.remarks = (*reader)->remarks();
  return out;
}

const Octets kUdp = ip4(udp(text("anything")));
const Octets kEthernet = ethernet(kUdp);

TEST(Pcapng, InterfacesDifferInLinkTypeSnapLengthAndClock) {
  for (const bool bigEndian : {false, true}) {
    PcapngFile file(bigEndian);
    file.interface(1, 6, 65'535).interface(101, 9, 262'144).interface(113, 0x80 | 10).interface(276, 3, 0, -3600);
    file.packet(0, 5'000'000, kEthernet)
        .packet(1, 6'000'000'001, kUdp)
        .packet(2, 7 * 1024 + 512, Octets(14, 0) + be(0x0800, 2) + kUdp)
        .packet(3, 3'608'000, be(0x0800, 2) + Octets(18, 0) + kUdp);
    const PacketsRead read = readPackets(file.octets());
    EXPECT_THAT(read.times, ElementsAre(5 * kSecond, 6 * kSecond + 1, 7 * kSecond + kSecond / 2, 8 * kSecond));
    EXPECT_EQ(read.error, "");
    EXPECT_THAT(read.remarks, IsEmpty());
  }
}

TEST(Pcapng, SectionsHaveTheirOwnInterfacesAndByteOrder) {
  PcapngFile file;
  file.interface(101).packet(0, 1'000'000, kUdp);
  file.section(true).interface(1, 9).packet(0, 2'000'000'000, kEthernet);
  file.section(false).interface(101, 3).packet(0, 3'000, kUdp);
  EXPECT_THAT(readPackets(file.octets()).times, ElementsAre(kSecond, 2 * kSecond, 3 * kSecond));
  file.section(true).packet(0, 1, kUdp);
  EXPECT_THAT(readPackets(file.octets()).error,
              HasSubstr("after 3 packets: a packet of interface 0, which the file does not"));
}

TEST(Pcapng, SimpleAndObsoletePackets) {
  for (const bool bigEndian : {false, true}) {
    PcapngFile file(bigEndian);
    file.interface(101, 6, static_cast<std::uint32_t>(kUdp.size()));
    file.obsoletePacket(0, 4'000'000, kUdp)
        .simplePacket(kUdp)
        .block(0x0BAD, text("of somebody"))
        .packet(0, 9'000'000, kUdp);
    EXPECT_THAT(readPackets(file.octets()).times, ElementsAre(4 * kSecond, 4 * kSecond, 9 * kSecond))
        << "a simple packet has no time but that of the packet before";
    EXPECT_FALSE(readPackets(file.octets()).truncated);
    file.simplePacket(slice(kUdp, 0, kUdp.size() - 4), 4);
    EXPECT_TRUE(readPackets(file.octets()).truncated);
  }
}

TEST(Pcapng, AnyClockIsHeldBetween1970And2262) {
  const auto timeOf = [](int resolution, std::int64_t offset, std::uint64_t stamp) {
    PcapngFile file;
    file.interface(101, resolution, 0, offset).packet(0, stamp, kUdp);
    const PacketsRead read = readPackets(file.octets());
    return read.times.empty() ? Nanos{-1} : read.times.front();
  };
  constexpr std::uint64_t kMost = ~0ULL;
  EXPECT_EQ(timeOf(0, 0, kMost), 9'200'000'000 * kSecond);
  EXPECT_EQ(timeOf(0x80, 0, kMost), 9'200'000'000 * kSecond);
  EXPECT_EQ(timeOf(127, 0, kMost), 0);
  EXPECT_EQ(timeOf(0xFF, 0, kMost), 0);
  EXPECT_EQ(timeOf(19, 0, kMost), 1'844'674'407);
  EXPECT_EQ(timeOf(0x80 | 63, 0, kMost), 2 * kSecond - 1);
  EXPECT_EQ(timeOf(6, std::numeric_limits<std::int64_t>::min(), kMost), 0);
  EXPECT_EQ(timeOf(0, std::numeric_limits<std::int64_t>::max(), kMost), 9'200'000'000 * kSecond);
}

TEST(Pcapng, LinkTypesThatAreNotReadAreToldOrRefused) {
  PcapngFile file;
  file.interface(105).interface(101).packet(1, 1'000'000, kUdp);
  EXPECT_THAT(readPackets(file.octets()).remarks, IsEmpty()) << "an interface that is not used";
  file.packet(0, 2'000'000, Octets(40, 0));
  PacketsRead read = readPackets(file.octets());
  EXPECT_EQ(read.times.size(), 1U);
  EXPECT_EQ(read.error, "");
  EXPECT_THAT(read.remarks, ElementsAre(HasSubstr("not read: 1 packets of a link type that is not read (105")));

  PcapngFile only;
  only.interface(105).interface(1).packet(0, 1'000'000, Octets(40, 0));
  read = readPackets(only.octets());
  EXPECT_TRUE(read.refused);
  EXPECT_THAT(read.error, HasSubstr("link type 105 (tcpdump.org/linktypes) is not supported, expected Ethernet"));
}

TEST(Pcapng, DamageIsToldWithWhatCameBefore) {
  const auto faultOf = [](const PcapngFile& file) { return readPackets(file.octets()).error; };
  const auto good = [] { return PcapngFile().interface(101).packet(0, 1, kUdp); };
  const Octets numbers = le(0, 4) + le(0, 8);
  EXPECT_THAT(faultOf(good().block(6, numbers + le(5, 4) + le(5, 4) + Octets(4, 0))),
              HasSubstr("a packet of 5 octets"));
  EXPECT_THAT(faultOf(good().block(6, le(1, 4))), HasSubstr("shorter than what it holds"));
  EXPECT_THAT(faultOf(good().block(3, {})), HasSubstr("shorter than what it holds"));
  EXPECT_THAT(faultOf(good().block(1, le(101, 4))), HasSubstr("shorter than what it holds"));
  EXPECT_THAT(faultOf(good().block(1, le(101, 4) + le(0, 4) + le(9, 2) + le(200, 2))), HasSubstr("shorter than"));
  EXPECT_THAT(faultOf(good().section(false, 2)), HasSubstr("pcapng version 2, expected 1"));
  EXPECT_THAT(faultOf(PcapngFile().simplePacket(kUdp)), HasSubstr("does not describe"));
  Octets file = good().octets();
  const std::size_t sound = file.size();
  for (const Octets& block : {le(7, 4) + le(11, 4) + le(11, 4), le(7, 4) + le(14, 4) + le(0, 8),
                              le(7, 4) + le(16, 4) + le(0, 4) + le(20, 4), le(7, 4) + le(0xFFFFFFF0, 4) + le(0, 8),
                              be(0x0A0D0D0A, 4) + le(28, 4) + le(0x1A2B3C4E, 4) + Octets(16, 0), Octets{6}}) {
    const PacketsRead read = readPackets(file + block);
    EXPECT_EQ(read.times.size(), 1U);
    EXPECT_FALSE(read.refused) << "what came before was read";
    EXPECT_THAT(read.error, HasSubstr("after 1 packets: ")) << sound;
  }
}

TEST(Pcapng, InterfacesAreBounded) {
  PcapngFile one;
  one.interface(101);
  const Octets section = slice(one.octets(), 0, 28), interface = slice(one.octets(), 28, one.octets().size() - 28);
  Octets file = section;
  file.reserve(interface.size() * 65'540);
  for (int i = 0; i < 65'537; ++i) file.insert(file.end(), interface.begin(), interface.end());
  EXPECT_THAT(readPackets(file).error, HasSubstr("more than 65,536 interfaces"));
}

TEST(PacketFiles, EveryCutIsRead) {
  PcapngFile file;
  file.interface(101, 9).packet(0, 1, kUdp).obsoletePacket(0, 2, kUdp).simplePacket(kUdp);
  for (const Octets& whole : {file.octets(), pcap(101, {{1, 0, kUdp}, {2, 0, kUdp}, {3, 0, kUdp}})}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const PacketsRead read = readPackets(slice(whole, 0, size));
      EXPECT_LE(read.times.size(), 3U);
      EXPECT_EQ(read.refused, !read.error.empty() && read.times.empty()) << size;
    }
  }
}

TEST(PacketFiles, MutationsAreSafe) {
  std::mt19937 random(3);
  PcapngFile ng(true);
  ng.interface(101, 9).interface(1, 0x8A, 60, 5).packet(0, 1, kUdp).obsoletePacket(1, 2, kEthernet).simplePacket(kUdp);
  ng.section(false).interface(101).packet(0, 1, kUdp);
  const std::vector<Octets> seeds{ng.octets(), pcap(1, {{1, 0, kEthernet}, {2, 0, kEthernet}}, true, true)};
  std::size_t payloads = 0;
  for (int i = 0; i < 500; ++i) {
    Octets file = seeds[random() % seeds.size()];
    for (unsigned flips = 1 + random() % 4; flips != 0; --flips)
      file[random() % file.size()] = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : random() % 8);
    payloads += readPackets(file).times.size();
  }
  EXPECT_GT(payloads, 500U);
}

TEST(Pcap, VariantWithLongPacketHeaders) {
  for (const bool bigEndian : {false, true}) {
    const auto n = [&](std::uint64_t v, int size) { return bigEndian ? be(v, size) : le(v, size); };
    Octets file = n(0xA1B2CD34, 4) + n(2, 2) + n(4, 2) + n(0, 8) + n(65'535, 4) + n(101, 4);
    for (int i = 1; i <= 2; ++i)
      file =
          file + n(static_cast<std::uint64_t>(i), 4) + n(7, 4) + n(kUdp.size(), 4) + n(kUdp.size(), 4) + n(3, 8) + kUdp;
    EXPECT_THAT(readPackets(file).times, ElementsAre(kSecond + 7 * kMicrosecond, 2 * kSecond + 7 * kMicrosecond));
  }
}

TEST(Pcap, LinkTypeMayTellOfCheckSequences) {
  EXPECT_EQ(readPackets(pcap(0x24000001, {{1, 0, kEthernet + be(0xDEADBEEF, 4)}})).times.size(), 1U);
}

TEST(Pcap, LongPacketsAreReadInPart) {
  const Octets longFrame = kEthernet + Octets(300'000, 0);
  EXPECT_EQ(readPackets(pcap(1, {{1, 0, longFrame}, {2, 0, kEthernet}})).times.size(), 2U);
  Octets file = pcap(1, {{1, 0, kEthernet}});
  file = file + le(1, 4) + le(0, 4) + le(0x01000001, 4) + le(0x01000001, 4);
  EXPECT_THAT(readPackets(file).error, HasSubstr("a packet of 16777217 octets: damaged"));
}

TEST(Pcap, OtherVersionsAreRefused) {
  Octets file = pcap(1, {});
  file[4] = 3;
  EXPECT_THAT(readPackets(file).error, HasSubstr("pcap version 3, expected 2"));
  EXPECT_THAT(readPackets(slice(pcap(1, {}), 0, 23)).error, HasSubstr("ends inside the header of a pcap file"));
}

TEST(Remarks, CaptureWithoutDatagramsSaysWhatItHas) {
  EXPECT_THAT(readPackets(pcap(1, {})).remarks, ElementsAre(HasSubstr("no UDP datagrams in 0 packets")));
  const PacketsRead read = readPackets(pcap(1, {{1, 0, Octets(12, 2) + be(0x0806, 2) + Octets(28, 0)}}));
  EXPECT_THAT(read.remarks,
              ElementsAre(HasSubstr("no UDP datagrams in 1 packets: 1 frames that carry neither IPv4 nor")));
}

TEST(Remarks, FragmentsAndCutsAreTold) {
  const Octets part = ip4(slice(udp(pattern(100)), 0, 48), 0x2000);
  const PacketsRead read =
      readPackets(pcap(101, {{1, 0, kUdp}, {1, 0, part}, {2, 0, slice(kUdp, 0, kUdp.size() - 3), 3}}));
  EXPECT_THAT(read.remarks,
              ElementsAre(HasSubstr("not read: 1 datagrams whose fragments did not all come within 30 s, or at all"),
                          HasSubstr("1 datagrams were cut by the snap length")));
}

/// A named pipe that goes away with the object.
class Fifo {
 public:
  Fifo() {
    char name[] = "/tmp/weir-test-XXXXXX";
    close(mkstemp(name));
    std::remove(name);
    path_ = name;
    EXPECT_EQ(mkfifo(name, 0600), 0);
  }
  ~Fifo() { std::remove(path_.c_str()); }
  Fifo(const Fifo&) = delete;
  Fifo& operator=(const Fifo&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Writes and leaves; a reader must have opened it.
  void write(const Octets& octets) const {
    const int fd = ::open(path_.c_str(), O_WRONLY | O_NONBLOCK);
    ASSERT_GE(fd, 0);
    EXPECT_EQ(::write(fd, octets.data(), octets.size()), static_cast<ssize_t>(octets.size()));
    close(fd);
  }

 private:
  std::string path_;
};

TEST(Pipes, AreReadOnceAndWithoutAWriterAtFirst) {
  const Fifo fifo;
  const auto reader = CaptureReader::open(fifo.path());
  ASSERT_TRUE(reader) << reader.error().text();
  EXPECT_FALSE((*reader)->isFile());
  fifo.write(pcap(101, {{1, 0, kUdp}, {2, 0, kUdp}}));
  EXPECT_TRUE((*reader)->begin());
  UdpPayload payload;
  EXPECT_TRUE((*reader)->next(payload));
  EXPECT_TRUE((*reader)->next(payload));
  EXPECT_FALSE((*reader)->next(payload));
  EXPECT_EQ((*reader)->error(), "");
}

TEST(Pipes, GarbageIsRefused) {
  const Fifo fifo;
  const auto reader = CaptureReader::open(fifo.path());
  ASSERT_TRUE(reader);
  fifo.write(text("this is no capture"));
  const auto begun = (*reader)->begin();
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error().text(), HasSubstr(fifo.path() + ": not a pcap or pcapng capture"));
  UdpPayload payload;
  EXPECT_FALSE((*reader)->next(payload));
  EXPECT_TRUE((*reader)->refused());
}

TEST(Pipes, WaitingIsInterrupted) {
  const Fifo fifo;
  Interrupt interrupt;
  const auto reader = CaptureReader::open(fifo.path(), &interrupt);
  ASSERT_TRUE(reader);
  interrupt.raise();
  UdpPayload payload;
  EXPECT_FALSE((*reader)->next(payload)) << "no writer came";
  EXPECT_EQ((*reader)->error(), "");

  Interrupt later;
  const auto second = CaptureReader::open(fifo.path(), &later);
  ASSERT_TRUE(second);
  const int writer = open(fifo.path().c_str(), O_WRONLY | O_NONBLOCK);
  ASSERT_GE(writer, 0);
  const Octets begun = slice(pcap(101, {{1, 0, kUdp}, {2, 0, kUdp}}), 0, 24 + 16 + kUdp.size() + 5);
  EXPECT_EQ(write(writer, begun.data(), begun.size()), static_cast<ssize_t>(begun.size()));
  EXPECT_TRUE((*second)->next(payload));
  later.raise();
  EXPECT_FALSE((*second)->next(payload)) << "inside a packet";
  EXPECT_EQ((*second)->error(), "");
  close(writer);
}

}  // namespace
}  // namespace weir::ingest
