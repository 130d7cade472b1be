#include "agent/entity_set.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "network_builder.h"
#include "unit/agent_host/fixture_tree.h"

namespace weir::agent {
namespace {

struct EntityBench {
  FixtureTree tree;
  std::set<std::uint32_t> sources;
  std::set<std::string> names;
  std::map<std::string, std::map<std::uint32_t, std::string>> records;  // by name and tag
  std::uint32_t domains = 0;
  SampleSender sender{[this](Bytes d) { take(d); }, 0};
  SequenceBook book;
  NoNetwork network;
  CounterPoller poller{sender, book, network, "", 1};
  Nanos now = 1000 * kSecond;

  EntityBench() {
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
      std::map<std::uint32_t, std::string> all;
      std::string name;
      for (wire::Record r; s.records.next(r);) {
        all.emplace(r.tag, std::string(r.data.begin(), r.data.end()));
        if (wire::host_descr d; r.tag == wire::host_descr::kTag && wire::readRecord(r, d) == wire::kNoFault)
          name = d.hostname;
      }
      names.insert(name);
      records[name] = std::move(all);
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
    EntityBench bench;
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
  EntityBench bench;
  EntitySet entities(bench.poller, bench.tree.root());
  entities.apply(wanted(), {}, bench.now);
  bench.poller.setNetwork(Network(), [](const Link&) { return false; }, 5, bench.now);
  bench.poll(6);
  EXPECT_EQ(bench.domains, 2);
}

TEST(EntitySet, WhatIsGoneIsPolledNoMore) {
  EntityBench bench;
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
  EntityBench bench;
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

TEST(EntitySet, VirtualMachinesAreTheDomainsOfTheHost) {
  EntityBench bench;
  auto machines = VirtualMachines::open(3600 * kSecond, WEIR_FAKE_LIBVIRT);
  ASSERT_TRUE(machines) << machines.error().text();
  for (int i = 0; i < 5000 && (*machines)->rounds() == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EntitySet entities(bench.poller, bench.tree.root());
  entities.setMachines(machines->get());
  entities.apply(wanted(), {}, bench.now);
  bench.poller.setNetwork(Network(), [](const Link&) { return false; }, 5, bench.now);
  bench.poll(6);
  EXPECT_EQ(bench.names, (std::set<std::string>{"a.service", "b.service", "mail", "build"}));
  EXPECT_EQ(bench.domains, 2) << "services are none";
  const auto& mail = bench.records["mail"];
  EXPECT_EQ(std::string(mail.at(wire::host_descr::kTag).substr(8, 16)), std::string(16, '\x11')) << "its own UUID";
  for (const std::uint32_t tag : {wire::host_parent::kTag, wire::virt_cpu::kTag, wire::virt_memory::kTag,
                                  wire::virt_disk_io::kTag, wire::virt_net_io::kTag, wire::host_adapters::kTag})
    EXPECT_TRUE(mail.contains(tag)) << tag;
  EXPECT_FALSE(bench.records["build"].contains(wire::virt_net_io::kTag));
  entities.setMachines(nullptr);
  (void)entities.refresh(bench.now);
  EXPECT_EQ(entities.size(), 2);
}

TEST(EntitySet, SocketsBelongToServices) {
  EntityBench bench;
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
