// Damaged datagrams: nothing is read outside, every damage has its counter, and what stood before it is kept.
#include <gtest/gtest.h>

#include <memory>

#include "support/captures.h"
#include "support/pcap.h"
#include "support/walk_datagram.h"
#include "unit/wire/allocation_count.h"
#include "wire/writer.h"

namespace weir::wire {
namespace {

using test::walkDatagram;
using test::WalkTotals;

// A copy that ends where its memory ends, so that the sanitizer sees a read behind it.
WalkTotals walkExactCopy(Bytes bytes) {
  const std::unique_ptr<std::uint8_t[]> copy(new std::uint8_t[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), copy.get());
  return walkDatagram(Bytes(copy.get(), bytes.size()));
}

unsigned count(const WalkTotals& totals, Fault fault) {
  return totals.faults.of[static_cast<std::size_t>(fault)];
}

const auto kCaptures =
    test::presentCaptures({"records.pcap", "legacy.pcap", "headers.pcap", "damaged.pcap", "synthetic-flow-records.pcap",
                           "synthetic-counter-records.pcap", "synthetic-edge-cases.pcap", "synthetic-invalid.pcap",
                           "synthetic-v2-v4.pcap", "cistern-vectors.pcap", "gopacket-vectors-a.pcap",
                           "goflow2-drop-function.pcap", "logstash-codec-vectors.pcap", "akvorado-1140.pcap"});

class Damage : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto capture = test::capturePath(GetParam());
    ASSERT_TRUE(capture);
    payloads_ = test::udpPayloads(*capture);
    ASSERT_FALSE(payloads_.empty());
  }
  std::vector<std::vector<std::uint8_t>> payloads_;
};

TEST_P(Damage, EveryPrefixIsReadInsideItself) {
  for (const auto& payload : payloads_) {
    const WalkTotals whole = walkDatagram(payload);
    unsigned samples = 0;
    for (std::size_t n = 0; n < payload.size(); ++n) {
      const WalkTotals part = walkExactCopy(Bytes(payload).first(n));
      EXPECT_LE(part.samples, whole.samples);
      EXPECT_GE(part.samples, samples) << "a longer prefix lost a sample";
      samples = part.samples;
      EXPECT_TRUE(part.faults.any() || part.samples == whole.samples) << n << " octets";
    }
  }
}

TEST_P(Damage, EveryOctetChangedIsReadInside) {
  for (auto payload : payloads_) {
    if (payload.size() > 320) continue;
    for (std::uint8_t& octet : payload) {
      for (const auto mask : {std::uint8_t{0xFF}, std::uint8_t{0x80}, std::uint8_t{0x01}}) {
        octet = static_cast<std::uint8_t>(octet ^ mask);
        walkExactCopy(payload);
        octet = static_cast<std::uint8_t>(octet ^ mask);
      }
    }
  }
}

TEST_P(Damage, WalkAllocatesNothing) {
  const std::size_t before = test::allocationCount();
  std::uint64_t checksum = 0;
  for (const auto& payload : payloads_) checksum += walkDatagram(payload).checksum;
  EXPECT_EQ(test::allocationCount(), before) << checksum;
}

INSTANTIATE_TEST_SUITE_P(Captures, Damage, testing::ValuesIn(kCaptures), [](const auto& capture) {
  std::string name = capture.param;
  std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return name;
});

// The damages of synthetic-invalid.pcap, in the order of its description: faults, samples read, records read.
struct Expectation {
  std::size_t datagram;
  Fault fault;
  unsigned samples;
  unsigned records;
};
constexpr Expectation kInvalid[] = {
    {0, Fault::notSflow, 0, 0},             // 0 of 272 octets
    {1, Fault::notSflow, 0, 0},             // 3
    {5, Fault::notSflow, 0, 0},             // 27
    {6, Fault::samplesMissing, 0, 0},       // 28: the header alone
    {8, Fault::samplesMissing, 0, 0},       // 32
    {9, Fault::sampleWindow, 0, 0},         // 36
    {11, Fault::sampleWindow, 0, 0},        // 100
    {13, Fault::sampleWindow, 1, 1},        // 271: the second sample is cut
    {14, Fault::unsupportedVersion, 0, 0},  // version 3
    {15, Fault::unsupportedVersion, 0, 0},  // version 6
    {16, Fault::unsupportedVersion, 0, 0},  // little-endian
    {17, Fault::addressType, 0, 0},
    {19, Fault::samplesMissing, 2, 2},  // sample count 2^32-1
    {20, kNoFault, 1, 1},               // sample count too small: the rest is trailing octets
    {21, Fault::samplesMissing, 2, 2},
    {22, Fault::sampleWindow, 0, 0},
    {25, Fault::recordsMissing, 2, 2},  // record count 2^32-1
    {26, Fault::recordWindow, 2, 1},
    {27, Fault::recordShort, 2, 2},
    {28, Fault::recordContent, 2, 2},  // header length overflow
    {29, Fault::recordContent, 2, 2},
};

