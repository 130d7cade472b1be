#include "sim/fabric_simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "support/start.h"
#include "support/walk_datagram.h"

namespace weir::sim {
namespace {

using test::kStart;
using Datagrams = std::vector<std::vector<std::uint8_t>>;

Datagrams run(std::uint64_t seed, Nanos duration, Nanos slice) {
  Datagrams out;
  FabricSimulation simulation(seed);
  const auto sink = [&](Bytes datagram) { out.emplace_back(datagram.begin(), datagram.end()); };
  simulation.advance(kStart, sink);
  for (Nanos t = slice; t < duration; t += slice) simulation.advance(kStart + t, sink);
  simulation.advance(kStart + duration, sink);
  return out;
}

// Estimates from flow samples beside the counters, per agent and data source.
struct PortTraffic {
  double estimate = 0;  // octets, from samples so far
  unsigned samples = 0;
  double firstEstimate = 0, lastEstimate = 0;  // when the first and last counters came
  std::uint64_t firstOctets = 0, lastOctets = 0;
  unsigned firstSamples = 0, lastSamples = 0;
  unsigned counters = 0;
  std::uint32_t flowSequence = 0, counterSequence = 0, pool = 0;
};
using Ports = std::map<std::pair<IpAddress, std::uint64_t>, PortTraffic>;

void addCounters(PortTraffic& port, const wire::if_counters& counters) {
  if (port.counters++ == 0) {
    port.firstEstimate = port.estimate;
    port.firstOctets = counters.ifInOctets;
    port.firstSamples = port.samples;
  }
  port.lastEstimate = port.estimate;
  port.lastOctets = counters.ifInOctets;
  port.lastSamples = port.samples;
}

void readSample(PortTraffic& port, wire::Sample sample) {
  const bool flow = sample.kind == wire::SampleKind::flow;
  EXPECT_EQ(sample.sequence, ++(flow ? port.flowSequence : port.counterSequence));
  for (wire::Record record; sample.records.next(record);) {
    wire::SampledHeader header;
    wire::if_counters counters;
    if (flow && record.tag == wire::tag(0, 1) && parseSampledHeader(record, header) == wire::kNoFault) {
      ++port.samples;
      port.estimate += double{1} * header.frameLength * sample.samplingRate;
      port.pool = sample.samplePool;
    } else if (!flow && record.tag == wire::tag(0, 1) && readRecord(record, counters) == wire::kNoFault) {
      addCounters(port, counters);
    }
  }
}

Ports readAll(const Datagrams& datagrams) {
  Ports ports;
  std::map<IpAddress, std::uint32_t> sequences;
  for (const auto& datagram : datagrams) {
    auto reader = wire::DatagramReader::open(datagram);
    EXPECT_TRUE(reader);
    if (!reader) continue;
    const IpAddress& agent = reader->header().agent;
    EXPECT_EQ(reader->header().sequence, ++sequences[agent]);
    for (wire::Sample sample; reader->next(sample);) readSample(ports[{agent, sample.source.key()}], sample);
  }
  return ports;
}

TEST(FabricSimulationTest, SameSeedSameOctets) {
  const Datagrams a = run(7, 5 * kSecond, kSecond);
  EXPECT_FALSE(a.empty());
  EXPECT_EQ(a, run(7, 5 * kSecond, kSecond));
  EXPECT_NE(a, run(8, 5 * kSecond, kSecond));
}

TEST(FabricSimulationTest, SlicingDoesNotMatter) {
  const Datagrams a = run(7, 5 * kSecond, 5 * kSecond);
  EXPECT_EQ(a, run(7, 5 * kSecond, 7 * kMillisecond));
  EXPECT_EQ(a, run(7, 5 * kSecond, 333 * kMillisecond));
}

TEST(FabricSimulationTest, FirstCallYieldsNothingAndTimeThatGoesBackIsIgnored) {
  FabricSimulation simulation(1);
  unsigned datagrams = 0;
  const auto sink = [&](Bytes) { ++datagrams; };
  simulation.advance(kStart, sink);
  EXPECT_EQ(datagrams, 0U);
  simulation.advance(kStart - kSecond, sink);
  EXPECT_EQ(datagrams, 0U);
  simulation.advance(kStart + kSecond, sink);
  EXPECT_GT(datagrams, 10U);
}

TEST(FabricSimulationTest, DecodesWithoutAFault) {
  unsigned flow = 0;
  for (const auto& datagram : run(3, 30 * kSecond, kSecond)) {
    EXPECT_LE(datagram.size(), wire::kDefaultDatagramSize);
    const test::WalkTotals totals = test::walkDatagram(datagram);
    EXPECT_TRUE(totals.opened);
    EXPECT_FALSE(totals.faults.any());
    EXPECT_EQ(totals.unknownRecords, 0U);
    flow += totals.samples;
  }
  EXPECT_GT(flow, 10000U);
}

TEST(FabricSimulationTest, AboutTwoHundredDatagramsASecondFromEveryAgent) {
  const Datagrams datagrams = run(1, 40 * kSecond, kSecond);
  EXPECT_GT(datagrams.size(), 40U * 120U);
  EXPECT_LT(datagrams.size(), 40U * 400U);
  std::set<IpAddress> agents;
  for (const auto& datagram : datagrams) agents.insert(wire::DatagramReader::open(datagram)->header().agent);
  EXPECT_EQ(agents.size(), kLeaves + kSpines + kLeaves * kHostsPerLeaf);
}

TEST(FabricSimulationTest, CountersAgreeWithEstimatesFromSamples) {
  const Ports ports = readAll(run(5, 120 * kSecond, kSecond));
  unsigned compared = 0;
  for (const auto& [id, port] : ports) {
    if (port.lastSamples - port.firstSamples < 2000) continue;
    ++compared;
    const double octets = static_cast<double>(port.lastOctets - port.firstOctets);
    EXPECT_NEAR((port.lastEstimate - port.firstEstimate) / octets, 1.0, 0.1)
        << id.first.text() << ' ' << id.second << ", " << port.lastSamples - port.firstSamples << " samples";
  }
  EXPECT_GT(compared, 8U);
}

TEST(FabricSimulationTest, PoolGrowsByTheSamplingRateForEachSample) {
  const FabricTopology fabric = FabricTopology::leafAndSpine();
  const Ports ports = readAll(run(5, 60 * kSecond, kSecond));
  for (const SwitchSpec& node : fabric.switches) {
    for (const PortSpec& spec : node.ports) {
      const auto found = ports.find({node.agent, wire::DataSource{0, spec.ifIndex}.key()});
      ASSERT_NE(found, ports.end()) << node.name << ' ' << spec.name;
      const PortTraffic& port = found->second;
      EXPECT_GE(port.counters, 5U);
      if (port.samples < 1000) continue;
      EXPECT_NEAR(double{1} * port.pool / port.samples / spec.samplingRate, 1.0, 0.1) << node.name << ' ' << spec.name;
    }
  }
}

// Octets per second of each pair of IPv4 addresses at the edge in one second of time.
TEST(FabricSimulationTest, ElephantIsTheTopTalkerWhileItLasts) {
  FabricSimulation simulation(1);
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> pairs;
  const auto sink = [&](Bytes datagram) {
    auto reader = wire::DatagramReader::open(datagram);
    for (wire::Sample sample; reader->next(sample);) {
      if (sample.kind != wire::SampleKind::flow || sample.samplingRate != 1000) continue;  // host ports only
      wire::Record record;
      wire::SampledHeader header;
      if (!sample.records.next(record) || parseSampledHeader(record, header) != wire::kNoFault) continue;
      if (loadBe16(header.header.data() + 12) != 0x0800) continue;
      const std::uint8_t* ip = header.header.data() + 14;
      pairs[{loadBe32(ip + 12), loadBe32(ip + 16)}] += 8.0 * header.frameLength * sample.samplingRate;
    }
  };
  const auto largest = [&](Nanos from) {
    simulation.advance(kStart + from, sink);
    pairs.clear();
    simulation.advance(kStart + from + 2 * kSecond, sink);
    double rate = 0;
    for (const auto& [pair, bits] : pairs) rate = std::max(rate, bits / 2);
    return rate;
  };
  simulation.advance(kStart, sink);
  EXPECT_LT(largest(kMillisecond), 1e9) << "before the first";
  EXPECT_NEAR(largest(6 * kSecond), 5e9, 7e8);
  EXPECT_LT(largest(17 * kSecond), 1e9) << "between two";
  EXPECT_NEAR(largest(26 * kSecond), 5e9, 7e8);
}

TEST(FabricTopologyTest, SamePacketCrossesThreeSwitchesOfOnePath) {
  const FabricTopology fabric = FabricTopology::leafAndSpine();
  std::set<std::size_t> spines;
  for (std::uint64_t hash = 0; hash < 8; ++hash) {
    const Path path = fabric.path(0, 15, hash);
    ASSERT_EQ(path.size, 3U);
    EXPECT_EQ(path.hops[0].node, 0U);
    EXPECT_EQ(path.hops[2].node, 3U);
    spines.insert(path.hops[1].node);
    // What leaves one end of a link arrives at the other.
    for (std::size_t i = 0; i + 1 < 3; ++i) {
      const Hop &a = path.hops[i], &b = path.hops[i + 1];
      EXPECT_TRUE(std::ranges::any_of(fabric.links, [&](const LinkSpec& link) {
        return (link.switch1 == a.node && link.port1 == a.outPort && link.switch2 == b.node &&
                link.port2 == b.inPort) ||
               (link.switch2 == a.node && link.port2 == a.outPort && link.switch1 == b.node && link.port1 == b.inPort);
      }));
    }
  }
  EXPECT_EQ(spines.size(), kSpines);
  EXPECT_EQ(fabric.path(0, 1, 5).size, 1U);
}

TEST(FabricTopologyTest, JsonNamesNodesAndLinks) {
  const std::string json = FabricSimulation(1).topologyJson();
  EXPECT_TRUE(json.starts_with(R"({"nodes":{"leaf1":{"agent":"10.0.0.1","ports":{"swp1":{"ifindex":"1"},)")) << json;
  EXPECT_NE(json.find(R"("leaf4-spine2":{"node1":"leaf4","port1":"swp50","node2":"spine2","port2":"swp4"})"),
            std::string::npos)
      << json;
  EXPECT_EQ(std::ranges::count(json, '{'), std::ranges::count(json, '}'));
}

}  // namespace
}  // namespace weir::sim
