// What strangers send: never a fault of ours, never without bounds, always counted.
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "engine/shard.h"
#include "support/captures.h"
#include "support/engine_runner.h"
#include "support/shard_bench.h"
#include "support/walk_datagram.h"

namespace weir::engine {
namespace {

using test::TestAgent;

class Hostile : public testing::Test {
 protected:
  void define() {
    bench.flow("pairs", "{keys:'ipsource,ipdestination', value:bytes, filter:'ipprotocol=6'}");
    bench.flow("names", "{keys:'or:ipsource:ip6source,null:dnsqname:none', value:frames, log:true, activeTimeout:1}");
    bench.flow("drops", "{keys:'reason', value:frames, dropped:true}");
    bench.flow("agent",
               "{keys:'macsource,macdestination,stack', value:bytes, aggMode:AGENT, log:true, flowStart:true}");
    bench.threshold("each", "{metric:pairs, value:1000, byFlow:true, timeout:0.1}");
    bench.threshold("all", "{metric:agent, value:1000, timeout:0.1, filter:{ifspeed:'1*'}}");
    bench.threshold("port", "{metric:ifinoctets, value:10, timeout:0}");
  }
  test::ShardBench bench;
  TestAgent agent{"10.0.0.30"};
};

TEST_F(Hostile, TwoHundredThousandDamagedDatagrams) {
  define();
  std::vector<std::vector<std::uint8_t>> seeds;
  for (const auto& d : test::simulate(5)) seeds.push_back(d.payload);
  for (const char* name : {"synthetic-flow-records.pcap", "synthetic-counter-records.pcap", "synthetic-edge-cases.pcap",
                           "synthetic-v2-v4.pcap", "encap-headers.pcap"}) {
    if (const auto path = test::capturePath(name)) {
      for (auto& d : test::readCapture(*path)) seeds.push_back(std::move(d.payload));
    }
  }
  std::mt19937_64 random(20'260);
  std::uint64_t bytes = 0, records = 0;
  std::vector<std::uint8_t> datagram;
  constexpr unsigned kDatagrams = 200'000;
  for (unsigned i = 0; i < kDatagrams; ++i) {
    datagram = seeds[random() % seeds.size()];
    if (i % 10 == 0) {
      datagram.resize(random() % 400);
      for (auto& octet : datagram) octet = static_cast<std::uint8_t>(random());
      if (datagram.size() >= 8 && i % 20 == 0) storeBe32(datagram.data(), 5), storeBe32(&datagram[4], 1);
    } else {
      for (std::uint64_t n = 1 + random() % 8; n != 0 && !datagram.empty(); --n) {
        const std::size_t at = random() % datagram.size();
        switch (random() % 4) {
          case 0:
            datagram[at] = static_cast<std::uint8_t>(random());
            break;
          case 1:
            datagram[at] ^= static_cast<std::uint8_t>(1U << random() % 8);
            break;
          case 2:
            datagram[at] = random() % 2 == 0 ? 0xFF : 0;
            break;
          default:
            if (datagram.size() >= 4)
              storeBe32(&datagram[random() % (datagram.size() / 4) * 4], static_cast<std::uint32_t>(random() % 16));
        }
      }
      if (random() % 16 == 0) datagram.resize(random() % (datagram.size() + 1));
    }
    bench.at(static_cast<double>(i) * 0.0005);
    // An own copy of the very size, so that a read behind it is seen.
    const auto copy = std::make_unique<std::uint8_t[]>(datagram.size());
    std::copy(datagram.begin(), datagram.end(), copy.get());
    bench.send(Bytes(copy.get(), datagram.size()));
    bytes += datagram.size();
    records += bench.shard.outputs().size();
    bench.shard.outputs().clear();
  }
  const ShardFigures& figures = bench.shard.figures();
  EXPECT_EQ(figures.datagrams, kDatagrams);
  EXPECT_EQ(figures.bytes, bytes);
  EXPECT_GT(figures.malformedDatagrams, 10'000U);
  EXPECT_GT(figures.unsupportedVersion, 1'000U);
  EXPECT_LE(figures.malformedDatagrams + figures.unsupportedVersion, figures.datagrams);
  EXPECT_GT(records, 100U);
  for (const auto& known : bench.shard.agents()) {
    EXPECT_LE(known->sources.size(), Limits::kSourcesOfAgent);
    EXPECT_LE(known->subAgents.size(), Limits::kSubAgentsOfAgent);
    EXPECT_LE(known->custom.size(), Limits::kCustomSourcesOfAgent);
  }
}

TEST_F(Hostile, EveryDatagramCountsOnceAsWhatItIs) {
  const std::vector<std::uint8_t> empty, three{0, 0, 5};
  bench.send(empty);
  bench.send(three);
  EXPECT_EQ(bench.shard.figures().malformedDatagrams, 2U) << "empty and short ones are malformed";
  std::vector<std::uint8_t> version(100);
  for (const std::uint32_t v : {0U, 1U, 3U, 6U, 0x05000000U}) {
    storeBe32(version.data(), v);
    bench.send(version);
  }
  EXPECT_EQ(bench.shard.figures().unsupportedVersion, 5U);
  EXPECT_EQ(bench.shard.figures().malformedDatagrams, 2U) << "in one of the two";
  const Bytes good = agent.flow({}).flow({}).counters({0, 1}, {}).finish(bench.now());
  bench.send(good);
  EXPECT_EQ(bench.shard.figures().malformedDatagrams, 2U);
  std::vector<std::uint8_t> cut(good.begin(), good.end() - 1);
  bench.send(cut);
  EXPECT_EQ(bench.shard.figures().malformedDatagrams, 3U);
  EXPECT_EQ(bench.shard.figures().datagrams, 9U);
  EXPECT_EQ(bench.shard.agents().size(), 1U);
}

TEST_F(Hostile, MalformedIsCountedOncePerDatagramWhateverItsSamplesAre) {
  // Two short records in two samples, and one in a counter sample that is a duplicate.
  wire::Sample flow;
  flow.kind = wire::SampleKind::flow;
  flow.source = {0, 1};
  const test::RecordBytes shortRecord = test::RecordBytes{}.u32(1);
  for (int i = 0; i < 2; ++i) {
    flow.sequence = static_cast<std::uint32_t>(i + 1);
    agent.writer().beginSample(flow);
    agent.writer().add(wire::tag(0, 1), shortRecord.bytes);
    ASSERT_TRUE(agent.writer().endSample());
  }
  bench.send(agent);
  EXPECT_EQ(bench.shard.figures().malformedDatagrams, 1U);
  EXPECT_EQ(bench.shard.figures().faults[static_cast<std::size_t>(wire::Fault::recordShort)], 2U);
  const auto* known = bench.shard.findAgent(test::address("10.0.0.30"));
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->faults[static_cast<std::size_t>(wire::Fault::recordShort)], 2U);
}

TEST_F(Hostile, InvalidCaptureCountsWhatIsWrongWithIt) {
  const auto path = test::capturePath("synthetic-invalid.pcap");
  if (!path) GTEST_SKIP() << "no captures in " << test::captureFolder();
  const test::Capture capture = test::readCapture(*path);
  ASSERT_EQ(capture.size(), 70U);
  std::uint64_t malformed = 0, unsupported = 0, bytes = 0;
  for (std::size_t i = 0; i < capture.size(); ++i) {
    bench.at(static_cast<double>(i));
    const std::uint64_t before = bench.shard.figures().malformedDatagrams;
    bench.send(capture[i].payload);
    const auto faults = test::walkDatagram(capture[i].payload).faults;
    const bool isVersion = faults.of[static_cast<std::size_t>(wire::Fault::unsupportedVersion)] != 0;
    malformed += faults.any() && !isVersion ? 1 : 0;
    unsupported += isVersion ? 1 : 0;
    bytes += capture[i].payload.size();
    EXPECT_EQ(bench.shard.figures().malformedDatagrams - before, faults.any() && !isVersion ? 1U : 0U)
        << "datagram " << i;
  }
  EXPECT_EQ(bench.shard.figures().malformedDatagrams, malformed);
  EXPECT_EQ(bench.shard.figures().unsupportedVersion, unsupported);
  EXPECT_EQ(bench.shard.figures().datagrams, 70U);
  EXPECT_EQ(bench.shard.figures().bytes, bytes);
  EXPECT_GE(unsupported, 3U);
  EXPECT_GE(malformed, 20U);
}

TEST_F(Hostile, FloodOfDataSources) {
  bench.flow("total", "{value:bytes}");
  TestAgent innocent("10.0.0.31");
  constexpr std::uint32_t kFlood = Limits::kSourcesOfAgent + 1'000;
  for (std::uint32_t i = 0; i < kFlood; ++i) bench.send(agent.flow({.source = {0, i}}));
  const auto* known = bench.shard.findAgent(test::address("10.0.0.30"));
  EXPECT_EQ(known->sources.size(), Limits::kSourcesOfAgent);
  EXPECT_EQ(known->refusedSources, 1'000U);
  EXPECT_EQ(bench.shard.figures().refusedSources, 1'000U);
  EXPECT_EQ(known->flowSamples, kFlood) << "received all the same";
  bench.send(innocent.flow({.source = {0, 7}}));
  EXPECT_GT(bench.rate("10.0.0.31", {0, 7}, "total", ""), 0) << "the bound belongs to the agent";
  bench.send(agent.flow({.source = {0, 5}, .rate = 100}));
  EXPECT_NEAR(bench.rate("10.0.0.30", {0, 5}, "total", ""), 101'000 / 2.0, 1) << "what is known goes on";
}

TEST_F(Hostile, FloodOfSubAgents) {
  for (std::uint32_t sub = 0; sub < 1'000; ++sub) {
    TestAgent one("10.0.0.30", sub);
    bench.send(one.flow({}));
  }
  const auto* known = bench.shard.findAgent(test::address("10.0.0.30"));
  EXPECT_EQ(known->subAgents.size(), Limits::kSubAgentsOfAgent);
  EXPECT_EQ(bench.shard.figures().refusedSubAgents, 1'000 - Limits::kSubAgentsOfAgent);
  EXPECT_EQ(known->flowSamples, 1'000U);
}

TEST_F(Hostile, FloodOfSenders) {
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    std::array<std::uint8_t, 4> octets;
    storeBe32(octets.data(), 0xC0000000 + i);
    bench.sender = IpAddress::v4(octets.data());
    bench.send(agent.flow({}));
  }
  EXPECT_EQ(bench.shard.findAgent(test::address("10.0.0.30"))->senders.size(), Limits::kSendersShown);
}

TEST_F(Hostile, FloodOfCustomMetrics) {
  for (std::uint32_t i = 0; i < Limits::kCustomSourcesOfAgent + 100; ++i) {
    bench.send(agent.metric("source" + std::to_string(i), "metric", i));
  }
  const auto* known = bench.shard.findAgent(test::address("10.0.0.30"));
  EXPECT_EQ(known->custom.size(), Limits::kCustomSourcesOfAgent);
  EXPECT_EQ(known->refusedSources, 100U);
  for (std::uint32_t i = 0; i < 70'000; ++i) {
    bench.send(agent.metric("source" + std::to_string(i % 100), "metric" + std::to_string(i), i));
  }
  EXPECT_LE(bench.names.size(), model::metricTable().size() + model::MetricNames::kMaxDynamic);
  EXPECT_GT(bench.names.refused(), 4'000U);
}

TEST_F(Hostile, FloodOfAgents) {
  constexpr std::uint32_t kFlood = Limits::kAgents + 500;
  bench.send(agent.flow({}));
  TestAgent fake("10.77.0.0");
  const Bytes one = fake.finish(bench.now());
  std::vector<std::uint8_t> datagram(one.begin(), one.end());
  for (std::uint32_t i = 1; i < kFlood; ++i) {
    storeBe32(&datagram[8], 0x0B000000 + i);
    bench.send(datagram);
  }
  EXPECT_EQ(bench.shard.agents().size(), Limits::kAgents);
  EXPECT_EQ(bench.shard.figures().refusedAgents, 500U);
  EXPECT_EQ(bench.shard.figures().datagrams, kFlood);
  bench.send(agent.flow({}));
  EXPECT_EQ(bench.shard.findAgent(test::address("10.0.0.30"))->flowSamples, 2U);
}

TEST_F(Hostile, AmountsBeyondReasonStayInTheirCache) {
  bench.flow("slow", "{keys:ipsource, value:bytes, t:600}");
  bench.flow("pairs", "{keys:ipsource, value:bytes}");
  bench.threshold("any", "{metric:slow, value:1e30, byFlow:true}");
  for (std::uint32_t i = 0; i < 3'000; ++i) {
    bench.at(i * 13.0);
    wire::Sample sample;
    sample.kind = wire::SampleKind::flow;
    sample.source = {0, 1};
    sample.samplingRate = 0xFFFFFFFF;
    const auto from = "10.0." + std::to_string(i / 250 % 250) + "." + std::to_string(i % 250);
    const auto frame = test::frameOf({.from = from.c_str()});
    agent.writer().beginSample(sample);
    agent.writer().add(wire::SampledHeader{1, 0xFFFFFFFF, 0, frame});
    ASSERT_TRUE(agent.writer().endSample());
    agent.flow({.source = {0, 2}, .bytes = 1000, .rate = 2});
    bench.send(agent);
    for (const char* flow : {"slow", "pairs"}) {
      const double rate = bench.rate("10.0.0.30", {0, 1}, flow, from);
      ASSERT_TRUE(std::isfinite(rate) && rate >= 0) << rate;
    }
  }
  EXPECT_GT(bench.rate("10.0.0.30", {0, 2}, "pairs", "10.0.0.1"), 1000);
}

}  // namespace
}  // namespace weir::engine