TEST(DamageTest, EachDamageHasItsFault) {
  const auto capture = test::capturePath("synthetic-invalid.pcap");
  if (!capture) GTEST_SKIP() << "no captures in " << test::captureFolder();
  const auto payloads = test::udpPayloads(*capture);
  ASSERT_EQ(payloads.size(), 70U);
  for (const Expectation& e : kInvalid) {
    const WalkTotals totals = walkExactCopy(payloads[e.datagram]);
    EXPECT_EQ(totals.samples, e.samples) << e.datagram;
    EXPECT_EQ(totals.records, e.records) << e.datagram;
    EXPECT_EQ(totals.faults.any(), e.fault != kNoFault) << e.datagram;
    EXPECT_TRUE(e.fault == kNoFault || count(totals, e.fault) == 1U) << e.datagram << ' ' << faultName(e.fault);
  }
}

TEST(DamageTest, SampleThatEndsBehindTheDatagramIsOffered) {
  const auto capture = test::capturePath("gopacket-vectors-a.pcap");
  if (!capture) GTEST_SKIP() << "no captures in " << test::captureFolder();
  unsigned partial = 0;
  for (const auto& payload : test::udpPayloads(*capture)) {
    auto reader = DatagramReader::open(payload);
    ASSERT_TRUE(reader);
    for (Sample sample; reader->next(sample);) {
    }
    if (reader->partial().empty()) continue;
    ++partial;
    EXPECT_EQ(reader->partial().data() + reader->partial().size(), payload.data() + payload.size());
    EXPECT_EQ(loadBe32(reader->partial().data() + 4), 116U);
    EXPECT_EQ(reader->partial().size(), 8U + 76U);
  }
  EXPECT_EQ(partial, 1U);
}

TEST(DamageTest, StringWithoutItsPaddingAtTheEnd) {
  const auto capture = test::capturePath("goflow2-drop-function.pcap");
  if (!capture) GTEST_SKIP() << "no captures in " << test::captureFolder();
  const auto payloads = test::udpPayloads(*capture);
  auto reader = DatagramReader::open(payloads.at(0));
  ASSERT_TRUE(reader);
  Sample sample;
  ASSERT_TRUE(reader->next(sample));
  EXPECT_EQ(sample.kind, SampleKind::discard);
  Record record;
  ASSERT_TRUE(sample.records.next(record));
  extended_function function;
  ASSERT_EQ(readRecord(record, function), kNoFault);
  EXPECT_EQ(function.symbol, "foobar");
  EXPECT_FALSE(reader->next(sample));
  EXPECT_FALSE(reader->faults().any());
}

// Builds version 2 and 4 datagrams word by word.
struct Words {
  std::vector<std::uint8_t> bytes;
  Words& add(std::initializer_list<std::uint32_t> words) {
    for (const std::uint32_t word : words) {
      bytes.resize(bytes.size() + 4);
      storeBe32(bytes.data() + bytes.size() - 4, word);
    }
    return *this;
  }
};
Words legacyHeader(std::uint32_t version, std::uint32_t samples) {
  return Words{}.add({version, 1, 0x0A000001, 1, 1000, samples});
}
void addFlow(Words& words, std::initializer_list<std::uint32_t> extensions) {
  words.add({1, 7, 3, 100, 200, 0, 3, 0x80000002});
  words.add({1, 1, 64, 4, 0xAABBCCDD});  // packet data: header of four octets
  words.add(extensions);
}

