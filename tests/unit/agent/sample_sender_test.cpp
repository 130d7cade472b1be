#include "agent/sample_sender.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::agent {
namespace {

IpAddress address(std::uint8_t last) {
  const std::uint8_t octets[] = {10, 0, 0, last};
  return IpAddress::v4(octets);
}

struct Sent {
  std::vector<std::vector<std::uint8_t>> datagrams;
  SampleSender sender{[this](Bytes d) { datagrams.emplace_back(d.begin(), d.end()); }, 0};

  bool addFlow(std::size_t header, Nanos now = 0) {
    wire::Sample sample;
    sample.kind = wire::SampleKind::flow;
    sample.expanded = true;
    const std::vector<std::uint8_t> octets(header);
    return sender.add(now, sample, [&](auto& writer) { writer.add(wire::SampledHeader{1, 1518, 4, octets}); });
  }
  wire::DatagramHeader header(std::size_t i) { return wire::DatagramReader::open(datagrams.at(i)).value().header(); }
};

TEST(SampleSender, FillsDatagramsAndNumbersThemFromOne) {
  Sent sent;
  sent.sender.setIdentity(address(1), 100'000);
  sent.sender.setLimit(1400);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(sent.addFlow(128, 5 * kSecond));
  sent.sender.flush();
  // 28 octets of datagram header; 8 + 44 of a sample, 8 + 16 + 128 of its record: six fit.
  ASSERT_EQ(sent.datagrams.size(), 17);
  std::uint32_t samples = 0;
  for (std::size_t i = 0; i < sent.datagrams.size(); ++i) {
    const auto header = sent.header(i);
    EXPECT_LE(sent.datagrams[i].size(), 1400);
    EXPECT_EQ(header.sequence, i + 1);
    EXPECT_EQ(header.subAgent, 100'000);
    EXPECT_EQ(header.uptimeMs, 5000);
    if (i + 1 < sent.datagrams.size()) {
      EXPECT_EQ(header.sampleCount, 6);
    }
    samples += header.sampleCount;
  }
  EXPECT_EQ(samples, 100);
  EXPECT_EQ(sent.sender.counters().datagrams, 17);
}

TEST(SampleSender, NothingWaitsLongerThanASecond) {
  Sent sent;
  sent.sender.setIdentity(address(1), 1);
  EXPECT_TRUE(sent.addFlow(10, 0));
  sent.sender.flushOld(kSecond - 1);
  EXPECT_EQ(sent.datagrams.size(), 0);
  sent.sender.flushOld(kSecond);
  EXPECT_EQ(sent.datagrams.size(), 1);
  sent.sender.flushOld(5 * kSecond);
  EXPECT_EQ(sent.datagrams.size(), 1) << "empty datagrams are not sent";
}

TEST(SampleSender, NumbersGoOnWhenIdentityOrLimitChange) {
  Sent sent;
  EXPECT_FALSE(sent.addFlow(10)) << "no agent address yet";
  EXPECT_EQ(sent.sender.counters().suppressed, 1);
  sent.sender.setIdentity(address(1), 1);
  EXPECT_TRUE(sent.addFlow(10));
  sent.sender.setLimit(300);
  EXPECT_TRUE(sent.addFlow(10));
  sent.sender.setIdentity(address(2), 1);
  EXPECT_TRUE(sent.addFlow(10));
  sent.sender.setSending(false);
  EXPECT_FALSE(sent.addFlow(10));
  sent.sender.setSending(true);
  EXPECT_TRUE(sent.addFlow(10));
  sent.sender.flush();
  ASSERT_EQ(sent.datagrams.size(), 4);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(sent.header(i).sequence, i + 1);
  EXPECT_EQ(sent.header(1).agent, address(1)) << "what was packed leaves under the old address";
  EXPECT_EQ(sent.header(2).agent, address(2));
}

TEST(SampleSender, ASampleThatFitsNoDatagramIsCountedAndLeavesNoGap) {
  Sent sent;
  sent.sender.setIdentity(address(1), 1);
  sent.sender.setLimit(200);
  EXPECT_FALSE(sent.addFlow(256));
  EXPECT_EQ(sent.sender.counters().tooLarge, 1);
  EXPECT_TRUE(sent.addFlow(64));
  EXPECT_FALSE(sent.addFlow(256));
  sent.sender.flush();
  EXPECT_TRUE(sent.addFlow(64));
  sent.sender.flush();
  ASSERT_EQ(sent.datagrams.size(), 2);
  EXPECT_EQ(sent.header(0).sequence, 1);
  EXPECT_EQ(sent.header(1).sequence, 2);
}

}  // namespace
}  // namespace weir::agent
