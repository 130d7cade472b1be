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
  for (const char* name :
       {"records.pcap", "legacy.pcap", "headers.pcap", "damaged.pcap", "synthetic-flow-records.pcap",
        "synthetic-counter-records.pcap", "synthetic-edge-cases.pcap", "synthetic-v2-v4.pcap", "encap-headers.pcap"}) {
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

/// Datagrams of as many agents as wanted, one each, by octets of the address.
class Forged {
 public:
  explicit Forged(Bytes datagram) : datagram_(datagram.begin(), datagram.end()) {}
  Bytes of(std::uint32_t agent) {
    storeBe32(&datagram_[8], agent);
    return datagram_;
  }

 private:
  std::vector<std::uint8_t> datagram_;
};

TEST_F(Hostile, FloodOfAgentsTakesNoPlaceOfRealOnes) {
  bench.flow("total", "{value:bytes, log:true}");
  TestAgent quiet("10.0.0.31"), fake("10.77.0.0");
  for (int i = 0; i < 10; ++i) {
    bench.send(agent.flow({}));
    bench.send(quiet.counters({0, 1}, {}));
  }
  Forged forged(fake.flow({}).finish(bench.now()));
  constexpr std::uint32_t kFlood = 2 * Limits::kAgents;
  for (std::uint32_t i = 0; i < kFlood; ++i) {
    bench.at(i * 0.0001);
    bench.send(forged.of(0x0B000000 + i));
    if (i % 10'000 == 0) bench.send(agent.flow({}));
  }
  const ShardFigures& figures = bench.shard.figures();
  EXPECT_LE(bench.shard.agents().size(), Limits::kAgents);
  EXPECT_GT(bench.shard.agents().size(), Limits::kAgents - 100);
  EXPECT_EQ(figures.refusedAgents, 0U);
  EXPECT_EQ(figures.displacedAgents + bench.shard.agents().size(), kFlood + 2);
  ASSERT_NE(bench.shard.findAgent(test::address("10.0.0.30")), nullptr);
  EXPECT_EQ(bench.shard.findAgent(test::address("10.0.0.30"))->flowSamples, 10 + kFlood / 10'000 + 1);
  ASSERT_NE(bench.shard.findAgent(test::address("10.0.0.31")), nullptr) << "silent for 13 s";
  // One that comes in the middle of it is heard, and from its second datagram on worth more than forged ones.
  TestAgent late("10.0.0.32");
  bench.send(late.flow({}));
  bench.send(late.flow({}));
  for (std::uint32_t i = 0; i < kFlood; ++i) bench.send(forged.of(0x0C000000 + i));
  ASSERT_NE(bench.shard.findAgent(test::address("10.0.0.32")), nullptr);
  EXPECT_GT(bench.rate("10.0.0.32", {0, 1}, "total", ""), 0);
  bench.at(1'000);
  bench.tick();
  std::size_t records = 0;
  for (const auto& record : bench.records()) records += record.agent.starts_with("10.0.0.") ? 1 : 0;
  EXPECT_GE(records, 2U) << "records of agents that were forgotten are passed over";
}

TEST_F(Hostile, AgentsThatAreAllActiveRefuseMore) {
  TestAgent fake("10.77.0.0");
  Forged real(fake.finish(bench.now()));
  for (int datagram = 0; datagram < 8; ++datagram) {
    for (std::uint32_t i = 0; i < Limits::kAgents; ++i) bench.send(real.of(0x0B000000 + i));
  }
  bench.send(agent.flow({}));
  EXPECT_EQ(bench.shard.figures().refusedAgents, 1U);
  EXPECT_EQ(bench.shard.agents().size(), Limits::kAgents);
  bench.at(61);
  bench.send(agent.flow({}));
  EXPECT_NE(bench.shard.findAgent(test::address("10.0.0.30")), nullptr) << "others are silent now";
  EXPECT_EQ(bench.shard.figures().refusedAgents, 1U);
}

TEST_F(Hostile, FloodOfDataSourcesOfManyAgents) {
  bench.flow("pairs", "{keys:'ipsource,ipdestination', value:bytes}");
  TestAgent fake("10.77.0.0");
  bench.send(agent.flow({.source = {0, 1}}));
  const std::size_t one = bench.shard.arena().used();
  constexpr std::uint32_t kSources = 8'192, kPerDatagram = 256;
  constexpr std::uint32_t kAgents = Limits::kSources / kSources + 4;
  for (std::uint32_t datagram = 0; datagram < kSources / kPerDatagram; ++datagram) {
    for (std::uint32_t i = 0; i < kPerDatagram; ++i) fake.flow({.source = {0, 1 + datagram * kPerDatagram + i}});
    Forged forged(fake.finish(bench.now()));
    for (std::uint32_t i = 0; i < kAgents; ++i) bench.send(forged.of(0x0B000000 + i));
    for (int i = 0; i < 2; ++i) bench.send(agent.flow({.source = {0, 1}}));
  }
  std::size_t sources = 0;
  for (const auto& known : bench.shard.agents()) sources += known->sources.size();
  EXPECT_LE(sources, Limits::kSources);
  EXPECT_GT(bench.shard.figures().displacedAgents, 0U);
  bench.send(agent.flow({.source = {0, 2}}));
  EXPECT_GT(bench.rate("10.0.0.30", {0, 2}, "pairs", "10.0.0.1,10.0.0.2"), 0) << "there is room for real ones";
  EXPECT_EQ(bench.shard.findAgent(test::address("10.0.0.30"))->flowSamples, 2 * kSources / kPerDatagram + 2);
  bench.at(601);
  bench.send(agent.flow({.source = {0, 1}}));
  bench.at(620);
  bench.tick();
  EXPECT_LE(bench.shard.arena().used(), 2 * one) << "all of it is given back";
  bench.at(4'000);
  bench.tick();
  bench.send(agent.flow({}));
  EXPECT_EQ(bench.shard.agents().size(), 1U);
}

TEST_F(Hostile, FloodOfMetricNamesLeavesRoomForThresholds) {
  for (std::uint32_t i = 0; i < 70'000; ++i) {
    bench.send(agent.metric("source" + std::to_string(i % 100), "junk" + std::to_string(i), i));
  }
  bench.threshold("plain", "{metric:queue_length, value:10}");
  TestAgent other("10.0.0.31");
  bench.send(other.metric("sensor", "queue_length", 99));
  EXPECT_EQ(bench.fired(), "plain@sensor");
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