TEST(LegacyTest, UnknownExtensionLosesTheRestAndKeepsWhatWasBefore) {
  Words words = legacyHeader(4, 2);
  addFlow(words, {2, 1, 10, 1, 20, 2, 99, 0});  // switch, then type 99
  addFlow(words, {0});
  const WalkTotals totals = walkExactCopy(words.bytes);
  EXPECT_EQ(totals.samples, 1U);
  EXPECT_EQ(totals.records, 2U);
  EXPECT_EQ(count(totals, Fault::legacyTag), 1U);
}

TEST(LegacyTest, UnknownSampleAndCountersTypes) {
  Words words = legacyHeader(2, 2);
  addFlow(words, {0});
  words.add({3, 1, 2, 3});
  EXPECT_EQ(walkExactCopy(words.bytes).samples, 1U);
  EXPECT_EQ(count(walkExactCopy(words.bytes), Fault::legacyTag), 1U);

  for (const std::uint32_t type : {0U, 8U, 0xFFFFFFFFU}) {
    Words counters = legacyHeader(4, 1);
    counters.add({2, 1, 3, 30, type, 0, 0, 0});
    const WalkTotals totals = walkExactCopy(counters.bytes);
    EXPECT_EQ(totals.samples, 1U);
    EXPECT_EQ(totals.records, 0U);
    EXPECT_EQ(count(totals, Fault::legacyTag), 1U);
  }
}

TEST(LegacyTest, InterfacesAndSecondSample) {
  Words words = legacyHeader(4, 2);
  addFlow(words, {1, 5, 2, 3, 0x61626300});  // url "abc"
  addFlow(words, {0});
  auto reader = DatagramReader::open(words.bytes);
  ASSERT_TRUE(reader);
  Sample sample;
  ASSERT_TRUE(reader->next(sample));
  EXPECT_EQ(sample.output.format, 2U);
  EXPECT_EQ(sample.output.value, 2U);
  EXPECT_EQ(sample.recordCount, 2U);
  Record record;
  ASSERT_TRUE(sample.records.next(record));
  EXPECT_EQ(record.dialect, Dialect::v4);
  SampledHeader header;
  ASSERT_EQ(parseSampledHeader(record, header), kNoFault);
  EXPECT_EQ(header.frameLength, 64U);
  EXPECT_EQ(header.stripped, 0U);
  EXPECT_EQ(header.header.size(), 4U);
  ASSERT_TRUE(sample.records.next(record));
  EXPECT_EQ(record.tag, tag(0, 1005));
  EXPECT_FALSE(sample.records.next(record));
  ASSERT_TRUE(reader->next(sample));
  EXPECT_FALSE(reader->next(sample));
  EXPECT_FALSE(reader->faults().any());
}

TEST(LegacyTest, HugeCountsEndWithTheDatagram) {
  Words words = legacyHeader(4, 0xFFFFFFFF);
  addFlow(words, {0xFFFFFFFF, 3, 1, 2, 3, 0xFFFFFFFF, 2, 0xFFFFFFFF});
  const WalkTotals totals = walkExactCopy(words.bytes);
  EXPECT_EQ(totals.samples, 1U);
  EXPECT_EQ(totals.records, 1U);
  EXPECT_EQ(count(totals, Fault::sampleWindow), 1U);
}

TEST(DatagramTest, AddressTypeNoneHasNoAgent) {
  const Words words = Words{}.add({5, 0, 9, 8, 7, 0});
  auto reader = DatagramReader::open(words.bytes);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->header().agent, IpAddress{});
  EXPECT_EQ(reader->header().subAgent, 9U);
  Sample sample;
  EXPECT_FALSE(reader->next(sample));
  EXPECT_FALSE(reader->faults().any());
}

TEST(DatagramTest, FaultsHaveNames) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Fault::count); ++i)
    EXPECT_FALSE(faultName(static_cast<Fault>(i)).empty()) << i;
  EXPECT_EQ(faultName(Fault::legacyTag), "legacyTag");
  EXPECT_TRUE(faultName(kNoFault).empty());
}

}  // namespace
}  // namespace weir::wire
