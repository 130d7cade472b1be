#include "agent/entity_set.h"

#include <gtest/gtest.h>

#include <set>

#include "network_builder.h"
#include "unit/agent_host/fixture_tree.h"

namespace weir::agent {
namespace {

struct NoNetwork : NetworkSource {
  [[nodiscard]] Expected<Network> read() override { return Network(); }
  void refreshCounters(Network&) override {}
};

struct Bench {
  FixtureTree tree;
  std::set<std::uint32_t> sources;
  std::set<std::string> names;
  std::uint32_t domains = 0;
  SampleSender sender{[this](Bytes d) { take(d); }, 0};
  SequenceBook book;
  NoNetwork network;
  CounterPoller poller{sender, book, network, "", 1};
  Nanos now = 1000 * kSecond;

  Bench() {
    const std::uint8_t address[] = {10, 0, 0, 1};
    sender.setIdentity(IpAddress::v4(address), 1);
    tree.file("sys/fs/cgroup/cgroup.controllers", "cpu\n");
    service("a.service", "1\n");
    service("b.service", "2\n");
  }
  void service(const std::string& name, const std::string& procs) {
    tree.file("sys/fs/cgroup/system.slice/" + name + "/cgroup.procs", procs);
  }
  void take(Bytes datagram) {
    auto reader = wire::DatagramReader::open(datagram).value();
    for (wire::Sample s; reader.next(s);) {
      if (s.source == kHostSource) {
        for (wire::Record r; s.records.next(r);)
          if (wire::virt_node n; r.tag == wire::virt_node::kTag && wire::readRecord(r, n) == wire::kNoFault)
            domains = n.num_domains;
        continue;
      }
      EXPECT_EQ(s.source.cls, 3);
      sources.insert(s.source.index);
      for (wire::Record r; s.records.next(r);)
        if (wire::host_descr d; r.tag == wire::host_descr::kTag && wire::readRecord(r, d) == wire::kNoFault)
          names.insert(std::string(d.hostname));
    }
  }
  void poll(int seconds) {
    for (int i = 0; i < seconds; ++i) poller.poll(now += kSecond);
  }
};

AgentSettings wanted() {
  AgentSettings s;
  s.systemd.emplace();
  s.systemd->markTraffic = true;
  s.polling.fallback = 5;
  return s;
}

TEST(EntitySet, ServicesAreSourcesWithLastingIndexes) {
  std::set<std::uint32_t> first;
  for (int run = 0; run < 2; ++run) {
    Bench bench;
    EntitySet entities(bench.poller, bench.tree.root());
    entities.apply(wanted(), {}, bench.now);
    bench.poll(6);
    EXPECT_EQ(bench.names, (std::set<std::string>{"a.service", "b.service"}));
    ASSERT_EQ(bench.sources.size(), 2);
    for (const std::uint32_t index : bench.sources) EXPECT_TRUE(index >= 100'000 && index < 150'000);
    if (run == 1) {
      EXPECT_EQ(bench.sources, first) << "the same after a restart";
    }
    first = bench.sources;
  }
}

TEST(EntitySet, TheHostTellsHowManyThereAre) {
  Bench bench;
  EntitySet entities(bench.poller, bench.tree.root());
  entities.apply(wanted(), {}, bench.now);
  bench.poller.setNetwork(Network(), [](const Link&) { return false; }, 5, bench.now);
  bench.poll(6);
  EXPECT_EQ(bench.domains, 2);
}

TEST(EntitySet, WhatIsGoneIsPolledNoMore) {
  Bench bench;
  EntitySet entities(bench.poller, bench.tree.root());
  entities.apply(wanted(), {}, bench.now);
  bench.service("b.service", "");
  bench.service("c.service", "3\n");
  (void)entities.refresh(bench.now);
  bench.poll(6);
  EXPECT_EQ(bench.names, (std::set<std::string>{"a.service", "c.service"}));
  entities.apply(AgentSettings(), {}, bench.now);
  EXPECT_EQ(entities.size(), 0);
}

TEST(EntitySet, ContainersAreCalledWhatDockerSays) {
  Bench bench;
  const std::string known(64, 'a'), unknown(64, 'b');
  for (const auto& id : {known, unknown}) bench.tree.file("sys/fs/cgroup/docker/" + id + "/cgroup.procs", "9\n");
  EntitySet entities(bench.poller, bench.tree.root());
  AgentSettings s;
  s.docker.emplace();
  s.polling.fallback = 5;
  entities.apply(s, {}, bench.now);
  EXPECT_FALSE(entities.refresh(bench.now));
  entities.setContainerNames({{known, "web"}, {"gone", "x"}});
  bench.poll(6);
  EXPECT_EQ(bench.names, (std::set<std::string>{"web", "bbbbbbbbbbbb"}));
  bench.tree.file("sys/fs/cgroup/docker/" + std::string(64, 'c') + "/cgroup.procs", "9\n");
  EXPECT_TRUE(entities.refresh(bench.now)) << "one has come";
}

TEST(EntitySet, SocketsBelongToServices) {
  Bench bench;
  EntitySet entities(bench.poller, bench.tree.root());
  entities.apply(wanted(), {}, bench.now);
  const auto found = CgroupTree(bench.tree.root()).find({true, false, false});
  ASSERT_EQ(found[0].cgroups.size(), 1);
  EXPECT_EQ(entities.bySocket(found[0].cgroups[0]).cls, 3);
  EXPECT_EQ(entities.bySocket(12345).index, 0);
  auto unmarked = wanted();
  unmarked.systemd->markTraffic = false;
  entities.apply(unmarked, {}, bench.now);
  EXPECT_EQ(entities.bySocket(found[0].cgroups[0]).index, 0);
}

}  // namespace
}  // namespace weir::agent
