#include "agent/counter_poller.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "agent/entity_set.h"
#include "network_builder.h"
#include "unit/agent_host/fixture_tree.h"
#include "unit/engine/allocation_count.h"

namespace weir::agent {
namespace {

/// Interfaces whose counters grow as the test says.
struct GrowingNetwork : NetworkSource {
  NetworkBuilder b;
  std::uint64_t octetsPerRefresh = 0;
  [[nodiscard]] Expected<Network> read() override { return b.network; }
  int opticsRead = 0;
  [[nodiscard]] std::optional<Optics> readOptics(const Link&) override {
    ++opticsRead;
    return Optics();
  }
  void refreshCounters(Network& network) override {
    for (auto& link : b.network.links) link.stats.rx_bytes += octetsPerRefresh;
    network = b.network;
  }
};

struct Seen {
  std::vector<Nanos> times;
  std::vector<std::uint32_t> sequences;
  std::vector<std::uint64_t> octets;
};

struct CounterBench {
  Nanos now = 1000 * kSecond;
  std::map<wire::DataSource, Seen> seen;
  std::uint32_t lastDatagram = 0;
  GrowingNetwork source;
  SequenceBook book;
  SampleSender sender{[this](Bytes d) { take(d); }, 0};
  CounterPoller poller{sender, book, source, "/nonexistent", 7};

  CounterBench() {
    const std::uint8_t octets[] = {10, 0, 0, 1};
    sender.setIdentity(IpAddress::v4(octets), 1);
  }
  Seen& of(std::uint32_t ifIndex) { return seen[wire::DataSource{0, ifIndex}]; }
  void take(Bytes datagram) {
    auto reader = wire::DatagramReader::open(datagram).value();
    EXPECT_EQ(reader.header().sequence, ++lastDatagram) << "gapless";
    for (wire::Sample sample; reader.next(sample);) {
      Seen& s = seen[sample.source];
      s.times.push_back(now);
      s.sequences.push_back(sample.sequence);
      for (wire::Record record; sample.records.next(record);)
        if (record.tag == wire::if_counters::kTag) s.octets.push_back(loadBe64(record.data.data() + 24));
    }
  }
  void setNetwork(std::uint32_t seconds) {
    poller.setNetwork(source.b.network, [](const Link&) { return true; }, seconds, now);
  }
  void run(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      poller.poll(now);
      now += kSecond;
    }
  }
};

TEST(CounterPoller, PhasesAreRandomAndIntervalsExact) {
  CounterBench bench;
  for (std::uint32_t i = 1; i <= 40; ++i) bench.source.b.link(i, "eth" + std::to_string(i));
  bench.setNetwork(20);
  bench.run(200);
  std::set<Nanos> phases;
  ASSERT_EQ(bench.seen.size(), 41) << "40 interfaces and the host";
  for (const auto& [source, seen] : bench.seen) {
    ASSERT_EQ(seen.times.size(), 10);
    phases.insert(seen.times[0]);
    for (std::size_t i = 1; i < seen.times.size(); ++i) EXPECT_EQ(seen.times[i] - seen.times[i - 1], 20 * kSecond);
    for (std::size_t i = 0; i < seen.sequences.size(); ++i) EXPECT_EQ(seen.sequences[i], i + 1);
  }
  EXPECT_GT(phases.size(), 10) << "they do not come in one burst";
  EXPECT_TRUE(bench.seen.contains(kHostSource));
}

TEST(CounterPoller, ZeroPollsNothingAndNumbersSurviveIt) {
  CounterBench bench;
  bench.source.b.link(1, "eth1");
  bench.setNetwork(5);
  bench.run(20);
  const auto before = bench.of(1).sequences.size();
  bench.setNetwork(0);
  bench.run(20);
  EXPECT_EQ(bench.of(1).sequences.size(), before);
  bench.setNetwork(5);
  bench.run(10);
  EXPECT_EQ(bench.of(1).sequences.back(), before + 2);
}

TEST(CounterPoller, OpticsAreReadEveryFiveMinutes) {
  CounterBench bench;
  bench.source.b.link(1, "eth1");
  bench.source.b.link(2, "br0", "bridge");
  bench.setNetwork(10);
  bench.run(900);
  EXPECT_EQ(bench.source.opticsRead, 3) << "and only of hardware";
}

TEST(CounterPoller, AnotherInterfaceUnderTheSameIndexStartsAnew) {
  CounterBench bench;
  bench.source.b.link(3, "eth3");
  bench.setNetwork(5);
  bench.run(20);
  EXPECT_EQ(bench.of(3).sequences.back(), 4);
  bench.source.b.network.links[0].name = "tun3";
  bench.setNetwork(5);
  bench.seen.clear();
  bench.run(5);
  EXPECT_EQ(bench.of(3).sequences.front(), 1);
}

// A day of a host whose devices, services and containers come and go, with counters that pass 2^32 every minute or so.
TEST(CounterPoller, ADayOfChurnLosesNothingAndGivesNoWrongRate) {
  CounterBench bench;
  FixtureTree tree;
  tree.file("sys/fs/cgroup/cgroup.controllers", "cpu\n");
  EntitySet entities(bench.poller, tree.root());
  AgentSettings settings;
  settings.docker.emplace();
  constexpr std::uint64_t kPerPoll = 3'000'000'000;
  bench.source.octetsPerRefresh = 0;
  bench.source.b.link(1, "eth1");
  bench.source.b.link(2, "eth2");
  constexpr int kDay = 24 * 60 * 60, kInterval = 30;
  settings.polling.fallback = kInterval;
  entities.apply(settings, {}, bench.now);
  bench.setNetwork(kInterval);
  std::string container;
  std::ptrdiff_t afterAnHour = 0;
  for (int second = 0; second < kDay; ++second) {
    bench.source.b.network.links[0].stats.rx_bytes += kPerPoll / kInterval;
    if (second % 10 == 0) {  // a container and its device come, or go
      if (bench.source.b.network.links.size() == 2) {
        char id[65];
        std::snprintf(id, sizeof id, "%064d", second);
        container = std::string("sys/fs/cgroup/docker/") + id;
        tree.file(container + "/cgroup.procs", "1\n");
        bench.source.b.link(static_cast<std::uint32_t>(100 + second), "veth" + std::to_string(second));
      } else {
        std::filesystem::remove_all(tree.root() + "/" + container);
        bench.source.b.network.links.pop_back();
      }
      bench.setNetwork(kInterval);
      (void)entities.refresh(bench.now);
    }
    bench.run(1);
    std::erase_if(bench.seen, [](const auto& seen) { return seen.first != wire::DataSource{0, 1}; });
    if (second == kDay / 24) afterAnHour = test::liveAllocations();
  }
  std::printf("live allocations: %td after an hour, %td after a day\n", afterAnHour, test::liveAllocations());
  EXPECT_LT(test::liveAllocations(), afterAnHour + 20) << "what the test itself keeps grows by a few blocks";
  const Seen& eth1 = bench.of(1);
  ASSERT_EQ(eth1.octets.size(), kDay / kInterval);
  for (std::size_t i = 1; i < eth1.octets.size(); ++i) {
    EXPECT_EQ(eth1.octets[i] - eth1.octets[i - 1], kPerPoll);
    EXPECT_EQ(eth1.sequences[i], i + 1);
  }
  EXPECT_EQ(bench.sender.counters().tooLarge, 0);
}

}  // namespace
}  // namespace weir::agent
