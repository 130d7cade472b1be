#include "agent_sampling/kernel_sample.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/psample.h>

#include <vector>

#include "agent_sampling/nflog.h"
#include "agent_sampling/psample.h"
#include "unit/netlink/fake_kernel.h"

namespace weir::agent {
namespace {

using netlink::FakeKernel;

/// IPv4 and the first octets of what it carries; its length field says `total`.
std::vector<std::uint8_t> ipv4(std::uint16_t total, std::size_t captured) {
  std::vector<std::uint8_t> out(captured);
  out[0] = 0x45;
  storeBe16(out.data() + 2, total);
  return out;
}

struct NflogPacket {
  std::uint8_t hook;
  std::uint32_t in, out, sequence;
  bool link;
};

netlink::MessageWriter nflogMessage(const NflogPacket& p) {
  netlink::MessageWriter m;
  m.begin(NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET, 0, 0, nfgenmsg{AF_INET, 0, 0});
  m.attribute(NFULA_PACKET_HDR, nfulnl_msg_packet_hdr{htons(0x0800), p.hook, 0});
  if (p.in != 0) m.attribute(NFULA_IFINDEX_INDEV, htonl(p.in));
  if (p.out != 0) m.attribute(NFULA_IFINDEX_OUTDEV, htonl(p.out));
  m.attribute(NFULA_SEQ, htonl(p.sequence));
  m.attribute(NFULA_HWTYPE, htons(1));
  const std::vector<std::uint8_t> mac(14, 0xEE);
  if (p.link) m.attribute(NFULA_HWHEADER, mac.data(), mac.size());
  const auto payload = ipv4(1500, 128);
  m.attribute(NFULA_PAYLOAD, payload.data(), payload.size());
  m.end();
  return m;
}

struct Taken {
  SampledFrame frame;
  KernelSample sample;
};

TEST(Nflog, ReceivedAndSentPacketsHaveTheirLengthAndDirection) {
  FakeKernel fake;
  NflogSource source(std::move(fake.ours));
  fake.say(nflogMessage({NF_INET_LOCAL_IN, 7, 0, 0, true}));
  fake.say(nflogMessage({NF_INET_LOCAL_OUT, 0, 8, 1, false}));
  fake.say(nflogMessage({NF_INET_FORWARD, 7, 8, 2, true}));
  std::vector<Taken> seen;
  source.read([&](const KernelSample& s) {
    Taken t{{}, s};
    EXPECT_TRUE(fillFrame(t.frame, s, 128));
    seen.push_back(t);
  });
  ASSERT_EQ(seen.size(), 3);
  EXPECT_EQ(seen[0].frame.protocol, 1);
  EXPECT_EQ(seen[0].frame.frameLength, 14 + 1500 + 4) << "the original length, not that of the message";
  EXPECT_EQ(seen[0].frame.stripped, 4);
  EXPECT_EQ(seen[0].frame.octets[0], 0xEE);
  EXPECT_EQ(seen[0].frame.octets[14], 0x45);
  EXPECT_EQ(seen[0].frame.headerLength, 128);
  EXPECT_EQ(seen[0].sample.device(), 7);
  EXPECT_TRUE(seen[0].sample.toHost && !seen[0].sample.outgoing && !seen[0].sample.fromHost);

  EXPECT_EQ(seen[1].frame.protocol, 11) << "no link header on the way out";
  EXPECT_EQ(seen[1].frame.frameLength, 14 + 1500 + 4);
  EXPECT_EQ(seen[1].frame.stripped, 18);
  EXPECT_EQ(seen[1].sample.device(), 8);
  EXPECT_TRUE(seen[1].sample.outgoing && seen[1].sample.fromHost);

  EXPECT_EQ(seen[2].sample.inDevice, 7);
  EXPECT_EQ(seen[2].sample.outDevice, 8);
  EXPECT_FALSE(seen[2].sample.toHost || seen[2].sample.fromHost);
  EXPECT_EQ(source.takeDrops(), 0);
}

TEST(Nflog, GapsInTheSequenceAreDrops) {
  FakeKernel fake;
  NflogSource source(std::move(fake.ours));
  for (const std::uint32_t sequence : {10U, 11U, 15U, 16U})
    fake.say(nflogMessage({NF_INET_LOCAL_IN, 7, 0, sequence, true}));
  int seen = 0;
  source.read([&](const KernelSample&) { ++seen; });
  EXPECT_EQ(seen, 4);
  EXPECT_EQ(source.takeDrops(), 3);
  EXPECT_EQ(source.takeDrops(), 0) << "drops are told once";
}

netlink::MessageWriter psampleMessage(std::uint32_t group, std::uint32_t sequence) {
  netlink::MessageWriter m;
  m.begin(30, 0, 0, genlmsghdr{PSAMPLE_CMD_SAMPLE, 1, 0});
  m.attribute(PSAMPLE_ATTR_IIFINDEX, std::uint16_t{3});
  m.attribute(PSAMPLE_ATTR_OIFINDEX, std::uint16_t{4});
  m.attribute(PSAMPLE_ATTR_ORIGSIZE, std::uint32_t{1514});
  m.attribute(PSAMPLE_ATTR_SAMPLE_GROUP, group);
  m.attribute(PSAMPLE_ATTR_GROUP_SEQ, sequence);
  m.attribute(PSAMPLE_ATTR_SAMPLE_RATE, std::uint32_t{1000});
  m.attribute(PSAMPLE_ATTR_OUT_TC, std::uint16_t{2});
  m.attribute(PSAMPLE_ATTR_OUT_TC_OCC, std::uint64_t{4096});
  m.attribute(PSAMPLE_ATTR_LATENCY, std::uint64_t{1} << 40);
  m.attribute(PSAMPLE_ATTR_TIMESTAMP, std::uint64_t{123'456'789});
  const std::vector<std::uint8_t> data(128, 0x11);
  m.attribute(PSAMPLE_ATTR_DATA, data.data(), data.size());
  m.end();
  return m;
}

TEST(Psample, GroupsTellDirectionAndExtrasAreKept) {
  FakeKernel fake;
  PsampleSource source(std::move(fake.ours), 30, {1, 2});
  fake.say(psampleMessage(1, 0));
  fake.say(psampleMessage(2, 100));
  fake.say(psampleMessage(9, 0));  // somebody else's
  fake.say(psampleMessage(1, 3));
  std::vector<KernelSample> seen;
  source.read([&](const KernelSample& s) { seen.push_back(s); });
  ASSERT_EQ(seen.size(), 3);
  EXPECT_EQ(seen[0].device(), 3);
  EXPECT_EQ(seen[1].device(), 4);
  EXPECT_EQ(seen[0].rate, 1000);
  EXPECT_EQ(seen[0].length, 1514);
  EXPECT_EQ(seen[0].egressQueue, 2);
  EXPECT_EQ(seen[0].queueDepth, 4096);
  EXPECT_EQ(seen[0].transitDelay, UINT32_MAX) << "does not fit 32 bits";
  EXPECT_EQ(seen[0].time, 123'456'789);
  EXPECT_EQ(source.takeDrops(), 2);
}

TEST(GapCounter, RestartsAreNoGaps) {
  GapCounter gaps;
  EXPECT_EQ(gaps.step(5), 0);
  EXPECT_EQ(gaps.step(6), 0);
  EXPECT_EQ(gaps.step(9), 2);
  EXPECT_EQ(gaps.step(0), 0) << "a step back";
  EXPECT_EQ(gaps.step(1), 0);
  GapCounter wrap;
  EXPECT_EQ(wrap.step(UINT32_MAX), 0);
  EXPECT_EQ(wrap.step(1), 1);
}

}  // namespace
}  // namespace weir::agent
