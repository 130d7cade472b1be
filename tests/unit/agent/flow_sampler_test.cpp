#include "agent/flow_sampler.h"

#include <gtest/gtest.h>

#include "network_builder.h"
#include "unit/engine/allocation_count.h"

namespace weir::agent {
namespace {

/// Ethernet, IPv4 and the ports of TCP.
std::array<std::uint8_t, 64> frameBytes(std::string_view source, std::string_view destination) {
  std::array<std::uint8_t, 64> p{};
  p[12] = 0x08;
  p[14] = 0x45;
  storeBe16(p.data() + 16, 50);
  p[23] = 6;
  const auto s = IpAddress::parse(source).value(), d = IpAddress::parse(destination).value();
  std::copy_n(s.octets.begin(), 4, p.begin() + 26);
  std::copy_n(d.octets.begin(), 4, p.begin() + 30);
  storeBe16(p.data() + 34, 40'000);
  storeBe16(p.data() + 36, 443);
  p[46] = 0x50;
  return p;
}

struct FlowSamplerBench {
  std::vector<std::vector<std::uint8_t>> datagrams;
  bool keep = true;
  SampleSender sender{[this](Bytes d) {
                        if (keep) datagrams.emplace_back(d.begin(), d.end());
                      },
                      0};
  SequenceBook book;
  NoNetwork network;
  CounterPoller poller{sender, book, network, "/nonexistent", 1};
  EntitySet entities{poller, "/nonexistent"};
  FlowSampler sampler{sender, entities};
  SourceNumbers& numbers = book.of({0, 5});

  FlowSamplerBench() {
    const std::uint8_t address[] = {10, 0, 0, 1};
    sender.setIdentity(IpAddress::v4(address), 1);
    NetworkBuilder b;
    b.link(5, "eth0");
    b.address(5, "10.0.0.1");
    sampler.setLocal(b.network);
  }
  void add(std::string_view source, std::string_view destination, bool outgoing, bool forUs = true) {
    SampledFrame& frame = sampler.slot();
    const auto bytes = frameBytes(source, destination);
    std::copy(bytes.begin(), bytes.end(), frame.octets.begin());
    frame.headerLength = 64;
    frame.frameLength = 68;
    frame.outgoing = outgoing;
    frame.forUs = forUs;
    sampler.done({5, 100, &numbers, {}, {}}, {}, 0);
  }
  std::vector<wire::Sample> samples() {
    sampler.finish(0);
    sender.flush();
    std::vector<wire::Sample> out;
    for (const auto& d : datagrams) {
      auto reader = wire::DatagramReader::open(d).value();
      for (wire::Sample s; reader.next(s);) out.push_back(s);
    }
    return out;
  }
};

TEST(FlowSampler, PortsFollowFromTheDirectionThatTheKernelTells) {
  FlowSamplerBench bench;
  bench.add("10.0.0.1", "192.0.2.1", true);          // ours, going out
  bench.add("192.0.2.1", "10.0.0.1", false);         // to us
  bench.add("192.0.2.1", "198.51.100.1", true);      // forwarded, on its way out
  bench.add("192.0.2.1", "198.51.100.1", false);     // forwarded, on its way in
  bench.add("192.0.2.1", "10.0.0.1", false, false);  // seen in promiscuous mode, for somebody else
  bench.add("0.0.0.0", "255.255.255.255", true);     // asking for an address
  bench.add("169.254.7.7", "224.0.0.251", true);     // link-local, too young to be known
  const auto s = bench.samples();
  ASSERT_EQ(s.size(), 7);
  const std::pair<std::uint32_t, std::uint32_t> expected[] = {
      {wire::kNoInterface, 5}, {5, wire::kNoInterface}, {0, 5}, {5, 0}, {5, 0},
      {wire::kNoInterface, 5}, {wire::kNoInterface, 5}};
  for (std::size_t i = 0; i < s.size(); ++i) {
    EXPECT_EQ(s[i].input.value, expected[i].first) << i;
    EXPECT_EQ(s[i].output.value, expected[i].second) << i;
    EXPECT_EQ(s[i].sequence, i + 1);
    EXPECT_EQ(s[i].samplingRate, 100);
    EXPECT_EQ(s[i].source, (wire::DataSource{0, 5}));
  }
}

TEST(FlowSampler, PoolsAreWhatTheKernelCounted) {
  FlowSamplerBench bench;
  for (int i = 0; i < 3; ++i) bench.add("10.0.0.1", "192.0.2.1", true);
  bench.sampler.setPacketsSeen(1000);
  const auto s = bench.samples();
  EXPECT_EQ(s[0].samplePool, 333);
  EXPECT_EQ(s[1].samplePool, 666);
  EXPECT_EQ(s[2].samplePool, 1000);
  bench.datagrams.clear();
  bench.add("10.0.0.1", "192.0.2.1", true);
  EXPECT_EQ(bench.samples()[0].samplePool, 1100) << "where nobody counted, a sample stands for its rate";
}

TEST(FlowSampler, SuppressedSamplesKeepNoNumber) {
  FlowSamplerBench bench;
  bench.sender.setSending(false);
  bench.add("10.0.0.1", "192.0.2.1", true);
  EXPECT_TRUE(bench.samples().empty());
  EXPECT_EQ(bench.sender.counters().suppressed, 1);
  bench.sender.setSending(true);
  bench.add("10.0.0.1", "192.0.2.1", true);
  EXPECT_EQ(bench.samples()[0].sequence, 1);
}

TEST(FlowSampler, ASampleCostsNoAllocation) {
  FlowSamplerBench bench;
  bench.keep = false;
  bench.sampler.setTcp(TcpSettings());
  const auto run = [&] {
    for (int i = 0; i < 1000; ++i) bench.add("10.0.0.1", "192.0.2.1", true);
    bench.sampler.finish(0);
  };
  run();  // buffers have their size now
  const std::size_t before = test::allocationCount();
  run();
  EXPECT_EQ(test::allocationCount(), before);
  EXPECT_EQ(bench.sampler.samples(), 2000);
}

}  // namespace
}  // namespace weir::agent
